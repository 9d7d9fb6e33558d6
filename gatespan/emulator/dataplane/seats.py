"""Where a data-plane client sits, and what names mean there.

Choice of the embedded cloud: a VPC second-level domain of a bound dedicated instance resolves to the instance's entry
address for every machine of the account whose DNS knows VPC domains (``Machine.resolves``); whether public DNS really
gives the private answer outside the bound VPC is not documented. A machine's own hosts come first.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from gatespan.emulator.models import Machine
from gatespan.emulator.services.cloudapi.models import ApiGroup, GatewayInstance
from gatespan.emulator.services.vpc.models import Vpc, VSwitch
from gatespan.emulator.services.vpc.rules import free_ip, free_ip_count
from gatespan.emulator.world import World

INTERNET = "internet"
"""The seat outside all networks: it reaches the groups' public domains only."""
PUBLIC_ENTRY = "203.0.113.80"
"""What public domains resolve to (an address that documentation may use)."""
INTERNET_IP = "198.51.100.7"


@dataclass(frozen=True)
class Seat:
    """``machine`` is None for the Internet."""

    name: str
    machine: Machine | None = None

    @property
    def ip(self) -> str:
        return self.machine.ip if self.machine else INTERNET_IP


def seat(world: World, name: str) -> Seat | None:
    if name == INTERNET:
        return Seat(name)
    machine = world.first(Machine, name=name) or _guest(world, name)
    return Seat(name, machine) if machine else None


def _guest(world: World, name: str) -> Machine | None:
    """A network's name is a seat too: a machine that could be put into its first vSwitch that has a free address. So
    a VPC that was made a moment ago can be called from before anybody has put a machine there."""
    for vpc in world.find(Vpc, name=name):
        for vswitch in world.find(VSwitch, vpc_id=vpc.id):
            if free_ip_count(world, vswitch):
                return Machine(
                    id=f"(guest of {vpc.id})",
                    account=vpc.account,
                    region=vpc.region,
                    name=name,
                    vpc_id=vpc.id,
                    vswitch_id=vswitch.id,
                    ip=free_ip(world, vswitch),
                )
    return None


def names(world: World) -> list[str]:
    """The seats that exist: machines, networks, the Internet."""
    networks = {v.name for v in world.all(Vpc) if v.name}
    return [*sorted({m.name for m in world.all(Machine)} | networks), INTERNET]


def resolve(world: World, seat: Seat, host: str) -> str | None:
    """The address that the seat's resolver gives for the host (a name or an address), or None."""
    host = host.rstrip(".").lower()
    try:
        return str(ipaddress.IPv4Address(host))
    except ValueError:
        pass
    machine = seat.machine
    if machine is not None:
        own = {name.lower(): address for name, address in machine.hosts.items()}
        if host in own:
            return own[host]
    for group in world.all(ApiGroup):
        if group.sub_domain and group.sub_domain.lower() == host:
            return PUBLIC_ENTRY
        if machine is not None and machine.resolves and group.account == machine.account:
            instance = world.get(GatewayInstance, group.instance_id)
            if group.vpc_domain and group.vpc_domain.lower() == host and instance and instance.entry_ip:
                return instance.entry_ip
    return None


def instance_at(world: World, vpc_id: str, ip: str) -> GatewayInstance | None:
    """The gateway instance whose entry has the address in the VPC."""
    return next((g for g in world.all(GatewayInstance) if g.entry_ip == ip and g.user_vpc_id == vpc_id), None)
