"""The bandwidth of inter-region links: every byte that crosses one is paced, whichever connection it belongs to.

A link's direction is a line on which bytes are sent one after the other at the link's rate; a piece arrives when its
last byte has left the line. Real time is meant, not the cloud's clock.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

CREDIT = 0.005
"""Seconds of idle line that may be made up for: a timer that wakes late must not cost bandwidth."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """A link crossed in one direction. ``mbps`` in Mbit/s (10^6 bits)."""

    link_id: str
    into: str
    mbps: int


class Shaper:
    """The lines of one cloud. ``now`` and ``sleep`` are given by tests."""

    def __init__(
        self,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._now = now
        self._sleep = sleep
        self._free: dict[tuple[str, str], float] = {}

    async def carry(self, size: int, crossings: Iterable[Crossing]) -> None:
        """Return when ``size`` bytes have crossed all the links (one after the other sees them as they come)."""
        now = self._now()
        arrival = now
        for crossing in crossings:
            line = (crossing.link_id, crossing.into)
            start = max(self._free.get(line, 0.0), now - CREDIT)
            end = start + size * 8 / (crossing.mbps * 1_000_000)
            self._free[line] = end
            arrival = max(arrival, end)
        if arrival - now > CREDIT / 5:
            await self._sleep(arrival - now)
