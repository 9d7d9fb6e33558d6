"""Whether a gateway instance gets a connection to a back end inside a network, and which way it takes.

A conventional instance sends from the first usable address of its egress block (choice), out of the vSwitch that it is
bound to; one with VPC integration from its interface in the vSwitch. Choices where the help pages are silent: what is
sent is looked up in that vSwitch's route table; an instance reaches back ends only by way of the VPC it is bound to.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any

from gatespan.emulator import routes
from gatespan.emulator.dataplane.programs import Program
from gatespan.emulator.dataplane.seats import program_at
from gatespan.emulator.services.cloudapi.instances import BACKEND_SIDE
from gatespan.emulator.services.cloudapi.models import GatewayInstance
from gatespan.emulator.services.vpc.models import NetworkInterface, VSwitch
from gatespan.emulator.world import World

NOTHING_LISTENS = "nothing listens there"
NOWHERE = routes.Walk(False, "not_tried", ())


class NotBoundError(Exception):
    """The instance has no way into the VPC; the text says why."""


@dataclass(frozen=True)
class Way:
    """There and back between a source and an address, and what listens there. ``lost``: why packets are lost, empty
    when both directions arrive."""

    there: routes.Walk
    back: routes.Walk
    program: Program | None = None

    @property
    def lost(self) -> str:
        if not self.there.arrived:
            return self.there.reason
        return "" if self.back.arrived else f"return: {self.back.reason}"

    def told(self) -> dict[str, Any]:
        """For the log."""
        return {"there": _told(self.there), "back": _told(self.back)}


def way(world: World, origin: routes.Origin, source: str, address: str, port: int) -> Way:
    """The way from a source to an address and port, and back."""
    there, back = routes.trip(world, origin, source, address, port)
    return Way(there, back, program_at(world, there, address, port) if there.arrived else None)


def way_from_gateway(world: World, instance: GatewayInstance, vpc_id: str, address: str, port: int) -> Way:
    """The way of the instance to a back end behind the VPC, and back. Raises NotBoundError."""
    bound = instance.connect_vpc_id if instance.type == "vpc_connect" else instance.user_vpc_id
    if not bound or bound != vpc_id:
        raise NotBoundError(f"gateway.not_bound: {instance.id} is bound to {bound or 'no VPC'}, not to {vpc_id}")
    if instance.type != "vpc_connect":
        if not instance.vpc_egress:
            raise NotBoundError(f"gateway.no_egress: {instance.id} has no egress block")
        source = str(ipaddress.ip_network(instance.vpc_egress)[1])
        return way(world, routes.Origin(bound, instance.user_vswitch_id), source, address, port)
    if not reaches(instance, address):
        return Way(routes.Walk(False, f"gateway.not_connected: no connected block of it holds {address}", ()), NOWHERE)
    for interface in world.find(NetworkInterface, owner_kind=BACKEND_SIDE, owner_id=instance.id):
        if world.get(VSwitch, interface.vswitch_id):
            return way(world, routes.Origin(bound, interface.vswitch_id), interface.ip, address, port)
    raise NotBoundError(f"gateway.no_interface: {instance.id} has no interface in {bound}")


def reaches(instance: GatewayInstance, address: str) -> bool:
    """Whether the address lies in a block that the VPC-integration instance is connected to."""
    return any(ipaddress.ip_address(address) in ipaddress.ip_network(cidr) for cidr in instance.connect_cidrs)


def from_gateway(world: World, instance: GatewayInstance, vpc_id: str, address: str, port: int) -> tuple[bool, str]:
    """Whether the instance gets a TCP connection to the address and port behind the VPC, and why not."""
    try:
        found = way_from_gateway(world, instance, vpc_id, address, port)
    except NotBoundError as error:
        return False, str(error)
    reason = found.lost or ("" if found.program else NOTHING_LISTENS)
    return not reason, reason


def _told(walk: routes.Walk) -> dict[str, Any]:
    hops = [f"{hop.kind} {hop.id}: {hop.detail}" for hop in walk.hops]
    return {"arrived": walk.arrived, "reason": walk.reason, "links": list(walk.links), "hops": hops}
