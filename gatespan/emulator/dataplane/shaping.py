"""The bandwidth of inter-region links and border routers: every byte that crosses one is paced, whichever connection
it belongs to.

A link's direction is a line on which bytes are sent one after the other at the link's rate; a piece arrives when its
last byte has left the line. Real time is meant, not the cloud's clock.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

from gatespan.emulator.dataplane.http import Request
from gatespan.emulator.routes import Walk
from gatespan.emulator.services.vpc.models import RouteTable, VirtualBorderRouter
from gatespan.emulator.world import World

CREDIT = 0.005
"""Seconds of idle line that may be made up for: a timer that wakes late must not cost bandwidth."""
HEAD_BYTES = 200
"""Bytes that the head of an answer, or the first line of a request, is counted as."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """A link crossed in one direction. ``mbps`` in Mbit/s (10^6 bits)."""

    link_id: str
    into: str
    mbps: float


def crossings(world: World, walk: Walk) -> tuple[Crossing, ...]:
    """The lines that a walk crosses, with their bandwidth as it is now. A border router's is that of its VLAN
    interfaces together (choice), towards the circuit and away from it; 0 is no limit."""
    links = zip(walk.links, walk.entered, walk.mbps, strict=True)
    found = [Crossing(link, into, mbps) for link, into, mbps in links if mbps > 0]
    for hop, then in pairwise(walk.hops):
        table = world.get(RouteTable, hop.id) if hop.kind == "vbr_table" else None
        vbr = world.get(VirtualBorderRouter, table.router_id) if table else None
        if vbr is not None and vbr.bandwidth > 0:
            found.append(Crossing(vbr.id, "circuit" if then.kind == "circuit" else "cloud", vbr.bandwidth))
    return tuple(found)


def size_of(request: Request) -> int:
    """Bytes that a request is counted as on a line."""
    return HEAD_BYTES + len(request.target) + sum(len(k) + len(v) + 4 for k, v in request.headers) + len(request.body)


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
