"""How often an action may be called: published limits as data, and a token bucket per action and region."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass

from gatespan.cloud.clock import Clock


@dataclass(frozen=True)
class Limit:
    """So many calls in so many seconds, as the vendor publishes it: per account, region and action."""

    calls: int
    seconds: float = 1.0

    @property
    def burst(self) -> float:
        """A third may come at once, the rest evenly over the time: no window of that length ever holds more."""
        return max(1.0, self.calls // 3)

    @property
    def rate(self) -> float:
        """Calls per second once the burst is spent."""
        return max(self.calls - self.burst, 0.5) / self.seconds  # a limit of one call: half the pace is safe


DEFAULT = Limit(50)
"""Where nothing is published (help pages give 50 per second and account for most CloudAPI writes)."""

LIMITS: Mapping[tuple[str, str], Limit] = {
    # (product, action); an action of "" is the product's usual limit [VPC: help pages; CEN: API quota page].
    ("vpc", ""): Limit(300, 60.0),
    ("cbn", "CreateTransitRouter"): Limit(3),
    ("cbn", "DeleteTransitRouter"): Limit(3),
    ("cbn", "CreateCen"): Limit(300, 60.0),
    ("cbn", "DescribeCens"): Limit(300, 60.0),
    ("cbn", "ListTransitRouters"): Limit(500, 60.0),
}


class RateLimiter:
    """``take`` sleeps until the call may go. Thread-safe: who comes later waits longer."""

    def __init__(self, limits: Mapping[tuple[str, str], Limit], clock: Clock) -> None:
        self._limits = limits
        self._clock = clock
        self._lock = threading.Lock()
        self._free: dict[tuple[str, str, str], tuple[float, float]] = {}

    def take(self, product: str, action: str, region: str) -> None:
        limit = self._limits.get((product, action)) or self._limits.get((product, "")) or DEFAULT
        with self._lock:
            now = self._clock.now()
            free, since = self._free.get((product, action, region), (limit.burst, now))
            free = min(limit.burst, free + max(0.0, now - since) * limit.rate) - 1.0
            self._free[(product, action, region)] = (free, now)
        if free < 0:
            self._clock.sleep(-free / limit.rate)
