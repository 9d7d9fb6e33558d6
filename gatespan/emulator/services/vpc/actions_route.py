"""Routes of the tables of VPCs and border routers: create, change, delete, list. All but custom routes come from the
route engine."""

from __future__ import annotations

from typing import Any, NoReturn

from gatespan.emulator.call import Call, iso
from gatespan.emulator.lifecycle import GONE
from gatespan.emulator.routes.model import VpcRoute
from gatespan.emulator.services.vpc import checks, route_owner, rules
from gatespan.emulator.services.vpc.errors import invalid, refusal
from gatespan.emulator.services.vpc.models import RouteEntry, RouteTable
from gatespan.emulator.services.vpc.route_owner import Owner
from gatespan.emulator.services.vpc.service import service
from gatespan.emulator.world import Thing, World

ORIGINS = {"System": "SystemCreate", "Custom": "CustomCreate"}
"""All else is learned: ``RoutePropagation``."""


@service.action(
    "CreateRouteEntry", required=("RouteTableId", "DestinationCidrBlock"), token="ClientToken", dry_run="error"
)
def create_route_entry(call: Call) -> dict[str, Any]:
    table, owner = _table_at_rest(call)
    destination = _destination(call.world, owner, call.params.text("DestinationCidrBlock"))
    hop_type, hop_id = _next_hop(call, owner)
    entry = RouteEntry(
        id=call.ids.regional("rte", table.region),
        account=table.account,
        region=table.region,
        created=call.now,
        table_id=table.id,
        destination=destination,
        next_hop_type=hop_type,
        next_hop_id=hop_id,
        name=checks.words(call, "RouteEntryName", 128),
        description=checks.words(call, "Description", 256),
        modified=call.now,
    )
    _require_new(call.world, entry)
    call.begin(entry, rules.ROUTE_CREATE)
    return {"RouteEntryId": entry.id}


@service.action("ModifyRouteEntry", dry_run="error")
def modify_route_entry(call: Call) -> None:
    """A new name or description counts at once; a new next hop takes the route through Modifying."""
    entry, params = _entry(call), call.params
    changes: dict[str, Any] = {"modified": call.now}
    if params.given("RouteEntryName"):
        changes["name"] = checks.words(call, "RouteEntryName", 128)
    if params.given("Description"):
        changes["description"] = checks.words(call, "Description", 256)
    changed = call.world.change(entry, **changes)
    if "NewNextHopId" not in params:
        return
    owner = route_owner.at_rest(call.world, entry.table_id)
    hop_type, hop_id = params.text("NewNextHopType", entry.next_hop_type), params.text("NewNextHopId")
    route_owner.require_hop(call.world, owner, hop_type, hop_id)
    changed = call.world.change(changed, next_hop_type=hop_type, next_hop_id=hop_id)
    call.begin(changed, rules.ROUTE_MODIFY)


@service.action("DeleteRouteEntry", dry_run="error")
def delete_route_entry(call: Call) -> None:
    entry = _entry(call)
    route_owner.at_rest(call.world, entry.table_id)
    call.begin(entry, rules.ROUTE_DELETE)


@service.on_end(RouteEntry, GONE)
def route_gone(world: World, entry: Thing) -> None:
    if isinstance(entry, RouteEntry):
        table = world.get(RouteTable, entry.table_id)
        checks.withdraw(world, table.vpc_id or table.router_id if table else "", entry.destination)


@service.action("DescribeRouteEntryList", required=("RegionId", "RouteTableId"))
def describe_route_entry_list(call: Call) -> dict[str, Any]:
    checks.region_of(call)
    table, params = checks.need_table(call), call.params
    for entry in call.world.find(RouteEntry, table_id=table.id):
        call.life.seen(entry)
    blocks = {*params.texts("DestCidrBlockList"), params.text("DestinationCidrBlock", "")} - {""}
    equal = {name: params.optional(name) for name in ("RouteEntryId", "RouteEntryName", "IpVersion", "ServiceType")} | {
        "Type": params.optional("RouteEntryType")
    }
    hop = {name: params.optional(name) for name in ("NextHopType", "NextHopId")}

    def wanted(row: dict[str, Any]) -> bool:
        first = row["NextHops"]["NextHop"][0]
        return (
            (not blocks or row["DestinationCidrBlock"] in blocks)
            and all(value is None or str(row[name]).lower() == value.lower() for name, value in equal.items())
            and all(value is None or first[name] == value for name, value in hop.items())
        )

    rows = [_row(call.world, table, route) for route in route_owner.held(call.world, table.id) if _shown(call, route)]
    shown, page = call.token_page([row for row in rows if wanted(row)], size_name="MaxResult", default=10)
    del page["MaxResult"]
    return {"RouteEntrys": {"RouteEntry": list(shown)}, **page}


# --- rules ----------------------------------------------------------------------------------------------------


def _table_at_rest(call: Call) -> tuple[RouteTable, Owner]:
    table = checks.need_table(call)
    if table.pending:
        raise refusal("IncorrectStatus.RouteTableStatus", f"{table.id} is {table.status}")
    return table, route_owner.at_rest(call.world, table.id)


def _destination(world: World, owner: Owner, value: str) -> str:
    block = checks.network(value)
    if block is None:
        raise refusal("InvalidCidrBlock.Malformed", value)
    route_owner.require_destination(world, owner, block)
    return str(block)


def _next_hop(call: Call, owner: Owner) -> tuple[str, str]:
    """The type and id of the one next hop. Several (ECMP) are checked, but the embedded cloud does not have them."""
    params, several = call.params, call.params.structs("NextHopList")
    if several and "NextHopId" in params:
        raise refusal("InvalidNexthopTypeAndList.BothNotNull")
    if not several and "NextHopId" not in params:
        raise refusal("InvalidNexthopTypeAndList.BothNull")
    if not several:
        hop_type, hop_id = params.text("NextHopType", "Instance"), params.text("NextHopId")
        route_owner.require_hop(call.world, owner, hop_type, hop_id)
        return hop_type, hop_id
    if not 2 <= len(several) <= 16:
        raise refusal("InvalidNexthopListSize", str(len(several)))
    for hop in several:
        if hop.get("NextHopType") != "RouterInterface":
            raise refusal("InvalidNextHopType", hop.get("NextHopType", ""))
    for hop in several:
        route_owner.require_hop(call.world, owner, "RouterInterface", hop.get("NextHopId", ""))
    raise invalid("NextHopList", "several next hops: the embedded cloud has no ECMP")


def _require_new(world: World, entry: RouteEntry) -> None:
    """One custom route per destination and table; 200 per table, those that a CEN publishes included."""
    held = [route for route in route_owner.held(world, entry.table_id) if route.type != "System"]
    for twin in world.find(RouteEntry, table_id=entry.table_id, destination=entry.destination):
        same = (twin.next_hop_type, twin.next_hop_id) == (entry.next_hop_type, entry.next_hop_id)
        raise refusal("InvalidRouteEntry.Duplicate" if same else "InvalidCIDRBlock.Duplicate", twin.id)
    if len(held) >= rules.ROUTES_PER_TABLE:
        raise refusal("QuotaExceeded", f"{rules.ROUTES_PER_TABLE} in {entry.table_id}")


def _entry(call: Call) -> RouteEntry:
    """The custom route meant: by RouteEntryId, else by RouteTableId and DestinationCidrBlock (and NextHopId)."""
    params, world = call.params, call.world
    if "RouteEntryId" in params:
        entry = checks.here(call, RouteEntry, params.text("RouteEntryId"))
        tables = [t for t in world.find(RouteTable, account=call.account) if checks.here(call, RouteTable, t.id)]
    else:
        tables = [checks.need_table(call)]
        block = checks.network(params.text("DestinationCidrBlock"))
        entry = world.first(RouteEntry, table_id=tables[0].id, destination=str(block))
        if entry and params.text("NextHopId", entry.next_hop_id) != entry.next_hop_id:
            entry = None
    if entry is None:
        _refuse_computed(call, tables)
    if entry.pending:
        raise refusal("IncorrcetRouteEntryStatus", f"{entry.id} is {entry.status}")
    return entry


def _refuse_computed(call: Call, tables: list[RouteTable]) -> NoReturn:
    """No custom route: a System route is denied, one that a CEN publishes is forbidden, all else is not there."""
    entry_id, block = call.params.optional("RouteEntryId"), call.params.text("DestinationCidrBlock", "")
    for table in tables:
        for route in route_owner.held(call.world, table.id):
            if (route.entry_id == entry_id) if entry_id else (route.destination == block):
                if route.type == "System":
                    raise refusal("OperationDenied", f"{route.destination} is a System route")
                if route.type == "CEN":
                    raise refusal("Forbbiden", f"{route.destination} is published by a CEN")
    raise refusal("InvalidRouteEntry.NotFound", entry_id or block)


# --- answers --------------------------------------------------------------------------------------------------


def _shown(call: Call, route: VpcRoute) -> bool:
    """A new custom route may lag behind in lists."""
    entry = call.world.get(RouteEntry, route.entry_id)
    return entry is None or call.now - entry.created >= call.list_lag


def _row(world: World, table: RouteTable, route: VpcRoute) -> dict[str, Any]:
    entry = world.get(RouteEntry, route.entry_id)
    return {
        "RouteEntryId": route.entry_id,
        "RouteTableId": table.id,
        "DestinationCidrBlock": route.destination,
        "Type": route.type,
        "Origin": ORIGINS.get(route.type, "RoutePropagation"),
        "Status": entry.status if entry else route.status,
        "RouteEntryName": entry.name if entry else "",
        "Description": entry.description if entry else "",
        "IpVersion": "IPv4",
        "ServiceType": "TR" if route.type == "CEN" else "",
        "GmtModified": iso((entry.modified or entry.created) if entry else table.created),
        "NextHops": {"NextHop": [_hop(table, route)]},
    }


def _hop(table: RouteTable, route: VpcRoute) -> dict[str, Any]:
    """Router interfaces alone carry a weight (SDK)."""
    hop: dict[str, Any] = {"NextHopId": route.next_hop_id, "NextHopType": route.next_hop_type}
    if route.next_hop_type == "RouterInterface":
        hop |= {"Enabled": 1, "Weight": 100, "NextHopRegionId": table.region}
    return hop
