"""The format of world files: the dataclasses are the format, and unknown keys are errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gatespan.emulator.models import FirewallRule, SiteRoute


class SeedError(Exception):
    """A world file cannot become a world: file, path in it, what is wrong."""


@dataclass(frozen=True)
class RegionEntry:
    """A region beyond the built-in ones, or other zones for one of them."""

    id: str
    zones: tuple[str, ...]


@dataclass(frozen=True)
class KeyEntry:
    id: str
    secret: str
    active: bool = True


@dataclass(frozen=True)
class AccountEntry:
    """``transit_router_service``: opened already."""

    id: str
    name: str = ""
    keys: tuple[KeyEntry, ...] = ()
    transit_router_service: bool = False


@dataclass(frozen=True)
class VSwitchEntry:
    name: str
    zone: str
    cidr: str
    id: str = ""


@dataclass(frozen=True)
class VpcEntry:
    """``account`` is an account id; the first account when empty (as everywhere below)."""

    name: str
    region: str
    cidr: str
    vswitches: tuple[VSwitchEntry, ...] = ()
    id: str = ""
    account: str = ""


@dataclass(frozen=True)
class GatewayEntry:
    """A dedicated gateway instance; ``vpc`` (and ``vswitch``): names of what it is bound to, if it is."""

    name: str
    region: str
    spec: str = "api.s1.small"
    zone: str = ""
    vpc: str = ""
    vswitch: str = ""
    id: str = ""
    account: str = ""


@dataclass(frozen=True)
class MachineEntry:
    """A seat; ``vpc`` and ``vswitch`` are names; without ``ip`` it takes the vSwitch's first free address.

    ``processes`` and ``source``: as those of a HostEntry.
    """

    name: str
    vpc: str
    vswitch: str
    ip: str = ""
    hosts: Mapping[str, str] = field(default_factory=dict)
    resolves: bool = True
    processes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    source: str = ""
    id: str = ""
    account: str = ""


@dataclass(frozen=True)
class FunctionEntry:
    """A function in a custom runtime; ``source`` is a folder relative to the world file, ``command`` starts it."""

    name: str
    region: str
    source: str
    command: tuple[str, ...]
    port: int = 9000
    account: str = ""


@dataclass(frozen=True)
class HostEntry:
    """A machine of a site: a seat. ``processes``: port to the command of a web server behind it, which listens on the
    loopback port that it finds in ``PORT``. ``source``: the folder that its commands are started in, relative to the
    world file. ``hosts``: names that it knows by itself."""

    name: str
    ip: str
    processes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    source: str = ""
    hosts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SiteEntry:
    """A data centre. ``routes``: static routes of its router, each ``via`` a circuit that leads here (name or id).
    ``asn`` with ``announces``: its BGP speaker. ``firewall``: what it lets in; nothing else gets in."""

    name: str
    prefixes: tuple[str, ...]
    routes: tuple[SiteRoute, ...] = ()
    asn: int = 0
    bgp_key: str = ""
    announces: tuple[str, ...] = ()
    firewall: tuple[FirewallRule, ...] = ()
    hosts: tuple[HostEntry, ...] = ()
    answers_health_checks: bool = True
    resolves: bool = True
    account: str = ""


@dataclass(frozen=True)
class CircuitEntry:
    """A line to a site, in one of CIRCUIT_STATES. ``access_point``: the region's first that takes lines when empty.

    With ``part_of`` it is a hosted connection: a slice of that circuit of a partner (another account), with its
    ``vlan``, for the ``account``, which has confirmed it where it is enabled. ``bandwidth`` in Mbit/s; 0: that of the
    port.
    """

    name: str
    region: str
    site: str = ""
    access_point: str = ""
    bandwidth: int = 0
    state: str = "enabled"
    part_of: str = ""
    vlan: int = 0
    id: str = ""
    account: str = ""


@dataclass(frozen=True)
class VbrEntry:
    """A border router on a circuit (by name), in one of VBR_STATES, made by the circuit's account. For another
    ``account`` it begins as unconfirmed, and then needs no addresses."""

    name: str
    circuit: str
    vlan: int
    cloud_ip: str = ""
    site_ip: str = ""
    mask: str = "255.255.255.252"
    state: str = "active"
    id: str = ""
    account: str = ""


@dataclass(frozen=True)
class CenEntry:
    """``edition`` basic: with ``attached``, names of VPCs that are attached the Basic way (its regions have Basic
    routers by that; a CEN that joins nothing is of neither edition)."""

    name: str
    edition: str = "enterprise"
    attached: tuple[str, ...] = ()
    id: str = ""
    account: str = ""


CIRCUIT_STATES = ("allocated", "confirmed", "enabled", "terminated")
EDITIONS = ("enterprise", "basic")
VBR_STATES = ("unconfirmed", "active", "terminated")


@dataclass(frozen=True)
class WorldFile:
    """``seed`` is the number that ids are minted from. ``file`` is what errors call the file; ``folder`` is what its
    sources are relative to."""

    name: str = "unnamed"
    seed: int = 1
    regions: tuple[RegionEntry, ...] = ()
    accounts: tuple[AccountEntry, ...] = ()
    vpcs: tuple[VpcEntry, ...] = ()
    gateways: tuple[GatewayEntry, ...] = ()
    functions: tuple[FunctionEntry, ...] = ()
    sites: tuple[SiteEntry, ...] = ()
    circuits: tuple[CircuitEntry, ...] = ()
    vbrs: tuple[VbrEntry, ...] = ()
    cens: tuple[CenEntry, ...] = ()
    machines: tuple[MachineEntry, ...] = ()
    file: str = "the world"
    folder: str = ""
