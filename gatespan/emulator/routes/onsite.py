"""Takes border routers, their circuits and the sites behind them out of the world, for the route engine's snapshot.

Choices of the embedded cloud: a health check comes through while the circuit carries, the site's router answers, and
it knows the way back to the probe's source over that circuit, by a static route or because BGP is up there. Where it
fails the circuit counts as dead, unless it was made to report only.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from gatespan.emulator.models import Site
from gatespan.emulator.routes.prefixes import covers
from gatespan.emulator.routes.snapshot import Border, Custom, Egress, Line, Onsite, Uplink
from gatespan.emulator.services.cbn.models import VbrHealthCheck
from gatespan.emulator.services.cloudapi.models import GatewayInstance
from gatespan.emulator.services.vpc import bgp
from gatespan.emulator.services.vpc.models import (
    AssociatedCircuit,
    BgpNetwork,
    BgpPeer,
    PhysicalConnection,
    RouteEntry,
    RouterInterface,
    VirtualBorderRouter,
)
from gatespan.emulator.world import World


def sites(world: World) -> dict[str, Onsite]:
    """All sites by id."""
    return {
        site.id: Onsite(
            id=site.id,
            name=site.name,
            prefixes=tuple(site.prefixes),
            routes=tuple((r.destination, r.via) for r in site.routes),
            firewall=tuple((r.source, r.destination, r.port) for r in site.firewall),
            hosts={host.ip: host.name for host in site.hosts},
        )
        for site in world.all(Site)
    }


def borders(world: World) -> dict[str, Border]:
    """All border routers by id."""
    entries: dict[str, list[RouteEntry]] = defaultdict(list)
    vbrs = list(world.all(VirtualBorderRouter))
    tables = {vbr.route_table_id for vbr in vbrs}
    for entry in world.all(RouteEntry) if vbrs else ():
        if entry.table_id in tables:
            entries[entry.table_id].append(entry)
    return {
        vbr.id: Border(
            id=vbr.id,
            table_id=vbr.route_table_id,
            lines=tuple(_line(world, vbr, circuit) for circuit in vbr.circuits),
            customs=tuple(
                Custom(e.id, e.table_id, e.destination, e.next_hop_type, e.next_hop_id, e.status or "Available")
                for e in entries[vbr.route_table_id]
            ),
            announced=tuple(n.cidr for n in world.find(BgpNetwork, vbr_id=vbr.id) if n.status == "Available"),
            up=vbr.status == "active",
        )
        for vbr in vbrs
    }


def _line(world: World, vbr: VirtualBorderRouter, circuit: AssociatedCircuit) -> Line:
    connection = world.get(PhysicalConnection, circuit.physical_connection_id)
    site = _site(world, connection)
    up = connection is not None and connection.status == "Enabled" and circuit.status == "Associated"
    peers = [
        peer
        for peer in world.find(BgpPeer, vbr_id=vbr.id, peer_ip=circuit.peer_gateway_ip)
        if bgp.session(world, peer) == bgp.ESTABLISHED
    ]
    line = Line(
        id=circuit.vlan_interface_id,
        circuit_id=circuit.physical_connection_id,
        names=frozenset((connection.id, connection.name)) if connection else frozenset(),
        site_id=site.id if site else "",
        cloud_ip=circuit.local_gateway_ip,
        site_ip=circuit.peer_gateway_ip,
        up=up,
        session=bool(peers),
        heard=tuple(site.announces) if site and peers else (),
    )
    checks = [c for c in world.find(VbrHealthCheck, vbr_id=vbr.id) if c.target_ip == line.site_ip and not c.only]
    return replace(line, alive=all(probed(site, line, check.source_ip) for check in checks if check.source_ip))


def _site(world: World, connection: PhysicalConnection | None) -> Site | None:
    """What is at the far end: of a hosted connection that of the circuit it is a slice of."""
    if connection is None:
        return None
    parent = world.get(PhysicalConnection, connection.parent_id)
    name = connection.site or (parent.site if parent else "")
    return world.first(Site, name=name) if name else None


def probed(site: Site | None, line: Line, source_ip: str) -> bool:
    """Whether a health check's probes from that address come back over the line."""
    if site is None or not line.up or not site.answers_health_checks:
        return False
    return line.session or any(r.via in line.names and covers(r.destination, source_ip) for r in site.routes)


def uplinks(world: World, found: dict[str, Border]) -> dict[str, Uplink]:
    """All router interfaces by id. A pair carries while both ends are Active and its health check comes through."""
    made = {}
    for interface in world.all(RouterInterface):
        opposite = world.get(RouterInterface, interface.opposite_interface_id)
        connected = opposite is not None and opposite.status == interface.status == "Active"
        made[interface.id] = Uplink(
            id=interface.id,
            owner_id=_owner(interface),
            far_id=_owner(opposite) if opposite else "",
            up=connected and all(probes(world, found, end) for end in (interface, opposite) if end),
        )
    return made


def _owner(interface: RouterInterface) -> str:
    """The network or border router that it is of."""
    return interface.router_id if interface.router_type == "VBR" else interface.vpc_id


def probes(world: World, found: dict[str, Border], interface: RouterInterface) -> bool:
    """Whether the health check of the interface, if it has one, comes through."""
    target, source = interface.health_check_target_ip, interface.health_check_source_ip
    if not target:
        return True
    lines = [line for border in found.values() for line in border.lines if line.site_ip == target]
    return any(probed(world.get(Site, line.site_id), line, source) for line in lines)


def egress(world: World) -> tuple[Egress, ...]:
    """The blocks from which bound conventional instances open connections."""
    return tuple(
        Egress(instance.user_vpc_id, block, instance.id)
        for instance in world.all(GatewayInstance)
        for block in (instance.vpc_egress, instance.new_vpc_egress)
        if instance.user_vpc_id and block
    )
