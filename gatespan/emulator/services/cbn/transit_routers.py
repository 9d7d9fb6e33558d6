"""Transit routers: one per region and CEN. Those made here are of Enterprise Edition; a Basic one comes into being
with the first network instance attached to a region the Basic way (``basic_children``) and stays until it, or its
CEN, is deleted."""

from __future__ import annotations

from typing import Any

from gatespan.emulator import regions
from gatespan.emulator.call import Call, iso, tagged
from gatespan.emulator.services.cbn import rules
from gatespan.emulator.services.cbn.errors import refusal
from gatespan.emulator.services.cbn.models import (
    BandwidthPackage,
    Cen,
    ChildInstance,
    InterRegionBandwidthLimit,
    PeerAttachment,
    RouteService,
    TransitRouter,
    TransitRouterRouteEntry,
    TransitRouterRouteTable,
    VbrAttachment,
    VpcAttachment,
)
from gatespan.emulator.services.cbn.service import service

NAMES = ("TransitRouterName", "TransitRouterDescription")


@service.action(
    "CreateTransitRouter", required=("CenId", "RegionId"), token="ClientToken", dry_run="error", rate=(3, 1.0)
)
def create_transit_router(call: Call) -> dict[str, Any]:
    """CIDR blocks of a router serve IPsec connections only, multicast nothing here: both are refused, not ignored."""
    rules.service_open(call)
    if call.params.document("TransitRouterCidrList"):
        raise refusal("OperationUnsupported.TransitRouterCidrList")
    if call.params.boolean("SupportMulticast", False):
        raise refusal("OperationUnsupported.SupportMulticast")
    cen = rules.cen_exists(call, call.params.text("CenId"))
    fields = rules.names(call, *NAMES)
    router = rules.make_router(call, cen, call.params.text("RegionId"), tags=rules.new_tags(call), **fields)
    return {"TransitRouterId": router.id}


@service.action("UpdateTransitRouter", required=("RegionId", "TransitRouterId"), token="ClientToken", dry_run="error")
def update_transit_router(call: Call) -> dict[str, Any]:
    router = _existing(call)
    if router.region != call.params.text("RegionId"):
        raise refusal("OperationUnsupported.RegionId", call.params.text("RegionId"))
    rules.settled(router, "IncorrectStatus.TransitRouterInstance")
    call.begin(call.world.change(router, **rules.names(call, *NAMES)), rules.ROUTER_UPDATE)
    return {}


@service.action(
    "DeleteTransitRouter", required=("TransitRouterId",), token="ClientToken", dry_run="error", rate=(3, 1.0)
)
def delete_transit_router(call: Call) -> dict[str, Any]:
    router = _existing(call)
    rules.settled(router, "IncorrectStatus.TransitRouterInstance")
    cen = call.world.get(Cen, router.cen_id)
    plans = call.world.find(BandwidthPackage, cen_id=router.cen_id)
    if cen is None or cen.status != "Active" or any(plan.pending for plan in plans):
        raise refusal("IncorrectStatus.CenInstance", router.cen_id)
    if router.type == "Basic":
        _no_basic_dependants(call, router)
    attached = call.world.first(VpcAttachment, transit_router_id=router.id) or call.world.first(
        VbrAttachment, transit_router_id=router.id
    )
    if attached:
        raise refusal("InvalidOperation.AttachedChildInstanceExist", attached.id)
    peers = [p.id for p in call.world.all(PeerAttachment) if router.id in rules.ends(p)]
    if peers:
        raise refusal("OperationFailed.DeleteTransitRouter", f"the inter-region connection {peers[0]}")
    for table in call.world.find(TransitRouterRouteTable, transit_router_id=router.id):
        if table.type == "Custom":
            raise refusal("OperationFailed.DeleteTransitRouter", f"the custom route table {table.id}")
        entry = call.world.first(TransitRouterRouteEntry, table_id=table.id)
        if entry:
            raise refusal("OperationFailed.DeleteTransitRouter", f"the static route {entry.id}")
    call.begin(router, rules.ROUTER_DELETE)
    return {}


@service.action("ListTransitRouters", rate=(500, 60.0))
def list_transit_routers(call: Call) -> dict[str, Any]:
    """A router of another region than the one asked for is not an error, it is left out (choice)."""
    params = call.params
    wanted = {
        "cen_id": params.optional("CenId"),
        "id": params.optional("TransitRouterId"),
        "region": params.optional("RegionId"),
        "status": params.optional("Status"),
        "type": params.optional("Type"),
        "name": params.optional("TransitRouterName"),
    }
    if not (wanted["cen_id"] or wanted["id"] or wanted["region"]):
        raise refusal("InvalidParameterCombination.TransitRouter")
    if wanted["cen_id"]:
        rules.cen_exists(call, wanted["cen_id"])
    given = {field: value for field, value in wanted.items() if value}
    routers = call.listed(TransitRouter, lambda router: all(getattr(router, k) == v for k, v in given.items()))
    rows, page = call.page(tagged(routers, params.tags()))
    return {"TransitRouters": [_row(router) for router in rows], **page}


@service.action("ListTransitRouterAvailableResource", required=("RegionId",))
def list_transit_router_available_resource(call: Call) -> dict[str, Any]:
    """``MasterZones`` and ``SlaveZones`` are empty: only routers made before mid-2022 have them."""
    zones = list(regions.zones(call.world, call.params.text("RegionId")))
    return {"AvailableZones": zones, "MasterZones": [], "SlaveZones": [], "SupportMulticast": False}


def _existing(call: Call) -> TransitRouter:
    router = call.mine(TransitRouter, call.params.text("TransitRouterId"))
    if router is None:
        raise refusal("ParameterInstanceId", call.params.text("TransitRouterId"))
    return router


def _no_basic_dependants(call: Call, router: TransitRouter) -> None:
    """Route services come first: the instances that they go through cannot leave before them."""
    for route in call.world.find(RouteService, cen_id=router.cen_id):
        if router.region in (route.host_region, route.access_region):
            raise refusal("OperationFailed.CloudRouteExist", route.host)
    for limit in call.world.find(InterRegionBandwidthLimit, cen_id=router.cen_id):
        if router.region in (limit.local_region, limit.opposite_region):
            raise refusal("OperationFailed.BandwidthLimitExist", limit.id)
    child = call.world.first(ChildInstance, cen_id=router.cen_id, region=router.region)
    if child:
        raise refusal("InvalidOperation.AttachedChildInstanceExist", child.instance_id)


def _row(router: TransitRouter) -> dict[str, Any]:
    return {
        "TransitRouterId": router.id,
        "TransitRouterName": router.name,
        "TransitRouterDescription": router.description,
        "CenId": router.cen_id,
        "RegionId": router.region,
        "Type": router.type,
        "Status": router.status,
        "AliUid": int(router.account),
        "CreationTime": iso(router.created, minutes=True),
        "SupportMulticast": router.support_multicast,
        "TransitRouterCidrList": [],
        "Tags": rules.tag_rows(router),
    }
