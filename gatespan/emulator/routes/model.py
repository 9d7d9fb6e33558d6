"""The vocabulary of the route engine: tables, routes and walks, free of any product's wire names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class VpcRoute:
    """A route of a VPC's or a border router's table. ``type``: System, Custom, BGP or CEN; ``next_hop_type``: local,
    service, Attachment, RouterInterface, ...

    ``entry_id`` is the stored entry of a custom route; computed routes have an id derived from table and CIDR.
    """

    entry_id: str
    table_id: str
    destination: str
    type: Literal["System", "Custom", "BGP", "CEN"]
    next_hop_type: str
    next_hop_id: str = ""
    status: str = "Available"
    published: bool = False


@dataclass(frozen=True, slots=True)
class TrRoute:
    """A route of a transit-router table. ``status``: Active, Rejected, Standby, Candidate, Prohibited (or in motion).

    ``origin_id``/``origin_type``: the instance the route comes from (VPC, TR, ...); ``resource_id``/``resource_type``:
    the instance behind the next-hop attachment.
    """

    table_id: str
    destination: str
    type: Literal["Static", "Propagated"]
    status: str
    next_hop_type: Literal["Attachment", "BlackHole"]
    next_hop_id: str = ""
    resource_id: str = ""
    resource_type: str = ""
    origin_id: str = ""
    origin_type: str = ""
    entry_id: str = ""
    origin_route_type: str = "System"


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of a walk: which object was asked, what it answered."""

    kind: str
    id: str
    detail: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a packet starts: in a vSwitch of a network, or in a site (no ``subnet``). What a gateway sends to its back
    ends starts in the vSwitch that it is bound to, with an address of its egress block."""

    network: str
    subnet: str = ""


@dataclass(frozen=True, slots=True)
class Walk:
    """The way of a packet from a source to an address, one direction. ``reason`` is empty when it arrives.

    ``links``: ids of the inter-region links crossed, in order (the data plane shapes traffic to their bandwidth, in
    ``mbps``), and ``entered``: the router that each led to. ``vpc_id``/``vswitch_id`` or ``site_id``: where it arrived.
    """

    arrived: bool
    reason: str
    hops: tuple[Hop, ...]
    links: tuple[str, ...] = ()
    vpc_id: str = ""
    vswitch_id: str = ""
    entered: tuple[str, ...] = ()
    mbps: tuple[float, ...] = ()
    site_id: str = ""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A route that lost: the same CIDR is in the table already, from ``winner_id``. Both are attachments (the winner
    of a static route is its next hop); ``instance_*`` is the VPC or router behind the loser."""

    table_id: str
    destination: str
    winner_id: str
    loser_id: str
    instance_id: str
    instance_type: str
    origin_id: str
