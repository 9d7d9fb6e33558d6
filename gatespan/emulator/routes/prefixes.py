"""CIDR arithmetic on integers: the engine asks it thousands of times, and ``ipaddress`` objects are slow."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TypeVar

T = TypeVar("T")


@lru_cache(maxsize=65536)
def prefix(cidr: str) -> tuple[int, int]:
    """Network number and mask length of ``10.0.0.0/8``; a bare address is a /32."""
    address, _, length = cidr.partition("/")
    return int.from_bytes(socket.inet_aton(address), "big"), int(length or 32)


def covers(outer: str, inner: str) -> bool:
    """True when ``inner`` (a CIDR or an address) is equal to or within ``outer``."""
    number, length = prefix(outer)
    other, longer = prefix(inner)
    return longer >= length and (number ^ other) >> (32 - length) == 0


def longest(routes: Iterable[T], address: str, destination: Callable[[T], str]) -> T | None:
    """The route of the longest prefix that covers the address; of equals the first."""
    matching = [r for r in routes if covers(destination(r), address)]
    return max(matching, key=lambda r: prefix(destination(r))[1], default=None)
