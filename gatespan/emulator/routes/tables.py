"""What the tables of VPCs and border routers hold: stored routes, routes heard over BGP, routes pushed by a router.

Facts (VPC and CEN help pages): every VPC table has a System route per vSwitch and one to 100.64.0.0/10; an attachment
with AutoPublishRouteEnabled pushes the active routes of the transit-router table *associated* with it into *all*
tables of the VPC, or into the one table of the border router, which announces them to the site where BGP is spoken.

Choices of the embedded cloud: a stored route beats one heard over BGP, and that a pushed one, for the same CIDR; black
holes are not pushed; where a circuit's health check fails its routes are withdrawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property

from gatespan.emulator.routes import learning
from gatespan.emulator.routes.model import TrRoute, VpcRoute
from gatespan.emulator.routes.policies import Heard, permitted
from gatespan.emulator.routes.prefixes import covers
from gatespan.emulator.routes.snapshot import Border, Link, Network, Snapshot

CLOUD_SERVICES = "100.64.0.0/10"


class Tables:
    """The tables of one snapshot, each worked out when first asked for."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._made: dict[str, tuple[VpcRoute, ...]] = {}

    @cached_property
    def of_routers(self) -> dict[str, tuple[TrRoute, ...]]:
        """The routes of every transit-router table by table id."""
        return learning.tables(self.snapshot) if self.snapshot.router_of else {}

    @cached_property
    def _links_of(self) -> dict[str, list[Link]]:
        """By network or border router: its attachments, the oldest first."""
        found: dict[str, list[Link]] = {}
        for link in sorted(self.snapshot.links.values(), key=lambda link: link.rank):
            if link.end_id:
                found.setdefault(link.end_id, []).append(link)
        return found

    # --- networks ---------------------------------------------------------------------------------------------

    def of_network(self, network: Network, table_id: str) -> tuple[VpcRoute, ...]:
        """The routes of one table of the VPC: System, Custom, then CEN."""
        if table_id not in self._made:
            self._made[table_id] = self._network(network, table_id)
        return self._made[table_id]

    def _network(self, network: Network, table_id: str) -> tuple[VpcRoute, ...]:
        system = table_id == network.system_table
        own = [s.cidr for s in network.subnets]
        cens = [link.cen_id for link in self._links_of.get(network.id, ())]
        routes = [
            VpcRoute(
                entry_id=computed_id(table_id, cidr),
                table_id=table_id,
                destination=cidr,
                type="System",
                next_hop_type="local",
                published=system and self._published(cens, table_id, cidr, True),
            )
            for cidr in own
        ]
        routes.append(VpcRoute(computed_id(table_id, CLOUD_SERVICES), table_id, CLOUD_SERVICES, "System", "service"))
        for custom in network.customs:
            if custom.table_id == table_id:
                publishable = system and custom.next_hop_type in learning.PUBLISHABLE
                routes.append(
                    VpcRoute(
                        entry_id=custom.id,
                        table_id=table_id,
                        destination=custom.destination,
                        type="Custom",
                        next_hop_type=custom.next_hop_type,
                        next_hop_id=custom.next_hop_id,
                        status=custom.status,
                        published=publishable and self._published(cens, table_id, custom.destination, False),
                    )
                )
        outside = [c for c in self._pushed(network.id) if not any(covers(cidr, c.destination) for cidr in own)]
        return _completed(table_id, routes, outside)

    def _published(self, cens: list[str], table_id: str, cidr: str, by_default: bool) -> bool:
        return any(self.snapshot.by_hand.get((cen, table_id, cidr), by_default) for cen in cens or [""])

    # --- border routers ---------------------------------------------------------------------------------------

    def of_border(self, border: Border) -> tuple[VpcRoute, ...]:
        """The routes of the border router's table: Custom, BGP, then CEN."""
        if border.table_id not in self._made:
            table = border.table_id
            stored = [
                VpcRoute(c.id, table, c.destination, "Custom", c.next_hop_type, c.next_hop_id, c.status)
                for c in border.customs
            ]
            heard = [
                VpcRoute(computed_id(table, cidr), table, cidr, "BGP", "RouterInterface", line.id)
                for line in border.lines
                if line.session and line.alive
                for cidr in line.heard
            ]
            self._made[table] = _completed(table, _completed(table, stored, heard), self._pushed(border.id))
        return self._made[border.table_id]

    def announced(self, border: Border) -> list[str]:
        """What the border router tells the site over BGP: what was pushed to it, and what it was told to announce."""
        pushed = [r.destination for r in self.of_border(border) if r.type == "CEN"]
        return [*pushed, *(cidr for cidr in border.announced if cidr not in pushed)]

    # --- pushed by routers ------------------------------------------------------------------------------------

    def _pushed(self, end_id: str) -> Iterator[VpcRoute]:
        """What the routers write into the tables of what is attached to them; ``table_id`` is left open."""
        for link in self._links_of.get(end_id, ()):
            table = self.snapshot.associations.get((link.id, link.router_id))
            if not (link.up and link.publish and table):
                continue
            for route in self.of_routers.get(table, ()):
                if self._told(link, table, route):
                    kind = "CenBasic" if link.basic else "Attachment"
                    yield VpcRoute("", "", route.destination, "CEN", kind, link.id)

    def _told(self, link: Link, table: str, route: TrRoute) -> bool:
        """Whether the router tells the link's end of the route."""
        if route.status != "Active" or route.next_hop_type != "Attachment" or route.next_hop_id == link.id:
            return False
        if link.basic and link.network_id and covers(CLOUD_SERVICES, route.destination):
            return False  # cloud services are at hand in every VPC; the Basic edition routes border routers to them
        heard = Heard(
            cidr=route.destination,
            route_type=route.origin_route_type,
            source_id=route.origin_id,
            source_kind=route.origin_type,
            target_id=link.end_id,
            target_kind=link.kind,
        )
        return permitted(self.snapshot.policies.get(table, ()), "RegionOut", heard)


def _completed(table_id: str, routes: Iterable[VpcRoute], weaker: Iterable[VpcRoute]) -> tuple[VpcRoute, ...]:
    """The routes, and of the weaker ones those whose CIDR is not taken yet, as entries of the table."""
    held = list(routes)
    taken = {r.destination for r in held}
    for route in weaker:
        if route.destination not in taken:
            taken.add(route.destination)
            held.append(replace(route, entry_id=computed_id(table_id, route.destination), table_id=table_id))
    return tuple(held)


def computed_id(table_id: str, cidr: str) -> str:
    """A stable id for a route that is not stored."""
    return f"rte-{table_id.removeprefix('vtb-')}-{cidr.replace('.', '-').replace('/', '-')}"
