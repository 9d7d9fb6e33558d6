"""The route engine of the embedded cloud, asked about the world. Reachability is computed here, never asserted.

``reading`` (with ``onsite`` and ``basic``) takes a snapshot out of the world, ``learning`` fills the transit-router
tables, ``tables`` those of VPCs and border routers, ``walking`` sends packets through them. Everything is worked out at
most once per state of the world.
"""

from __future__ import annotations

from gatespan.emulator.routes.engine import Engine
from gatespan.emulator.routes.learning import PUBLISHABLE
from gatespan.emulator.routes.model import Conflict, Hop, Origin, TrRoute, VpcRoute, Walk
from gatespan.emulator.routes.reading import snapshot
from gatespan.emulator.services.vpc.models import RouteTable, Vpc
from gatespan.emulator.world import World

__all__ = [
    "PUBLISHABLE",
    "Conflict",
    "Hop",
    "Origin",
    "TrRoute",
    "VpcRoute",
    "Walk",
    "conflicts",
    "engine",
    "line_alive",
    "published",
    "round_trip",
    "tr_table",
    "trip",
    "vpc_table",
    "walk",
]


def engine(world: World) -> Engine:
    """The engine over the world as it is now."""
    made: Engine = world.derived("routes.engine", lambda w: Engine(snapshot(w)))
    return made


def vpc_table(world: World, table_id: str) -> tuple[VpcRoute, ...]:
    """All routes of a VPC's or border router's table: System, Custom, BGP, CEN. Empty for a table that is not there."""
    table = world.get(RouteTable, table_id)
    here = engine(world)
    if table and table.router_type == "VBR":
        border = here.snapshot.borders.get(table.router_id)
        return here.border_table(border) if border else ()
    vpc = world.get(Vpc, table.vpc_id) if table else None
    if vpc is None:
        return ()
    return here.vpc_table(here.snapshot.networks[vpc.id], table_id)


def tr_table(world: World, table_id: str) -> tuple[TrRoute, ...]:
    """All routes of a transit-router table, static and learned, those that lost a conflict included."""
    return engine(world).tr_tables.get(table_id, ())


def published(world: World, cen_id: str, route: VpcRoute) -> bool:
    """Whether the VPC route is published to that CEN: vSwitch routes are unless withdrawn, others once published."""
    by_default = route.type == "System" and route.next_hop_type == "local"
    if not by_default and not (route.type == "Custom" and route.next_hop_type in PUBLISHABLE):
        return False
    return engine(world).snapshot.by_hand.get((cen_id, route.table_id, route.destination), by_default)


def trip(world: World, origin: Origin, source_ip: str, destination_ip: str, port: int = 0) -> tuple[Walk, Walk]:
    """There and back. The second is ``not_tried`` when the first does not arrive. ``port``: for firewalls; 0: any."""
    return engine(world).trip(origin, source_ip, destination_ip, port)


def walk(world: World, source_vpc_id: str, source_vswitch_id: str, source_ip: str, destination_ip: str) -> Walk:
    """The way of a packet, one direction. ``reason`` is a stable word such as ``tr.no_route``."""
    return engine(world).walk(Origin(source_vpc_id, source_vswitch_id), source_ip, destination_ip)


def round_trip(
    world: World, source_vpc_id: str, source_vswitch_id: str, source_ip: str, destination_ip: str
) -> tuple[Walk, Walk]:
    """There and back from a vSwitch."""
    return trip(world, Origin(source_vpc_id, source_vswitch_id), source_ip, destination_ip)


def line_alive(world: World, interface_id: str) -> bool:
    """Whether the health check of the circuit behind the border router's VLAN interface comes through."""
    borders = engine(world).snapshot.borders.values()
    return any(line.alive and line.up for b in borders for line in b.lines if line.id == interface_id)


def conflicts(world: World, cen_id: str) -> tuple[Conflict, ...]:
    """The routes of the CEN that lost against an equal CIDR."""
    return engine(world).conflicts(cen_id)
