"""Route tables: lists, custom tables, and which table a vSwitch uses."""

from __future__ import annotations

from typing import Any

from gatespan.emulator.call import Call, iso, tagged
from gatespan.emulator.services.vpc import checks, route_owner, rules
from gatespan.emulator.services.vpc.errors import invalid, refusal
from gatespan.emulator.services.vpc.models import RouteEntry, RouteTable, Vpc, VSwitch
from gatespan.emulator.services.vpc.service import service
from gatespan.emulator.world import World


@service.action("DescribeRouteTableList", required=("RegionId",))
def describe_route_table_list(call: Call) -> dict[str, Any]:
    """With VpcId the router type is VRouter, whatever was asked."""
    region, params = checks.region_of(call), call.params
    router_type = "VRouter" if "VpcId" in params else params.choice("RouterType", ("VRouter", "VBR"), "VRouter")
    kind = params.choice("RouteTableType", ("System", "Custom")) if "RouteTableType" in params else None
    group = params.text("ResourceGroupId", "")
    equal = {
        "vpc_id": params.optional("VpcId"),
        "router_id": params.optional("RouterId"),
        "id": params.optional("RouteTableId"),
        "name": params.optional("RouteTableName"),
        "type": kind,
        "router_type": router_type,
        "region": region,
    }
    found = [t for t in _listed(call, equal) if not group or _group(call.world, t) == group]
    rows, page = call.page(tagged(found, params.tags()))
    return {
        "RouterTableList": {"RouterTableListType": [_row(call.world, table) for table in rows]},
        # Live answers carry these three too (seen by the Terraform provider).
        "Code": "200",
        "Message": "successful",
        "Success": True,
        **page,
    }


@service.action("DescribeRouteTables")
def describe_route_tables(call: Call) -> dict[str, Any]:
    """The old list, routes included; deprecated, still called by old scripts."""
    params = call.params
    region = checks.region_of(call) if "RegionId" in params else None
    equal = {
        "router_id": params.optional("RouterId") or params.optional("VRouterId"),
        "router_type": params.optional("RouterType"),
        "id": params.optional("RouteTableId"),
        "name": params.optional("RouteTableName"),
        "region": region,
    }
    rows, page = call.page(_listed(call, equal))
    return {"RouteTables": {"RouteTable": [_old_row(call.world, table) for table in rows]}, **page}


@service.action("CreateRouteTable", required=("RegionId", "VpcId"), token="ClientToken")
def create_route_table(call: Call) -> dict[str, Any]:
    checks.region_of(call)
    vpc, world = checks.need_vpc(call), call.world
    table = RouteTable(
        id=call.ids.regional("vtb", vpc.region),
        account=vpc.account,
        region=vpc.region,
        created=call.now,
        vpc_id=vpc.id,
        router_id=vpc.vrouter_id,
        type="Custom",
        name=checks.words(call, "RouteTableName", 128),
        description=checks.words(call, "Description", 256),
        associate_type=call.params.choice("AssociateType", ("VSwitch", "Gateway"), "VSwitch"),
        tags=checks.new_tags(call),
    )
    checks.require_available(vpc)
    checks.require_quiet(world, vpc.id, attachment="IncorrectStatus.cbnStatus")
    custom = [t for t in checks.tables_of(world, vpc.id) if t.type == "Custom"]
    if len(custom) >= rules.CUSTOM_TABLES_PER_VPC:
        raise refusal("QuotaExceeded.RouteTable", f"{rules.CUSTOM_TABLES_PER_VPC} in {vpc.id}")
    call.begin(table, rules.TABLE_CREATE)
    return {"RouteTableId": table.id}


@service.action("DeleteRouteTable", required=("RegionId", "RouteTableId"))
def delete_route_table(call: Call) -> None:
    table, world = _resting_table(call, "IncorrectRouteTableStatus"), call.world
    if table.type == "System":
        raise refusal("OperationDenied", f"{table.id} is the System table of {table.vpc_id}")
    if world.first(RouteEntry, table_id=table.id):
        raise refusal("DependencyViolation.RouteEntry", table.id)
    for vswitch in world.find(VSwitch, route_table_id=table.id):
        raise refusal("DependencyViolation.VSwitch", f"{vswitch.id} uses {table.id}")
    checks.require_quiet(world, table.vpc_id, attachment="IncorrectStatus.cbnStatus")
    call.begin(table, rules.TABLE_DELETE)


@service.action("AssociateRouteTable", required=("RegionId", "RouteTableId", "VSwitchId"), token="ClientToken")
def associate_route_table(call: Call) -> None:
    """The vSwitch leaves the table it used and uses this one. At once: a choice of the embedded cloud."""
    table, vswitch = _pair(call)
    if table.vpc_id != vswitch.vpc_id or table.type != "Custom" or table.associate_type != "VSwitch":
        raise invalid("RouteTableId", table.id)
    call.world.change(vswitch, route_table_id=table.id)


@service.action("UnassociateRouteTable", required=("RegionId", "RouteTableId", "VSwitchId"), token="ClientToken")
def unassociate_route_table(call: Call) -> None:
    """The vSwitch goes back to the System table."""
    table, vswitch = _pair(call)
    vpc = call.world.get(Vpc, vswitch.vpc_id)
    if vpc is None or vswitch.route_table_id != table.id or table.type != "Custom":
        raise invalid("RouteTableId", table.id)
    call.world.change(vswitch, route_table_id=vpc.route_table_id)


# --- rules ----------------------------------------------------------------------------------------------------


def _resting_table(call: Call, code: str) -> RouteTable:
    checks.region_of(call)
    table = checks.need_table(call)
    if table.pending:
        raise refusal(code, f"{table.id} is {table.status}")
    return table


def _pair(call: Call) -> tuple[RouteTable, VSwitch]:
    table = _resting_table(call, "IncorrectStatus.RouteTable")
    vswitch = checks.need_vswitch(call)
    checks.require_quiet(call.world, vswitch.vpc_id)
    return table, vswitch


def _listed(call: Call, equal: dict[str, str | None]) -> list[RouteTable]:
    vpc_id = equal.get("vpc_id")
    among = checks.tables_of(call.world, vpc_id) if vpc_id else None
    return call.listed(RouteTable, checks.matching(equal), among=among)


# --- answers --------------------------------------------------------------------------------------------------


def _group(world: World, table: RouteTable) -> str:
    vpc = world.get(Vpc, table.vpc_id)
    return vpc.resource_group_id if vpc else rules.DEFAULT_RESOURCE_GROUP


def _users(world: World, table: RouteTable) -> dict[str, list[str]]:
    """The vSwitches that use the table."""
    vswitches = checks.vswitches_of(world, table.vpc_id)
    return {"VSwitchId": [vswitch.id for vswitch in vswitches if vswitch.route_table_id == table.id]}


def _row(world: World, table: RouteTable) -> dict[str, Any]:
    return {
        "RouteTableId": table.id,
        "RouteTableName": table.name,
        "RouteTableType": table.type,
        "RouterId": table.router_id,
        "RouterType": table.router_type,
        "VpcId": table.vpc_id,
        "Status": table.status,
        "VSwitchIds": _users(world, table),
        "AssociateType": table.associate_type,
        "GatewayIds": {"GatewayIds": []},
        "RoutePropagationEnable": True,
        "OwnerId": int(table.account),
        "ResourceGroupId": _group(world, table),
        "CreationTime": iso(table.created),
        "Description": table.description,
        "Tags": checks.tag_list(table),
    }


def _old_row(world: World, table: RouteTable) -> dict[str, Any]:
    entries = [
        {
            "RouteEntryId": route.entry_id,
            "RouteTableId": table.id,
            "DestinationCidrBlock": route.destination,
            "Type": route.type,
            "Status": route.status,
            "InstanceId": route.next_hop_id,
            "NextHopType": route.next_hop_type,
            "NextHops": {"NextHop": []},
        }
        for route in route_owner.held(world, table.id)
    ]
    return {
        "RouteTableId": table.id,
        "RouteTableType": table.type,
        "VRouterId": table.router_id,
        "Status": table.status,
        "ResourceGroupId": _group(world, table),
        "CreationTime": iso(table.created),
        "VSwitchIds": _users(world, table),
        "RouteEntrys": {"RouteEntry": entries},
    }
