"""Where a data-plane client sits, what names mean there, and what listens at an address.

Choice of the embedded cloud: a VPC second-level domain of a bound dedicated instance resolves to the instance's entry
address for every machine of the account whose DNS knows VPC domains (``Machine.resolves``, ``Site.resolves``); whether
public DNS really gives the private answer outside the bound VPC is not documented. A machine's own hosts come first.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field

from gatespan.emulator import routes
from gatespan.emulator.dataplane.programs import Program, on_host
from gatespan.emulator.models import Machine, Site, SiteHost
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
    """``origin`` is where its packets start; None: on the Internet. ``account``: whose VPC domains its DNS knows (none
    when empty). ``hosts``: the names that it knows by itself."""

    name: str
    ip: str = INTERNET_IP
    origin: routes.Origin | None = None
    account: str = ""
    hosts: Mapping[str, str] = field(default_factory=dict)


def seat(world: World, name: str) -> Seat | None:
    if name == INTERNET:
        return Seat(name)
    machine = world.first(Machine, name=name)
    if machine is None and (found := _on_site(world, name)):
        site, host = found
        return Seat(name, host.ip, routes.Origin(site.id), site.account if site.resolves else "", host.hosts)
    machine = machine or _guest(world, name)
    if machine is None:
        return None
    origin = routes.Origin(machine.vpc_id, machine.vswitch_id)
    return Seat(name, machine.ip, origin, machine.account if machine.resolves else "", machine.hosts)


def _on_site(world: World, name: str) -> tuple[Site, SiteHost] | None:
    return next(((site, host) for site in world.all(Site) for host in site.hosts if host.name == name), None)


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
    """The seats that exist: machines, hosts of sites, networks, the Internet."""
    found = {m.name for m in world.all(Machine)} | {h.name for site in world.all(Site) for h in site.hosts}
    return [*sorted(found | {v.name for v in world.all(Vpc) if v.name}), INTERNET]


def resolve(world: World, seat: Seat, host: str) -> str | None:
    """The address that the seat's resolver gives for the host (a name or an address), or None."""
    host = host.rstrip(".").lower()
    try:
        return str(ipaddress.IPv4Address(host))
    except ValueError:
        pass
    own = {name.lower(): address for name, address in seat.hosts.items()}
    if host in own:
        return own[host]
    for group in world.all(ApiGroup):
        if group.sub_domain and group.sub_domain.lower() == host:
            return PUBLIC_ENTRY
        if seat.account and group.account == seat.account:
            instance = world.get(GatewayInstance, group.instance_id)
            if group.vpc_domain and group.vpc_domain.lower() == host and instance and instance.entry_ip:
                return instance.entry_ip
    return None


def instance_at(world: World, vpc_id: str, ip: str) -> GatewayInstance | None:
    """The gateway instance whose entry has the address in the VPC."""
    return next((g for g in world.all(GatewayInstance) if g.entry_ip == ip and g.user_vpc_id == vpc_id), None)


def program_at(world: World, walk: routes.Walk, address: str, port: int) -> Program | None:
    """What listens at the address and port where the walk arrived, in a VPC or in a site; None where nothing does."""
    if walk.site_id:
        site = world.get(Site, walk.site_id)
        host = next((h for h in site.hosts if h.ip == address), None) if site else None
        return on_host(walk.site_id, host.name, host.processes, port, host.folder) if host else None
    machine = world.first(Machine, vpc_id=walk.vpc_id, ip=address)
    return on_host(machine.id, machine.name, machine.processes, port, machine.folder) if machine else None
