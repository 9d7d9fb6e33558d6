"""The route engine of the embedded cloud, asked about the world. Reachability is computed here, never asserted.

``reading`` takes a snapshot out of the world, ``learning`` fills the transit-router tables, ``engine`` the VPC tables
and walks packets through them. Everything is worked out at most once per state of the world.
"""

from __future__ import annotations

from gatespan.emulator.routes.engine import Engine
from gatespan.emulator.routes.learning import PUBLISHABLE
from gatespan.emulator.routes.model import Conflict, Hop, TrRoute, VpcRoute, Walk
from gatespan.emulator.routes.reading import snapshot
from gatespan.emulator.services.vpc.models import RouteTable, Vpc
from gatespan.emulator.world import World

__all__ = [
    "PUBLISHABLE",
    "Conflict",
    "Hop",
    "TrRoute",
    "VpcRoute",
    "Walk",
    "conflicts",
    "engine",
    "published",
    "round_trip",
    "tr_table",
    "vpc_table",
    "walk",
]


def engine(world: World) -> Engine:
    """The engine over the world as it is now."""
    made: Engine = world.derived("routes.engine", lambda w: Engine(snapshot(w)))
    return made


def vpc_table(world: World, table_id: str) -> tuple[VpcRoute, ...]:
    """All routes of a VPC table: System, Custom, CEN. Empty for a table that is not there."""
    table = world.get(RouteTable, table_id)
    vpc = world.get(Vpc, table.vpc_id) if table else None
    if vpc is None:
        return ()
    here = engine(world)
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


def walk(world: World, source_vpc_id: str, source_vswitch_id: str, source_ip: str, destination_ip: str) -> Walk:
    """The way of a packet, one direction. ``reason`` is a stable word such as ``tr.no_route``."""
    return engine(world).walk(source_vpc_id, source_vswitch_id, source_ip, destination_ip)


def round_trip(
    world: World, source_vpc_id: str, source_vswitch_id: str, source_ip: str, destination_ip: str
) -> tuple[Walk, Walk]:
    """There and back. The second is ``not_tried`` when the first does not arrive."""
    return engine(world).round_trip(source_vpc_id, source_vswitch_id, source_ip, destination_ip)


def conflicts(world: World, cen_id: str) -> tuple[Conflict, ...]:
    """The routes of the CEN that lost against an equal CIDR."""
    return engine(world).conflicts(cen_id)
