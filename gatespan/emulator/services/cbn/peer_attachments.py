"""Inter-region connections: one attachment between the routers of two regions of a CEN, one id seen from both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gatespan.emulator.call import Call, iso, tagged
from gatespan.emulator.services.cbn import attaching, rules
from gatespan.emulator.services.cbn.errors import refusal
from gatespan.emulator.services.cbn.models import BandwidthPackage, PeerAttachment, TransitRouter
from gatespan.emulator.services.cbn.service import service

NAMES = ("TransitRouterAttachmentName", "TransitRouterAttachmentDescription")
TRANSFER_CAP_INSIDE = 1000
TRANSFER_CAP_ACROSS = 100
"""Default quotas in Mbit/s of pay-by-data-transfer, inside one area and between two (help page)."""


@dataclass(frozen=True)
class Terms:
    """How the connection's bandwidth is paid: ``type``, Mbit/s, plan (or empty), link type."""

    bandwidth_type: str
    bandwidth: int
    package_id: str
    link_type: str


@service.action(
    "CreateTransitRouterPeerAttachment", required=("PeerTransitRouterId",), token="ClientToken", dry_run="plain"
)
def create_transit_router_peer_attachment(call: Call) -> dict[str, Any]:
    rules.service_open(call)
    fields, tags = rules.names(call, *NAMES), rules.new_tags(call)
    near = _near(call)
    far = _far(call, near)
    rules.cen_alive(rules.cen_exists(call, near.cen_id, "InvalidCenId.NotFound"))
    if near.type != "Enterprise":
        raise refusal("OperationUnsupported.TransitRouterType", near.id)
    rules.settled(near)
    rules.settled(far)
    for existing in call.world.find(PeerAttachment, cen_id=near.cen_id):
        if set(rules.ends(existing)) == {near.id, far.id}:
            raise refusal("InvalidOperation", f"the regions are joined by {existing.id} already")
    terms = _terms(call, near, far, None)
    attachment = PeerAttachment(
        id=call.ids.plain("tr-attach"),
        account=call.account,
        region=near.region,
        created=call.now,
        cen_id=near.cen_id,
        transit_router_id=near.id,
        peer_transit_router_id=far.id,
        peer_region=far.region,
        auto_publish=call.params.boolean("AutoPublishRouteEnabled", False),
        tags=tags,
        **vars(terms),
        **fields,
    )
    call.begin(attachment, rules.ATTACH)
    return {"TransitRouterAttachmentId": attachment.id}


@service.action(
    "UpdateTransitRouterPeerAttachmentAttribute",
    required=("TransitRouterAttachmentId",),
    token="ClientToken",
    dry_run="error",
)
def update_transit_router_peer_attachment_attribute(call: Call) -> dict[str, Any]:
    attachment = attaching.named(call, PeerAttachment)
    rules.settled(attachment)
    near = call.world.get(TransitRouter, attachment.transit_router_id)
    far = call.world.get(TransitRouter, attachment.peer_transit_router_id)
    assert near and far, "a router cannot go before its attachments"
    changed = call.world.change(
        attachment,
        auto_publish=call.params.boolean("AutoPublishRouteEnabled", attachment.auto_publish),
        **vars(_terms(call, near, far, attachment)),
        **rules.names(call, *NAMES),
    )
    call.begin(changed, rules.ATTACHMENT_UPDATE)
    return {}


@service.action(
    "DeleteTransitRouterPeerAttachment",
    required=("TransitRouterAttachmentId",),
    token="ClientToken",
    dry_run="error",
)
def delete_transit_router_peer_attachment(call: Call) -> dict[str, Any]:
    attachment = attaching.named(call, PeerAttachment)
    rules.settled(attachment)
    if call.params.boolean("Force", False):
        rules.drop_dependants(call.world, attachment)
    rules.no_dependants(call.world, attachment)
    call.begin(attachment, rules.DETACH)
    return {}


@service.action("ListTransitRouterPeerAttachments")
def list_transit_router_peer_attachments(call: Call) -> dict[str, Any]:
    """Rows keep the maker's point of view, whichever side asks (choice)."""
    params = call.params
    region, router_id = params.optional("RegionId"), params.optional("TransitRouterId")
    id, cen_id = params.optional("TransitRouterAttachmentId"), params.optional("CenId")
    named = call.world.get(PeerAttachment, id)
    if named and named.account == call.account and region not in (None, named.region, named.peer_region):
        raise refusal("IllegalParam.Region", region)
    found = call.listed(
        PeerAttachment,
        lambda a: (
            id in (None, a.id)
            and cen_id in (None, a.cen_id)
            and region in (None, a.region, a.peer_region)
            and router_id in (None, *rules.ends(a))
        ),
    )
    rows, page = call.token_page(tagged(found, params.tags()))
    return {"TransitRouterAttachments": [_row(call, attachment) for attachment in rows], **page}


# --- checks -------------------------------------------------------------------------------------------


def _near(call: Call) -> TransitRouter:
    """The local router: by its id, or as the router of the CEN in the region."""
    params = call.params
    region, cen_id = params.optional("RegionId"), params.optional("CenId")
    if "TransitRouterId" in params:
        router = call.mine(TransitRouter, params.text("TransitRouterId"))
    elif region and cen_id:
        cen = rules.cen_exists(call, cen_id, "InvalidCenId.NotFound")
        router = call.world.first(TransitRouter, cen_id=cen.id, region=region)
    else:
        raise refusal("MissingParam.CenIdOrRegionId")
    if router is None or cen_id not in (None, router.cen_id):
        raise refusal("InvalidTransitRouterId.NotFound", params.optional("TransitRouterId") or region)
    if region not in (None, router.region):
        raise refusal("IllegalParam.TransitRouterRegionId", region)
    return router


def _far(call: Call, near: TransitRouter) -> TransitRouter:
    region = call.params.optional("PeerTransitRouterRegionId")
    far = call.mine(TransitRouter, call.params.text("PeerTransitRouterId"))
    if far is None:
        raise refusal("InvalidPeerTransitRouterId.NotFound", call.params.text("PeerTransitRouterId"))
    if far.cen_id != near.cen_id or far.id == near.id:
        raise refusal("IllegalParam.PeerTransitRouterId", far.id)
    if region not in (None, far.region):
        raise refusal("IllegalParam.PeerRegionId", region)
    return far


def _terms(call: Call, near: TransitRouter, far: TransitRouter, before: PeerAttachment | None) -> Terms:
    """The bandwidth that the call asks for, checked. A connection made with none has 0 Mbit/s (choice)."""
    params = call.params
    plan_id = params.optional("CenBandwidthPackageId")
    named = params.optional("BandwidthType")
    kind = named or ("BandwidthPackage" if plan_id else before.bandwidth_type if before else "DataTransfer")
    if kind not in ("BandwidthPackage", "DataTransfer"):
        raise params.codes.invalid("BandwidthType", kind)
    link_type = params.text("DefaultLinkType", before.link_type if before else "Gold")
    if link_type not in ("Gold", "Platinum"):
        raise refusal("ParameterIllegal.CdtDefaultLinkTypeOnlySupportPlatinumOrGold")
    if kind == "BandwidthPackage" and link_type != "Gold":
        raise refusal("ParameterIllegal.BandwidthPackageDefaultLinkTypeOnlySupportGold")
    bandwidth = params.integer("Bandwidth", before.bandwidth if before else 0)
    if "Bandwidth" in params and bandwidth < 1:
        raise refusal("IllegalParam.Bandwidth", bandwidth)
    changed = before is None or (kind, bandwidth) != (before.bandwidth_type, before.bandwidth) or plan_id is not None
    if kind == "BandwidthPackage":
        held = before.package_id if before and before.bandwidth_type == kind else None
        plan = _plan(call, near, far, plan_id or held, bandwidth, before) if changed else held or ""
        return Terms(kind, bandwidth, plan, link_type)
    cap = TRANSFER_CAP_INSIDE if rules.area_of(near.region) == rules.area_of(far.region) else TRANSFER_CAP_ACROSS
    if bandwidth > cap:
        raise refusal("QuotaExceeded.Bandwidth", cap)
    if named and not bandwidth:
        raise refusal("MissingParam.Bandwidth")
    return Terms(kind, bandwidth, "", link_type)


def _plan(
    call: Call,
    near: TransitRouter,
    far: TransitRouter,
    plan_id: str | None,
    bandwidth: int,
    before: PeerAttachment | None,
) -> str:
    """The id of the plan that carries the connection: the one named, or the one of the two areas."""
    areas = rules.span(rules.area_of(near.region), rules.area_of(far.region))
    plan = call.mine(BandwidthPackage, plan_id) if plan_id else rules.plan_of(call, near.cen_id, areas)
    if plan is None:
        code = "IllegalParam.CenBandwidthPackageId" if plan_id else "InvalidOperation.BwpNotAssociated"
        raise refusal(code, plan_id or areas)
    if plan.cen_id != near.cen_id:
        raise refusal("InvalidOperation.BwpNotAssociated", plan.id)
    if rules.span(plan.area_a, plan.area_b) != areas:
        raise refusal("IllegalParam.CenBandwidthPackageId", plan.id)
    if rules.business_status(plan, call.now) != "Normal":
        raise refusal("InvalidOperation.BwpBusinessStatus", plan.id)
    rules.settled(plan, "Operation.Blocking")
    if not bandwidth:
        raise refusal("MissingParam.Bandwidth")
    left = plan.bandwidth - rules.plan_use(call.world, plan.id, without=before.id if before else "")
    if bandwidth > left:
        raise refusal("InvalidOperation.BwpBandwidthExceeded", f"{left} of {plan.bandwidth} Mbit/s are left")
    return plan.id


def _row(call: Call, attachment: PeerAttachment) -> dict[str, Any]:
    far = call.world.get(TransitRouter, attachment.peer_transit_router_id)
    return {
        "TransitRouterAttachmentId": attachment.id,
        "TransitRouterAttachmentName": attachment.name,
        "TransitRouterAttachmentDescription": attachment.description,
        "TransitRouterId": attachment.transit_router_id,
        "RegionId": attachment.region,
        "PeerTransitRouterId": attachment.peer_transit_router_id,
        "PeerTransitRouterRegionId": attachment.peer_region,
        "PeerTransitRouterOwnerId": int(far.account if far else attachment.account),
        "CenId": attachment.cen_id,
        "Status": attachment.status,
        "ResourceType": "TR",
        "Bandwidth": attachment.bandwidth,
        "BandwidthType": attachment.bandwidth_type,
        "CenBandwidthPackageId": attachment.package_id,
        "GeographicSpanId": rules.span(rules.area_of(attachment.region), rules.area_of(attachment.peer_region)),
        "DefaultLinkType": attachment.link_type,
        "AutoPublishRouteEnabled": attachment.auto_publish,
        "CreationTime": iso(attachment.created, minutes=True),
        "Tags": rules.tag_rows(attachment),
    }
