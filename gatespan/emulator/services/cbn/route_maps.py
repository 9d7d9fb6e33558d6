"""Routing policies (route maps) of transit routers, and the one that every table has without being asked.

The system's policy denies at priority 5000, towards the region, what a border router would hear of another: a policy
with a smaller number that permits it comes first. It is computed, not stored, and cannot be changed (choice).
"""

from __future__ import annotations

from typing import Any

from gatespan.emulator.call import Call
from gatespan.emulator.services.cbn import rules
from gatespan.emulator.services.cbn.errors import refusal
from gatespan.emulator.services.cbn.models import RouteMap, TransitRouter, TransitRouterRouteTable
from gatespan.emulator.services.cbn.service import service

PLACE = ("CenId", "CenRegionId")
LISTS = {
    "SourceInstanceIds": "SourceInstanceId",
    "DestinationInstanceIds": "DestinationInstanceId",
    "SourceRegionIds": "SourceRegionId",
    "DestinationRegionIds": "DestinationRegionId",
    "SourceRouteTableIds": "SourceRouteTableId",
    "DestinationRouteTableIds": "DestinationRouteTableId",
    "SourceChildInstanceTypes": "SourceChildInstanceType",
    "DestinationChildInstanceTypes": "DestinationChildInstanceType",
    "DestinationCidrBlocks": "DestinationCidrBlock",
    "RouteTypes": "RouteType",
    "MatchAsns": "MatchAsn",
    "MatchCommunitySet": "MatchCommunity",
}
"""Conditions that are lists, each with the name of one of its items in the answer."""
WORDS: dict[str, tuple[str, ...]] = {
    "CidrMatchMode": ("Include", "Complete"),
    "AsPathMatchMode": ("Include", "Complete"),
    "CommunityMatchMode": ("Include", "Complete"),
    "MatchAddressType": ("IPv4", "IPv6"),
    "SourceInstanceIdsReverseMatch": ("true", "false"),
    "DestinationInstanceIdsReverseMatch": ("true", "false"),
}
SETTINGS = {"PrependAsPath": "AsPath", "OperateCommunitySet": "OperateCommunity"}
MOST_ITEMS = 32
LAST_PRIORITY = 2999
"""Of the parameter's schema; its text says 100."""
SYSTEM_PRIORITY = 5000
UNHEARD = ("VBR", "CCN", "VPN", "ECR")
"""Kinds of attachments that do not hear each other by default (help page on routing policies)."""


@service.action("CreateCenRouteMap", required=(*PLACE, "TransmitDirection", "Priority", "MapResult"))
def create_cen_route_map(call: Call) -> dict[str, Any]:
    router, table = _place(call)
    direction = _word(call, "TransmitDirection", ("RegionIn", "RegionOut"))
    policy = RouteMap(
        id=call.ids.plain("cenrmap"),
        account=call.account,
        region=router.region,
        created=call.now,
        cen_id=router.cen_id,
        table_id=table.id,
        direction=direction,
        **_content(call),
    )
    _require_priority(call, policy, "Forbidden.CenRouteMapExist")
    call.begin(policy, rules.POLICY_CREATE)
    return {"RouteMapId": policy.id}


@service.action("ModifyCenRouteMap", required=(*PLACE, "RouteMapId", "Priority", "MapResult"))
def modify_cen_route_map(call: Call) -> dict[str, Any]:
    """The policy becomes what the call says: conditions that are left out are gone (choice)."""
    policy = _existing(call)
    rules.settled(policy, "IncorrectStatus.RouteMap")
    changed = call.world.change(policy, **_content(call))
    _require_priority(call, changed, "InvalidOperation.CenRouteMapExist")
    call.begin(changed, rules.POLICY_UPDATE)
    return {}


@service.action("DeleteCenRouteMap", required=(*PLACE, "RouteMapId"))
def delete_cen_route_map(call: Call) -> dict[str, Any]:
    policy = _existing(call)
    rules.settled(policy, "IncorrectStatus.RouteMap")
    call.begin(policy, rules.POLICY_DELETE)
    return {}


@service.action("DescribeCenRouteMaps", required=("CenId",))
def describe_cen_route_maps(call: Call) -> dict[str, Any]:
    """By region, table, direction and priority; the system's policies last of each."""
    params = call.params
    cen = rules.cen_exists(call, params.text("CenId"))
    wanted = {
        "region": params.optional("CenRegionId"),
        "id": params.optional("RouteMapId"),
        "table_id": params.optional("TransitRouterRouteTableId"),
        "direction": params.optional("TransmitDirection"),
    }
    given = {field: value for field, value in wanted.items() if value}
    policies = [*call.listed(RouteMap, lambda p: p.cen_id == cen.id), *_system(call, cen.id)]
    found = [p for p in policies if all(getattr(p, k) == v for k, v in given.items())]
    found.sort(key=lambda p: (p.region, p.table_id, p.direction, p.priority))
    rows, page = call.page(found)
    return {"RouteMaps": {"RouteMap": [_row(policy) for policy in rows]}, **page}


# --- checks -------------------------------------------------------------------------------------------


def _place(call: Call) -> tuple[TransitRouter, TransitRouterRouteTable]:
    """The router of the CEN in the region, and its table that is named (else its system table)."""
    cen_id, region = (call.params.text(name) for name in PLACE)
    cen = rules.cen_exists(call, cen_id)
    router = call.world.first(TransitRouter, cen_id=cen.id, region=region)
    if router is None:
        raise refusal("InvalidOperation.TransitRouterNotExist", region)
    rules.settled(router, "IncorrectStatus.TransitRouterInstance")
    tables = call.world.find(TransitRouterRouteTable, transit_router_id=router.id)
    named = call.params.optional("TransitRouterRouteTableId")
    if named and router.type != "Enterprise":
        raise refusal("OperationUnsupported.TransitRouterType", router.id)
    table = next((t for t in tables if (t.id == named if named else t.type == "System")), None)
    if table is None:
        raise refusal("InvalidTransitRouterRouteTableId.NotFound", named)
    return router, table


def _existing(call: Call) -> RouteMap:
    (cen_id, region), id = (call.params.text(name) for name in PLACE), call.params.text("RouteMapId")
    cen = rules.cen_exists(call, cen_id)
    policy = call.mine(RouteMap, id)
    if policy and (policy.cen_id, policy.region) == (cen.id, region):
        return policy
    system = any(p.id == id for p in _system(call, cen.id))
    raise refusal("Invid.Parameter" if system else "InvalidRouteMapId.NotFound", f"RouteMapId {id}" if system else id)


def _content(call: Call) -> dict[str, Any]:
    """What the policy matches and does, as fields of the model."""
    params = call.params
    match = {name: tuple(params.texts(name)) for name in LISTS if params.texts(name)}
    match |= {name: (_word(call, name, allowed),) for name, allowed in WORDS.items() if name in params}
    actions = {name: tuple(params.texts(name)) for name in SETTINGS if params.texts(name)}
    if "Preference" in params:
        actions["Preference"] = (str(_number(call, "Preference", 100)),)
    if "CommunityOperateMode" in params:
        actions["CommunityOperateMode"] = (_word(call, "CommunityOperateMode", ("Additive", "Replace")),)
    if "NextPriority" in params:
        actions["NextPriority"] = (str(_number(call, "NextPriority", LAST_PRIORITY)),)
    for name, items in (match | actions).items():
        if len(items) > MOST_ITEMS:
            raise refusal("Invid.Parameter", f"{name}: more than {MOST_ITEMS}")
    result = _word(call, "MapResult", ("Permit", "Deny"))
    if result == "Deny" and actions:
        raise refusal("InvalidOperation.NoEffictiveAction", ", ".join(actions))
    return {
        "priority": _number(call, "Priority", LAST_PRIORITY),
        "result": result,
        "match": match,
        "actions": actions,
        "description": params.text("Description", ""),
    }


def _number(call: Call, name: str, most: int) -> int:
    text = call.params.text(name)
    if not text.isdigit() or not 1 <= int(text) <= most:
        raise refusal("Invid.Parameter", f"{name} {text}")
    return int(text)


def _word(call: Call, name: str, allowed: tuple[str, ...]) -> str:
    """One of the words; booleans come in any case."""
    given = call.params.text(name)
    word = given.lower() if allowed == ("true", "false") else given
    if word not in allowed:
        raise refusal("Invid.Parameter", f"{name} {given}")
    return word


def _require_priority(call: Call, policy: RouteMap, code: str) -> None:
    """A priority belongs to one policy per table and direction."""
    for other in call.world.find(
        RouteMap, table_id=policy.table_id, direction=policy.direction, priority=policy.priority
    ):
        if other.id != policy.id:
            raise refusal(code, policy.priority)


# --- rows ---------------------------------------------------------------------------------------------


def _system(call: Call, cen_id: str) -> list[RouteMap]:
    """The policies that the system gave to the tables of the CEN's routers."""
    return [
        RouteMap(
            id=f"cenrmap-{table.id.rpartition('-')[2]}",
            account=router.account,
            region=router.region,
            created=table.created,
            status="Active",
            cen_id=cen_id,
            table_id=table.id,
            direction="RegionOut",
            priority=SYSTEM_PRIORITY,
            result="Deny",
            match={"SourceChildInstanceTypes": UNHEARD, "DestinationChildInstanceTypes": UNHEARD},
        )
        for router in call.world.find(TransitRouter, cen_id=cen_id)
        for table in call.world.find(TransitRouterRouteTable, transit_router_id=router.id)
    ]


def _row(policy: RouteMap) -> dict[str, Any]:
    def word(name: str) -> str:
        return next(iter(policy.match.get(name, policy.actions.get(name, ()))), "")

    row: dict[str, Any] = {
        "RouteMapId": policy.id,
        "CenId": policy.cen_id,
        "CenRegionId": policy.region,
        "TransitRouterRouteTableId": policy.table_id,
        "TransmitDirection": policy.direction,
        "Priority": policy.priority,
        "MapResult": policy.result,
        "Description": policy.description,
        "Status": policy.status,
        "CommunityOperateMode": word("CommunityOperateMode"),
        "SourceInstanceIdsReverseMatch": word("SourceInstanceIdsReverseMatch") == "true",
        "DestinationInstanceIdsReverseMatch": word("DestinationInstanceIdsReverseMatch") == "true",
    }
    row |= {name: word(name) for name in ("CidrMatchMode", "AsPathMatchMode", "CommunityMatchMode")}
    row |= {name: {item: list(policy.match.get(name, ()))} for name, item in LISTS.items()}
    row |= {name: {item: list(policy.actions.get(name, ()))} for name, item in SETTINGS.items()}
    row |= {name: int(word(name)) for name in ("Preference", "NextPriority") if word(name)}
    return row
