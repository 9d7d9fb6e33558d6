"""Identifiers in the shapes of the real services: prefix, region code, random tail.

Region codes as seen in captured output (bp1 Hangzhou, 2ze Beijing, ...); other regions use a code of our own.
"""

from __future__ import annotations

import random
import string

REGION_CODES = {
    "cn-hangzhou": "bp1",
    "cn-beijing": "2ze",
    "cn-shanghai": "uf6",
    "cn-shenzhen": "wz9",
    "cn-qingdao": "m5e",
    "cn-hongkong": "j6c",
    "ap-southeast-1": "t4n",
}
ALPHABET = string.ascii_lowercase + string.digits


class Ids:
    """Mints identifiers from a random source that is given, so that a test can repeat them."""

    def __init__(self, source: random.Random) -> None:
        self._source = source

    def reseed(self, source: random.Random) -> None:
        self._source = source

    def regional(self, prefix: str, region: str) -> str:
        """``vpc-bp1`` and 16 more characters."""
        code = REGION_CODES.get(region, "x0" + str(sum(map(ord, region)) % 10))
        return f"{prefix}-{code}{self._tail(16)}"

    def plain(self, prefix: str, length: int = 18) -> str:
        """``cen-`` and ``length`` characters."""
        return f"{prefix}-{self._tail(length)}"

    def hexadecimal(self, length: int = 32) -> str:
        return "".join(self._source.choices("0123456789abcdef", k=length))

    def digits(self, length: int) -> str:
        return str(self._source.randrange(10 ** (length - 1), 10**length))

    def request_id(self) -> str:
        h = self.hexadecimal(32).upper()
        return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"

    def _tail(self, length: int) -> str:
        return "".join(self._source.choices(ALPHABET, k=length))
