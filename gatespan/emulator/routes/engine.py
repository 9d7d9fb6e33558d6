"""The route engine: the tables of VPCs and transit routers and the way a packet takes through them, from a snapshot.

Facts (VPC and CEN help pages): every VPC table has a System route per vSwitch and one to 100.64.0.0/10; an attachment
with AutoPublishRouteEnabled pushes the active routes of the transit-router table *associated* with it into *all*
tables of the VPC; packets follow the longest prefix.

Choices of the embedded cloud: a custom route beats a pushed one for the same CIDR; black holes are not pushed; a VPC
does not pass on what comes out of an attachment and is not for one of its own vSwitches.
"""

from __future__ import annotations

from functools import cached_property

from gatespan.emulator.routes import learning
from gatespan.emulator.routes.model import Conflict, Hop, TrRoute, VpcRoute, Walk
from gatespan.emulator.routes.prefixes import covers, longest
from gatespan.emulator.routes.snapshot import Link, Network, Snapshot

CLOUD_SERVICES = "100.64.0.0/10"


class Engine:
    """Answers about one snapshot; tables are worked out when first asked for."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._vpc_tables: dict[str, tuple[VpcRoute, ...]] = {}

    @cached_property
    def tr_tables(self) -> dict[str, tuple[TrRoute, ...]]:
        """The routes of every transit-router table by table id."""
        return learning.tables(self.snapshot) if self.snapshot.router_of else {}

    @cached_property
    def _links_of(self) -> dict[str, list[Link]]:
        """By network: its attachments, the oldest first."""
        found: dict[str, list[Link]] = {}
        for link in sorted(self.snapshot.links.values(), key=lambda link: link.rank):
            if link.network_id:
                found.setdefault(link.network_id, []).append(link)
        return found

    # --- tables -----------------------------------------------------------------------------------------------

    def vpc_table(self, network: Network, table_id: str) -> tuple[VpcRoute, ...]:
        """The routes of one table of the VPC: System, Custom, then CEN."""
        if table_id not in self._vpc_tables:
            self._vpc_tables[table_id] = self._vpc_routes(network, table_id)
        return self._vpc_tables[table_id]

    def _vpc_routes(self, network: Network, table_id: str) -> tuple[VpcRoute, ...]:
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
        taken = {r.destination for r in routes}
        for link in self._links_of.get(network.id, ()):
            for cidr in self._pushed(link, own):
                if cidr not in taken:
                    taken.add(cidr)
                    routes.append(VpcRoute(computed_id(table_id, cidr), table_id, cidr, "CEN", "Attachment", link.id))
        return tuple(routes)

    def _pushed(self, link: Link, own: list[str]) -> list[str]:
        table = self.snapshot.associations.get((link.id, link.router_id))
        if not (link.up and link.publish and table):
            return []
        return [
            r.destination
            for r in self.tr_tables.get(table, ())
            if r.status == "Active"
            and r.next_hop_type == "Attachment"
            and r.next_hop_id != link.id
            and not any(covers(cidr, r.destination) for cidr in own)
        ]

    def _published(self, cens: list[str], table_id: str, cidr: str, by_default: bool) -> bool:
        return any(self.snapshot.by_hand.get((cen, table_id, cidr), by_default) for cen in cens or [""])

    # --- walks ------------------------------------------------------------------------------------------------

    def walk(
        self, vpc_id: str, vswitch_id: str, source_ip: str, destination_ip: str, caller: tuple[str, str] | None = None
    ) -> Walk:
        """The way of a packet from the machine to the address, in this direction only.

        ``caller``: network and address of who sent the packet that this one answers; it is there, listed or not.
        """
        trail = _Trail(caller)
        trail.note("source", source_ip, f"in {vswitch_id or 'no vSwitch'} of {vpc_id or 'no VPC'}")
        network = self.snapshot.networks.get(vpc_id)
        subnet = next((s for s in network.subnets if s.id == vswitch_id), None) if network else None
        if network is None or subnet is None:
            return trail.ended("client.vswitch_unknown")
        usable = (r for r in self.vpc_table(network, subnet.table_id) if r.status == "Available")
        route = longest(usable, destination_ip, lambda r: r.destination)
        if route is None:
            trail.note("vpc_table", subnet.table_id, f"no route to {destination_ip}")
            return trail.ended("vpc.no_route")
        towards = f"{route.next_hop_type} {route.next_hop_id}".strip()
        trail.note("vpc_table", subnet.table_id, f"{route.destination} ({route.type}) -> {towards}")
        if route.next_hop_type == "local":
            return self._deliver(network, destination_ip, trail)
        if route.next_hop_type == "service":
            return trail.ended("vpc.no_such_address")
        if route.next_hop_type != "Attachment":
            return trail.ended("vpc.route_wrong_next_hop")
        link = self.snapshot.links.get(route.next_hop_id)
        if link is None or link.network_id != network.id:
            trail.note("attachment", route.next_hop_id, "is no attachment of this VPC")
            return trail.ended("attachment.missing")
        return self._through_routers(link, destination_ip, trail)

    def _through_routers(self, link: Link, destination: str, trail: _Trail) -> Walk:
        """From the attachment on: from router to router until a VPC, a dead end, or a table seen before."""
        router, visited = link.router_id, set[str]()
        while True:
            if reason := _impassable(link):
                trail.note("peer" if link.far_router_id else "attachment", link.id, reason.partition(".")[2])
                return trail.ended(reason)
            trail.enter(link, router)
            table = self.snapshot.associations.get((link.id, router), "")
            if not table:
                trail.note("transit_router", router, f"no table is associated with {link.id}")
                return trail.ended("tr.not_associated")
            if table in visited:
                trail.note("tr_table", table, "was asked before: the routes go in a circle")
                return trail.ended("tr.loop")
            visited.add(table)
            onward, reason = self._onward(table, destination, trail)
            if onward is None:
                return trail.ended(reason)
            link = onward
            if link.network_id:
                return self._into(link, destination, trail)
            router = link.beyond(router)

    def _onward(self, table: str, destination: str, trail: _Trail) -> tuple[Link | None, str]:
        """The attachment that the table sends the packet to, or the reason why there is none."""
        routes = self.tr_tables.get(table, ())
        route = longest((r for r in routes if r.status == "Active"), destination, lambda r: r.destination)
        if route is None:
            lost = longest(routes, destination, lambda r: r.destination)
            refused = lost is not None and lost.status == "Rejected"
            trail.note("tr_table", table, f"{lost.destination} is {lost.status}" if lost else f"none to {destination}")
            return None, "tr.route_rejected" if refused else "tr.no_route"
        trail.note("tr_table", table, f"{route.destination} ({route.type}) -> {route.next_hop_id or 'BlackHole'}")
        if route.next_hop_type == "BlackHole":
            return None, "tr.blackhole"
        link = self.snapshot.links.get(route.next_hop_id)
        if link is None or self.snapshot.router_of[table] not in link.routers():
            return None, "attachment.missing"
        return link, ""

    def _into(self, link: Link, destination: str, trail: _Trail) -> Walk:
        """Out of a router into a VPC."""
        network = self.snapshot.networks.get(link.network_id)
        reason = _impassable(link) if network else "attachment.missing"
        if network is None or reason:
            trail.note("attachment", link.id, reason)
            return trail.ended(reason)
        trail.note("attachment", link.id, f"into {network.id}")
        return self._deliver(network, destination, trail)

    def _deliver(self, network: Network, destination: str, trail: _Trail) -> Walk:
        subnet = next((s for s in network.subnets if covers(s.cidr, destination)), None)
        called = "the caller" if trail.caller == (network.id, destination) else ""
        holder = self.snapshot.addresses.get((network.id, destination), called)
        if subnet is None or not holder:
            missing = f"nothing has the address {destination}" if subnet else f"no vSwitch holds {destination}"
            trail.note("vpc", network.id, missing)
            return trail.ended("vpc.no_such_address" if subnet else "vpc.no_route")
        trail.note("address", destination, f"{holder} in {subnet.id} of {network.id}")
        return trail.ended("", network.id, subnet.id)

    def round_trip(self, vpc_id: str, vswitch_id: str, source_ip: str, destination_ip: str) -> tuple[Walk, Walk]:
        """There, and from where that arrived back; the way back is not tried when the way there fails."""
        there = self.walk(vpc_id, vswitch_id, source_ip, destination_ip)
        if not there.arrived:
            return there, Walk(False, "not_tried", ())
        return there, self.walk(there.vpc_id, there.vswitch_id, destination_ip, source_ip, (vpc_id, source_ip))

    # --- conflicts --------------------------------------------------------------------------------------------

    def conflicts(self, cen_id: str) -> tuple[Conflict, ...]:
        """Every route that lost against another of the same CIDR in a table of the CEN's routers."""
        found = []
        for table, routes in self.tr_tables.items():
            winners = {r.destination: r.next_hop_id for r in routes if r.status == "Active"}
            found += [
                Conflict(
                    table_id=table,
                    destination=r.destination,
                    winner_id=winners.get(r.destination, ""),
                    loser_id=r.next_hop_id,
                    instance_id=r.resource_id,
                    instance_type=r.resource_type,
                    origin_id=r.origin_id,
                )
                for r in routes
                if r.status == "Rejected" and self.snapshot.links[r.next_hop_id].cen_id == cen_id
            ]
        return tuple(found)


class _Trail:
    """What a walk has met so far."""

    def __init__(self, caller: tuple[str, str] | None = None) -> None:
        self.caller = caller
        self.hops: list[Hop] = []
        self.crossed: list[tuple[str, str]] = []

    def note(self, kind: str, id: str, detail: str) -> None:
        self.hops.append(Hop(kind, id, detail))

    def enter(self, link: Link, router_id: str) -> None:
        self.note("peer" if link.far_router_id else "attachment", link.id, f"to {router_id}")
        if link.far_router_id:
            self.crossed.append((link.id, router_id))

    def ended(self, reason: str, vpc_id: str = "", vswitch_id: str = "") -> Walk:
        links, entered = tuple(c[0] for c in self.crossed), tuple(c[1] for c in self.crossed)
        return Walk(not reason, reason, tuple(self.hops), links, vpc_id, vswitch_id, entered)


def _impassable(link: Link) -> str:
    """Why nothing gets over the link now; empty when it does."""
    if not link.up:
        return "peer.not_attached" if link.far_router_id else "attachment.not_attached"
    return "peer.bandwidth_zero" if link.far_router_id and link.bandwidth <= 0 else ""


def computed_id(table_id: str, cidr: str) -> str:
    """A stable id for a route that is not stored."""
    return f"rte-{table_id.removeprefix('vtb-')}-{cidr.replace('.', '-').replace('/', '-')}"
