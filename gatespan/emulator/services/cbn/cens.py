"""CEN instances, and the account's switch of the transit router service."""

from __future__ import annotations

from typing import Any

from gatespan.emulator.call import Call, iso, tagged
from gatespan.emulator.lifecycle import GONE
from gatespan.emulator.services.cbn import rules
from gatespan.emulator.services.cbn.errors import refusal
from gatespan.emulator.services.cbn.models import (
    BandwidthPackage,
    Cen,
    ChildInstance,
    InterRegionBandwidthLimit,
    PeerAttachment,
    RouteMap,
    RouteService,
    TransitRouter,
    TransitRouterRouteEntry,
    TransitRouterRouteTable,
    TransitRouterService,
    VbrAttachment,
    VpcAttachment,
)
from gatespan.emulator.services.cbn.service import service
from gatespan.emulator.world import Thing, World


@service.action("CheckTransitRouterService")
def check_transit_router_service(call: Call) -> dict[str, Any]:
    """A closed service is an error here, as the error table says (the field text says: an absent field)."""
    opened = call.world.get(TransitRouterService, call.account)
    if opened is None or not opened.enabled:
        raise refusal("USER_NOT_OPEN_TR_SERVICE")
    return {"Enabled": "true"}


@service.action("OpenTransitRouterService", token="ClientToken")
def open_transit_router_service(call: Call) -> dict[str, Any]:
    opened = call.world.get(TransitRouterService, call.account)
    if opened and opened.enabled:
        raise refusal("Order.Opened")
    call.world.put(TransitRouterService(id=call.account, account=call.account, created=call.now, status="Active"))
    return {"OrderId": call.ids.digits(15)}


@service.action("CreateCen", token="ClientToken", rate=(300, 60.0))
def create_cen(call: Call) -> dict[str, Any]:
    cen = Cen(
        id=call.ids.plain("cen"),
        account=call.account,
        created=call.now,
        protection_level=call.params.choice("ProtectionLevel", ("REDUCED",), "REDUCED"),
        tags=rules.new_tags(call),
        **rules.names(call, "Name", "Description"),
    )
    call.begin(cen, rules.CEN_CREATE)
    return {"CenId": cen.id}


@service.action("ModifyCenAttribute", required=("CenId",))
def modify_cen_attribute(call: Call) -> dict[str, Any]:
    cen = rules.cen_exists(call, call.params.text("CenId"))
    rules.cen_settled(call, cen)
    call.params.choice("ProtectionLevel", ("REDUCED",), "REDUCED")
    changed = call.world.change(cen, **rules.names(call, "Name", "Description"))
    call.begin(changed, rules.CEN_UPDATE)
    return {}


@service.action("DeleteCen", required=("CenId",))
def delete_cen(call: Call) -> dict[str, Any]:
    """Routers that are otherwise empty go with their CEN: the page's list of conditions leaves them out (choice)."""
    cen = rules.cen_exists(call, call.params.text("CenId"))
    rules.cen_settled(call, cen)
    world = call.world
    attached: list[Thing] = [
        *world.find(VpcAttachment, cen_id=cen.id),
        *world.find(VbrAttachment, cen_id=cen.id),
        *world.find(PeerAttachment, cen_id=cen.id),
        *world.find(ChildInstance, cen_id=cen.id),
        *world.find(InterRegionBandwidthLimit, cen_id=cen.id),
        *world.find(RouteService, cen_id=cen.id),
        *world.find(BandwidthPackage, cen_id=cen.id),
    ]
    if attached:
        raise refusal("InvalidOperation.AttachedChildInstanceExist", attached[0].id)
    routers = world.find(TransitRouter, cen_id=cen.id)
    for table in (t for r in routers for t in world.find(TransitRouterRouteTable, transit_router_id=r.id)):
        if table.type == "Custom":
            raise refusal("OperationFailed.DeleteCenWithCustomRouteTable", table.id)
        entry = world.first(TransitRouterRouteEntry, table_id=table.id)
        if entry:
            raise refusal("OperationFailed.DeleteCenWithRouteEntry", entry.id)
    for router in routers:
        call.begin(router, rules.ROUTER_DELETE)
    call.begin(cen, rules.CEN_DELETE)
    return {}


@service.on_end(Cen, GONE)
def cen_is_gone(world: World, cen: Thing) -> None:
    for router in world.find(TransitRouter, cen_id=cen.id):
        router_is_gone(world, router)
        world.remove(router)


@service.on_end(TransitRouter, GONE)
def router_is_gone(world: World, router: Thing) -> None:
    for table in world.find(TransitRouterRouteTable, transit_router_id=router.id):
        table_is_gone(world, table)
        world.remove(table)


@service.on_end(TransitRouterRouteTable, GONE)
def table_is_gone(world: World, table: Thing) -> None:
    """Its routing policies go with it (choice)."""
    for policy in world.find(RouteMap, table_id=table.id):
        world.remove(policy)


@service.action("DescribeCens", rate=(300, 60.0))
def describe_cens(call: Call) -> dict[str, Any]:
    filters = call.params.filters()
    for key in filters.keys() - {"CenId", "Name"}:
        raise call.params.codes.invalid("Filter", key)
    cens = call.listed(
        Cen,
        lambda cen: all((cen.id if key == "CenId" else cen.name) in values for key, values in filters.items()),
    )
    for cen in cens:
        for child in rules.in_motion(call.world, cen.id):
            call.life.seen(child)
    rows, page = call.page(tagged(cens, call.params.tags()))
    return {"Cens": {"Cen": [_row(call, cen) for cen in rows]}, **page}


def _row(call: Call, cen: Cen) -> dict[str, Any]:
    plans = [plan.id for plan in call.world.find(BandwidthPackage, cen_id=cen.id)]
    return {
        "CenId": cen.id,
        "Name": cen.name,
        "Description": cen.description,
        "Status": rules.cen_status(call.world, cen),
        "ProtectionLevel": cen.protection_level,
        "CreationTime": iso(cen.created, minutes=True),
        "Ipv6Level": "DISABLED",
        "ResourceGroupId": rules.RESOURCE_GROUP,
        "CenBandwidthPackageIds": {"CenBandwidthPackageId": plans},
        "Tags": {"Tag": rules.tag_rows(cen)},
    }
