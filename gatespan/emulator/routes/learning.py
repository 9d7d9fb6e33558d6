"""What every transit-router table holds: static routes and what is learned from networks and from other routers.

Facts (CEN help pages): a VPC attachment teaches the vSwitch CIDRs of its VPC and the published custom routes of the
System table; a border router's attachment its routes towards the circuit, stored or heard over BGP; a peer attachment
with route synchronisation the active routes of the far router's table that is associated with it; static routes
towards a VPC attachment travel over peers. Of several border routers for one CIDR, BGP beats static and the own region
another; equals of one region are used together, the others are Standby.

Choices of the embedded cloud, where the pages are silent: of two VPCs that teach the same CIDR the one attached first
is in force in every table that hears of both, the newcomer is Rejected; a VPC's CIDR beats the same one of a border
router; of several ways to one instance the shortest is Active, then the one over the older peer, the others are
Candidates; a static route beats learned ones; black holes, statics towards another peer and the Basic edition's routes
to cloud services stay where they are; a route never returns to a router it has passed; a circuit whose health check
fails teaches nothing.

Since a route only gets worse on its way, taking the candidates in the order of age and length settles every table in
one pass: the result does not depend on the order in which things were made known, and cannot oscillate.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from typing import NamedTuple

from gatespan.emulator.routes.model import TrRoute
from gatespan.emulator.routes.policies import Heard, permitted
from gatespan.emulator.routes.snapshot import Border, Link, Network, Snapshot, Static

PUBLISHABLE = frozenset(
    ("Instance", "HaVip", "NetworkInterface", "VpnGateway", "NatGateway", "Ipv4Gateway", "IPv6Gateway")
)
"""Next hops of a VPC's custom routes that may be published to a CEN by hand (help page on route publication)."""

PRIVATE = 1 << 30
"""Later than every attachment: what a border router teaches gives way to a VPC."""


class _Candidate(NamedTuple):
    """A route on its way into a table; compared field by field, so that the order is total. ``age``: the rank of the
    VPC attachment it was first taught by (``PRIVATE`` of a border router), ``grade`` 1 for a border router's stored
    route; ``length``: how many peers it has crossed; ``link_rank``: of the last."""

    age: int
    grade: int
    length: int
    link_rank: int
    link_id: str
    table_id: str
    destination: str
    origin_id: str
    origin_kind: str
    route_type: str
    passed: tuple[str, ...]


class _Winner(NamedTuple):
    """What is in force for a CIDR of a table. ``origin_id`` is empty for a static route."""

    origin_id: str = ""
    age: int = -1
    grade: int = 0
    length: int = 0


def taught_by_border(snapshot: Snapshot, border: Border, cen_id: str) -> list[tuple[str, str]]:
    """What a border router's attachment teaches: CIDR and origin type (Custom, BGP). Published unless withdrawn."""
    lines = {line.id: line for line in border.lines if line.up and line.alive}
    stored = [(c.destination, "Custom") for c in border.customs if c.status == "Available" and c.next_hop_id in lines]
    heard = [(cidr, "BGP") for line in lines.values() if line.session for cidr in line.heard]
    own = {cidr for cidr, _ in stored}
    routes = stored + list(dict.fromkeys(entry for entry in heard if entry[0] not in own))
    return [r for r in routes if border.up and snapshot.by_hand.get((cen_id, border.table_id, r[0]), True)]


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
    winners: dict[tuple[str, str], _Winner] = {}
    queue = _taught(snapshot, learners)
    for static in snapshot.statics:
        if static.table_id in held:
            link = snapshot.links.get(static.link_id)
            held[static.table_id].append(_static(snapshot, static, link))
            if static.status == "Active":
                winners[(static.table_id, static.destination)] = _Winner()
                if link and link.up and link.network_id and not static.service:
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
        status = _status(snapshot, candidate, winners.get(place))
        if place not in winners and status == "Active":
            winners[place] = _Winner(candidate.origin_id, candidate.age, candidate.grade, candidate.length)
            for further in _spread(snapshot, candidate, exports):
                heapq.heappush(queue, further)
        held[candidate.table_id].append(_learned(snapshot, candidate, status))
    return {table: tuple(routes) for table, routes in held.items()}


def _status(snapshot: Snapshot, candidate: _Candidate, winner: _Winner | None) -> str:
    """Active, or what becomes of it beside the one that is in force."""
    if not _learnable(snapshot, candidate):
        return "Prohibited"
    if winner is None:
        return "Active"
    if winner.origin_id == candidate.origin_id:
        return "Candidate"
    if winner.age != PRIVATE or candidate.age != PRIVATE:
        return "Rejected"
    local = candidate.length == winner.length == 0
    return "Active" if local and candidate.grade == winner.grade else "Standby"


def _learnable(snapshot: Snapshot, candidate: _Candidate) -> bool:
    """Whether the policies of the table let it in."""
    policies = snapshot.policies.get(candidate.table_id, ())
    heard = Heard(candidate.destination, candidate.route_type, candidate.origin_id, candidate.origin_kind)
    return permitted(policies, "RegionIn", heard)


def _taught(snapshot: Snapshot, learners: dict[str, list[str]]) -> list[_Candidate]:
    """What networks and border routers teach the tables that learn from their links."""
    return [
        _start(link, table, cidr, kind)
        for link in snapshot.links.values()
        if link.up and link.end_id
        for table in learners[link.id]
        if snapshot.router_of.get(table) == link.router_id
        for cidr, kind in _of_end(snapshot, link)
    ]


def _of_end(snapshot: Snapshot, link: Link) -> list[tuple[str, str]]:
    if link.network_id in snapshot.networks:
        return taught(snapshot, snapshot.networks[link.network_id], link.cen_id)
    if link.border_id in snapshot.borders:
        return taught_by_border(snapshot, snapshot.borders[link.border_id], link.cen_id)
    return []


def _start(link: Link, table: str, destination: str, kind: str) -> _Candidate:
    age, grade = (link.rank, 0) if link.network_id else (PRIVATE, int(kind != "BGP"))
    return _Candidate(age, grade, 0, link.rank, link.id, table, destination, link.end_id, link.kind, kind, ())


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
            route.grade,
            route.length + 1,
            link.rank,
            link.id,
            table,
            route.destination,
            route.origin_id,
            route.origin_kind,
            route.route_type,
            passed,
        )
        for link, table in exports.get(route.table_id, ())
        if link.id != route.link_id and link.beyond(here) not in passed and _tellable(snapshot, route, link, here)
    ]


def _tellable(snapshot: Snapshot, route: _Candidate, link: Link, here: str) -> bool:
    """Whether the policies of the table let the route out to the far router."""
    heard = Heard(route.destination, route.route_type, route.origin_id, route.origin_kind, link.beyond(here), "TR")
    return permitted(snapshot.policies.get(route.table_id, ()), "RegionOut", heard)


def _behind(link: Link, router_id: str) -> tuple[str, str]:
    """The instance behind a link as seen from a router: id and type."""
    return (link.end_id or link.beyond(router_id), link.kind)


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
        origin_type=candidate.origin_kind,
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
