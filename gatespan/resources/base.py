"""What every resource of the engine is: one small declarative class per cloud thing.

A resource knows how to find itself, what it wants, how to be created, changed and removed, and which states it
passes through. It holds no loop, no retry and no wait: those are in ``cloud``; order, comparison and parallelism are
in ``planning``. References to other resources are fields of type ``Ref``, so the order of building and of removal
follows from them.

Absence is an answer (``find`` returns None), never an error. What a person must settle first is a ``Blocked``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, ClassVar, Protocol

from gatespan.cloud import BUDGETS, Cloud, Inventory, Wait


class Step(StrEnum):
    """The steps of the procedure, in its order and in its words."""

    CREATE_API = "create the API"
    BUILD_CEN = "build the CEN"
    ASSIGN_BANDWIDTH = "assign bandwidth"
    CONNECT_SITE = "connect the data center"
    ROUTE_SERVICES = "configure cloud-service routes"
    BIND_VPC = "bind the VPC"
    ENABLE_DOMAIN = "enable the VPC domain"
    GRANT_ACCESS = "create the VPC grant"
    REMOVE_REST = "remove what the file asks for no more"


class Ref(str):
    """The key of another resource of the same topology."""

    __slots__ = ()


class Blocked(Exception):
    """A person must decide first: the message says what was found, where, and what to do."""


class Foreign(Blocked):
    """Somebody else's thing stands in our place, or ours does not carry our mark. ``id``: that thing's, where known."""

    def __init__(self, text: str, id: str = "") -> None:
        super().__init__(text)
        self.id = id


class Several(Foreign):
    """More than one thing fits where one is meant."""


class Waiting(Blocked):
    """People outside the cloud must act first (carrier, partner, site): the message says what and with which values.

    A build stops here with an exit code of its own, or its flow pauses; a later run goes on.
    """


class Unknown:
    """A value that exists only after another resource is made."""

    def __repr__(self) -> str:
        return "(known after apply)"


UNKNOWN = Unknown()


@dataclass(frozen=True)
class Found:
    """A resource as read from the cloud.

    ``fields`` has the names of the wanted fields; ``owner`` is the topology whose tag the thing carries (None: no
    tag); ``adopted`` says that it was there before us: it is used and compared, never removed.
    """

    id: str
    status: str = "present"
    fields: Mapping[str, Any] = field(default_factory=dict)
    owner: str | None = None
    adopted: bool = False
    row: Mapping[str, Any] = field(default_factory=dict)


class Scope(Protocol):
    """What a resource may use: the door, whole lists read once, and what is known of other resources."""

    @property
    def topology(self) -> str: ...
    @property
    def cloud(self) -> Cloud: ...
    @property
    def inventory(self) -> Inventory: ...
    def found(self, ref: str) -> Found | None:
        """What was found of another resource; None when it is not there (yet)."""

    def id_of(self, ref: str) -> Any:
        """Its id, or ``UNKNOWN`` when it is not there yet."""

    def until(self, probe: Callable[[], str | None], wait: Wait, what: str) -> None:
        """Wait for what a change set going besides the thing itself (a task of the cloud). Raises TimedOut, Fatal."""


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One cloud thing that a topology asks for.

    Subclasses declare ``KIND``, the waits and ``LISTS`` (the read actions that show the thing: their cached answers
    are dropped after a change), ``FIXED`` (wanted fields that the cloud cannot change in place), ``PAID`` (making it
    costs money) and ``TOKEN`` (False where creating takes no client token: look, act, and look again before acting).
    ``WATCHED``: fields that drift reports and nothing here changes, with the name that each has in the row.
    """

    KIND: ClassVar[str]
    TITLE: ClassVar[str]
    READY: ClassVar[Wait] = Wait(good=frozenset({"present"}), budget=60)
    GONE: ClassVar[Wait] = Wait(good=frozenset(), gone=True, budget=300)
    LISTS: ClassVar[tuple[str, ...]] = ()
    FIXED: ClassVar[frozenset[str]] = frozenset()
    PAID: ClassVar[bool] = False
    TOKEN: ClassVar[bool] = True
    WATCHED: ClassVar[Mapping[str, str]] = MappingProxyType({})

    name: str
    region: str
    step: Step
    after: tuple[Ref, ...] = ()

    @property
    def key(self) -> Ref:
        return Ref(f"{self.KIND}.{self.name}")

    @property
    def label(self) -> str:
        """For people: ``VPC attachment vpc-3 (cn-beijing)``."""
        return f"{self.TITLE} {self.name} ({self.region})"

    def parts(self) -> Iterator[Ref]:
        """The resources that it is made of or hangs on: without them it cannot be there."""
        for f in dataclasses.fields(self):
            value = getattr(self, f.name)
            for one in value if isinstance(value, tuple) and f.name != "after" else (value,):
                if isinstance(one, Ref):
                    yield one

    def refs(self) -> Iterator[Ref]:
        """Every resource that must be ready before this one is made: its parts, and what it comes ``after``."""
        yield from self.parts()
        yield from self.after

    @property
    def makes(self) -> bool:
        """False for a thing that must exist already."""
        return True

    def find(self, scope: Scope) -> Found | None:
        """Read it from the cloud. Called only when everything it refers to was found."""
        raise NotImplementedError

    def wants(self, scope: Scope) -> Mapping[str, Any]:
        """The owned fields as they shall be; ``UNKNOWN`` where a reference is not made yet."""
        return {}

    def watches(self, scope: Scope) -> Mapping[str, Any]:
        """The watched fields as they shall be, where that can be said."""
        return {}

    def watched(self, found: Found) -> Mapping[str, Any]:
        """The watched fields as they are; what the cloud does not tell is left out."""
        return {name: found.row[key] for name, key in self.WATCHED.items() if found.row.get(key) is not None}

    def foresee(self, scope: Scope) -> None:
        """Look for what would refuse its making, before anything of the topology is made. Raises Blocked. What it
        refers to need not be there yet."""

    def create(self, scope: Scope, token: str) -> str | None:
        """Make it; return its id where the cloud gives one. ``token`` is for actions that take a client token."""
        raise NotImplementedError

    def update(self, scope: Scope, found: Found, changes: Mapping[str, Any]) -> None:
        """Change the given fields in place."""
        raise NotImplementedError

    def delete(self, scope: Scope, found: Found) -> None:
        raise NotImplementedError

    def tidy(self, scope: Scope) -> None:
        """Take away what else a removal must not leave, once the thing itself is gone, or was not there."""

    def remedy(self, scope: Scope, found: Found | None) -> str:
        """What people outside the cloud must do when the wait for it runs out: then it is ``Waiting``, not an error of
        the cloud. Empty: nobody outside can help."""
        return ""

    def removable(self, scope: Scope, found: Found) -> bool:
        """True when teardown may remove it: it is ours. Parts of another thing ask that thing."""
        return not found.adopted and found.owner == scope.topology


LEAVING = frozenset({"Deleting", "Detaching", "Detached", "Dissociating", "Disabling", "Deleted"})
"""States of a thing that is on its way out: it must be gone before it can be made again."""


def ready(kind: str, *good: str, bad: tuple[str, ...] = ()) -> Wait:
    """The wait for a good state, with the kind's budget (``cloud.BUDGETS``)."""
    return Wait(good=frozenset(good), bad=frozenset(bad), budget=BUDGETS[kind][0])


def watch(**names: str) -> Mapping[str, str]:
    """For ``WATCHED``."""
    return MappingProxyType(names)


def gone(kind: str) -> Wait:
    return Wait(good=frozenset(), gone=True, budget=BUDGETS[kind][1])
