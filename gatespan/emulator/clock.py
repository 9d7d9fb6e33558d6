"""The cloud's own clock: real time, real time with an offset, or a clock that only tests turn."""

from __future__ import annotations

import time
from collections.abc import Callable


class Clock:
    """Seconds since the epoch as the cloud sees them. ``advance`` turns it by hand; ``freeze`` stops it."""

    def __init__(self, source: Callable[[], float] = time.time) -> None:
        self._source = source
        self._offset = 0.0
        self._frozen: float | None = None

    def now(self) -> float:
        return self._frozen if self._frozen is not None else self._source() + self._offset

    def advance(self, seconds: float) -> float:
        if seconds < 0:
            raise ValueError("the clock only goes forward")
        if self._frozen is not None:
            self._frozen += seconds
        else:
            self._offset += seconds
        return self.now()

    def freeze(self, at: float | None = None) -> None:
        self._frozen = self.now() if at is None else at

    def run(self) -> None:
        """Let time pass again, from where it stands."""
        if self._frozen is not None:
            self._offset = self._frozen - self._source()
            self._frozen = None

    def state(self) -> dict[str, float | None]:
        """What must be kept to go on later from the same time."""
        return {"offset": self._offset, "frozen": self._frozen}

    def resume(self, offset: float, frozen: float | None) -> None:
        self._offset, self._frozen = offset, frozen

    @property
    def frozen(self) -> bool:
        return self._frozen is not None
