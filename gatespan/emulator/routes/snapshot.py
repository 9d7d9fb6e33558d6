"""The network as the route engine sees it: plain facts, free of any product's wire names, taken out of the world.

The engine works on this alone, so that it can be tested on made-up networks, and so that the one place which knows
how the products store their objects is here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gatespan.emulator.models import Machine
from gatespan.emulator.services.cbn.models import (
    Association,
    PeerAttachment,
    Propagation,
    PublishedRoute,
    TransitRouter,
    TransitRouterRouteEntry,
    TransitRouterRouteTable,
    VpcAttachment,
)
from gatespan.emulator.services.cloudapi.models import GatewayInstance
from gatespan.emulator.services.vpc.models import NetworkInterface, RouteEntry, RouteTable, Vpc, VSwitch
from gatespan.emulator.world import World

PUBLISHABLE = frozenset(
    ("Instance", "HaVip", "NetworkInterface", "VpnGateway", "NatGateway", "Ipv4Gateway", "IPv6Gateway")
)
"""Next hops of custom routes that may be published to a CEN by hand (help page, route publication)."""


@dataclass(frozen=True, slots=True)
class Subnet:
    """A vSwitch. ``table_id``: the table that its machines' packets are looked up in."""

    id: str
    cidr: str
    table_id: str
    ready: bool = True


@dataclass(frozen=True, slots=True)
class Custom:
    """A stored route of a VPC table."""

    id: str
    table_id: str
    destination: str
    next_hop_type: str
    next_hop_id: str
    status: str = "Available"


@dataclass(frozen=True, slots=True)
class Vpc_:
    """A VPC: its tables (the System one first), its vSwitches, its custom routes, the addresses in use."""

    id: str
    system_table: str
    tables: tuple[str, ...]
    subnets: tuple[Subnet, ...] = ()
    customs: tuple[Custom, ...] = ()
