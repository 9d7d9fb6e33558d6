"""Route tables of transit routers: the system table lives and dies with its router, custom ones are made by hand."""

from __future__ import annotations

from typing import Any

from gatespan.emulator.call import Call, iso, tagged
from gatespan.emulator.services.cbn import rules
from gatespan.emulator.services.cbn.errors import refusal
from gatespan.emulator.services.cbn.models import (
    Association,
    Propagation,
    TransitRouter,
    TransitRouterRouteEntry,
    TransitRouterRouteTable,
)
from gatespan.emulator.services.cbn.service import service

NAMES = ("TransitRouterRouteTableName", "TransitRouterRouteTableDescription")
ECMP = "RouteTableOptions.MultiRegionECMP"


@service.action("CreateTransitRouterRouteTable", required=("TransitRouterId",), token="ClientToken", dry_run="plain")
def create_transit_router_route_table(call: Call) -> dict[str, Any]:
    router = call.mine(TransitRouter, call.params.text("TransitRouterId"))
    if router is None:
        raise refusal("InvalidTransitRouterId.NotFound", call.params.text("TransitRouterId"))
    if router.type != "Enterprise":
        raise refusal("OperationFailed.BasicTrNotSupport")
    rules.settled(router)
    table = TransitRouterRouteTable(
        id=call.ids.regional("vtb", router.region),
        account=call.account,
        region=router.region,
        created=call.now,
        transit_router_id=router.id,
        type="Custom",
        multi_region_ecmp=call.params.choice(ECMP, ("enable", "disable"), "disable"),
        tags=rules.new_tags(call),
        **rules.names(call, *NAMES),
    )
    call.begin(table, rules.TABLE_CREATE)
    return {"TransitRouterRouteTableId": table.id}


@service.action(
    "UpdateTransitRouterRouteTable", required=("TransitRouterRouteTableId",), token="ClientToken", dry_run="error"
)
def update_transit_router_route_table(call: Call) -> dict[str, Any]:
    table = _existing(call)
    rules.settled(table)
    ecmp = call.params.choice(ECMP, ("enable", "disable"), table.multi_region_ecmp)
    call.world.change(table, multi_region_ecmp=ecmp, **rules.names(call, *NAMES))
    return {}


@service.action(
    "DeleteTransitRouterRouteTable", required=("TransitRouterRouteTableId",), token="ClientToken", dry_run="error"
)
def delete_transit_router_route_table(call: Call) -> dict[str, Any]:
    table = _existing(call)
    if table.type == "System":
        raise refusal("OperationFailed.DeleteSystemRouteTable", table.id)
    rules.settled(table, "IncorrectStatus.TransitRouterRouteTable")
    association = call.world.first(Association, table_id=table.id)
    if association:
        raise refusal("OperationFailed.DeleteRouteTableWithAssociation", association.attachment_id)
    propagation = call.world.first(Propagation, table_id=table.id)
    if propagation:
        raise refusal("OperationFailed.DeleteRouteTableWithPropagation", propagation.attachment_id)
    entry = call.world.first(TransitRouterRouteEntry, table_id=table.id)
    if entry:
        raise refusal("OperationFailed.DeleteRouteTableWithRouteEntry", entry.id)
    call.begin(table, rules.TABLE_DELETE)
    return {}


@service.action("ListTransitRouterRouteTables")
def list_transit_router_route_tables(call: Call) -> dict[str, Any]:
    params = call.params
    router_id = params.optional("TransitRouterId")
    ids, names = params.texts("TransitRouterRouteTableIds"), params.texts("TransitRouterRouteTableNames")
    if not router_id and not ids:
        raise refusal("MissingParam.TransitRouterIdOrTransitRouterRouteTables")
    if router_id and call.mine(TransitRouter, router_id) is None:
        raise refusal("InvalidTransitRouterId.NotFound", router_id)
    kind, status = params.optional("TransitRouterRouteTableType"), params.optional("TransitRouterRouteTableStatus")
    ecmp = params.optional(ECMP)
    found = call.listed(
        TransitRouterRouteTable,
        lambda t: (
            router_id in (None, t.transit_router_id)
            and (not ids or t.id in ids)
            and (not names or t.name in names)
            and kind in (None, t.type)
            and status in (None, t.status)
            and ecmp in (None, t.multi_region_ecmp)
        ),
    )
    rows, page = call.token_page(tagged(found, params.tags()))
    return {"TransitRouterRouteTables": [_row(table) for table in rows], **page}


def _existing(call: Call) -> TransitRouterRouteTable:
    table = call.mine(TransitRouterRouteTable, call.params.text("TransitRouterRouteTableId"))
    if table is None:
        raise refusal("InvalidTransitRouterRouteTableId.NotFound", call.params.text("TransitRouterRouteTableId"))
    return table


def _row(table: TransitRouterRouteTable) -> dict[str, Any]:
    return {
        "TransitRouterRouteTableId": table.id,
        "TransitRouterRouteTableName": table.name,
        "TransitRouterRouteTableDescription": table.description,
        "TransitRouterRouteTableType": table.type,
        "TransitRouterRouteTableStatus": table.status,
        "TransitRouterId": table.transit_router_id,
        "RegionId": table.region,
        "CreateTime": iso(table.created, minutes=True),
        "RouteTableOptions": {"MultiRegionECMP": table.multi_region_ecmp},
        "Tags": rules.tag_rows(table),
    }
