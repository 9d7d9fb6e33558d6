"""What there is one task run for: a network, an API, a pair of regions, with the engine's resources that belong to it.

A part is plain data. ``Parts`` sorts all resources of a topology into them by the words of the procedure; none is
left out and none is in two.
"""

from __future__ import annotations

from collections import Counter
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
    lines: tuple[Part, ...]
    sessions: tuple[Part, ...]
    site_attachments: tuple[Part, ...]
    site_routes: tuple[Part, ...]
    health_checks: tuple[Part, ...]
    interfaces: tuple[Part, ...]
    interface_routes: tuple[Part, ...]
    vpc_routes: tuple[Part, ...]
    services: tuple[Part, ...]
    grants: tuple[Part, ...]

    def __iter__(self) -> Iterator[Part]:
        for f in fields(self):
            yield from getattr(self, f.name)


ROUTED = ("vpc_attachment", "peer_attachment", "vbr_attachment")
"""What has an association and learns routes."""
ROUTING = ("association", "propagation", "route_sync", "vbr_route_sync", "vpc_routes")


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
        attachments=sort.each("vpc_attachment") + sort.each("child_instance", sites=False),
        routes=sort.around("vpc_attachment", *ROUTING),
        plans=sort.each("bandwidth_plan", "plan_association"),
        connections=sort.each("peer_attachment") + sort.each("region_bandwidth"),
        connection_routes=sort.around("peer_attachment", *ROUTING),
        bindings=sort.each("binding"),
        domains=sort.each("vpc_domain"),
        lines=sort.named("vbr", "vbr", "circuit", "vbr_route", "bgp_group"),
        sessions=sort.each("bgp_peer"),
        site_attachments=sort.each("vbr_attachment") + sort.each("child_instance", sites=True),
        site_routes=sort.around("vbr_attachment", *ROUTING),
        health_checks=sort.each("health_check"),
        interfaces=sort.each("router_interface"),
        interface_routes=sort.named("router_interface", "vbr_uplink", "bgp_network"),
        vpc_routes=sort.alone("vpc_routes", ROUTED),
        services=sort.each("cloud_service_routes") + sort.each("route_service"),
        grants=sort.each("grant"),
    )
    sorted_in = Counter(key for part in parts for key in part.keys)
    lost = set(graph.order) - sorted_in.keys()
    if lost:
        raise ValueError(f"no task makes {', '.join(sorted(lost))}")
    twice = [key for key, times in sorted_in.items() if times > 1]
    if twice:
        raise ValueError(f"two tasks make {', '.join(sorted(twice))}")
    return parts


class _Sorting:
    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._needs = _closure(graph.order, graph.needs)
        self._users = _closure(tuple(reversed(graph.order)), graph.users)

    def each(self, kind: str, *followers: str, sites: bool | None = None) -> tuple[Part, ...]:
        """A part per resource of the kind, together with its followers. ``sites``: only those that rest on a circuit,
        or only those that do not."""
        leads = (k for k in self._graph.keys(kind=kind) if sites is None or sites == self._on_site(k))
        return tuple(self._part(lead, (lead, *self._followers(lead, followers))) for lead in leads)

    def around(self, kind: str, *followers: str) -> tuple[Part, ...]:
        """A part per resource of the kind: its followers alone."""
        found = ((lead, self._followers(lead, followers)) for lead in self._graph.keys(kind=kind))
        return tuple(self._part(lead, keys) for lead, keys in found if keys)

    def alone(self, kind: str, unlike: tuple[str, ...]) -> tuple[Part, ...]:
        """A part per resource of the kind that follows none of the kinds in ``unlike``."""
        graph = self._graph
        free = (k for k in graph.keys(kind=kind) if not any(graph[n].KIND in unlike for n in graph.needs[k]))
        return tuple(self._part(key, (key,)) for key in free)

    def named(self, kind: str, *kinds: str) -> tuple[Part, ...]:
        """A part per resource of the kind: those of ``kinds`` that are named after it, ``NAME`` or ``NAME/...``."""
        parts = []
        for lead in self._graph.keys(kind=kind):
            name = self._graph[lead].name
            same = (k for one in kinds for k in self._graph.keys(kind=one))
            keys = [k for k in same if f"{self._graph[k].name}/".startswith(f"{name}/")]
            parts += [self._part(lead, keys)] if keys else []
        return tuple(parts)

    def _followers(self, lead: str, kinds: tuple[str, ...]) -> tuple[str, ...]:
        graph = self._graph
        alone = {"transit_router_service"}  # one per account, follows nothing
        return tuple(k for kind in kinds for k in graph.keys(kind=kind) if lead in graph.needs[k] or kind in alone)

    def _on_site(self, key: str) -> bool:
        return any(self._graph[need].KIND == "circuit" for need in self._needs[key])

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
