"""What things cost, as far as it was published: a dated table, for clouds and accounts that cannot be asked.

An amount that is not in here and that the cloud does not tell is unknown, and printed so; it is never zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Price:
    """``amount`` per unit, in ``currency``. ``source``: who says so; ``as_of``: when (year-month, or a day)."""

    amount: Decimal
    currency: str
    source: str
    as_of: str

    def __str__(self) -> str:
        return f"{self.amount.normalize():f} {self.currency}"


def _gateway(amount: Decimal) -> Price:
    return Price(amount, "USD", "vendor's price list of dedicated instances", "2025-02")


LARGE = Decimal("6.78")
INSTANCE_HOUR: Mapping[tuple[str, bool], Price] = {
    # (spec, in the Chinese mainland); x2 to x6 are exact multiples of s2.large there.
    ("api.s1.small", True): _gateway(Decimal("0.87")),
    ("api.s1.medium", True): _gateway(Decimal("2.37")),
    ("api.s2.large", True): _gateway(LARGE),
    **{(f"api.s2.x{n}", True): _gateway(LARGE * n) for n in range(2, 7)},
    ("api.s1.small", False): _gateway(Decimal("0.93")),
}
