"""Which signature nonces were used: bounded in time and in memory.

Two generations of hashes: the older one is forgotten when the younger is full or old enough. A nonce is therefore
remembered for at least 15 minutes (the window of a time stamp), or for the last ``CAPACITY`` calls at least. How long
the real service remembers is not published: a choice of the embedded cloud.
"""

from __future__ import annotations

WINDOW = 15 * 60.0
CAPACITY = 100_000


class Nonces:
    def __init__(self, window: float = WINDOW, capacity: int = CAPACITY) -> None:
        self._window = window
        self._capacity = capacity
        self.clear()

    def clear(self) -> None:
        self._young: set[int] = set()
        self._old: set[int] = set()
        self._since = float("-inf")

    def fresh(self, key_id: str, nonce: str, now: float) -> bool:
        """Note the nonce; False when the key has used it before."""
        if now - self._since >= self._window or len(self._young) >= self._capacity:
            forgotten = now - self._since >= 2 * self._window
            self._old, self._young, self._since = (set() if forgotten else self._young), set(), now
        mark = hash((key_id, nonce))  # 64 keyed bits: small, and not to be collided on purpose
        if mark in self._young or mark in self._old:
            return False
        self._young.add(mark)
        return True

    def __len__(self) -> int:
        return len(self._young) + len(self._old)
