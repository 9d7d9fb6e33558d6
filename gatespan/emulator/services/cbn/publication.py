"""Routes between a VPC and its CEN: published or withdrawn by hand, shown as the CEN sees them, and in conflict.

What is published by default needs no record: only what was published or withdrawn by hand is stored, so that taking
it back leaves the world as it was.
"""

from __future__ import annotations

from typing import Any

from gatespan.emulator import routes
from gatespan.emulator.call import Call, iso
from gatespan.emulator.routes.model import VpcRoute
from gatespan.emulator.services.cbn import rules
from gatespan.emulator.services.cbn.errors import refusal
from gatespan.emulator.services.cbn.models import Cen, PublishedRoute, VpcAttachment
from gatespan.emulator.services.cbn.service import service
from gatespan.emulator.services.vpc.models import RouteTable, Vpc

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
    cen, vpc = _child(call)
    destination = call.params.optional("DestinationCidrBlock")
    found = [
        route
        for table in _tables(call, vpc, call.params.optional("ChildInstanceRouteTableId"))
        for route in routes.vpc_table(call.world, table.id)
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
            "PublishStatus": _publish_status(call, cen, route),
            "OperationalMode": _may_publish(vpc, route),
            "Conflicts": {"Conflict": _conflicts(call, cen, vpc, route.destination)},
        }
        for route in rows
    ]
    return {"PublishedRouteEntries": {"PublishedRouteEntry": entries}, **page}


@service.action("DescribeCenChildInstanceRouteEntries", required=("CenId", "ChildInstanceId", "ChildInstanceType"))
def describe_cen_child_instance_route_entries(call: Call) -> dict[str, Any]:
    """The routes of a VPC table (the system table unless another is named) as the CEN knows them."""
    cen, vpc = _child(call)
    status = call.params.text("Status", "All")
    table_id = call.params.text("ChildInstanceRouteTableId", vpc.route_table_id)
    found = [
        row
        for table in _tables(call, vpc, table_id)
        for row in (_cen_route(call, cen, vpc, route) for route in routes.vpc_table(call.world, table.id))
        if status in ("All", row["Status"])
    ]
    rows, page = call.page(found, most=500)
    return {"CenRouteEntries": {"CenRouteEntry": list(rows)}, **page}


@service.action(
    "DescribeRouteConflict",
    required=("ChildInstanceId", "ChildInstanceType", "ChildInstanceRegionId", "ChildInstanceRouteTableId"),
)
def describe_route_conflict(call: Call) -> dict[str, Any]:
    """The VPC's routes that lost against the same CIDR of another instance, in every CEN it is attached to."""
    vpc = _vpc(call)
    _tables(call, vpc, call.params.text("ChildInstanceRouteTableId"))
    destination = call.params.optional("DestinationCidrBlock")
    cens = [call.world.get(Cen, a.cen_id) for a in call.world.find(VpcAttachment, vpc_id=vpc.id)]
    found = [row for cen in cens if cen for row in _conflicts(call, cen, vpc, destination)]
    rows, page = call.page(found)
    return {"RouteConflicts": {"RouteConflict": list(rows)}, **page}


@service.action("DescribeCenAttachedChildInstances", required=("CenId",))
def describe_cen_attached_child_instances(call: Call) -> dict[str, Any]:
    """Connections of Enterprise routers are listed too: whether the service does so is not known (choice)."""
    cen = rules.cen_exists(call, call.params.text("CenId"))
    kind, region = call.params.optional("ChildInstanceType"), call.params.optional("ChildInstanceRegionId")
    found = call.listed(
        VpcAttachment, lambda a: a.cen_id == cen.id and kind in (None, "VPC") and region in (None, a.region)
    )
    rows, page = call.page(found)
    children = [
        {
            "CenId": a.cen_id,
            "ChildInstanceId": a.vpc_id,
            "ChildInstanceType": "VPC",
            "ChildInstanceRegionId": a.region,
            "ChildInstanceOwnerId": int(a.vpc_owner or a.account),
            "ChildInstanceAttachTime": iso(a.created, minutes=True),
            "Status": a.status,
        }
        for a in rows
    ]
    return {"ChildInstances": {"ChildInstance": children}, **page}


# --- checks -------------------------------------------------------------------------------------------


def _vpc(call: Call) -> Vpc:
    kind, region = call.params.text("ChildInstanceType"), call.params.optional("ChildInstanceRegionId")
    if kind != "VPC":
        raise refusal("ParameterIllegal.ChildInstanceType", kind)
    vpc = call.mine(Vpc, call.params.text("ChildInstanceId"))
    if vpc is None:
        raise refusal("Instance.NotExist", call.params.text("ChildInstanceId"))
    if region not in (None, vpc.region):
        raise refusal("ParameterIllegal.ChildInstanceRegionId", region)
    return vpc


def _child(call: Call) -> tuple[Cen, Vpc]:
    """The CEN and the VPC that is attached to it."""
    cen = rules.cen_exists(call, call.params.text("CenId"), "ParameterIllegal.CenInstanceId")
    vpc = _vpc(call)
    if call.world.first(VpcAttachment, cen_id=cen.id, vpc_id=vpc.id) is None:
        raise refusal("Instance.NotExist", vpc.id)
    return cen, vpc


def _tables(call: Call, vpc: Vpc, table_id: str | None) -> list[RouteTable]:
    """The VPC's tables, or the one that is named."""
    tables = [t for t in call.world.find(RouteTable, vpc_id=vpc.id) if table_id in (None, t.id)]
    if table_id and not tables:
        raise refusal("Instance.NotExist", table_id)
    return tables


def _set_by_hand(call: Call, published: bool) -> dict[str, Any]:
    cen, vpc = _child(call)
    rules.cen_alive(cen)
    table_id, destination = (call.params.text(name) for name in PLACE)
    table = _tables(call, vpc, table_id)[0]
    if table.type != "System":
        raise refusal("InvalidOperation.UnsupportRouteTableType", table.id)
    route = next((r for r in routes.vpc_table(call.world, table.id) if r.destination == destination), None)
    if route is None:
        raise refusal("InvalidOperation.NotFoundRoute", destination)
    if not _may_publish(vpc, route):
        raise refusal("InvalidOperation.UnsupportnexthopType", route.next_hop_type)
    id = f"{cen.id}:{table.id}:{destination}"
    record = call.world.get(PublishedRoute, id)
    if record:
        call.world.remove(record)
    if (_publish_status(call, cen, route) == "Published") != published:
        call.world.put(
            PublishedRoute(
                id=id,
                account=call.account,
                region=vpc.region,
                created=call.now,
                cen_id=cen.id,
                instance_id=vpc.id,
                instance_type="VPC",
                table_id=table.id,
                destination=destination,
                published=published,
            )
        )
    return {}


def _may_publish(vpc: Vpc, route: VpcRoute) -> bool:
    """vSwitch routes, and custom routes of the system table towards things of the VPC."""
    if route.table_id != vpc.route_table_id:
        return False
    own = route.type == "System" and route.next_hop_type == "local"
    return own or (route.type == "Custom" and route.next_hop_type in routes.PUBLISHABLE)


# --- rows ---------------------------------------------------------------------------------------------


def _publish_status(call: Call, cen: Cen, route: VpcRoute) -> str:
    return "Published" if routes.published(call.world, cen.id, route) else "NonPublished"


def _conflicts(call: Call, cen: Cen, vpc: Vpc, destination: str | None) -> list[dict[str, str]]:
    """Where the VPC's route lost: the instance that holds the CIDR already."""
    rows = []
    for conflict in routes.conflicts(call.world, cen.id):
        if conflict.origin_id != vpc.id or destination not in (None, conflict.destination):
            continue
        winner = rules.find_attachment(call, conflict.winner_id)
        instance_id, kind = rules.resource_behind(winner, "") if winner else ("", "")
        row = {
            "DestinationCidrBlock": conflict.destination,
            "InstanceId": instance_id,
            "InstanceType": kind,
            "RegionId": winner.region if winner else "",
            "Status": "conflict",
        }
        if row not in rows:
            rows.append(row)
    return rows


def _cen_route(call: Call, cen: Cen, vpc: Vpc, route: VpcRoute) -> dict[str, Any]:
    conflicts = _conflicts(call, cen, vpc, route.destination) if route.type != "CEN" else []
    return {
        "DestinationCidrBlock": route.destination,
        "RouteTableId": route.table_id,
        "Type": route.type,
        "NextHopType": route.next_hop_type,
        "NextHopInstanceId": route.next_hop_id,
        "NextHopRegionId": vpc.region,
        "Status": "Rejected" if conflicts else "Active",
        "PublishStatus": _publish_status(call, cen, route),
        "OperationalMode": _may_publish(vpc, route),
        "AsPaths": {"AsPath": []},
        "Communities": {"Community": []},
        "CenRouteMapRecords": {"CenRouteMapRecord": []},
        "Conflicts": {"Conflict": conflicts},
    }
