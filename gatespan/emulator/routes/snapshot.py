"""The network as the route engine sees it: plain facts, free of any product's wire names.

The engine works on this alone, so that it can be tested on made-up networks. ``reading`` is the one module that knows
how the products store their objects in the world.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gatespan.emulator.routes.policies import Policy


@dataclass(frozen=True, slots=True)
class Subnet:
    """A vSwitch. ``table_id``: the VPC table in which packets of its machines are looked up."""

    id: str
    cidr: str
    table_id: str


@dataclass(frozen=True, slots=True)
class Custom:
    """A stored route of a VPC table. Only ``Available`` ones forward."""

    id: str
    table_id: str
    destination: str
    next_hop_type: str
    next_hop_id: str
    status: str = "Available"


@dataclass(frozen=True, slots=True)
class Network:
    """A VPC with its tables, vSwitches and custom routes."""

    id: str
    system_table: str
    tables: tuple[str, ...]
    subnets: tuple[Subnet, ...] = ()
    customs: tuple[Custom, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A circuit of a border router. ``id`` is the next hop towards it (the VLAN interface), ``site_id`` what is at its
    far end ("": nothing known), ``up``: the circuit carries, ``alive``: its health check (if any) comes through.

    ``heard``: the prefixes that the site announces over it while ``session`` (BGP) is up. ``names``: what a site's
    router may call it (name and id of the circuit).
    """

    id: str
    circuit_id: str
    names: frozenset[str] = frozenset()
    site_id: str = ""
    cloud_ip: str = ""
    site_ip: str = ""
    up: bool = True
    alive: bool = True
    session: bool = False
    heard: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Border:
    """A border router with its one table. ``announced``: what it tells the site over BGP by hand."""

    id: str
    table_id: str
    lines: tuple[Line, ...] = ()
    customs: tuple[Custom, ...] = ()
    announced: tuple[str, ...] = ()
    up: bool = True


@dataclass(frozen=True, slots=True)
class Uplink:
    """A router interface: from its owner (a network or a border router) to the owner of the opposite one."""

    id: str
    owner_id: str
    far_id: str
    up: bool = True


@dataclass(frozen=True, slots=True)
class Onsite:
    """A site: its prefixes, its router's static routes (destination, circuit), what its firewall lets in (source,
    destination, port; 0 is any), its hosts by address."""

    id: str
    name: str
    prefixes: tuple[str, ...] = ()
    routes: tuple[tuple[str, str], ...] = ()
    firewall: tuple[tuple[str, str, int], ...] = ()
    hosts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Egress:
    """A block from which a gateway instance opens connections into the network that it is bound to."""

    network_id: str
    block: str
    instance_id: str


@dataclass(frozen=True, slots=True)
class Link:
    """An attachment: of a network or a border router to a router, or (``far_router_id``) of two routers.

    ``rank``: its place in the order of age, the oldest first. ``publish``: pushes a router's routes into what is
    attached, or exchanges the two routers' routes. ``bandwidth`` in Mbit/s, of a router-to-router link. ``basic``: of
    the Basic edition, which associates, learns and publishes by itself.
    """

    id: str
    rank: int
    cen_id: str
    router_id: str
    network_id: str = ""
    far_router_id: str = ""
    publish: bool = False
    up: bool = True
    status: str = "Attached"
    bandwidth: float = 0
    border_id: str = ""
    basic: bool = False

    def routers(self) -> tuple[str, ...]:
        return (self.router_id, self.far_router_id) if self.far_router_id else (self.router_id,)

    @property
    def end_id(self) -> str:
        """What is attached: a network or a border router; "" for a router-to-router link."""
        return self.network_id or self.border_id

    @property
    def kind(self) -> str:
        """VPC, VBR or TR, as the product names what a link leads to."""
        return "VPC" if self.network_id else "VBR" if self.border_id else "TR"

    def beyond(self, router_id: str) -> str:
        """The router at the other end."""
        return self.far_router_id if router_id == self.router_id else self.router_id


@dataclass(frozen=True, slots=True)
class Static:
    """A static route of a router's table; without ``link_id`` a black hole. ``service``: the way to a cloud service of
    the Basic edition, which only border routers of its region hear of."""

    id: str
    table_id: str
    destination: str
    link_id: str = ""
    status: str = "Active"
    service: bool = False


@dataclass(frozen=True)
class Snapshot:
    """A whole network. Every mapping is by id.

    ``router_of``: router's table to router. ``associations``: (link, router) to the table that forwards what comes
    from the link. ``learning``: (link, table) pairs, routes behind the link go into the table. ``by_hand``:
    (CEN, VPC table, CIDR) to whether somebody published (True) or withdrew (False) the route.
    ``addresses``: (network, IP address) to what has the address. ``policies``: by router's table.
    """

    networks: Mapping[str, Network] = field(default_factory=dict)
    links: Mapping[str, Link] = field(default_factory=dict)
    router_of: Mapping[str, str] = field(default_factory=dict)
    associations: Mapping[tuple[str, str], str] = field(default_factory=dict)
    learning: frozenset[tuple[str, str]] = frozenset()
    statics: tuple[Static, ...] = ()
    by_hand: Mapping[tuple[str, str, str], bool] = field(default_factory=dict)
    addresses: Mapping[tuple[str, str], str] = field(default_factory=dict)
    borders: Mapping[str, Border] = field(default_factory=dict)
    uplinks: Mapping[str, Uplink] = field(default_factory=dict)
    sites: Mapping[str, Onsite] = field(default_factory=dict)
    egress: tuple[Egress, ...] = ()
    policies: Mapping[str, tuple[Policy, ...]] = field(default_factory=dict)
