"""How often an action may be called: published limits as data, and a token bucket per action and region."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from gatespan.cloud.clock import Clock

DEFAULT = 50.0
"""Calls per second where nothing is published (documented for most CloudAPI actions: 50 per second and account)."""

LIMITS: Mapping[tuple[str, str], float] = {
    # (product, action): calls per second and account [CEN quota page]
    ("cbn", "CreateTransitRouter"): 3.0,
    ("cbn", "DeleteTransitRouter"): 3.0,
    ("cbn", "CreateCen"): 5.0,
    ("cbn", "DescribeCens"): 5.0,
    ("cbn", "ListTransitRouters"): 8.0,
}
BURST = 20.0


class RateLimiter:
    """``take`` sleeps until the call may go. A bucket holds ``BURST`` calls and refills at the limit."""

    def __init__(self, limits: Mapping[tuple[str, str], float], clock: Clock) -> None:
        self._limits = limits
        self._clock = clock
        self._lock = threading.Lock()
        self._free: dict[tuple[str, str, str], tuple[float, float]] = {}

    def take(self, product: str, action: str, region: str) -> None:
        rate = self._limits.get((product, action), DEFAULT)
        with self._lock:
            now = self._clock.now()
            free, since = self._free.get((product, action, region), (BURST, now))
            free = min(BURST, free + max(0.0, now - since) * rate) - 1.0
            self._free[(product, action, region)] = (free, now)
        if free < 0:
            self._clock.sleep(-free / rate)
