"""Client tokens that say what is being made, so that a retry and a restart send the same one."""

from __future__ import annotations

import hashlib


def client_token(*parts: str) -> str:
    """A stable token of 56 ASCII characters (the APIs take 64) from what is being made."""
    digest = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
    return f"gatespan-{digest[:47]}"
