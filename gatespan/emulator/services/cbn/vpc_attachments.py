"""Connections of VPCs to transit routers.

An attachment made through the API is inert: no association, no propagation, no route in the VPC until
``AutoPublishRouteEnabled``. It holds one network interface in each of its vSwitches while it exists.
"""

from __future__ import annotations

from typing import Any

from gatespan.emulator import regions
from gatespan.emulator.call import Call, iso
from gatespan.emulator.lifecycle import GONE
from gatespan.emulator.services.cbn import attaching, rules
from gatespan.emulator.services.cbn.errors import refusal
from gatespan.emulator.services.cbn.models import ChildInstance, TransitRouter, VpcAttachment, ZoneMapping
from gatespan.emulator.services.cbn.service import service
from gatespan.emulator.services.vpc import checks  # the module: vpc and cbn know each other
from gatespan.emulator.services.vpc.models import NetworkInterface, RouteEntry, Vpc, VSwitch
from gatespan.emulator.services.vpc.rules import add_interface, free_ip_count, remove_interfaces
from gatespan.emulator.world import Thing, World

NAMES = ("TransitRouterAttachmentName", "TransitRouterAttachmentDescription")


@service.action(
    "CreateTransitRouterVpcAttachment", required=("VpcId", "ZoneMappings"), token="ClientToken", dry_run="error"
)
def create_transit_router_vpc_attachment(call: Call) -> dict[str, Any]:
    rules.service_open(call)
    params = call.params
    if params.text("ChargeType", "POSTPAY") != "POSTPAY":
        raise refusal("IllegalParam.ChargeType", params.text("ChargeType"))
    fields = rules.names(call, *NAMES)
    tags, options = rules.new_tags(call), _options(call)
    vpc = _vpc(call)
    router, transition = attaching.router_for(call, vpc.region, "IllegalParam.TransitRouterRegionId")
    attaching.require_grant(call, vpc, router.cen_id)
    mappings = _mappings(call, "ZoneMappings", vpc)
    if len({m.zone for m in mappings}) < _zones_needed(call.world, vpc.region):
        raise refusal("IllegalParam.ZoneMappings", "vSwitches in two zones are needed in this region")
    _may_attach(call, router, vpc)
    auto_publish = params.boolean("AutoPublishRouteEnabled", False)
    if auto_publish:
        _may_synchronise(call.world, router.id, vpc.id)
    attachment = VpcAttachment(
        id=call.ids.plain("tr-attach"),
        account=call.account,
        region=router.region,
        created=call.now,
        cen_id=router.cen_id,
        transit_router_id=router.id,
        vpc_id=vpc.id,
        vpc_owner=vpc.account,
        auto_publish=auto_publish,
        options=options,
        tags=tags,
        **fields,
    )
    zones = tuple(_plug(call, attachment.id, mapping) for mapping in mappings)
    call.begin(call.world.change(attachment, zones=zones), transition)
    return {"TransitRouterAttachmentId": attachment.id}


@service.action(
    "UpdateTransitRouterVpcAttachmentAttribute",
    required=("TransitRouterAttachmentId",),
    token="ClientToken",
    dry_run="plain",
)
def update_transit_router_vpc_attachment_attribute(call: Call) -> dict[str, Any]:
    attachment = attaching.named(call, VpcAttachment)
    rules.settled(attachment, "IncorrectStatus.Attachment")
    auto_publish = call.params.boolean("AutoPublishRouteEnabled", attachment.auto_publish)
    if auto_publish and not attachment.auto_publish:
        _may_synchronise(call.world, attachment.transit_router_id, attachment.vpc_id)
    changed = call.world.change(
        attachment,
        auto_publish=auto_publish,
        options=_options(call) or attachment.options,
        **rules.names(call, *NAMES),
    )
    call.begin(changed, rules.ATTACHMENT_UPDATE)
    return {}


@service.action(
    "UpdateTransitRouterVpcAttachmentZones",
    required=("TransitRouterAttachmentId",),
    token="ClientToken",
    dry_run="error",
)
def update_transit_router_vpc_attachment_zones(call: Call) -> dict[str, Any]:
    attachment = attaching.named(call, VpcAttachment)
    rules.settled(attachment, "IncorrectStatus.Attachment")
    vpc = call.world.get(Vpc, attachment.vpc_id)
    removed = {(row.get("ZoneId"), row.get("VSwitchId")) for row in call.params.structs("RemoveZoneMappings")}
    if vpc is None or not (removed or call.params.structs("AddZoneMappings")):
        raise refusal("IllegalParam.AddOrRemoveZoneMappings", "give mappings to add or to remove")
    _quiet(call.world, vpc.id, "IncorrectStatus.VpcRouteEntry")
    strangers = removed - {(m.zone, m.vswitch_id) for m in attachment.zones}
    if strangers:
        raise refusal("IllegalParam.AddOrRemoveZoneMappings", f"{strangers} is not a mapping of the attachment")
    kept = [m for m in attachment.zones if (m.zone, m.vswitch_id) not in removed]
    added = _mappings(call, "AddZoneMappings", vpc, taken={m.zone for m in kept})
    if len(kept) + len(added) < _zones_needed(call.world, vpc.region):
        raise refusal("IllegalParam.AddOrRemoveZoneMappings", "vSwitches in two zones are needed in this region")
    for mapping in attachment.zones:
        interface = call.world.get(NetworkInterface, mapping.network_interface_id)
        if mapping not in kept and interface:
            call.world.remove(interface)
    plugged = [_plug(call, attachment.id, mapping) for mapping in added]
    call.begin(call.world.change(attachment, zones=(*kept, *plugged)), rules.ATTACHMENT_UPDATE)
    return {}


@service.action(
    "DeleteTransitRouterVpcAttachment",
    required=("TransitRouterAttachmentId",),
    token="ClientToken",
    dry_run="error",
)
def delete_transit_router_vpc_attachment(call: Call) -> dict[str, Any]:
    """``Force`` removes what the router's tables know of it; routes of the VPC block it all the same (choice)."""
    attachment = attaching.named(call, VpcAttachment)
    rules.settled(attachment, "IncorrectStatus.Attachment")
    _quiet(call.world, attachment.vpc_id, "IncorrectStatus.VpcRouteEntry")
    entry = call.world.first(RouteEntry, next_hop_id=attachment.id)
    if entry:
        raise refusal("OperationFailed.AttachmentReferencedVpcRouteEntryExisted", entry.id)
    if call.params.boolean("Force", False):
        rules.drop_dependants(call.world, attachment)
    rules.no_dependants(call.world, attachment)
    call.begin(attachment, rules.DETACH)
    return {}


@service.on_end(VpcAttachment, GONE)
def vpc_attachment_is_gone(world: World, attachment: Thing) -> None:
    remove_interfaces(world, VpcAttachment.KIND, attachment.id)
    assert isinstance(attachment, VpcAttachment)
    attaching.withdraw_all(world, attachment.cen_id, attachment.vpc_id)


@service.action("ListTransitRouterVpcAttachments")
def list_transit_router_vpc_attachments(call: Call) -> dict[str, Any]:
    params = call.params
    rows, page = attaching.listed(
        call, VpcAttachment, vpc_id=params.optional("VpcId"), status=params.optional("Status")
    )
    return {"TransitRouterAttachments": [_row(call.world, attachment) for attachment in rows], **page}


# --- checks -------------------------------------------------------------------------------------------


def _vpc(call: Call) -> Vpc:
    vpc = call.world.get(Vpc, call.params.text("VpcId"))
    owner = call.params.text("VpcOwnerId", call.account)
    if vpc is None or vpc.account != owner:
        raise refusal("InvalidVpcId.NotFound", call.params.text("VpcId"))
    rules.settled(vpc, "IncorrectStatus.VpcOrVswitch")
    _quiet(call.world, vpc.id, "IncorrectStatus.VpcRouteTable")
    return vpc


def _quiet(world: World, vpc_id: str, route_code: str) -> None:
    """While a vSwitch or a route of the VPC is in motion, nothing is attached or detached."""
    for vswitch in checks.vswitches_of(world, vpc_id):
        rules.settled(vswitch, "IncorrectStatus.VpcSwitch")
    for entry in checks.entries_of(world, vpc_id):
        rules.settled(entry, route_code)


def _mappings(call: Call, name: str, vpc: Vpc, taken: set[str] | None = None) -> list[ZoneMapping]:
    """The zone mappings of the call: each a vSwitch of the VPC, in a zone of the router, with a free address."""
    rows = call.params.structs(name)
    zones = set(taken or ())
    if len(rows) > rules.ZONE_MAPPINGS:
        raise refusal("IllegalParam.ZoneMappings", f"at most {rules.ZONE_MAPPINGS}")
    mappings = []
    for row in rows:
        zone, vswitch_id = row.get("ZoneId", ""), row.get("VSwitchId", "")
        if not zone or not vswitch_id:
            raise refusal("IllegalParam.ZoneMappings", "each needs ZoneId and VSwitchId")
        if zone in zones:
            raise refusal("Duplicated.ZoneMapping", zone)
        if zone not in regions.zones(call.world, vpc.region):
            raise refusal("IllegalParam.ZoneId", zone)
        vswitch = call.world.get(VSwitch, vswitch_id)
        if vswitch is None or vswitch.account != vpc.account:
            raise refusal("InvalidVSwitchId.NotFound", vswitch_id)
        if vswitch.vpc_id != vpc.id:
            raise refusal("OperationFailed.VSwitchNotFound", vswitch_id)
        if vswitch.zone != zone:
            raise refusal("IllegalParam.VSwitchId", vswitch_id)
        if free_ip_count(call.world, vswitch) < 1:
            raise refusal("InsufficientIpAddr.vsw", vswitch_id)
        zones.add(zone)
        mappings.append(ZoneMapping(zone, vswitch_id))
    return mappings


def _zones_needed(world: World, region: str) -> int:
    return 2 if rules.ENFORCE_TWO_ZONES and len(regions.zones(world, region)) > 1 else 1


def _may_attach(call: Call, router: TransitRouter, vpc: Vpc) -> None:
    cens = {tie.cen_id for tie in attaching.ties(call.world, vpc.id)}
    if router.cen_id in cens or len(cens) >= rules.CENS_PER_VPC:
        raise refusal("QuotaFull.ChildInstanceRelatedCen", vpc.id)
    if len(call.world.find(VpcAttachment, transit_router_id=router.id)) >= rules.VPCS_PER_ROUTER:
        raise refusal("QuotaExceeded.CenQuotaVpcAttachPerTransitRouter", router.id)


def _may_synchronise(world: World, router_id: str, vpc_id: str) -> None:
    """A router writes its routes into at most 50 VPCs, and only one router into a VPC; a Basic one always does."""
    synchronised = world.find(VpcAttachment, auto_publish=True)
    if any(a.vpc_id == vpc_id for a in synchronised) or world.first(ChildInstance, instance_id=vpc_id):
        raise refusal("InvalidOperation.VpcAutoRoutesPublishInOtherCEN", vpc_id)
    if sum(a.transit_router_id == router_id for a in synchronised) >= rules.SYNCHRONISED_VPCS_PER_ROUTER:
        raise refusal("QuotaExceeded.VpcAutoRoutesPublishPerTransitRouter", router_id)


def _plug(call: Call, attachment_id: str, mapping: ZoneMapping) -> ZoneMapping:
    vswitch = call.world.get(VSwitch, mapping.vswitch_id)
    assert vswitch is not None
    interface = add_interface(call, vswitch, VpcAttachment.KIND, attachment_id)
    return ZoneMapping(mapping.zone, mapping.vswitch_id, interface.id)


def _options(call: Call) -> dict[str, str]:
    options = call.params.document("TransitRouterVPCAttachmentOptions", {})
    if not isinstance(options, dict) or any(v not in ("enable", "disable") for v in options.values()):
        raise call.params.codes.invalid("TransitRouterVPCAttachmentOptions", str(options))
    return options


def _row(world: World, attachment: VpcAttachment) -> dict[str, Any]:
    return {
        "TransitRouterAttachmentId": attachment.id,
        "TransitRouterAttachmentName": attachment.name,
        "TransitRouterAttachmentDescription": attachment.description,
        "TransitRouterId": attachment.transit_router_id,
        "CenId": attachment.cen_id,
        "VpcId": attachment.vpc_id,
        "VpcOwnerId": int(attachment.vpc_owner or attachment.account),
        "VpcRegionId": attachment.region,
        "ResourceType": "VPC",
        "Status": attachment.status,
        "AutoPublishRouteEnabled": attachment.auto_publish,
        "ChargeType": attachment.charge_type,
        "OrderType": attaching.order_type(world, attachment.vpc_id, attachment.cen_id),
        "CreationTime": iso(attachment.created, minutes=True),
        "TransitRouterVPCAttachmentOptions": {"Ipv6Support": "disable", **attachment.options},
        "ZoneMappings": [
            {"ZoneId": m.zone, "VSwitchId": m.vswitch_id, "NetworkInterfaceId": m.network_interface_id}
            for m in attachment.zones
        ],
        "Tags": rules.tag_rows(attachment),
    }
