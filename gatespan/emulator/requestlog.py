"""What was asked of the cloud, call by call, and which ways requests took through the data plane.

A ring in memory: the last 10,000 entries, with secrets struck out and long values cut before they are kept.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

CAPACITY = 10_000
LONGEST = 400
"""Characters of a value that are kept."""
_SECRET_WORDS = ("secret", "password", "signature", "securitytoken", "appcode", "privatekey", "authkey")
_COMMON = {"Action", "Version", "Format", "Timestamp", "AccessKeyId", "SecurityToken"} | {
    f"Signature{rest}" for rest in ("", "Method", "Version", "Nonce", "Type")
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One call. ``n`` counts from 1; ``time`` is real time; ``changed``: the world changed by it."""

    n: int
    time: float
    account: str
    product: str
    action: str
    region: str
    params: Mapping[str, Any]
    status: int
    code: str
    request_id: str
    changed: bool
    writes: bool

    def row(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass
class RequestLog:
    """The calls in order, the walks of the data plane in order, and how often each action was called."""

    calls: deque[Entry] = field(default_factory=lambda: deque(maxlen=CAPACITY))
    walks: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=CAPACITY))
    counts: dict[tuple[str, str], int] = field(default_factory=dict)
    _n: int = 0

    def note(
        self,
        *,
        account: str,
        product: str,
        action: str,
        region: str,
        params: Mapping[str, Any],
        status: int,
        code: str,
        request_id: str,
        changed: bool,
        writes: bool,
    ) -> None:
        """Keep one call; ``code`` is empty for a success."""
        self._n += 1
        name = (product, action)
        self.counts[name] = self.counts.get(name, 0) + 1
        kept = {k: shown(k, v) for k, v in params.items() if k not in _COMMON}
        self.calls.append(
            Entry(
                self._n, time.time(), account, product, action, region, kept, status, code, request_id, changed, writes
            )
        )

    def note_walk(self, walk: dict[str, Any]) -> None:
        """Keep the way of one data-plane request: any JSON object; ``n`` and ``time`` are added."""
        self._n += 1
        self.walks.append({"n": self._n, "time": time.time(), **walk})

    def select(self, since: int = 0, product: str = "", action: str = "", writes: bool = False) -> list[dict[str, Any]]:
        """The calls after number ``since``, by product, by action, only those that write."""
        return [
            e.row()
            for e in self.calls
            if e.n > since
            and (not product or e.product == product)
            and (not action or e.action == action)
            and (not writes or e.writes)
        ]

    def clear(self) -> None:
        """Forget all entries; the numbers go on."""
        self.calls.clear()
        self.walks.clear()
        self.counts.clear()


def shown(name: str, value: Any) -> Any:
    """The value as it may be kept: no secrets, nothing long."""
    lowered = name.lower()
    if any(word in lowered for word in _SECRET_WORDS):
        return "(secret)"
    if isinstance(value, Mapping):
        return {k: shown(str(k), v) for k, v in value.items()}
    if isinstance(value, list):
        return [shown(name, v) for v in value]
    if isinstance(value, str) and len(value) > LONGEST:
        return f"{value[:LONGEST]}… ({len(value)} characters)"
    return value
