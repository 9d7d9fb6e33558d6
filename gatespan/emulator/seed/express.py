"""Data centres of a world file, and the circuits and border routers that lead there."""

from __future__ import annotations

from gatespan.emulator import sites
from gatespan.emulator.models import Site, SiteHost
from gatespan.emulator.seed.format import (
    CIRCUIT_STATES,
    VBR_STATES,
    CircuitEntry,
    HostEntry,
    SeedError,
    SiteEntry,
    VbrEntry,
)
from gatespan.emulator.seed.ground import Ground
from gatespan.emulator.services.vpc import express_rules, lines
from gatespan.emulator.services.vpc.models import PhysicalConnection


def put_site(ground: Ground, entry: SiteEntry) -> None:
    """The place itself, for circuits to lead to; ``furnish_site`` follows when they are there."""
    account = ground.owner(entry.account)
    if not entry.name or ground.world.first(Site, name=entry.name):
        raise SeedError("name: another site has it (or it is empty); a site's name is unique in the world")
    created = ground.kernel.clock.now()
    ground.world.put(Site(id=f"site-{entry.name}", account=account, created=created, name=entry.name))


def furnish_site(ground: Ground, entry: SiteEntry) -> None:
    """Networks, router, firewall and hosts. Raises SiteError."""
    site = ground.only(Site, entry.name)
    given = {name: getattr(entry, name) for name in sites.FIELDS if name != "hosts"}
    hosts = tuple(_host(ground, host) for host in entry.hosts)
    furnished = ground.world.change(site, **given, hosts=hosts)
    sites.check(ground.world, furnished)


def _host(ground: Ground, entry: HostEntry) -> SiteHost:
    folder = str(ground.source(entry.source)) if entry.source else ""
    return SiteHost(entry.name, entry.ip, dict(entry.processes), dict(entry.hosts), folder)


def build_circuit(ground: Ground, entry: CircuitEntry) -> None:
    """From the application to the state that is asked for, by the calls that people make."""
    if entry.state not in CIRCUIT_STATES:
        raise SeedError(f"state: one of {', '.join(CIRCUIT_STATES)}, not {entry.state!r}")
    if entry.part_of:
        _build_part(ground, entry)
        return
    account, region = ground.owner(entry.account), entry.region
    if ground.world.first(Site, name=entry.site) is None:
        raise SeedError(f"site: there is no site {entry.site!r}; add it under sites")
    action, asked = lines.application(
        ground.world,
        region,
        entry.site,
        name=entry.name,
        access_point=entry.access_point,
        bandwidth=entry.bandwidth,
    )
    id = ground.ask("vpc", action, account, region, asked, entry.id)["PhysicalConnectionId"]
    steps = lines.until_enabled(region, id)
    wanted = {"allocated": steps[:0], "confirmed": steps[:-1]}.get(entry.state, steps)
    for action, asked in wanted:
        ground.ask("vpc", action, account, region, asked)
    if entry.state == "terminated":
        asked = {"RegionId": region, "PhysicalConnectionId": id}
        ground.ask("vpc", "TerminatePhysicalConnection", account, region, asked)


def _build_part(ground: Ground, entry: CircuitEntry) -> None:
    """A hosted connection: the partner cuts it off its circuit and pays, the tenant confirms it."""
    whole: PhysicalConnection = ground.only(PhysicalConnection, entry.part_of)
    specs = {mbps: spec for spec, mbps in express_rules.HOSTED_SPECS.items()}
    if entry.bandwidth not in specs:
        raise SeedError(f"bandwidth: a part of a circuit has one of {', '.join(map(str, specs))} Mbit/s")
    if entry.site or entry.state not in ("allocated", "enabled"):
        raise SeedError("a part of a circuit leads where the circuit leads (no site), and is allocated or enabled")
    tenant = ground.owner(entry.account)
    asked = {
        "RegionId": entry.region,
        "PhysicalConnectionId": whole.id,
        "Name": entry.name,
        "Spec": specs[entry.bandwidth],
        "VlanId": str(entry.vlan),
        "VpconnAliUid": tenant,
        "OrderMode": "PayByPhysicalConnectionOwner",
    }
    answer = ground.ask("vpc", "CreateVirtualPhysicalConnection", whole.account, entry.region, asked, entry.id)
    if entry.state == "enabled":
        asked = {"RegionId": entry.region, "PhysicalConnectionId": answer["VirtualPhysicalConnection"]}
        ground.ask("vpc", "ConfirmPhysicalConnection", tenant, entry.region, asked)


def make_vbr(ground: Ground, entry: VbrEntry) -> None:
    """Made by the circuit's account; for another one it is unconfirmed until its owner gives the addresses."""
    if entry.state not in VBR_STATES:
        raise SeedError(f"state: one of {', '.join(VBR_STATES)}, not {entry.state!r}")
    line: PhysicalConnection = ground.only(PhysicalConnection, entry.circuit)
    owner = ground.owner(entry.account or line.account)
    if entry.state == "unconfirmed" and owner == line.account:
        raise SeedError(f"state: only a border router for another account than the circuit's ({owner}) is unconfirmed")
    ends = {"LocalGatewayIp": entry.cloud_ip, "PeerGatewayIp": entry.site_ip, "PeeringSubnetMask": entry.mask}
    given = ends if entry.cloud_ip else {}
    asked = {
        "RegionId": line.region,
        "PhysicalConnectionId": line.id,
        "VlanId": str(entry.vlan),
        "Name": entry.name,
        "VbrOwnerId": owner,
        **given,
    }
    id = ground.ask("vpc", "CreateVirtualBorderRouter", line.account, line.region, asked, entry.id)["VbrId"]
    named = {"RegionId": line.region, "VbrId": id}
    if entry.state != "unconfirmed" and owner != line.account:
        ground.ask("vpc", "ModifyVirtualBorderRouterAttribute", owner, line.region, {**named, **given})
    if entry.state == "terminated":
        ground.ask("vpc", "TerminateVirtualBorderRouter", line.account, line.region, named)
