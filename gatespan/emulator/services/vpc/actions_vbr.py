"""Virtual border routers (VBRs): create, read, change, terminate, recover, delete.

A partner makes one on its circuit for another account: it is ``unconfirmed`` until its owner gives both gateway
addresses with ModifyVirtualBorderRouterAttribute (help page). Stopping and starting are the circuit owner's.
"""

from __future__ import annotations

from typing import Any

from gatespan.emulator.call import Call, iso, tagged
from gatespan.emulator.lifecycle import GONE
from gatespan.emulator.models import Account
from gatespan.emulator.services.cbn.models import ChildInstance, VbrAttachment
from gatespan.emulator.services.vpc import checks, express_checks
from gatespan.emulator.services.vpc import express_rules as rules
from gatespan.emulator.services.vpc.errors import invalid, missing, refusal
from gatespan.emulator.services.vpc.express_checks import Interconnect
from gatespan.emulator.services.vpc.models import (
    AssociatedCircuit,
    BgpGroup,
    BgpNetwork,
    CenGrant,
    PhysicalConnection,
    RouteEntry,
    RouterInterface,
    RouteTable,
    VirtualBorderRouter,
)
from gatespan.emulator.services.vpc.service import service
from gatespan.emulator.world import Thing, World

FILTERS = ("PhysicalConnectionId", "VbrId", "Status", "Name", "AccessPointId", "eccId", "type")
UNSUPPORTED = (
    *("EnableIpv6", "LocalIpv6GatewayIp", "PeerIpv6GatewayIp", "PeeringIpv6SubnetMask"),
    *("SitelinkEnable", "Mtu", "AssociatedPhysicalConnections"),
)
DETECTION = {
    "DetectMultiplier": ("detect_multiplier", 3, 10),
    "MinTxInterval": ("min_tx_interval", 200, 1000),
    "MinRxInterval": ("min_rx_interval", 200, 1000),
}


@service.action(
    "CreateVirtualBorderRouter", required=("RegionId", "PhysicalConnectionId", "VlanId"), token="ClientToken"
)
def create_virtual_border_router(call: Call) -> dict[str, Any]:
    circuit, params, world = express_checks.need_circuit(call), call.params, call.world
    checks.no_ipv6(call, *UNSUPPORTED)
    vlan, owner = express_checks.vlan(call), params.text("VbrOwnerId", call.account)
    if owner != call.account and world.get(Account, owner) is None:
        raise refusal("InvalidVbrOwnerId.NotFound", owner)
    ends = express_checks.interconnect(call, Interconnect(), "InvalidLocalGatewayIp.Malformed")
    if owner == call.account and not ends.local_gateway_ip:
        raise missing("LocalGatewayIp")
    if circuit.status != "Enabled" or circuit.business_status != "Normal":
        raise refusal(
            "InvalidPhysicalConnectionId.NotEnabled", f"{circuit.id} is {circuit.status}, {circuit.business_status}"
        )
    express_checks.require_vlan(call, circuit, vlan)
    _require_room(world, circuit, owner)
    first = AssociatedCircuit(
        physical_connection_id=circuit.id,
        vlan_id=vlan,
        vlan_interface_id=call.ids.regional("ri", circuit.region),
        circuit_code=_circuit_code(call, circuit.circuit_code),
        **vars(ends),
    )
    vbr = VirtualBorderRouter(
        id=call.ids.regional("vbr", circuit.region),
        account=owner,
        region=circuit.region,
        created=call.now,
        status="active" if owner == call.account else "unconfirmed",
        circuits=(first,),
        bandwidth=circuit.bandwidth if circuit.product_type == express_checks.HOSTED else _bandwidth(call),
        route_table_id=call.ids.regional("vtb", circuit.region),
        activated=call.now if owner == call.account else 0.0,
        physical_connection_owner=circuit.account,
        resource_group_id=params.text("ResourceGroupId", "rg-default"),
        tags=checks.new_tags(call, name="Tags" if params.structs("Tags") else "Tag"),
        **express_checks.labels(call),
    )
    table = RouteTable(
        id=vbr.route_table_id,
        account=owner,
        region=vbr.region,
        created=call.now,
        status="Available",
        router_id=vbr.id,
        router_type="VBR",
    )
    world.put(table)
    world.put(vbr)
    return {"VbrId": vbr.id}


@service.action("DescribeVirtualBorderRouters", required=("RegionId",))
def describe_virtual_border_routers(call: Call) -> dict[str, Any]:
    """The account's; on demand also those of others on its circuits."""
    region, given = checks.region_of(call), express_checks.filters(call, FILTERS)
    group = call.params.optional("ResourceGroupId")
    listed = call.listed(VirtualBorderRouter, lambda v: v.region == region)
    if call.params.boolean("IncludeCrossAccountVbr", False):
        lent = call.world.find(VirtualBorderRouter, region=region, physical_connection_owner=call.account)
        listed += [vbr for vbr in lent if vbr.account != call.account]
    among = tagged(listed, call.params.tags("Tags"))
    found = [_row(call.world, vbr) for vbr in among if group in (None, vbr.resource_group_id)]
    rows, page = call.page([r for r in found if express_checks.passing(r, given, {"eccId": "EccId", "type": "Type"})])
    return {"VirtualBorderRouterSet": {"VirtualBorderRouterType": list(rows)}, **page}


@service.action("ModifyVirtualBorderRouterAttribute", required=("RegionId", "VbrId"), token="ClientToken")
def modify_virtual_border_router_attribute(call: Call) -> None:
    """VlanId and CircuitCode are the circuit owner's to set; the same VLAN again is nobody's harm."""
    vbr, params, world = express_checks.need_vbr(call, 400), call.params, call.world
    checks.no_ipv6(call, *UNSUPPORTED)
    first, circuit = vbr.circuits[0], express_checks.circuit_of(world, vbr)
    changes: dict[str, Any] = express_checks.labels(call)
    for name, (field, least, most) in DETECTION.items():
        if name in params:
            changes[field] = params.integer(name, least=least, most=most)
    if "Bandwidth" in params:
        changes["bandwidth"] = _bandwidth(call)
    theirs = vbr.physical_connection_owner != call.account
    if "VlanId" in params and circuit and (vlan := express_checks.vlan(call)) != first.vlan_id:
        if theirs:
            raise refusal("Forbidden.VlanIdNotAllowedByCaller", vbr.id)
        express_checks.require_vlan(call, circuit, vlan, but=vbr.id)
        first = _replaced(first, vlan_id=vlan)
    if params.given("CircuitCode"):
        if theirs:
            raise refusal("Forbidden.CircuitCodeNotAllowedByCaller", vbr.id)
        first = _replaced(first, circuit_code=_circuit_code(call))
    held = Interconnect(first.local_gateway_ip, first.peer_gateway_ip, first.peering_subnet_mask)
    ends = express_checks.interconnect(call, held)
    first = _replaced(first, **vars(ends))
    if vbr.status == "unconfirmed" and ends.local_gateway_ip:
        changes |= {"status": "active", "activated": call.now}
    elif vbr.status not in ("unconfirmed", "active"):
        raise refusal("InvalidOperation.OperationNotAllowedInState", f"{vbr.id} is {vbr.status}")
    world.change(vbr, circuits=(first, *vbr.circuits[1:]), **changes)


@service.action("TerminateVirtualBorderRouter", required=("RegionId", "VbrId"), token="ClientToken")
def terminate_virtual_border_router(call: Call) -> None:
    """Traffic stops; the VLAN stays reserved for seven days."""
    vbr = _for_circuit_owner(call)
    _require_state(vbr, "active")
    call.begin(call.world.change(vbr, terminated=call.now), rules.VBR_TERMINATE)


@service.action("RecoverVirtualBorderRouter", required=("RegionId", "VbrId"), token="ClientToken")
def recover_virtual_border_router(call: Call) -> None:
    vbr = _for_circuit_owner(call)
    _require_state(vbr, "terminated")
    for circuit in vbr.circuits:
        taken = express_checks.vlan_taken(
            call.world, circuit.physical_connection_id, circuit.vlan_id, call.now, but=vbr.id
        )
        if taken:
            raise refusal("OperationFailed.VlanIdAlreadyInUse", f"{circuit.vlan_id} by {taken}")
    call.begin(call.world.change(vbr, terminated=0.0, recovered=call.now), rules.VBR_RECOVER)


@service.action("DeleteVirtualBorderRouter", required=("RegionId", "VbrId"), token="ClientToken")
def delete_virtual_border_router(call: Call) -> None:
    vbr, world = express_checks.need_vbr(call), call.world
    _require_state(vbr, "unconfirmed", "active", "terminated")
    for attachment in _attachments(world, vbr):
        raise refusal("DependencyViolation.CenAttachment", f"{attachment.id} to {attachment.cen_id}")
    for entry in world.find(RouteEntry, table_id=vbr.route_table_id):
        raise refusal("DependencyViolation.RouterInterfaceReferedByRouteEntry", f"{entry.id} {entry.destination}")
    for interface in world.find(RouterInterface, router_id=vbr.id):
        raise refusal("InvalidOperation.RouterInterfaceNotDeleted", interface.id)
    for group in world.find(BgpGroup, vbr_id=vbr.id):
        raise refusal("DependencyViolation.BgpGroup", group.id)
    if len(vbr.circuits) > 1:
        raise refusal("InvalidStatus.NotAllowed", vbr.circuits[1].physical_connection_id)
    call.begin(vbr, rules.VBR_DELETE)


@service.on_end(VirtualBorderRouter, GONE)
def vbr_gone(world: World, vbr: Thing) -> None:
    """Its table, the networks it announced and the grants on it go with it."""
    left: list[Thing] = [
        *world.find(RouteTable, router_id=vbr.id),
        *world.find(BgpNetwork, vbr_id=vbr.id),
        *world.find(CenGrant, instance_id=vbr.id),
    ]
    for thing in left:
        world.remove(thing)


# --- rules ----------------------------------------------------------------------------------------------------


def _replaced(circuit: AssociatedCircuit, **values: Any) -> AssociatedCircuit:
    return AssociatedCircuit(**{**vars(circuit), **values})


def _require_state(vbr: VirtualBorderRouter, *states: str) -> None:
    if vbr.status not in states:
        raise refusal("InvalidOperation.OperationNotAllowedInState", f"{vbr.id} is {vbr.status}")


def _require_room(world: World, circuit: PhysicalConnection, owner: str) -> None:
    if sum(1 for _ in express_checks.vbrs_on(world, circuit.id)) >= rules.VBRS_PER_CIRCUIT:
        raise refusal("QuotaExceeded.vbrPerpConn", f"{rules.VBRS_PER_CIRCUIT} on {circuit.id}")
    idle = [v for v in world.find(VirtualBorderRouter, account=owner) if v.status in ("unconfirmed", "terminated")]
    if len(idle) >= rules.IDLE_VBRS:
        raise refusal("QuotaExceeded.freevbr", f"{len(idle)} are idle, the first is {idle[0].id}")


def _for_circuit_owner(call: Call) -> VirtualBorderRouter:
    """The border router, which may be another account's, when the circuit is the caller's."""
    region, id = checks.region_of(call), call.params.text("VbrId")
    vbr = call.world.get(VirtualBorderRouter, id)
    if vbr is None or vbr.region != region or call.account not in (vbr.account, vbr.physical_connection_owner):
        raise refusal("InvalidVbrId.NotFound", id)
    if vbr.physical_connection_owner != call.account:
        raise refusal(
            "Forbidden.OperationNotAllowedByUser", f"{vbr.id} is on a line of {vbr.physical_connection_owner}"
        )
    return vbr


def _bandwidth(call: Call) -> int:
    """0: not limited below the circuit's."""
    value = call.params.integer("Bandwidth", 0)
    if value and value not in rules.VBR_BANDWIDTHS:
        raise invalid("Bandwidth", str(value))
    return value


def _circuit_code(call: Call, default: str = "") -> str:
    code = call.params.text("CircuitCode", "") if call.params.given("CircuitCode") else default
    if len(code) > 64 or not code.isascii():
        raise refusal("InvalidCircuitCode.Malformed", code[:140])
    return code


def _attachments(world: World, vbr: VirtualBorderRouter) -> list[VbrAttachment | ChildInstance]:
    """What ties the border router to a CEN, in either edition."""
    return [*world.find(VbrAttachment, vbr_id=vbr.id), *world.find(ChildInstance, instance_id=vbr.id)]


# --- answers --------------------------------------------------------------------------------------------------


def _moment(seconds: float) -> str:
    return iso(seconds) if seconds else ""


def _cens(world: World, vbr: VirtualBorderRouter) -> list[dict[str, Any]]:
    moving = ("Attaching", "Detaching")
    return [
        {
            "CenId": tie.cen_id,
            "CenOwnerId": int(tie.account),
            "CenStatus": tie.status if tie.status in moving else "Attached",
        }
        for tie in _attachments(world, vbr)
    ]


def _line_row(world: World, circuit: AssociatedCircuit) -> dict[str, Any]:
    """A circuit as a border router shows it."""
    line = world.get(PhysicalConnection, circuit.physical_connection_id)
    return {
        "PhysicalConnectionId": circuit.physical_connection_id,
        "PhysicalConnectionStatus": line.status if line else "",
        "PhysicalConnectionBusinessStatus": line.business_status if line else "",
        "PhysicalConnectionOwnerUid": line.account if line else "",
        "VlanInterfaceId": circuit.vlan_interface_id,
        "CircuitCode": circuit.circuit_code,
        "LocalGatewayIp": circuit.local_gateway_ip,
        "PeerGatewayIp": circuit.peer_gateway_ip,
        "PeeringSubnetMask": circuit.peering_subnet_mask,
        "EnableIpv6": False,
        "LocalIpv6GatewayIp": "",
        "PeerIpv6GatewayIp": "",
        "PeeringIpv6SubnetMask": "",
    }


def _row(world: World, vbr: VirtualBorderRouter) -> dict[str, Any]:
    line, first = express_checks.circuit_of(world, vbr), vbr.circuits[0]
    extra = [{**_line_row(world, c), "VlanId": str(c.vlan_id), "Status": c.status} for c in vbr.circuits[1:]]
    return {
        **_line_row(world, first),
        "VbrId": vbr.id,
        "Name": vbr.name,
        "Description": vbr.description,
        "Status": vbr.status,
        "Type": "pconnVBR",
        "VlanId": first.vlan_id,
        "RouteTableId": vbr.route_table_id,
        "Bandwidth": vbr.bandwidth,
        "AccessPointId": line.access_point_id if line else "",
        "DetectMultiplier": vbr.detect_multiplier,
        "MinTxInterval": vbr.min_tx_interval,
        "MinRxInterval": vbr.min_rx_interval,
        "Mtu": 0,
        "SitelinkEnable": False,
        "CreationTime": iso(vbr.created),
        "ActivationTime": _moment(vbr.activated),
        "TerminationTime": _moment(vbr.terminated),
        "RecoveryTime": _moment(vbr.recovered),
        "PConnVbrChargeType": "",
        "PConnVbrExpireTime": "",
        "EccId": "",
        "EcrId": "",
        "EcrOwnerId": "",
        "EcrAttatchStatus": "",
        "CloudBoxInstanceId": "",
        "ResourceGroupId": vbr.resource_group_id,
        "AssociatedCens": {"AssociatedCen": _cens(world, vbr)},
        "AssociatedPhysicalConnections": {"AssociatedPhysicalConnection": extra},
        "Tags": {"Tags": express_checks.pairs(vbr)},
    }
