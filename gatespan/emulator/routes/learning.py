"""What every transit-router table holds: static routes and what is learned from networks and from other routers.

Facts (CEN help pages): a VPC attachment teaches the vSwitch CIDRs of its VPC and the published custom routes of the
System table; a peer attachment with route synchronisation teaches the active routes of the far router's table that
is associated with it; static routes towards a VPC attachment travel over peers.

Choices of the embedded cloud, where the pages are silent: of two VPCs that teach the same CIDR the one attached first
is in force in every table that hears of both, the newcomer is Rejected; of several ways to one VPC the shortest is
Active, then the one over the older peer, the others are Candidates; a static route beats learned ones; black holes and
statics towards another peer stay where they are; a route never returns to a router it has passed.

Since a route only gets worse on its way, taking the candidates in the order of age and length settles every table in
one pass: the result does not depend on the order in which things were made known, and cannot oscillate.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from typing import NamedTuple

from gatespan.emulator.routes.model import TrRoute
from gatespan.emulator.routes.snapshot import Link, Network, Snapshot, Static

PUBLISHABLE = frozenset(
    ("Instance", "HaVip", "NetworkInterface", "VpnGateway", "NatGateway", "Ipv4Gateway", "IPv6Gateway")
)
"""Next hops of a VPC's custom routes that may be published to a CEN by hand (help page on route publication)."""

STATIC = "(static)"


class _Candidate(NamedTuple):
    """A route on its way into a table; compared field by field, so that the order is total. ``age``: the rank of the
    attachment it was first taught by; ``length``: how many peers it has crossed; ``link_rank``: of the last."""

    age: int
    length: int
    link_rank: int
    link_id: str
    table_id: str
    destination: str
    origin_id: str
    route_type: str
    passed: tuple[str, ...]


def taught(snapshot: Snapshot, network: Network, cen_id: str) -> list[tuple[str, str]]:
    """What a VPC's attachment teaches: CIDR and origin type (System, Custom)."""
    by_hand, table = snapshot.by_hand, network.system_table
    system = [s.cidr for s in network.subnets if by_hand.get((cen_id, table, s.cidr), True)]
    custom = [
        c.destination
        for c in network.customs
        if c.table_id == table
        and c.status == "Available"
        and c.next_hop_type in PUBLISHABLE
        and by_hand.get((cen_id, table, c.destination), False)
    ]
    return [(cidr, "System") for cidr in system] + [(cidr, "Custom") for cidr in custom]


def tables(snapshot: Snapshot) -> dict[str, tuple[TrRoute, ...]]:
    """The routes of every transit-router table: statics first, then learned ones in the order of learning."""
    held: dict[str, list[TrRoute]] = {table: [] for table in snapshot.router_of}
    learners: dict[str, list[str]] = defaultdict(list)
    for link_id, table in sorted(snapshot.learning):
        learners[link_id].append(table)
    exports = _exports(snapshot, learners)
    winners: dict[tuple[str, str], str] = {}
    queue = _taught(snapshot, learners)
    for static in snapshot.statics:
        if static.table_id in held:
            link = snapshot.links.get(static.link_id)
            held[static.table_id].append(_static(snapshot, static, link))
            if static.status == "Active":
                winners[(static.table_id, static.destination)] = STATIC
                if link and link.up and link.network_id:
                    start = _start(link, static.table_id, static.destination, "Static")
                    queue += _spread(snapshot, start, exports)

    heapq.heapify(queue)
    seen: set[tuple[str, str, str, str]] = set()
    while queue:
        candidate = heapq.heappop(queue)
        place = (candidate.table_id, candidate.destination)
        key = (*place, candidate.link_id, candidate.origin_id)
        if key in seen:
            continue
        seen.add(key)
        winner = winners.get(place)
        status = "Candidate" if winner == candidate.origin_id else "Rejected"
        if winner is None:
            winners[place], status = candidate.origin_id, "Active"
            for further in _spread(snapshot, candidate, exports):
                heapq.heappush(queue, further)
        held[candidate.table_id].append(_learned(snapshot, candidate, status))
    return {table: tuple(routes) for table, routes in held.items()}


def _taught(snapshot: Snapshot, learners: dict[str, list[str]]) -> list[_Candidate]:
    """What the networks teach the tables that learn from their links."""
    return [
        _start(link, table, cidr, kind)
        for link in snapshot.links.values()
        if link.up and link.network_id in snapshot.networks
        for table in learners[link.id]
        if snapshot.router_of.get(table) == link.router_id
        for cidr, kind in taught(snapshot, snapshot.networks[link.network_id], link.cen_id)
    ]


def _start(link: Link, table: str, destination: str, kind: str) -> _Candidate:
    return _Candidate(link.rank, 0, link.rank, link.id, table, destination, link.network_id, kind, ())


def _exports(snapshot: Snapshot, learners: dict[str, list[str]]) -> dict[str, list[tuple[Link, str]]]:
    """By table: the peers that carry its routes away, each with the table on the far side that learns them."""
    exports: dict[str, list[tuple[Link, str]]] = defaultdict(list)
    for link in snapshot.links.values():
        if not (link.far_router_id and link.up and link.publish):
            continue
        for router in link.routers():
            source = snapshot.associations.get((link.id, router))
            far = link.beyond(router)
            if source:
                exports[source] += [(link, t) for t in learners[link.id] if snapshot.router_of.get(t) == far]
    return exports


def _spread(snapshot: Snapshot, route: _Candidate, exports: dict[str, list[tuple[Link, str]]]) -> list[_Candidate]:
    here = snapshot.router_of[route.table_id]
    passed = (*route.passed, here)
    return [
        _Candidate(
            route.age,
            route.length + 1,
            link.rank,
            link.id,
            table,
            route.destination,
            route.origin_id,
            route.route_type,
            passed,
        )
        for link, table in exports.get(route.table_id, ())
        if link.id != route.link_id and link.beyond(here) not in passed
    ]


def _behind(link: Link, router_id: str) -> tuple[str, str]:
    """The instance behind a link as seen from a router: id and type."""
    return (link.network_id, "VPC") if link.network_id else (link.beyond(router_id), "TR")


def _learned(snapshot: Snapshot, candidate: _Candidate, status: str) -> TrRoute:
    link = snapshot.links[candidate.link_id]
    resource_id, resource_type = _behind(link, snapshot.router_of[candidate.table_id])
    return TrRoute(
        table_id=candidate.table_id,
        destination=candidate.destination,
        type="Propagated",
        status=status,
        next_hop_type="Attachment",
        next_hop_id=link.id,
        resource_id=resource_id,
        resource_type=resource_type,
        origin_id=candidate.origin_id,
        origin_type="VPC",
        origin_route_type=candidate.route_type,
    )


def _static(snapshot: Snapshot, static: Static, link: Link | None) -> TrRoute:
    resource_id, resource_type = _behind(link, snapshot.router_of[static.table_id]) if link else ("", "")
    return TrRoute(
        table_id=static.table_id,
        destination=static.destination,
        type="Static",
        status=static.status,
        next_hop_type="Attachment" if static.link_id else "BlackHole",
        next_hop_id=static.link_id,
        resource_id=resource_id,
        resource_type=resource_type,
        origin_id=resource_id,
        origin_type=resource_type,
        entry_id=static.id,
        origin_route_type="Static" if static.link_id else "BlackHole",
    )
