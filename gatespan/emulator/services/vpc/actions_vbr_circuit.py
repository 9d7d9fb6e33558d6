"""Further circuits of a virtual border router, for redundancy: each with a VLAN and an interface of its own."""

from __future__ import annotations

from gatespan.emulator.call import Call
from gatespan.emulator.services.vpc import checks, express_checks
from gatespan.emulator.services.vpc import express_rules as rules
from gatespan.emulator.services.vpc.errors import refusal
from gatespan.emulator.services.vpc.express_checks import Interconnect
from gatespan.emulator.services.vpc.models import AssociatedCircuit
from gatespan.emulator.services.vpc.service import service

ENDS = ("LocalGatewayIp", "PeerGatewayIp", "PeeringSubnetMask")


@service.action(
    "AssociatePhysicalConnectionToVirtualBorderRouter",
    required=("RegionId", "VbrId", "PhysicalConnectionId", "VlanId"),
    token="ClientToken",
)
def associate_physical_connection(call: Call) -> None:
    """At once: a choice of the embedded cloud."""
    vbr, params = express_checks.need_vbr(call), call.params
    circuit = express_checks.need_circuit_instance(call)
    checks.no_ipv6(call, "EnableIpv6", "LocalIpv6GatewayIp", "PeerIpv6GatewayIp", "PeeringIpv6SubnetMask")
    if any(held.physical_connection_id == circuit.id for held in vbr.circuits) or vbr.status != "active":
        raise refusal("PHYSICAL_NOT_ALLOW_ASSOCIATE_VBR", f"{vbr.id} is {vbr.status}")
    if len(vbr.circuits) >= rules.CIRCUITS_PER_VBR:
        raise refusal("EXCEED_ASSOCIATE_MAX_NUM", f"{rules.CIRCUITS_PER_VBR} on {vbr.id}")
    if circuit.status != "Enabled":
        raise refusal("InvalidStatus.StatusNotEnabled", f"{circuit.id} is {circuit.status}")
    absent = [name for name in ENDS if name not in params]
    if absent:
        raise refusal("PARAMETER_MUST_NOT_NULL", ", ".join(absent))
    ends = express_checks.interconnect(call, Interconnect())
    vlan = express_checks.vlan(call)
    express_checks.require_vlan(call, circuit, vlan)
    added = AssociatedCircuit(
        physical_connection_id=circuit.id,
        vlan_id=vlan,
        vlan_interface_id=call.ids.regional("ri", circuit.region),
        circuit_code=params.text("CircuitCode", circuit.circuit_code),
        **vars(ends),
    )
    call.world.change(vbr, circuits=(*vbr.circuits, added))


@service.action(
    "UnassociatePhysicalConnectionFromVirtualBorderRouter",
    required=("RegionId", "VbrId", "PhysicalConnectionId"),
    token="ClientToken",
)
def unassociate_physical_connection(call: Call) -> None:
    """The circuit that the border router was made on cannot leave it."""
    vbr = express_checks.need_vbr(call)
    circuit = express_checks.need_circuit_instance(call)
    held = next((c for c in vbr.circuits[1:] if c.physical_connection_id == circuit.id), None)
    if held is None:
        raise refusal("PHYSICAL_NOT_ASSOCIATE_TO_VBR", f"{circuit.id} of {vbr.id}")
    entry = express_checks.route_to(call.world, held.vlan_interface_id)
    if entry:
        raise refusal("ROUTER_INTERFACE_REFERED_BY_ROUTEENTRY", f"{entry.id} {entry.destination}")
    call.world.change(vbr, circuits=tuple(c for c in vbr.circuits if c is not held))
