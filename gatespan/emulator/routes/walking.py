"""The way of a packet: from place to place, at each one the longest prefix, until an address, or a reason why not.

Choices of the embedded cloud: a VPC does not pass on what comes out of an attachment and is for none of its own
vSwitches; a site lets out everything, and lets in what its firewall names (an answer to a connection always); a site's
router takes the longest prefix too, and of equals the first circuit that carries.
"""

from __future__ import annotations

from gatespan.emulator.routes.model import Hop, Origin, VpcRoute, Walk
from gatespan.emulator.routes.prefixes import covers, longest, prefix
from gatespan.emulator.routes.snapshot import Border, Line, Link, Network, Onsite
from gatespan.emulator.routes.tables import CLOUD_SERVICES, Tables


class Packet:
    """One packet under way, and what it has met so far.

    ``answers``: the origin and address of who opened the connection that this packet answers; it is there, listed or
    not, and no firewall stops an answer. ``port``: what a firewall is asked for (0: not asked).
    """

    def __init__(
        self, tables: Tables, source: str, destination: str, port: int = 0, answers: tuple[str, str] | None = None
    ) -> None:
        self._tables = tables
        self._snapshot = tables.snapshot
        self._source = source
        self._destination = destination
        self._port = port
        self._answers = answers
        self._hops: list[Hop] = []
        self._crossed: list[tuple[str, str, float]] = []
        self._seen: set[str] = set()

    def go(self, origin: Origin) -> Walk:
        """From the origin to the end."""
        site = self._snapshot.sites.get(origin.network)
        if site:
            self._note("source", self._source, f"in site {site.name}")
            return self._from_site(site)
        network = self._snapshot.networks.get(origin.network)
        self._note("source", self._source, f"in {origin.subnet or 'no vSwitch'} of {origin.network or 'no VPC'}")
        subnet = next((s for s in network.subnets if s.id == origin.subnet), None) if network else None
        if network is None or subnet is None:
            return self._ended("client.vswitch_unknown")
        return self._from_network(network, subnet.table_id)

    # --- networks ---------------------------------------------------------------------------------------------

    def _from_network(self, network: Network, table_id: str) -> Walk:
        usable = [r for r in self._tables.of_network(network, table_id) if r.status == "Available"]
        route = longest((r for r in usable if self._carries(r)), self._destination, lambda r: r.destination)
        route = route or longest(usable, self._destination, lambda r: r.destination)
        if route is None:
            self._note("vpc_table", table_id, f"no route to {self._destination}")
            return self._ended("vpc.no_route")
        towards = f"{route.next_hop_type} {route.next_hop_id}".strip()
        self._note("vpc_table", table_id, f"{route.destination} ({route.type}) -> {towards}")
        if route.next_hop_type in ("local", "service"):
            return self._deliver(network)
        if route.next_hop_type == "RouterInterface":
            return self._over_uplink(route.next_hop_id, network.id)
        if route.next_hop_type not in ("Attachment", "CenBasic"):
            return self._ended("vpc.route_wrong_next_hop")
        link = self._snapshot.links.get(route.next_hop_id)
        if link is None or link.network_id != network.id:
            self._note("attachment", route.next_hop_id, "is no attachment of this VPC")
            return self._ended("attachment.missing")
        return self._through_routers(link)

    def _carries(self, route: VpcRoute) -> bool:
        """False for a route over a router interface that is down, or whose health check fails: another one may do."""
        uplink = self._snapshot.uplinks.get(route.next_hop_id) if route.next_hop_type == "RouterInterface" else None
        return uplink is None or uplink.up

    def _deliver(self, network: Network) -> Walk:
        destination = self._destination
        called = "the caller" if self._answers == (network.id, destination) else ""
        if covers(CLOUD_SERVICES, destination):
            egress = next((e for e in self._snapshot.egress if self._leaves(e.network_id, e.block, network.id)), None)
            holder = egress.instance_id if egress else called
            if not holder:
                self._note("vpc", network.id, f"no gateway that is bound here opens connections from {destination}")
                return self._ended("vpc.no_such_address")
            self._note("address", destination, f"of gateway {holder}" if egress else holder)
            return self._ended("", network.id)
        subnet = next((s for s in network.subnets if covers(s.cidr, destination)), None)
        holder = self._snapshot.addresses.get((network.id, destination), called)
        if subnet is None or not holder:
            missing = f"nothing has the address {destination}" if subnet else f"no vSwitch holds {destination}"
            self._note("vpc", network.id, missing)
            return self._ended("vpc.no_such_address" if subnet else "vpc.no_route")
        self._note("address", destination, f"{holder} in {subnet.id} of {network.id}")
        return self._ended("", network.id, subnet.id)

    def _leaves(self, network_id: str, block: str, here: str) -> bool:
        return network_id == here and covers(block, self._destination)

    # --- routers ----------------------------------------------------------------------------------------------

    def _through_routers(self, link: Link) -> Walk:
        """From the attachment on: from router to router until something attached, or a dead end."""
        router = link.router_id
        while True:
            if reason := _impassable(link):
                self._note("peer" if link.far_router_id else "attachment", link.id, reason.partition(".")[2])
                return self._ended(reason)
            self._enter(link, router)
            table = self._snapshot.associations.get((link.id, router), "")
            if not table:
                self._note("transit_router", router, f"no table is associated with {link.id}")
                return self._ended("tr.not_associated")
            if self._again(table):
                return self._ended("tr.loop")
            onward, reason = self._onward(table)
            if onward is None:
                return self._ended(reason)
            link = onward
            if link.end_id:
                return self._out_of_router(link)
            router = link.beyond(router)

    def _onward(self, table: str) -> tuple[Link | None, str]:
        """The attachment that the table sends the packet to, or the reason why there is none."""
        routes = self._tables.of_routers.get(table, ())
        active = [r for r in routes if r.status == "Active"]
        route = longest(active, self._destination, lambda r: r.destination)
        if route is None:
            lost = longest(routes, self._destination, lambda r: r.destination)
            refused = lost is not None and lost.status == "Rejected"
            told = f"{lost.destination} is {lost.status}" if lost else f"none to {self._destination}"
            self._note("tr_table", table, told)
            return None, "tr.route_rejected" if refused else "tr.no_route"
        self._note("tr_table", table, f"{route.destination} ({route.type}) -> {route.next_hop_id or 'BlackHole'}")
        if route.next_hop_type == "BlackHole":
            return None, "tr.blackhole"
        link = self._snapshot.links.get(route.next_hop_id)
        if link is None or self._snapshot.router_of[table] not in link.routers():
            return None, "attachment.missing"
        return link, ""

    def _out_of_router(self, link: Link) -> Walk:
        """Into a VPC or a border router."""
        network, border = self._snapshot.networks.get(link.network_id), self._snapshot.borders.get(link.border_id)
        reason = _impassable(link) if network or border else "attachment.missing"
        if reason:
            self._note("attachment", link.id, reason)
            return self._ended(reason)
        self._note("attachment", link.id, f"into {link.end_id}")
        if network:
            return self._deliver(network)
        assert border is not None
        return self._through_border(border, "vbr.no_route_to_site")

    # --- border routers ---------------------------------------------------------------------------------------

    def _through_border(self, border: Border, lost: str) -> Walk:
        """``lost``: the reason when its table knows no way."""
        if not border.up:
            self._note("vbr", border.id, "is not active")
            return self._ended("vbr.not_active")
        if self._again(border.table_id):
            return self._ended("vbr.loop")
        usable = (r for r in self._tables.of_border(border) if r.status == "Available")
        route = longest(usable, self._destination, lambda r: r.destination)
        if route is None:
            self._note("vbr_table", border.table_id, f"no route to {self._destination}")
            return self._ended(lost)
        self._note("vbr_table", border.table_id, f"{route.destination} ({route.type}) -> {route.next_hop_id}")
        line = next((one for one in border.lines if one.id == route.next_hop_id), None)
        if line:
            return self._over_line(line)
        if route.next_hop_type == "RouterInterface":
            return self._over_uplink(route.next_hop_id, border.id)
        link = self._snapshot.links.get(route.next_hop_id)
        if link is None or link.border_id != border.id:
            self._note("attachment", route.next_hop_id, "is no attachment of this border router")
            return self._ended("attachment.missing")
        return self._through_routers(link)

    def _over_uplink(self, id: str, owner_id: str) -> Walk:
        uplink = self._snapshot.uplinks.get(id)
        if uplink is None or uplink.owner_id != owner_id:
            self._note("router_interface", id, f"is none of {owner_id}")
            return self._ended("router_interface.missing")
        if not uplink.up:
            self._note("router_interface", id, "does not carry")
            return self._ended("router_interface.not_active")
        self._note("router_interface", id, f"to {uplink.far_id}")
        network, border = self._snapshot.networks.get(uplink.far_id), self._snapshot.borders.get(uplink.far_id)
        if network:
            return self._deliver(network)
        if border:
            return self._through_border(border, "vbr.no_route_to_site")
        return self._ended("router_interface.not_active")

    def _over_line(self, line: Line) -> Walk:
        if not line.up:
            self._note("circuit", line.circuit_id, "carries nothing")
            return self._ended("circuit.not_enabled")
        self._note("circuit", line.circuit_id, f"to {line.site_ip}")
        site = self._snapshot.sites.get(line.site_id)
        if site is None:
            return self._ended("site.unknown")
        return self._into_site(site, line)

    # --- sites ------------------------------------------------------------------------------------------------

    def _into_site(self, site: Onsite, line: Line) -> Walk:
        destination = self._destination
        called = "the caller" if self._answers == (site.id, destination) else ""
        router = "its router" if destination == line.site_ip else ""
        holder = site.hosts.get(destination, called or router)
        if not any(covers(p, destination) for p in site.prefixes) and not holder:
            self._note("site", site.name, f"has no network that holds {destination}")
            return self._ended("site.no_route")
        if not self._answers and not router and not self._let_in(site):
            self._note("site_firewall", site.name, f"lets {self._source} not in to {destination}:{self._port or 'any'}")
            return self._ended("site.firewall_denies")
        if not holder:
            self._note("site", site.name, f"nothing has the address {destination}")
            return self._ended("site.no_such_address")
        self._note("address", destination, f"{holder} in site {site.name}")
        return self._ended("", site_id=site.id)

    def _let_in(self, site: Onsite) -> bool:
        return any(
            covers(source, self._source) and covers(to, self._destination) and port in (0, self._port)
            for source, to, port in site.firewall
        )

    def _from_site(self, site: Onsite) -> Walk:
        destination = self._destination
        if any(covers(p, destination) for p in site.prefixes):
            called = "the caller" if self._answers == (site.id, destination) else ""
            holder = site.hosts.get(destination, called)
            self._note("address", destination, f"{holder or 'nothing'} in site {site.name}")
            return self._ended("" if holder else "site.no_such_address", site_id=site.id if holder else "")
        ways = self._ways(site)
        if not ways:
            self._note("site_router", site.name, f"no route to {destination}")
            return self._ended("site.no_route")
        cidr, border, line = next((way for way in ways if way[2].up and way[1].up), ways[0])
        self._note("site_router", site.name, f"{cidr} -> {line.cloud_ip} over {line.circuit_id}")
        if not line.up:
            self._note("circuit", line.circuit_id, "carries nothing")
            return self._ended("circuit.not_enabled")
        return self._through_border(border, "vbr.no_route_to_cloud")

    def _ways(self, site: Onsite) -> list[tuple[str, Border, Line]]:
        """The longest matching routes of the site's router, static ones first: CIDR, border router, circuit."""
        found: list[tuple[str, Border, Line]] = []
        lines = [(b, n) for b in self._snapshot.borders.values() for n in b.lines if n.site_id == site.id]
        for cidr, via in site.routes:
            found += [(cidr, border, line) for border, line in lines if via in line.names]
        for border, line in lines:
            if line.session:
                found += [(cidr, border, line) for cidr in self._tables.announced(border)]
        matching = [way for way in found if covers(way[0], self._destination)]
        most = max((prefix(way[0])[1] for way in matching), default=0)
        return [way for way in matching if prefix(way[0])[1] == most]

    # --- the trail --------------------------------------------------------------------------------------------

    def _note(self, kind: str, id: str, detail: str) -> None:
        self._hops.append(Hop(kind, id, detail))

    def _enter(self, link: Link, router_id: str) -> None:
        self._note("peer" if link.far_router_id else "attachment", link.id, f"to {router_id}")
        if link.far_router_id:
            self._crossed.append((link.id, router_id, link.bandwidth))

    def _again(self, table: str) -> bool:
        """Whether the table was asked before; from now on it was."""
        if table in self._seen:
            self._note("table", table, "was asked before: the routes go in a circle")
            return True
        self._seen.add(table)
        return False

    def _ended(self, reason: str, vpc_id: str = "", vswitch_id: str = "", *, site_id: str = "") -> Walk:
        return Walk(
            arrived=not reason,
            reason=reason,
            hops=tuple(self._hops),
            links=tuple(c[0] for c in self._crossed),
            vpc_id=vpc_id,
            vswitch_id=vswitch_id,
            entered=tuple(c[1] for c in self._crossed),
            mbps=tuple(c[2] for c in self._crossed),
            site_id=site_id,
        )


def _impassable(link: Link) -> str:
    """Why nothing gets over the link now; empty when it does."""
    if not link.up:
        return "peer.not_attached" if link.far_router_id else "attachment.not_attached"
    return "peer.bandwidth_zero" if link.far_router_id and link.bandwidth <= 0 else ""
