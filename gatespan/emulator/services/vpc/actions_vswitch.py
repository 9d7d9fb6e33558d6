"""vSwitches: create, read, change, delete."""

from __future__ import annotations

import ipaddress
from typing import Any

from gatespan.emulator import regions, routes
from gatespan.emulator.call import Call, iso, tagged
from gatespan.emulator.lifecycle import GONE
from gatespan.emulator.models import Machine
from gatespan.emulator.services.vpc import checks, rules
from gatespan.emulator.services.vpc.errors import refusal
from gatespan.emulator.services.vpc.models import NetworkInterface, RouteTable, Vpc, VSwitch
from gatespan.emulator.services.vpc.service import service
from gatespan.emulator.world import Thing, World


@service.action("CreateVSwitch", required=("ZoneId", "VpcId", "CidrBlock"), token="ClientToken")
def create_vswitch(call: Call) -> dict[str, Any]:
    vpc, world = checks.need_vpc(call), call.world
    checks.no_ipv6(call, "Ipv6CidrBlock", "VpcIpv6CidrBlock")
    zone, block = _zone(call, vpc), _block(call.params.text("CidrBlock"), vpc)
    vswitch = VSwitch(
        id=call.ids.regional("vsw", vpc.region),
        account=vpc.account,
        region=vpc.region,
        created=call.now,
        vpc_id=vpc.id,
        zone=zone,
        cidr=str(block),
        name=checks.words(call, "VSwitchName", 128, "InvalidVSwitchName.Malformed"),
        description=checks.words(call, "Description", 256),
        route_table_id=vpc.route_table_id,
        tags=checks.new_tags(call),
    )
    checks.require_available(vpc)
    checks.require_quiet(world, vpc.id, attachment="IncorrectStatus.cbnStatus")
    if len(checks.vswitches_of(world, vpc.id)) >= rules.VSWITCHES_PER_VPC:
        raise refusal("QuotaExceeded.VSwitch", f"{rules.VSWITCHES_PER_VPC} in {vpc.id}")
    _require_free(world, vpc, block)
    call.begin(vswitch, rules.VSWITCH_CREATE)
    return {"VSwitchId": vswitch.id}


@service.action("DescribeVSwitches", dry_run="error")
def describe_vswitches(call: Call) -> dict[str, Any]:
    params = call.params
    checks.require_one(call, "RegionId", "VpcId")
    region = checks.region_of(call) if "RegionId" in params else None
    if params.boolean("EnableIpv6", False) or params.text("VSwitchOwnerId", call.account) != call.account:
        return {"VSwitches": {"VSwitch": []}, **call.page([])[1]}
    ids = set(filter(None, params.text("VSwitchId", "").split(",")))
    default = params.boolean("IsDefault") if "IsDefault" in params else None
    group = params.text("ResourceGroupId", "")
    equal = checks.matching(
        {
            "zone": params.optional("ZoneId"),
            "name": params.optional("VSwitchName"),
            "route_table_id": params.optional("RouteTableId"),
            "region": region,
            "is_default": default,
        }
    )

    def wanted(vswitch: VSwitch) -> bool:
        if (ids and vswitch.id not in ids) or (equal is not None and not equal(vswitch)):
            return False
        return not group or _group(call.world, vswitch) == group

    if "VpcId" in params:
        among = checks.vswitches_of(call.world, params.text("VpcId"))
    else:
        among = checks.in_region(call.world, VSwitch, region or "")
    rows, page = call.page(tagged(call.listed(VSwitch, wanted, among=among), params.tags()))
    return {"VSwitches": {"VSwitch": [_row(call.world, vswitch) for vswitch in rows]}, **page}


@service.action("DescribeVSwitchAttributes", required=("VSwitchId",), dry_run="error")
def describe_vswitch_attributes(call: Call) -> dict[str, Any]:
    return _row(call.world, checks.need_vswitch(call))


@service.action("ModifyVSwitchAttribute", required=("VSwitchId",))
def modify_vswitch_attribute(call: Call) -> None:
    vswitch, params = checks.need_vswitch(call), call.params
    checks.no_ipv6(call, "EnableIPv6", "Ipv6CidrBlock", "VpcIpv6CidrBlock")
    if vswitch.pending:
        raise refusal("IncorrectStatus.VSwitch", f"{vswitch.id} is {vswitch.status}")
    changes: dict[str, Any] = {}
    if params.given("VSwitchName"):
        changes["name"] = checks.words(call, "VSwitchName", 128, "InvalidVSwitchName.Malformed")
    if params.given("Description"):
        changes["description"] = checks.words(call, "Description", 256)
    call.world.change(vswitch, **changes)


@service.action("DeleteVSwitch", required=("VSwitchId",), dry_run="error")
def delete_vswitch(call: Call) -> None:
    vswitch, world = checks.need_vswitch(call), call.world
    vpc = world.get(Vpc, vswitch.vpc_id)
    if vswitch.pending:
        raise refusal("IncorrectVSwitchStatus", f"{vswitch.id} is {vswitch.status}")
    if vpc is not None:
        checks.require_available(vpc, "IncorrectStatus")
    checks.require_quiet(
        world,
        vswitch.vpc_id,
        vswitch="OperationDenied.OtherSubnetProcessing",
        attachment="DeleteVSwitch.IncorrectStatus.cbnStatus",
    )
    _require_empty(world, vswitch)
    call.begin(vswitch, rules.VSWITCH_DELETE)
    if call.life.latency.mode != "reads":  # a trace is read by nobody, so reads cannot end it
        trace = rules.VSwitchTrace(id=vswitch.id, account=vswitch.account, vpc_id=vswitch.vpc_id)
        call.begin(trace, rules.VSWITCH_TRACE)


@service.on_end(VSwitch, GONE)
def vswitch_gone(world: World, vswitch: Thing) -> None:
    if isinstance(vswitch, VSwitch):
        checks.withdraw(world, vswitch.vpc_id, vswitch.cidr)


# --- rules ----------------------------------------------------------------------------------------------------


def _zone(call: Call, vpc: Vpc) -> str:
    """A zone of the VPC's region; in a region that only the world's objects mention, any of its name."""
    zone, offered = call.params.text("ZoneId"), regions.zones(call.world, vpc.region)
    if zone not in offered and (offered or not zone.startswith(vpc.region + "-")):
        raise refusal("InvalidZoneId.NotFound", zone)
    return zone


def _block(value: str, vpc: Vpc) -> ipaddress.IPv4Network:
    """Mask 16 to 29, inside the primary or a secondary block of the VPC."""
    block = checks.network(value)
    if block is None:
        raise refusal("InvalidCidrBlock.Malformed", value)
    if not 16 <= block.prefixlen <= 29:
        raise refusal("InvalidCirdrBlock.MaskLength", value)
    if not any(outer and block.subnet_of(outer) for outer in map(checks.network, (vpc.cidr, *vpc.secondary_cidrs))):
        raise refusal("InvalidCidrBlock.Malformed", f"{value} is outside the blocks of {vpc.id}")
    return block


def _require_free(world: World, vpc: Vpc, block: ipaddress.IPv4Network) -> None:
    """No overlap with a vSwitch; not equal to and not around the destination of a route (inside one is allowed)."""
    for vswitch in checks.vswitches_of(world, vpc.id):
        if block.overlaps(ipaddress.IPv4Network(vswitch.cidr)):
            raise refusal("InvalidCidrBlock.Overlapped", f"{block} and {vswitch.id} {vswitch.cidr}")
    for table in checks.tables_of(world, vpc.id):
        for route in routes.vpc_table(world, table.id):
            if route.type != "System" and ipaddress.IPv4Network(route.destination).subnet_of(block):
                raise refusal("InvalidCidrBlock.Overlapped", f"{block} and the route to {route.destination}")


def _require_empty(world: World, vswitch: VSwitch) -> None:
    """Nothing may be left in the vSwitch: interfaces of services, machines, zones of an attachment."""
    interface = world.first(NetworkInterface, vswitch_id=vswitch.id)
    if interface:
        owner = " ".join(filter(None, ("of", interface.owner_kind, interface.owner_id)))
        raise refusal("DependencyViolation", f"{vswitch.id} holds the interface {interface.id} {owner}")
    machine = world.first(Machine, vswitch_id=vswitch.id)
    if machine:
        raise refusal("DependencyViolation", f"{vswitch.id} holds the instance {machine.id}")
    for attachment in checks.attachments_of(world, vswitch.vpc_id):
        if any(mapping.vswitch_id == vswitch.id for mapping in attachment.zones):
            raise refusal("DependencyViolation", f"{vswitch.id} holds an interface of {attachment.id}")
    table = world.get(RouteTable, vswitch.route_table_id)
    if table and table.type == "Custom":
        raise refusal("DependencyViolation.RouteTable", f"{vswitch.id} is associated with {table.id}")


# --- answers --------------------------------------------------------------------------------------------------


def _group(world: World, vswitch: VSwitch) -> str:
    vpc = world.get(Vpc, vswitch.vpc_id)
    return vpc.resource_group_id if vpc else rules.DEFAULT_RESOURCE_GROUP


def _row(world: World, vswitch: VSwitch) -> dict[str, Any]:
    table = world.get(RouteTable, vswitch.route_table_id)
    return {
        "VSwitchId": vswitch.id,
        "VSwitchName": vswitch.name,
        "VpcId": vswitch.vpc_id,
        "ZoneId": vswitch.zone,
        "CidrBlock": vswitch.cidr,
        "Status": vswitch.status,
        "AvailableIpAddressCount": rules.free_ip_count(world, vswitch),
        "RouteTable": {
            "RouteTableId": vswitch.route_table_id,
            "RouteTableType": table.type if table else "System",
        },
        "NetworkAclId": "",
        "IsDefault": vswitch.is_default,
        "EnabledIpv6": False,
        "Ipv6CidrBlock": "",
        "OwnerId": int(vswitch.account),
        "ShareType": "",
        "ResourceGroupId": _group(world, vswitch),
        "CreationTime": iso(vswitch.created),
        "Description": vswitch.description,
        "Tags": checks.tag_list(vswitch),
    }
