"""Routes between a VPC or border router and its CEN: published or withdrawn by hand, shown as the CEN sees them, and
in conflict.

What is published by default needs no record: only what was published or withdrawn by hand is stored, so that taking
it back leaves the world as it was.
"""

from __future__ import annotations

from typing import Any

from gatespan.emulator import routes
from gatespan.emulator.call import Call
from gatespan.emulator.routes.model import VpcRoute
from gatespan.emulator.services.cbn import attaching, rules
from gatespan.emulator.services.cbn.errors import refusal
from gatespan.emulator.services.cbn.models import (
    Cen,
    ChildInstance,
    PeerAttachment,
    PublishedRoute,
    VbrAttachment,
    VpcAttachment,
)
from gatespan.emulator.services.cbn.service import service
from gatespan.emulator.services.vpc import route_owner  # the module: vpc and cbn know each other
from gatespan.emulator.services.vpc.models import RouterInterface, RouteTable, VirtualBorderRouter, Vpc
from gatespan.emulator.world import World

Child = Vpc | VirtualBorderRouter
CHILD = ("CenId", "ChildInstanceId", "ChildInstanceType", "ChildInstanceRegionId")
PLACE = ("ChildInstanceRouteTableId", "DestinationCidrBlock")


@service.action("PublishRouteEntries", required=(*CHILD, *PLACE))
def publish_route_entries(call: Call) -> dict[str, Any]:
    return _set_by_hand(call, True)


@service.action("WithdrawPublishedRouteEntries", required=(*CHILD, *PLACE))
def withdraw_published_route_entries(call: Call) -> dict[str, Any]:
    return _set_by_hand(call, False)


@service.action("DescribePublishedRouteEntries", required=CHILD)
def describe_published_route_entries(call: Call) -> dict[str, Any]:
    cen, child = _child(call)
    destination = call.params.optional("DestinationCidrBlock")
    found = [
        route
        for table in _tables(call.world, child, call.params.optional("ChildInstanceRouteTableId"))
        for route in route_owner.held(call.world, table.id)
        if destination in (None, route.destination)
    ]
    rows, page = call.page(found, most=500)
    entries = [
        {
            "DestinationCidrBlock": route.destination,
            "ChildInstanceRouteTableId": route.table_id,
            "NextHopType": route.next_hop_type,
            "NextHopId": route.next_hop_id,
            "RouteType": route.type,
            "PublishStatus": _publish_status(call.world, cen, child, route),
            "OperationalMode": _may_publish(call.world, child, route),
            "Conflicts": {"Conflict": _conflicts(call.world, cen, child, route.destination)},
        }
        for route in rows
    ]
    return {"PublishedRouteEntries": {"PublishedRouteEntry": entries}, **page}


@service.action("DescribeCenChildInstanceRouteEntries", required=("CenId", "ChildInstanceId", "ChildInstanceType"))
def describe_cen_child_instance_route_entries(call: Call) -> dict[str, Any]:
    """The routes of a table (the system table unless another is named) as the CEN knows them."""
    cen, child = _child(call)
    status = call.params.text("Status", "All")
    table_id = call.params.text("ChildInstanceRouteTableId", child.route_table_id)
    found = [
        row
        for table in _tables(call.world, child, table_id)
        for row in (_cen_route(call.world, cen, child, route) for route in route_owner.held(call.world, table.id))
        if status in ("All", row["Status"])
    ]
    rows, page = call.page(found, most=500)
    return {"CenRouteEntries": {"CenRouteEntry": list(rows)}, **page}


@service.action(
    "DescribeRouteConflict",
    required=("ChildInstanceId", "ChildInstanceType", "ChildInstanceRegionId", "ChildInstanceRouteTableId"),
)
def describe_route_conflict(call: Call) -> dict[str, Any]:
    """The instance's routes that lost against the same CIDR of another, in every CEN it is attached to."""
    child = _instance(call)
    _tables(call.world, child, call.params.text("ChildInstanceRouteTableId"))
    destination = call.params.optional("DestinationCidrBlock")
    cens = [call.world.get(Cen, tie.cen_id) for tie in attaching.ties(call.world, child.id)]
    found = [row for cen in cens if cen for row in _conflicts(call.world, cen, child, destination)]
    rows, page = call.page(found)
    return {"RouteConflicts": {"RouteConflict": list(rows)}, **page}


# --- checks -------------------------------------------------------------------------------------------


def _instance(call: Call) -> Child:
    """The VPC or border router: the caller's, or one that is attached to a CEN of the caller's."""
    kind, region = call.params.text("ChildInstanceType"), call.params.optional("ChildInstanceRegionId")
    id = call.params.text("ChildInstanceId")
    if kind not in ("VPC", "VBR"):
        raise refusal("ParameterIllegal.ChildInstanceType", kind)
    child: Child | None = call.world.get(Vpc, id) if kind == "VPC" else call.world.get(VirtualBorderRouter, id)
    known = child and call.account in (child.account, *(tie.account for tie in attaching.ties(call.world, id)))
    if child is None or not known:
        raise refusal("Instance.NotExist", id)
    if region not in (None, child.region):
        raise refusal("ParameterIllegal.ChildInstanceRegionId", region)
    return child


def _child(call: Call) -> tuple[Cen, Child]:
    """The CEN and what is attached to it."""
    cen = rules.cen_exists(call, call.params.text("CenId"), "ParameterIllegal.CenInstanceId")
    child = _instance(call)
    if attaching.tie(call.world, cen.id, child.id) is None:
        raise refusal("Instance.NotExist", child.id)
    return cen, child


def _tables(world: World, child: Child, table_id: str | None) -> list[RouteTable]:
    """The tables of the VPC, or the one of the border router, or the one that is named."""
    own = world.find(RouteTable, vpc_id=child.id) if isinstance(child, Vpc) else []
    tables = [t for t in own or world.find(RouteTable, router_id=child.id) if table_id in (None, t.id)]
    if table_id and not tables:
        raise refusal("Instance.NotExist", table_id)
    return tables


def _set_by_hand(call: Call, published: bool) -> dict[str, Any]:
    cen, child = _child(call)
    rules.cen_alive(cen)
    table_id, destination = (call.params.text(name) for name in PLACE)
    table = _tables(call.world, child, table_id)[0]
    if table.type != "System":
        raise refusal("InvalidOperation.UnsupportRouteTableType", table.id)
    route = next((r for r in route_owner.held(call.world, table.id) if r.destination == destination), None)
    if route is None:
        raise refusal("InvalidOperation.NotFoundRoute", destination)
    if not _may_publish(call.world, child, route):
        raise refusal("InvalidOperation.UnsupportnexthopType", route.next_hop_type)
    id = f"{cen.id}:{table.id}:{destination}"
    record = call.world.get(PublishedRoute, id)
    if record:
        call.world.remove(record)
    if (_publish_status(call.world, cen, child, route) == "Published") != published:
        call.world.put(
            PublishedRoute(
                id=id,
                account=call.account,
                region=child.region,
                created=call.now,
                cen_id=cen.id,
                instance_id=child.id,
                instance_type="VPC" if isinstance(child, Vpc) else "VBR",
                table_id=table.id,
                destination=destination,
                published=published,
            )
        )
    return {}


def _may_publish(world: World, child: Child, route: VpcRoute) -> bool:
    """A VPC's vSwitch routes and the custom routes of its system table towards things of the VPC; a border router's
    routes towards the circuit, its own or heard over BGP."""
    if isinstance(child, VirtualBorderRouter):
        inward = route.next_hop_type == "Attachment" or world.get(RouterInterface, route.next_hop_id) is not None
        return route.type != "CEN" and not inward
    if route.table_id != child.route_table_id:
        return False
    own = route.type == "System" and route.next_hop_type == "local"
    return own or (route.type == "Custom" and route.next_hop_type in routes.PUBLISHABLE)


# --- rows ---------------------------------------------------------------------------------------------


def _publish_status(world: World, cen: Cen, child: Child, route: VpcRoute) -> str:
    """What a border router may publish is published unless withdrawn."""
    if isinstance(child, VirtualBorderRouter):
        record = world.get(PublishedRoute, f"{cen.id}:{route.table_id}:{route.destination}")
        published = _may_publish(world, child, route) and (record is None or record.published)
    else:
        published = routes.published(world, cen.id, route)
    return "Published" if published else "NonPublished"


def _conflicts(world: World, cen: Cen, child: Child, destination: str | None) -> list[dict[str, str]]:
    """Where the instance's route lost: the instance that holds the CIDR already."""
    rows = []
    for conflict in routes.conflicts(world, cen.id):
        if conflict.origin_id != child.id or destination not in (None, conflict.destination):
            continue
        instance_id, kind, region = _holder(world, conflict.winner_id)
        row = {
            "DestinationCidrBlock": conflict.destination,
            "InstanceId": instance_id,
            "InstanceType": kind,
            "RegionId": region,
            "Status": "conflict",
        }
        if row not in rows:
            rows.append(row)
    return rows


def _holder(world: World, tie_id: str) -> tuple[str, str, str]:
    """Id, type and region of the instance behind what ties it to the CEN."""
    child = world.get(ChildInstance, tie_id)
    if child:
        return child.instance_id, child.type, child.region
    winner: rules.Attachment | None = (
        world.get(VpcAttachment, tie_id) or world.get(VbrAttachment, tie_id) or world.get(PeerAttachment, tie_id)
    )
    return (*rules.resource_behind(winner, ""), winner.region) if winner else ("", "", "")


def _cen_route(world: World, cen: Cen, child: Child, route: VpcRoute) -> dict[str, Any]:
    conflicts = _conflicts(world, cen, child, route.destination) if route.type != "CEN" else []
    return {
        "DestinationCidrBlock": route.destination,
        "RouteTableId": route.table_id,
        "Type": route.type,
        "NextHopType": route.next_hop_type,
        "NextHopInstanceId": route.next_hop_id,
        "NextHopRegionId": child.region,
        "Status": "Rejected" if conflicts else "Active",
        "PublishStatus": _publish_status(world, cen, child, route),
        "OperationalMode": _may_publish(world, child, route),
        "AsPaths": {"AsPath": []},
        "Communities": {"Community": []},
        "CenRouteMapRecords": {"CenRouteMapRecord": []},
        "Conflicts": {"Conflict": conflicts},
    }
