"""Reading the parameters of a call: flat ``Key``, ``List.1``, ``List.1.Field``, ``List.1.Value.2`` as sent on the wire.

Booleans come in any case (the Python SDK sends ``True``). What is missing or malformed is refused with the code of
the product, which its ``errors`` module declares as ``Codes``.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gatespan.emulator.errors import CloudError


@dataclass(frozen=True)
class Codes:
    """How a product words a missing and an invalid parameter: functions from the name to the refusal."""

    missing: Callable[[str], CloudError]
    invalid: Callable[[str, str], CloudError]


class Params:
    """The parameters of one call. ``body`` holds the JSON body of an ROA call."""

    def __init__(self, flat: Mapping[str, str], codes: Codes, body: Mapping[str, Any] | None = None) -> None:
        self.flat = flat
        self.codes = codes
        self.body: Mapping[str, Any] = body or {}

    def __contains__(self, name: str) -> bool:
        return bool(self.flat.get(name))

    def text(self, name: str, default: str | None = None) -> str:
        """The text, or the default; without a default an absent or empty value is refused."""
        value = self.flat.get(name) or default
        if value is None:
            raise self.codes.missing(name)
        return value

    def optional(self, name: str) -> str | None:
        return self.flat.get(name) or None

    def given(self, name: str) -> bool:
        """True when the caller sent the parameter, empty or not."""
        return name in self.flat

    def integer(
        self, name: str, default: int | None = None, *, least: int | None = None, most: int | None = None
    ) -> int:
        raw = self.flat.get(name)
        if not raw:
            if default is None:
                raise self.codes.missing(name)
            return default
        try:
            value = int(raw)
        except ValueError:
            raise self.codes.invalid(name, raw) from None
        if (least is not None and value < least) or (most is not None and value > most):
            raise self.codes.invalid(name, raw)
        return value

    def boolean(self, name: str, default: bool | None = None) -> bool:
        raw = self.flat.get(name)
        if not raw:
            if default is None:
                raise self.codes.missing(name)
            return default
        if raw.lower() not in ("true", "false"):
            raise self.codes.invalid(name, raw)
        return raw.lower() == "true"

    def choice(self, name: str, allowed: tuple[str, ...], default: str | None = None) -> str:
        value = self.text(name, default)
        if value not in allowed:
            raise self.codes.invalid(name, value)
        return value

    def cidr(self, name: str, default: str | None = None) -> str:
        """A strict IPv4 network; a bare address is a /32."""
        value = self.text(name, default)
        try:
            return str(ipaddress.IPv4Network(value))
        except ValueError:
            raise self.codes.invalid(name, value) from None

    def texts(self, name: str) -> list[str]:
        """``Name.1``, ``Name.2`` ... in the order of their numbers."""
        prefix = name + "."
        found = [(k[len(prefix) :], v) for k, v in self.flat.items() if k.startswith(prefix)]
        return [v for _, v in sorted(((int(i), v) for i, v in found if i.isdigit()))]

    def structs(self, name: str) -> list[dict[str, str]]:
        """``Name.1.Field`` ... as a list of flat dictionaries (deeper keys stay dotted)."""
        prefix = name + "."
        rows: dict[int, dict[str, str]] = {}
        for key, value in self.flat.items():
            if key.startswith(prefix):
                index, _, rest = key[len(prefix) :].partition(".")
                if index.isdigit() and rest:
                    rows.setdefault(int(index), {})[rest] = value
        return [rows[i] for i in sorted(rows)]

    def tags(self, name: str = "Tag") -> dict[str, str]:
        return {row["Key"]: row.get("Value", "") for row in self.structs(name) if row.get("Key")}

    def filters(self, name: str = "Filter") -> dict[str, set[str]]:
        """``Filter.1.Key`` with ``Filter.1.Value.1`` ...: key to the set of accepted values."""
        out: dict[str, set[str]] = {}
        for row in self.structs(name):
            values = {v for k, v in row.items() if k == "Value" or k.startswith("Value.")}
            if row.get("Key"):
                out.setdefault(row["Key"], set()).update(values)
        return out

    def document(self, name: str, default: Any = None) -> Any:
        """A parameter that carries JSON text."""
        raw = self.flat.get(name)
        if not raw:
            return default
        try:
            return json.loads(raw)
        except ValueError:
            raise self.codes.invalid(name, raw) from None
