"""Connections of virtual border routers to transit routers: a data centre's way into a CEN.

Like a VPC's, an attachment is inert when made: no association, no propagation, and nothing is written into the border
router's table until ``AutoPublishRouteEnabled``.
"""

from __future__ import annotations

from typing import Any

from gatespan.emulator.call import Call, iso
from gatespan.emulator.lifecycle import GONE
from gatespan.emulator.services.cbn import attaching, rules
from gatespan.emulator.services.cbn.errors import refusal
from gatespan.emulator.services.cbn.models import VbrAttachment, VbrHealthCheck
from gatespan.emulator.services.cbn.service import service
from gatespan.emulator.services.vpc.models import RouteEntry, VirtualBorderRouter
from gatespan.emulator.world import Thing, World

NAMES = ("TransitRouterAttachmentName", "TransitRouterAttachmentDescription")
MOVING = "IncorrectStatus.Status"


@service.action("CreateTransitRouterVbrAttachment", required=("VbrId",), token="ClientToken", dry_run="plain")
def create_transit_router_vbr_attachment(call: Call) -> dict[str, Any]:
    """A border router goes into one CEN only, in whichever edition (a quota exists; its value: choice)."""
    rules.service_open(call)
    fields, tags = rules.names(call, *NAMES), rules.new_tags(call)
    owner = call.params.text("VbrOwnerId", call.account)
    vbr = attaching.border_router(call, call.params.text("VbrId"), owner)
    router, transition = attaching.router_for(call, vbr.region, "OperationUnsupported.TransitRouterRegionId")
    attaching.require_grant(call, vbr, router.cen_id)
    if len(attaching.ties(call.world, vbr.id)) >= rules.CENS_PER_VBR:
        raise refusal("QuotaFull.ChildInstanceRelatedCen", vbr.id)
    if len(call.world.find(VbrAttachment, transit_router_id=router.id)) >= rules.VBRS_PER_ROUTER:
        raise refusal("QuotaExceeded.CenQuotaVbrAttachPerTransitRouter", router.id)
    attachment = VbrAttachment(
        id=call.ids.plain("tr-attach"),
        account=call.account,
        region=router.region,
        created=call.now,
        cen_id=router.cen_id,
        transit_router_id=router.id,
        vbr_id=vbr.id,
        vbr_owner=vbr.account,
        auto_publish=call.params.boolean("AutoPublishRouteEnabled", False),
        tags=tags,
        **fields,
    )
    call.begin(attachment, transition)
    return {"TransitRouterAttachmentId": attachment.id}


@service.action(
    "UpdateTransitRouterVbrAttachmentAttribute",
    required=("TransitRouterAttachmentId",),
    token="ClientToken",
    dry_run="error",
)
def update_transit_router_vbr_attachment_attribute(call: Call) -> dict[str, Any]:
    attachment = attaching.named(call, VbrAttachment)
    if attachment.status == rules.DETACH.busy:
        raise refusal("IncorrectStatus.TransitRouterAttachment", attachment.id)
    rules.settled(attachment, MOVING)
    auto_publish = call.params.boolean("AutoPublishRouteEnabled", attachment.auto_publish)
    changed = call.world.change(attachment, auto_publish=auto_publish, **rules.names(call, *NAMES))
    call.begin(changed, rules.ATTACHMENT_UPDATE)
    return {}


@service.action(
    "DeleteTransitRouterVbrAttachment",
    required=("TransitRouterAttachmentId",),
    token="ClientToken",
    dry_run="error",
)
def delete_transit_router_vbr_attachment(call: Call) -> dict[str, Any]:
    """``Force`` removes what the router's tables know of it; routes and the health check of the border router block
    it all the same (choice: the effect of a health check is not documented)."""
    attachment = attaching.named(call, VbrAttachment)
    rules.settled(attachment, MOVING)
    attaching.quiet(call.world, call.world.get(VirtualBorderRouter, attachment.vbr_id))
    entry = call.world.first(RouteEntry, next_hop_id=attachment.id)
    if entry:
        raise refusal("InstanceReferenced.VbrRouteEntry", entry.id)
    check = call.world.get(VbrHealthCheck, f"{attachment.cen_id}:{attachment.vbr_id}")
    if check:
        raise refusal("OperationFailed.StatusNotSupport", check.id)
    if call.params.boolean("Force", False):
        rules.drop_dependants(call.world, attachment)
    rules.no_dependants(call.world, attachment)
    call.begin(attachment, rules.DETACH)
    return {}


@service.on_end(VbrAttachment, GONE)
def vbr_attachment_is_gone(world: World, attachment: Thing) -> None:
    assert isinstance(attachment, VbrAttachment)
    attaching.withdraw_all(world, attachment.cen_id, attachment.vbr_id)


@service.action("ListTransitRouterVbrAttachments")
def list_transit_router_vbr_attachments(call: Call) -> dict[str, Any]:
    rows, page = attaching.listed(call, VbrAttachment)
    return {"TransitRouterAttachments": [_row(call.world, attachment) for attachment in rows], **page}


def _row(world: World, attachment: VbrAttachment) -> dict[str, Any]:
    return {
        "TransitRouterAttachmentId": attachment.id,
        "TransitRouterAttachmentName": attachment.name,
        "TransitRouterAttachmentDescription": attachment.description,
        "TransitRouterId": attachment.transit_router_id,
        "CenId": attachment.cen_id,
        "VbrId": attachment.vbr_id,
        "VbrOwnerId": int(attachment.vbr_owner or attachment.account),
        "VbrRegionId": attachment.region,
        "ResourceType": "VBR",
        "Status": attachment.status,
        "AutoPublishRouteEnabled": attachment.auto_publish,
        "OrderType": attaching.order_type(world, attachment.vbr_id, attachment.cen_id),
        "CreationTime": iso(attachment.created, minutes=True),
        "Tags": rules.tag_rows(attachment),
    }
