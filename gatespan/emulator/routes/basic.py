"""The Basic edition as links and tables of the route engine.

Facts (CEN help pages): what is attached to a Basic router is associated with its one table, teaches it and is taught by
it without being asked; Basic routers of one CEN are joined with each other, at 1 kbit/s until a limit is set; a route
service leads border routers of its region to a cloud service through a VPC.
"""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

from gatespan.emulator.routes.snapshot import Link, Static
from gatespan.emulator.services.cbn import rules
from gatespan.emulator.services.cbn.models import ChildInstance, RouteService, TransitRouter, TransitRouterRouteTable
from gatespan.emulator.world import World


class Ties(NamedTuple):
    """What the Basic edition adds to a snapshot; see there."""

    links: dict[str, Link]
    associations: dict[tuple[str, str], str]
    learning: frozenset[tuple[str, str]]
    statics: tuple[Static, ...]


def ties(world: World, rank: int) -> Ties:
    """All of it. ``rank``: of the oldest link; the Enterprise edition's come before."""
    routers = [r for r in world.all(TransitRouter) if r.type == "Basic"]
    table_of = {t.transit_router_id: t.id for t in world.all(TransitRouterRouteTable) if routers}
    routers = [r for r in routers if r.id in table_of]
    at = {(r.cen_id, r.region): r for r in routers}
    links: dict[str, Link] = {}
    for child in world.all(ChildInstance):
        router = at.get((child.cen_id, child.region))
        if router:
            links[child.id] = Link(
                id=child.id,
                rank=rank + len(links),
                cen_id=child.cen_id,
                router_id=router.id,
                network_id=child.instance_id if child.type == "VPC" else "",
                border_id=child.instance_id if child.type == "VBR" else "",
                publish=True,
                up=child.status == "Attached",
                status=child.status,
                basic=True,
            )
    for one, other in combinations(routers, 2):
        if one.cen_id == other.cen_id:
            id = rules.limit_id(one.cen_id, one.region, other.region)
            links[id] = Link(
                id=id,
                rank=rank + len(links),
                cen_id=one.cen_id,
                router_id=one.id,
                far_router_id=other.id,
                publish=True,
                bandwidth=rules.basic_kbits(world, one.cen_id, one.region, other.region) / 1000,
                basic=True,
            )
    pairs = [(link.id, router) for link in links.values() for router in link.routers()]
    return Ties(
        links=links,
        associations={(link, router): table_of[router] for link, router in pairs},
        learning=frozenset((link, table_of[router]) for link, router in pairs),
        statics=tuple(_services(world, at, table_of)),
    )


def _services(world: World, at: dict[tuple[str, str], TransitRouter], table_of: dict[str, str]) -> list[Static]:
    found = []
    for route in world.all(RouteService):
        router = at.get((route.cen_id, route.access_region))
        if router and route.status == "Active":
            host = route.host if "/" in route.host else f"{route.host}/32"
            via = f"{route.cen_id}:{route.host_vpc_id}"
            found.append(Static(route.id, table_of[router.id], host, via, service=True))
    return found
