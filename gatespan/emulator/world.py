"""The world: every object of the embedded cloud, in memory, with a version that grows with each change.

Objects are frozen dataclasses (``Thing``); a change is a ``put`` of a new value. Changes happen inside a
transaction, which is undone when the action refuses, so an action may change first and refuse later.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar


@dataclass(frozen=True, slots=True)
class Pending:
    """A state change that is under way: what comes next, and when (cloud time) or after how many reads."""

    to: str
    due: float
    reads: int = 0


@dataclass(frozen=True, kw_only=True)
class Thing:
    """One object of the cloud. Subclasses declare ``KIND`` and register themselves by it."""

    KIND: ClassVar[str] = ""
    id: str
    account: str
    region: str = ""
    created: float = 0.0
    status: str = ""
    pending: Pending | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.__dict__.get("KIND"):
            KINDS[cls.KIND] = cls


KINDS: dict[str, type[Thing]] = {}
"""Every kind of object by name; filled once, when the service modules are imported."""

T = TypeVar("T", bound=Thing)


@dataclass(frozen=True)
class Change:
    """One change of a committed transaction: ``after`` is None for a removal."""

    kind: str
    id: str
    before: Thing | None
    after: Thing | None


class World:
    """All objects of all accounts. Not thread-safe: one event loop owns it."""

    def __init__(self, on_commit: Callable[[tuple[Change, ...]], None] | None = None) -> None:
        self._things: dict[str, dict[str, Thing]] = {}
        self._journal: list[Change] | None = None
        self._on_commit = on_commit
        self.version = 0
        self.cache: dict[str, tuple[int, Any]] = {}

    def get(self, cls: type[T], id: str | None) -> T | None:
        thing = self._things.get(cls.KIND, {}).get(id or "")
        return thing if isinstance(thing, cls) else None

    def all(self, cls: type[T]) -> Iterable[T]:
        """Every object of the kind, in the order of creation."""
        return self._things.get(cls.KIND, {}).values()  # type: ignore[return-value]

    def find(self, cls: type[T], **equal: object) -> list[T]:
        """The objects whose attributes equal the given values, in the order of creation."""
        return [t for t in self.all(cls) if all(getattr(t, k) == v for k, v in equal.items())]

    def first(self, cls: type[T], **equal: object) -> T | None:
        return next(iter(self.find(cls, **equal)), None)

    def put(self, thing: T) -> T:
        """Add the object, or replace the one of the same id."""
        shelf = self._things.setdefault(thing.KIND, {})
        self._record(Change(thing.KIND, thing.id, shelf.get(thing.id), thing))
        shelf[thing.id] = thing
        return thing

    def change(self, thing: T, **values: Any) -> T:
        return self.put(dataclasses.replace(thing, **values))

    def remove(self, thing: Thing) -> None:
        shelf = self._things.get(thing.KIND, {})
        if thing.id in shelf:
            self._record(Change(thing.KIND, thing.id, shelf.pop(thing.id), None))

    def derived(self, name: str, compute: Callable[[World], Any]) -> Any:
        """A value computed from the world, kept until the world changes (route tables, indices)."""
        held = self.cache.get(name)
        if held is None or held[0] != self.version:
            held = (self.version, compute(self))
            self.cache[name] = held
        return held[1]

    def __iter__(self) -> Iterator[Thing]:
        for shelf in self._things.values():
            yield from shelf.values()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. Nested use joins the outer transaction."""
        if self._journal is not None:
            yield
            return
        self._journal = []
        try:
            yield
            changes = tuple(self._journal)
        except BaseException:
            self._undo(self._journal)
            raise
        finally:
            self._journal = None
        if changes and self._on_commit:
            try:
                self._on_commit(changes)
            except BaseException:
                # What could not be kept (a full disk) did not happen.
                self._undo(list(changes))
                raise

    def _record(self, change: Change) -> None:
        if self._journal is None:
            raise RuntimeError("the world changes only inside a transaction")
        self._journal.append(change)
        self.version += 1

    def _undo(self, journal: list[Change]) -> None:
        for change in reversed(journal):
            shelf = self._things.setdefault(change.kind, {})
            if change.before is None:
                shelf.pop(change.id, None)
            else:
                shelf[change.id] = change.before
        self.version += 1

    def replace_all(self, things: Iterable[Thing]) -> None:
        """Put a whole other world in place (start, reset, restore)."""
        with self.transaction():
            for thing in list(self):
                self.remove(thing)
            for thing in things:
                self.put(thing)
