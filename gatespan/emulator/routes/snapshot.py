"""The network as the route engine sees it: plain facts, free of any product's wire names.

The engine works on this alone, so that it can be tested on made-up networks. ``reading`` is the one module that knows
how the products store their objects in the world.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


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
class Link:
    """An attachment: of a network to a router, or (``far_router_id``) of two routers to each other.

    ``rank``: its place in the order of age, the oldest first. ``publish``: pushes a router's routes into the network,
    or exchanges the two routers' routes. ``bandwidth`` in Mbit/s, of a router-to-router link.
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
    bandwidth: int = 0

    def routers(self) -> tuple[str, ...]:
        return (self.router_id, self.far_router_id) if self.far_router_id else (self.router_id,)

    def beyond(self, router_id: str) -> str:
        """The router at the other end."""
        return self.far_router_id if router_id == self.router_id else self.router_id


@dataclass(frozen=True, slots=True)
class Static:
    """A static route of a router's table; without ``link_id`` a black hole."""

    id: str
    table_id: str
    destination: str
    link_id: str = ""
    status: str = "Active"


@dataclass(frozen=True)
class Snapshot:
    """A whole network. Every mapping is by id.

    ``router_of``: router's table to router. ``associations``: (link, router) to the table that forwards what comes
    from the link. ``learning``: (link, table) pairs, routes behind the link go into the table. ``by_hand``:
    (CEN, VPC table, CIDR) to whether somebody published (True) or withdrew (False) the route.
    ``addresses``: (network, IP address) to what has the address.
    """

    networks: Mapping[str, Network] = field(default_factory=dict)
    links: Mapping[str, Link] = field(default_factory=dict)
    router_of: Mapping[str, str] = field(default_factory=dict)
    associations: Mapping[tuple[str, str], str] = field(default_factory=dict)
    learning: frozenset[tuple[str, str]] = frozenset()
    statics: tuple[Static, ...] = ()
    by_hand: Mapping[tuple[str, str, str], bool] = field(default_factory=dict)
    addresses: Mapping[tuple[str, str], str] = field(default_factory=dict)
