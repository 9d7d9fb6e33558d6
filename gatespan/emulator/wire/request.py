"""One HTTP request as the cloud reads it: nothing verified, nothing interpreted beyond its encoding."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

import orjson

from gatespan.emulator.errors import CloudError

MOST_FIELDS = 5000
"""Parameters of one request. Choice of the embedded cloud: far above what any action takes."""

Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Request:
    """``path`` is as sent (still percent-encoded), header names are lower case, ``region`` is the listener's
    region (empty on the central listener)."""

    method: str
    path: str
    query_string: str
    headers: dict[str, str]
    body: bytes
    region: str = ""

    @cached_property
    def query(self) -> Pairs:
        return _pairs(self.query_string)

    @cached_property
    def form(self) -> Pairs:
        """The pairs of an urlencoded body; empty for any other body."""
        if not self.body or not self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return []
        try:
            return _pairs(self.body.decode())
        except UnicodeDecodeError:
            raise CloudError("InvalidParameter", "The form body is not UTF-8 text.") from None

    @cached_property
    def flat(self) -> dict[str, str]:
        """Query and form together; the form wins where both name a parameter."""
        flat = dict(self.query)
        if self.body:
            flat.update(self.form)
        return flat

    def document(self) -> dict[str, Any] | None:
        """The JSON object of the body, None when the body is something else (code of a function, nothing)."""
        if not self.body or "json" not in self.headers.get("content-type", ""):
            return None
        try:
            value = orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            raise CloudError("InvalidArgument", f"The request body is not valid JSON: {error}.") from None
        if not isinstance(value, dict):
            raise CloudError("InvalidArgument", "The request body must be a JSON object.")
        return value


def _pairs(text: str) -> Pairs:
    if not text:
        return []
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise CloudError("InvalidParameter", f"A request takes at most {MOST_FIELDS} parameters.") from None
