"""Terms that were paid in advance: what is bought for one cannot be given back before it ends."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any


def paid_until(row: Mapping[str, Any], now: float) -> str:
    """The day (ISO) on which a paid term ends; empty without one, and when it is over. ``now``: epoch seconds."""
    for name in ("ExpiredTime", "EndTime"):
        value = row.get(name)
        if value:
            return _day(value, now)
    return ""


def _day(value: Any, now: float) -> str:
    try:
        when = datetime.fromtimestamp(int(value) / 1000, UTC)
    except (TypeError, ValueError):
        text = str(value).replace("Z", "+00:00")
        if len(text) == 22:  # minutes only: 2026-12-01T16:00+00:00
            text = f"{text[:16]}:00{text[16:]}"
        when = datetime.fromisoformat(text)
    return when.date().isoformat() if when.timestamp() > now else ""
