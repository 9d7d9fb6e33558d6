"""One call on its way through the cloud: who calls, where, with what; and the helpers every action needs."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from gatespan.emulator.ids import Ids
from gatespan.emulator.lifecycle import LifeCycle, Transition
from gatespan.emulator.params import Params
from gatespan.emulator.regions import Endpoints
from gatespan.emulator.world import Thing, World

if TYPE_CHECKING:
    from gatespan.emulator.dataplane.processes import Processes
    from gatespan.emulator.service import Action, Service

T = TypeVar("T", bound=Thing)
Row = TypeVar("Row")


@dataclass(frozen=True)
class Call:
    """What an action sees. ``account`` is the account id, ``region`` the listener's or the parameter's region.

    ``stuck`` is set by a fault rule: transitions begun by this call never end by themselves.
    ``list_lag``: seconds during which a new object is missing from lists (reading it by id works).
    ``access_key``: the id of the key that signed; ``endpoints``: where this cloud's products listen;
    ``processes``: the functions that run.
    """

    world: World
    life: LifeCycle
    ids: Ids
    service: Service
    action: Action
    params: Params
    account: str
    region: str
    request_id: str
    path: dict[str, str] = dataclasses.field(default_factory=dict)
    raw_body: bytes = b""
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    stuck: bool = False
    list_lag: float = 0.0
    access_key: str = ""
    endpoints: Endpoints = dataclasses.field(default_factory=Endpoints)
    processes: Processes | None = None

    @property
    def now(self) -> float:
        return self.life.clock.now()

    def mine(self, cls: type[T], id: str | None) -> T | None:
        """The object if it exists and belongs to the calling account. Counts as one read of it."""
        thing = self.world.get(cls, id)
        if thing is None or thing.account != self.account:
            return None
        self.life.seen(thing)
        return self.world.get(cls, id)

    def listed(
        self, cls: type[T], where: Callable[[T], bool] | None = None, *, among: Iterable[T] | None = None
    ) -> list[T]:
        """The account's objects that a list shows now. Counts as one read of each that is in motion.

        ``among``: the candidates, where an index knows them; else all objects of the class.
        """
        candidates = self.world.all(cls) if among is None else among
        account = self.account
        found = [t for t in candidates if t.account == account]
        if self.list_lag:
            newest = self.now - self.list_lag
            found = [t for t in found if t.created <= newest]
        if where is not None:
            found = [t for t in found if where(t)]
        if self.life.moving() and any(t.pending and t.pending.reads for t in found):
            for t in found:
                self.life.seen(t)
            found = [t for t in (self.world.get(cls, t.id) for t in found) if t is not None]
        return found

    def begin(self, thing: T, transition: Transition) -> T:
        """Start a life-cycle transition of the object (and store it)."""
        return self.life.begin(thing, transition, stuck=self.stuck)

    # --- answers in the products' common shapes -----------------------------------------------------------

    def page(self, rows: Sequence[Row], *, default: int = 10, most: int = 50) -> tuple[Sequence[Row], dict[str, int]]:
        """Cut one page by PageNumber and PageSize: the rows and TotalCount, PageNumber, PageSize."""
        number = self.params.integer("PageNumber", 1, least=1)
        size = self.params.integer("PageSize", default, least=1, most=most)
        start = (number - 1) * size
        return rows[start : start + size], {"TotalCount": len(rows), "PageNumber": number, "PageSize": size}

    def token_page(
        self, rows: Sequence[Row], *, size_name: str = "MaxResults", default: int = 20, most: int = 100
    ) -> tuple[Sequence[Row], dict[str, Any]]:
        """Cut one page by NextToken: the rows and NextToken (empty at the end), TotalCount, MaxResults."""
        size = self.params.integer(size_name, default, least=1, most=most)
        token = self.params.optional("NextToken")
        if token and not token.isdigit():
            raise self.params.codes.invalid("NextToken", token)
        start = int(token or 0)
        after = start + size
        more = str(after) if after < len(rows) else ""
        return rows[start:after], {"NextToken": more, "TotalCount": len(rows), size_name: size}


def tagged(things: Iterable[T], tags: dict[str, str]) -> list[T]:
    """The things that carry all the tags (an empty value matches any value)."""
    if not tags:
        return things if isinstance(things, list) else list(things)
    return [t for t in things if all(k in t.tags and (not v or t.tags[k] == v) for k, v in tags.items())]


def iso(seconds: float, *, minutes: bool = False) -> str:
    """``2026-01-02T03:04:05Z``, or to the minute as CEN answers."""
    form = "%Y-%m-%dT%H:%MZ" if minutes else "%Y-%m-%dT%H:%M:%SZ"
    return datetime.fromtimestamp(seconds, UTC).strftime(form)
