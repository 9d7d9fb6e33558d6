"""Things that belong to no product: accounts, their keys, machines that sit in a network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gatespan.emulator.world import Thing


@dataclass(frozen=True, kw_only=True)
class Account(Thing):
    """An account; ``id`` is the numeric account id as text, equal to ``account``."""

    KIND = "account"
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class AccessKey(Thing):
    """A key pair of an account; ``id`` is the access key id. STS keys carry ``token``, ``role`` and ``expires``."""

    KIND = "access_key"
    secret: str
    token: str = ""
    role: str = ""
    session: str = ""
    expires: float = 0.0
    active: bool = True


@dataclass(frozen=True, kw_only=True)
class Machine(Thing):
    """A host in a vSwitch from which calls are sent: a seat of the data plane, known by its ``name`` (``ecs-3``).

    ``hosts``: names that its own hosts file resolves. ``resolves``: False where its DNS does not know VPC domains.
    ``processes`` and ``folder``: as those of a SiteHost.
    """

    KIND = "machine"
    name: str
    vpc_id: str = ""
    vswitch_id: str = ""
    ip: str = ""
    hosts: Mapping[str, str] = field(default_factory=dict)
    resolves: bool = True
    processes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    folder: str = ""


@dataclass(frozen=True)
class SiteRoute:
    """A static route of a site's router: what lies behind the circuit ``via`` (a physical connection's name or id)."""

    destination: str
    via: str


@dataclass(frozen=True)
class FirewallRule:
    """What a site's firewall lets in: from a source block to a host of the site, on a port (0: any)."""

    source: str
    destination: str = "0.0.0.0/0"
    port: int = 0


@dataclass(frozen=True)
class SiteHost:
    """A machine of a site: a seat by its ``name``. ``processes``: port to the command of a real process behind it, a
    web server on the loopback port ``PORT``, started in ``folder`` (one of its own when empty); ``hosts``: names that
    its resolver knows."""

    name: str
    ip: str
    processes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hosts: Mapping[str, str] = field(default_factory=dict)
    folder: str = ""


@dataclass(frozen=True, kw_only=True)
class Site(Thing):
    """A data centre: prefixes, a router with static routes or a BGP speaker (``asn`` 0: none), a firewall, hosts.

    What people do on site is done here, by the world file or the control API; forgetting it fails as it does there.
    ``resolves``: its DNS forwards the zone of VPC domains, so that every host knows them.
    """

    KIND = "site"
    name: str
    prefixes: tuple[str, ...] = ()
    routes: tuple[SiteRoute, ...] = ()
    asn: int = 0
    bgp_key: str = ""
    announces: tuple[str, ...] = ()
    firewall: tuple[FirewallRule, ...] = ()
    hosts: tuple[SiteHost, ...] = ()
    answers_health_checks: bool = True
    resolves: bool = True
