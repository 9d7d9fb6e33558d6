"""What several Express Connect actions ask: is the object here, is the VLAN free, are the two ends of the
interconnect one subnet, which filters were given."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from gatespan.emulator.call import Call
from gatespan.emulator.services.vpc import checks
from gatespan.emulator.services.vpc import express_rules as rules
from gatespan.emulator.services.vpc.errors import invalid, missing, refusal
from gatespan.emulator.services.vpc.models import (
    AssociatedCircuit,
    PhysicalConnection,
    RouteEntry,
    VirtualBorderRouter,
)
from gatespan.emulator.world import Thing, World

T = TypeVar("T", bound=Thing)
HOSTED = "VirtualPhysicalConnection"


# --- where things are -----------------------------------------------------------------------------------------


def need(call: Call, cls: type[T], parameter: str, code: str, status: int | None = None) -> T:
    """The account's object that the parameter names, in the region asked about."""
    checks.region_of(call)
    thing = checks.here(call, cls, call.params.text(parameter))
    if thing is None:
        raise refusal(code, call.params.text(parameter), status)
    return thing


def need_circuit(call: Call, parameter: str = "PhysicalConnectionId") -> PhysicalConnection:
    return need(call, PhysicalConnection, parameter, "InvalidPhysicalConnectionId.NotFound")


def need_circuit_instance(call: Call) -> PhysicalConnection:
    """As the actions that join circuits and border routers word it."""
    return need(call, PhysicalConnection, "PhysicalConnectionId", "InvalidInstanceId.NotFound")


def need_vbr(call: Call, status: int | None = None) -> VirtualBorderRouter:
    return need(call, VirtualBorderRouter, "VbrId", "InvalidVbrId.NotFound", status)


def circuit_of(world: World, vbr: VirtualBorderRouter) -> PhysicalConnection | None:
    """The circuit that the border router was made on."""
    return world.get(PhysicalConnection, vbr.circuits[0].physical_connection_id)


def vbrs_on(world: World, circuit_id: str) -> Iterator[tuple[VirtualBorderRouter, AssociatedCircuit]]:
    """Every border router that uses the circuit, and how."""
    for vbr in world.all(VirtualBorderRouter):
        for circuit in vbr.circuits:
            if circuit.physical_connection_id == circuit_id:
                yield vbr, circuit


def leaving(thing: Thing) -> bool:
    """Whether the object is on its way to another state than the one it shows."""
    return thing.pending is not None and thing.pending.to != thing.status


def hosted_on(world: World, circuit_id: str) -> list[PhysicalConnection]:
    """The hosted connections cut from the circuit that are not given back."""
    return [c for c in world.find(PhysicalConnection, parent_id=circuit_id) if c.status != "Terminated"]


def route_to(world: World, interface_id: str) -> RouteEntry | None:
    """A route that points at a router interface or at the VLAN interface of a border router."""
    return world.first(RouteEntry, next_hop_type="RouterInterface", next_hop_id=interface_id)


# --- VLANs and the interconnect -------------------------------------------------------------------------------


def vlan(call: Call) -> int:
    value = call.params.text("VlanId")
    if not value.isdigit() or int(value) > rules.LAST_VLAN:
        raise refusal("InvalidVlanId.Malformed", value)
    return int(value)


def vlan_taken(world: World, circuit_id: str, number: int, now: float, but: str = "") -> str:
    """What stands in the way of the VLAN on the circuit: the id of a border router or hosted connection, or nothing.

    0 is the whole port. ``but``: a border router that is not asked.
    """
    for vbr, circuit in vbrs_on(world, circuit_id):
        kept = not vbr.terminated or now - vbr.terminated <= rules.VLAN_KEPT_SECONDS
        if vbr.id != but and kept and (number == circuit.vlan_id or 0 in (number, circuit.vlan_id)):
            return vbr.id
    slices = hosted_on(world, circuit_id)
    return next((slice.id for slice in slices if str(number) == slice.vlan_id or number == 0), "")


def require_vlan(call: Call, circuit: PhysicalConnection, number: int, but: str = "") -> None:
    """The VLAN is free on the circuit; on a hosted connection it is the one that the partner gave."""
    if circuit.product_type == HOSTED and str(number) != circuit.vlan_id:
        raise refusal("InvalidVlanId.Malformed", f"{circuit.id} has the VLAN {circuit.vlan_id}")
    taken = vlan_taken(call.world, circuit.id, number, call.now, but)
    if taken:
        raise refusal("InvalidVlanId.Used", f"{number} by {taken}")


@dataclass(frozen=True)
class Interconnect:
    local_gateway_ip: str = ""
    peer_gateway_ip: str = ""
    peering_subnet_mask: str = ""


def interconnect(call: Call, held: Interconnect, local_code: str = "InvalidIp.Malformed") -> Interconnect:
    """The two ends and their mask: those of the call, else those held. Empty when none is known."""
    local = call.params.text("LocalGatewayIp", held.local_gateway_ip)
    peer = call.params.text("PeerGatewayIp", held.peer_gateway_ip)
    mask = call.params.text("PeeringSubnetMask", held.peering_subnet_mask)
    given = {"LocalGatewayIp": local, "PeerGatewayIp": peer, "PeeringSubnetMask": mask}
    if not any(given.values()):
        return held
    for name, value in given.items():
        if not value:
            raise missing(name)
    for value, code in ((local, local_code), (peer, "InvalidIp.Malformed")):
        if rules.address(value) is None:
            raise refusal(code, value)
    length = rules.mask_length(mask)
    if length is None:
        raise refusal("InvalidPeeringSubnetMask.Malformed", mask)
    subnet = ipaddress.IPv4Network(f"{local}/{length}", strict=False)
    if local == peer or ipaddress.IPv4Address(peer) not in subnet:
        raise refusal("InvalidIp.NotSameSubnet", f"{local} and {peer} with {mask}")
    return Interconnect(local, peer, mask)


# --- texts, filters, tags -------------------------------------------------------------------------------------


def label(call: Call, name: str, most: int, code: str) -> str:
    """A name or description of 2 to ``most`` characters that begins with a letter; empty when absent."""
    value = call.params.text(name, "")
    if value and (not 2 <= len(value) <= most or not value[0].isalpha() or value.startswith(("http://", "https://"))):
        raise refusal(code, value[:140])
    return value


def labels(
    call: Call, name: str = "InvalidName.Malformed", description: str = "InvalidDescription.Malformed"
) -> dict[str, Any]:
    """``Name`` and ``Description``, those that were given, as fields of a model."""
    fields: dict[str, Any] = {}
    if call.params.given("Name"):
        fields["name"] = label(call, "Name", 128, name)
    if call.params.given("Description"):
        fields["description"] = label(call, "Description", 256, description)
    return fields


def filters(call: Call, known: tuple[str, ...]) -> Mapping[str, set[str]]:
    """The filters of the call. Any other key is refused; at most five."""
    given = call.params.filters()
    if len(call.params.structs("Filter")) > 5:
        raise invalid("Filter", f"{len(call.params.structs('Filter'))} filters")
    for key in given:
        if key not in known:
            raise refusal("InvalidFilterKey.ValueNotSupported", key)
    return given


def passing(row: Mapping[str, Any], given: Mapping[str, set[str]], names: Mapping[str, str] | None = None) -> bool:
    """Whether a row of an answer has one of the values of every filter; ``names``: keys that the row spells else."""
    return all(str(row[(names or {}).get(key, key)]) in values for key, values in given.items())


def pairs(thing: Thing) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in thing.tags.items()]
