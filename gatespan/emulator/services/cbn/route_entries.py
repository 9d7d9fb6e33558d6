"""Static routes of transit routers, and the listing of all routes of a table: static ones stored, learned ones
computed by the route engine."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from gatespan.emulator import routes
from gatespan.emulator.call import Call, iso
from gatespan.emulator.routes.model import TrRoute
from gatespan.emulator.services.cbn import rules
from gatespan.emulator.services.cbn.errors import refusal
from gatespan.emulator.services.cbn.models import TransitRouter, TransitRouterRouteEntry, TransitRouterRouteTable
from gatespan.emulator.services.cbn.service import service

PREFIX = "TransitRouterRouteEntry"
NAMES = ("TransitRouterRouteEntryName", "TransitRouterRouteEntryDescription")
BY_PLACE = ("TransitRouterRouteTableId", "TransitRouterRouteEntryDestinationCidrBlock")
FILTERED_FIELDS = (
    "DestinationCidrBlock",
    "Type",
    "NextHopType",
    "NextHopId",
    "NextHopResourceId",
    "NextHopResourceType",
    "OriginResourceId",
    "OriginResourceType",
)


@service.action(
    "CreateTransitRouterRouteEntry",
    required=(*BY_PLACE, "TransitRouterRouteEntryNextHopType"),
    token="ClientToken",
    dry_run="error",
)
def create_transit_router_route_entry(call: Call) -> dict[str, Any]:
    table = _table(call)
    destination = _destination(call.params.text(BY_PLACE[1]))
    kind = call.params.text("TransitRouterRouteEntryNextHopType")
    hop = call.params.text("TransitRouterRouteEntryNextHopId", "")
    fields = rules.names(call, *NAMES)
    router = call.world.get(TransitRouter, table.transit_router_id)
    if router is None or router.type != "Enterprise":
        raise refusal("OperationUnsupported.TransitRouterType", table.transit_router_id)
    if kind not in ("Attachment", "BlackHole"):
        raise refusal("IllegalParam.NextHopType", kind)
    if kind == "BlackHole" and hop:
        raise refusal("ParamExclusive.NextHopTypeBlackHoleAndNextHopId")
    if kind == "Attachment":
        attachment = rules.find_attachment(call, call.params.text("TransitRouterRouteEntryNextHopId"))
        if attachment is None or table.transit_router_id not in rules.ends(attachment):
            raise refusal("InvalidTransitRouterRouteEntryNextHopId.NotFound", hop)
        rules.settled(attachment)
    rules.settled(table)
    same = call.world.first(TransitRouterRouteEntry, table_id=table.id, destination=destination)
    if same:
        leaving = same.status == rules.ROUTE_DELETE.busy
        code = "OperationFailed.CreateRouteEntryWithSameDestinationCidrBlock"
        raise refusal(code if leaving else "InstanceExist.TransitRouterRouteEntry", destination)
    rules.blocking(call, hop, table.id)
    entry = TransitRouterRouteEntry(
        id=call.ids.regional("rte", table.region),
        account=call.account,
        region=table.region,
        created=call.now,
        table_id=table.id,
        destination=destination,
        next_hop_type=kind,
        next_hop_id=hop,
        **fields,
    )
    call.begin(entry, rules.ROUTE_CREATE)
    return {"TransitRouterRouteEntryId": entry.id}


@service.action(
    "UpdateTransitRouterRouteEntry", required=("TransitRouterRouteEntryId",), token="ClientToken", dry_run="error"
)
def update_transit_router_route_entry(call: Call) -> dict[str, Any]:
    entry = _entry(call)
    rules.settled(entry)
    call.world.change(entry, **rules.names(call, *NAMES))
    return {}


@service.action("DeleteTransitRouterRouteEntry", token="ClientToken", dry_run="plain")
def delete_transit_router_route_entry(call: Call) -> dict[str, Any]:
    by_place = any(name in call.params for name in BY_PLACE)
    if "TransitRouterRouteEntryId" in call.params and by_place:
        raise refusal("ParamExclusive.RouteEntryIdAndRouteTableIdOrDestCidrBlock")
    entry = _entry_by_place(call) if by_place else _entry(call)
    rules.settled(entry)
    rules.blocking(call, entry.next_hop_id, entry.table_id)
    call.begin(entry, rules.ROUTE_DELETE)
    return {}


@service.action("ListTransitRouterRouteEntries", required=("TransitRouterRouteTableId",))
def list_transit_router_route_entries(call: Call) -> dict[str, Any]:
    """Active routes only, unless a status, ``All`` or ids are given."""
    params, table = call.params, _table(call)
    ids, names = params.texts(f"{PREFIX}Ids"), params.texts(f"{PREFIX}Names")
    if ids and f"{PREFIX}Status" in params:
        raise refusal("ParamExclusive.RouteEntryIdsAndStatus")
    status = "All" if ids else params.text(f"{PREFIX}Status", "Active")
    wanted = {f: params.optional(PREFIX + f) for f in FILTERED_FIELDS}
    filters = params.filters("RouteFilter")
    stored = {e.id: e for e in call.listed(TransitRouterRouteEntry, lambda e: e.table_id == table.id)}
    found = [
        _row(route, stored.get(route.entry_id))
        for route in routes.tr_table(call.world, table.id)
        if route.type == "Propagated" or route.entry_id in stored
    ]
    rows = [
        row
        for row in found
        if status in ("All", row[f"{PREFIX}Status"])
        and (not ids or row[f"{PREFIX}Id"] in ids)
        and (not names or row[f"{PREFIX}Name"] in names)
        and all(value in (None, row.get(PREFIX + field)) for field, value in wanted.items())
        and "PrefixListId" not in params
        and _matches(call, row, filters, found)
    ]
    shown, page = call.token_page(rows)
    return {"TransitRouterRouteEntries": list(shown), **page}


# --- checks and rows ----------------------------------------------------------------------------------


def _table(call: Call) -> TransitRouterRouteTable:
    table = call.mine(TransitRouterRouteTable, call.params.text("TransitRouterRouteTableId"))
    if table is None:
        raise refusal("InvalidTransitRouterRouteTableId.NotFound", call.params.text("TransitRouterRouteTableId"))
    return table


def _entry(call: Call) -> TransitRouterRouteEntry:
    entry = call.mine(TransitRouterRouteEntry, call.params.text("TransitRouterRouteEntryId"))
    if entry is None:
        raise refusal("IllegalParam.TransitRouterRouteEntryId", call.params.text("TransitRouterRouteEntryId"))
    return entry


def _entry_by_place(call: Call) -> TransitRouterRouteEntry:
    table = _table(call)
    destination = _destination(call.params.text(BY_PLACE[1]))
    kind = call.params.text("TransitRouterRouteEntryNextHopType")
    hop = call.params.text("TransitRouterRouteEntryNextHopId", None if kind == "Attachment" else "")
    entry = call.world.first(
        TransitRouterRouteEntry, table_id=table.id, destination=destination, next_hop_type=kind, next_hop_id=hop
    )
    if entry:
        return entry
    learned = any(r.destination == destination and r.next_hop_id == hop for r in routes.tr_table(call.world, table.id))
    code = "OperationFailed.DeleteTransitRouterRouteEntry" if learned else "InvalidDestinationCidrBlock.NotFound"
    raise refusal(code, destination)


def _destination(value: str) -> str:
    """A strict IPv4 block. 100.64.0.0/10 is allowed: that is how cloud services are reached."""
    try:
        return str(ipaddress.IPv4Network(value))
    except ValueError:
        raise refusal("IllegalParam.TransitRouterDestinationCidrBlock", value) from None


def _matches(call: Call, row: Mapping[str, Any], filters: Mapping[str, set[str]], rows: list[dict[str, Any]]) -> bool:
    """``RouteFilter``: keys are joined by AND, the values of a key by OR."""
    key_of_cidr = f"{PREFIX}DestinationCidrBlock"
    own = ipaddress.IPv4Network(row[key_of_cidr])
    for key, values in filters.items():
        asked = [ipaddress.IPv4Network(_destination(value)) for value in values]
        if key == "PrefixExactMatchCidrs":
            hit = own in asked
        elif key == "SubnetOfMatchCidrs":
            hit = any(own.subnet_of(block) for block in asked)
        elif key == "SupernetOfMatchCidrs":
            hit = any(own.supernet_of(block) for block in asked)
        elif key == "LongestPrefixMatchCidrs":
            blocks = [ipaddress.IPv4Network(r[key_of_cidr]) for r in rows]
            hit = any(own == _longest(blocks, block) for block in asked)
        else:
            raise call.params.codes.invalid("RouteFilter", key)
        if not hit:
            return False
    return True


def _longest(blocks: list[ipaddress.IPv4Network], asked: ipaddress.IPv4Network) -> ipaddress.IPv4Network | None:
    return max((b for b in blocks if b.supernet_of(asked)), key=lambda b: b.prefixlen, default=None)


def _row(route: TrRoute, entry: TransitRouterRouteEntry | None) -> dict[str, Any]:
    """Id, name, description and time belong to static routes only; a black hole has no next hop."""
    own = {
        "Id": route.entry_id if entry else "",
        "Name": entry.name if entry else "",
        "Description": entry.description if entry else "",
        "DestinationCidrBlock": route.destination,
        "Type": route.type,
        "Status": entry.status if entry and entry.pending else route.status,
        "NextHopType": route.next_hop_type,
        "OriginResourceId": route.origin_id,
        "OriginResourceType": route.origin_type,
    }
    if route.next_hop_id:
        own["NextHopId"] = route.next_hop_id
        own["NextHopResourceId"] = route.resource_id
        own["NextHopResourceType"] = route.resource_type
    row: dict[str, Any] = {PREFIX + field: value for field, value in own.items()}
    if entry:
        row["CreateTime"] = iso(entry.created, minutes=True)
    row["OperationalMode"] = entry is not None
    row["PathAttributes"] = {
        "AsPaths": [],
        "Communities": [],
        "Preference": 50,
        "OriginInstanceId": route.origin_id,
        "OriginInstanceType": route.origin_type,
        "OriginRouteType": route.origin_route_type,
    }
    return row
