"""How objects move through their states: declared per kind, timed, turned by tests.

A ``Transition`` is declared beside the kind it belongs to (``services/*/rules.py``): the state shown while it lasts,
the state at its end, and how many seconds the real service takes. The latency mode says what becomes of those
seconds: none at all, a fraction, the real figure, or a number of reads.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

from gatespan.emulator.clock import Clock
from gatespan.emulator.world import Pending, Thing, World

GONE = "(gone)"
"""The end of a transition that removes the object."""

Mode = Literal["none", "fast", "realistic", "reads"]
FAST_FACTOR = 0.01
FAST_FLOOR = 0.05
NEVER = float("inf")


@dataclass(frozen=True, slots=True)
class Transition:
    """``busy`` while it lasts, ``done`` after ``seconds`` of the real service's time."""

    busy: str
    done: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Latency:
    """The latency mode. ``reads`` counts describes of the object before it moves on."""

    mode: Mode = "none"
    reads: int = 2

    def lasts(self, seconds: float) -> float:
        if self.mode == "none":
            return 0.0
        if self.mode == "fast":
            return max(FAST_FLOOR, seconds * FAST_FACTOR) if seconds else 0.0
        return seconds


T = TypeVar("T", bound=Thing)
Hook = Callable[[World, Thing], None]


class LifeCycle:
    """Starts transitions and ends those that are due. ``ended`` runs the hook of the kind and the state reached."""

    def __init__(self, world: World, clock: Clock, latency: Latency | None = None) -> None:
        self.world = world
        self.clock = clock
        self.latency = latency or Latency()
        self.hooks: dict[tuple[str, str], Hook] = {}

    def on_end(self, kind: str, state: str, hook: Hook) -> None:
        """Run ``hook`` when an object of the kind reaches the state (``GONE``: just before it is removed)."""
        self.hooks[(kind, state)] = hook

    def begin(self, thing: T, transition: Transition, *, stuck: bool = False) -> T:
        """Put the object into the busy state; with no latency, at once into the done state."""
        lasts = self.latency.lasts(transition.seconds)
        if stuck:
            due, reads = NEVER, 0
        elif self.latency.mode == "reads" and transition.seconds:
            due, reads = NEVER, self.latency.reads
        elif lasts <= 0:
            return self._end(dataclasses.replace(thing, pending=None), transition.done)
        else:
            due, reads = self.clock.now() + lasts, 0
        busy = dataclasses.replace(thing, status=transition.busy, pending=Pending(transition.done, due, reads))
        return self.world.put(busy)

    def settle(self) -> None:
        """End every transition whose time has come. Called before each request; must run in a transaction."""
        for thing in self.world.derived("pending", _pending):
            current = self.world.get(type(thing), thing.id)
            if current is not None and current.pending and current.pending.due <= self.clock.now():
                self._end(current, current.pending.to)

    def seen(self, thing: Thing) -> None:
        """Count one read of the object (latency mode ``reads``)."""
        pending = thing.pending
        if pending is None or pending.reads <= 0:
            return
        if pending.reads == 1:
            self._end(thing, pending.to)
        else:
            self.world.change(thing, pending=dataclasses.replace(pending, reads=pending.reads - 1))

    def moving(self) -> bool:
        """True when any object is in transition."""
        return bool(self.world.derived("pending", _pending))

    def next_due(self) -> float | None:
        """When the next timed transition ends (cloud time), for a clock that is turned by hand."""
        dues = [t.pending.due for t in self.world.derived("pending", _pending) if t.pending]
        return min((due for due in dues if due != NEVER), default=None)

    def _end(self, thing: T, state: str) -> T:
        settled = dataclasses.replace(thing, status=thing.status if state == GONE else state, pending=None)
        self.world.put(settled)
        hook = self.hooks.get((thing.KIND, state))
        if hook:
            hook(self.world, settled)
        current = self.world.get(type(settled), settled.id)
        if state == GONE and current is not None:
            self.world.remove(current)
        return current or settled


def _pending(world: World) -> list[Thing]:
    return [thing for thing in world if thing.pending is not None]
