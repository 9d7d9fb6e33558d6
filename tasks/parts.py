"""What there is one task run for: a network, an API, a pair of regions, with the engine's resources that belong to it.

A part is plain data. ``Parts`` sorts all resources of a topology into them by the words of the procedure; none is
left out and none is in two.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gatespan.planning import Graph


@dataclass(frozen=True)
class Part:
    """``label`` says what it is, ``name`` only which one: ``VPC attachment vpc-3 (cn-beijing)`` and ``vpc-3
    (cn-beijing)``. ``keys``: its resources in building order; ``needs`` and ``users``: all resources that it rests on
    and that rest on it, near and far. ``made``: False where all of it must be there before, so nothing is removed."""

    name: str
    label: str
    keys: tuple[str, ...]
    needs: frozenset[str] = frozenset()
    users: frozenset[str] = frozenset()
    made: bool = True

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Parts:
    """The parts of a topology, in the order of the procedure."""

    gateway: tuple[Part, ...]
    functions: tuple[Part, ...]
    apps: tuple[Part, ...]
    groups: tuple[Part, ...]
    apis: tuple[Part, ...]
    cen: tuple[Part, ...]
    routers: tuple[Part, ...]
    vpcs: tuple[Part, ...]
    attachments: tuple[Part, ...]
    routes: tuple[Part, ...]
    plans: tuple[Part, ...]
    connections: tuple[Part, ...]
    connection_routes: tuple[Part, ...]
    bindings: tuple[Part, ...]
    domains: tuple[Part, ...]

    def __iter__(self) -> Iterator[Part]:
        for f in fields(self):
            yield from getattr(self, f.name)


ROUTING = ("association", "propagation", "route_sync", "vpc_routes")


def parts_of(graph: Graph) -> Parts:
    """Raises ValueError when a kind of resource belongs to no part: then this module is behind the engine."""
    sort = _Sorting(graph)
    parts = Parts(
        gateway=sort.each("gateway"),
        functions=sort.each("function", "trigger"),
        apps=sort.each("app"),
        groups=sort.each("group"),
        apis=sort.each("api", "deployment", "authorization"),
        cen=sort.each("cen", "transit_router_service"),
        routers=sort.each("transit_router"),
        vpcs=sort.each("vpc", "vswitch"),
        attachments=sort.each("vpc_attachment"),
        routes=sort.around("vpc_attachment", *ROUTING),
        plans=sort.each("bandwidth_plan", "plan_association"),
        connections=sort.each("peer_attachment"),
        connection_routes=sort.around("peer_attachment", *ROUTING),
        bindings=sort.each("binding"),
        domains=sort.each("vpc_domain"),
    )
    lost = set(graph.order) - {key for part in parts for key in part.keys}
    if lost:
        raise ValueError(f"no task makes {', '.join(sorted(lost))}")
    return parts


class _Sorting:
    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._needs = _closure(graph.order, graph.needs)
        self._users = _closure(tuple(reversed(graph.order)), graph.users)

    def each(self, kind: str, *followers: str) -> tuple[Part, ...]:
        """A part per resource of the kind, together with its followers."""
        return tuple(
            self._part(lead, (lead, *self._followers(lead, followers))) for lead in self._graph.keys(kind=kind)
        )

    def around(self, kind: str, *followers: str) -> tuple[Part, ...]:
        """A part per resource of the kind: its followers alone."""
        found = ((lead, self._followers(lead, followers)) for lead in self._graph.keys(kind=kind))
        return tuple(self._part(lead, keys) for lead, keys in found if keys)

    def _followers(self, lead: str, kinds: tuple[str, ...]) -> tuple[str, ...]:
        graph = self._graph
        alone = {"transit_router_service"}  # one per account, follows nothing
        return tuple(k for kind in kinds for k in graph.keys(kind=kind) if lead in graph.needs[k] or kind in alone)

    def _part(self, lead: str, keys: Iterable[str]) -> Part:
        mine = tuple(sorted(keys, key=self._graph.order.index))
        resource = self._graph[lead]
        return Part(
            name=resource.label.removeprefix(resource.TITLE).strip(),
            label=resource.label,
            keys=mine,
            needs=frozenset().union(*(self._needs[k] for k in mine)) - set(mine),
            users=frozenset().union(*(self._users[k] for k in mine)) - set(mine),
            made=any(self._graph[k].makes for k in mine),
        )


def _closure(order: Iterable[str], near: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """Near and far, for every key; ``order`` has what is near before what it is near to."""
    far: dict[str, frozenset[str]] = {}
    for key in order:
        far[key] = near[key].union(*(far[n] for n in near[key]))
    return far
