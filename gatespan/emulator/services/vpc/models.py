"""The things of the VPC product. System and CEN-published routes are computed (``routes``), never stored."""

from __future__ import annotations

from dataclasses import dataclass

from gatespan.emulator.world import Thing


@dataclass(frozen=True, kw_only=True)
class Vpc(Thing):
    KIND = "vpc"
    name: str = ""
    description: str = ""
    cidr: str
    secondary_cidrs: tuple[str, ...] = ()
    user_cidrs: tuple[str, ...] = ()
    vrouter_id: str = ""
    route_table_id: str = ""
    is_default: bool = False
    resource_group_id: str = "rg-default"
    dns_hostname: bool = False


@dataclass(frozen=True, kw_only=True)
class VSwitch(Thing):
    KIND = "vswitch"
    vpc_id: str
    zone: str
    cidr: str
    name: str = ""
    description: str = ""
    route_table_id: str = ""
    is_default: bool = False


@dataclass(frozen=True, kw_only=True)
class RouteTable(Thing):
    """``type`` is System or Custom; ``router_type`` VRouter (of a VPC) or VBR; ``associate_type`` VSwitch or
    Gateway."""

    KIND = "route_table"
    vpc_id: str = ""
    router_id: str = ""
    router_type: str = "VRouter"
    type: str = "System"
    name: str = ""
    description: str = ""
    associate_type: str = "VSwitch"


@dataclass(frozen=True, kw_only=True)
class RouteEntry(Thing):
    """A custom route of a VPC table. ``next_hop_type`` as the API names it (``Attachment``, ``Instance`` ...)."""

    KIND = "route_entry"
    table_id: str
    destination: str
    next_hop_type: str = ""
    next_hop_id: str = ""
    name: str = ""
    description: str = ""
    modified: float = 0.0


@dataclass(frozen=True, kw_only=True)
class NetworkInterface(Thing):
    """An elastic network interface that a service put into a vSwitch; it takes one address and blocks deletion."""

    KIND = "network_interface"
    vpc_id: str
    vswitch_id: str
    ip: str
    owner_kind: str = ""
    owner_id: str = ""
