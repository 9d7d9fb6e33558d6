"""Measuring real time on a machine that has other work too, and waiting in it."""

from __future__ import annotations

import time
from collections.abc import Callable


def took(work: Callable[[], object]) -> float:
    """Seconds that the work takes."""
    began = time.monotonic()
    work()
    return time.monotonic() - began


def within(least: float, most: float, measure: Callable[[], float], tries: int = 5) -> None:
    """The measure lies between the two. A busy machine may add to it, never take away: too much is measured again."""
    seen = []
    for _ in range(tries):
        seen.append(measure())
        assert seen[-1] >= least
        if seen[-1] < most:
            return
    raise AssertionError(f"never below {most}: {seen}")


def until(done: Callable[[], object], what: str, budget: float = 60.0) -> None:
    """Wait for what another process does."""
    end = time.monotonic() + budget
    while not done():
        assert time.monotonic() < end, f"{what}: not within {budget:.0f} s"
        time.sleep(0.1)
