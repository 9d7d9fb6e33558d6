"""What the embedded cloud answers when it refuses: a code, an HTTP status, a message.

Codes are the real service's own, misspellings included. Each product keeps its codes in its ``errors`` module.
"""

from __future__ import annotations

from collections.abc import Mapping


class CloudError(Exception):
    """A refusal on the wire. ``extra`` goes into the error body, ``headers`` onto the answer."""

    def __init__(
        self,
        code: str,
        message: str,
        status: int = 400,
        *,
        extra: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.extra = dict(extra or {})
        self.headers = dict(headers or {})


class DropConnection(Exception):
    """A fault: the connection closes and no answer is sent."""
