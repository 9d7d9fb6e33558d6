"""Looking: what is known of a topology's things, read from the cloud and never from a state of its own.

It is what resources see of the engine (``resources.base.Scope``), and the waits that are nothing but looking again.
"""

from __future__ import annotations

import random as random_module
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from gatespan.cloud import Clock, Cloud, Inventory, NotFound, TimedOut, Wait, wait_until
from gatespan.planning.graph import Graph
from gatespan.planning.model import Progress
from gatespan.resources.base import UNKNOWN, Foreign, Found, Resource, Waiting


class Looking(ABC):
    """Thread-safe: resources of one topology may be looked at at the same time."""

    def __init__(
        self,
        graph: Graph,
        cloud: Cloud,
        inventory: Inventory,
        clock: Clock,
        random: random_module.Random,
        progress: Callable[[Progress], None],
    ) -> None:
        self.graph = graph
        self.cloud = cloud
        self.inventory = inventory
        self._clock = clock
        self._random = random
        self._progress = progress
        self._known: dict[str, Found] = {}
        self._blocked: set[str] = set()
        self._lock = threading.Lock()

    @property
    @abstractmethod
    def topology(self) -> str:
        """Its name, which marks what is ours."""

    def found(self, ref: str) -> Found | None:
        """What is known of a resource; looked up when nothing is known yet."""
        with self._lock:
            held = self._known.get(ref)
        return held if held is not None else self._find(self.graph[ref])

    def known(self, key: str) -> Found | None:
        """What was last found of a resource, without looking."""
        with self._lock:
            return self._known.get(key)

    def id_of(self, ref: str) -> Any:
        found = self.found(ref)
        return found.id if found else UNKNOWN

    def now(self) -> float:
        """Epoch seconds, by the engine's clock."""
        return self._clock.now()

    def until(self, probe: Callable[[], str | None], wait: Wait, what: str) -> None:
        wait_until(probe, wait, what=what, clock=self._clock, random=self._random)

    def _find(self, resource: Resource) -> Found | None:
        if any(self.found(ref) is None for ref in resource.parts()):
            return None
        try:
            found = resource.find(self)
        except NotFound:
            found = None
        with self._lock:
            if found is None:
                self._known.pop(resource.key, None)
            else:
                self._known[resource.key] = found
        return found

    def _look(self, resource: Resource) -> Found | None:
        """Find with fresh eyes."""
        self.inventory.forget(*resource.LISTS)
        return self._find(resource)

    def forget(self, *, lists: bool = True) -> None:
        """Look at everything anew. ``lists``: False keeps the lists that are read (others may share them)."""
        if lists:
            self.inventory.refresh()
        with self._lock:
            self._known.clear()
            self._blocked.clear()

    def _until(self, resource: Resource, wait: Wait) -> Found:
        seen: list[Found] = []

        def probe() -> str | None:
            found = self._look(resource)
            if found is not None:
                seen.append(found)
            return found.status if found else None

        def polled(state: str | None, waited: float) -> None:
            self._say("wait", resource, f"{state or 'not there yet'}, {waited:.0f} s")

        try:
            wait_until(probe, wait, what=resource.label, clock=self._clock, random=self._random, on_poll=polled)
        except TimedOut as error:
            remedy = resource.remedy(self, seen[-1] if seen else None)
            if remedy:
                raise Waiting(f"{resource.label}: {remedy}") from error
            raise
        return seen[-1]

    def _until_gone(self, resource: Resource, *, ours: bool = False) -> None:
        """``ours``: what was there before us, or beside us, may stay."""

        def probe() -> str | None:
            try:
                found = self._look(resource)
            except Foreign:
                if ours:
                    return None
                raise
            return found.status if found and not (ours and found.adopted) else None

        wait_until(probe, resource.GONE, what=resource.label, clock=self._clock, random=self._random)

    def _say(self, kind: str, resource: Resource, text: str) -> None:
        self._progress(Progress(kind, resource.key, resource.label, text))
