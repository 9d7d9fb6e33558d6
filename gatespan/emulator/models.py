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
    """

    KIND = "machine"
    name: str
    vpc_id: str = ""
    vswitch_id: str = ""
    ip: str = ""
    hosts: Mapping[str, str] = field(default_factory=dict)
    resolves: bool = True
