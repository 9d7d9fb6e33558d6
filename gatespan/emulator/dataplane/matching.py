"""Which API of a group a request is for: method and path against the live copies of one stage."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from gatespan.emulator.services.cloudapi.models import DeployedApi

_PARAMETER = re.compile(r"\[([^\]]+)\]")
REST = "*"
"""The name under which the part matched by a trailing ``/*`` is kept."""


@dataclass(frozen=True)
class Match:
    """The API, and the values of its path's parameters as sent (still percent-encoded)."""

    api: DeployedApi
    values: Mapping[str, str]


def join(base: str, path: str) -> str:
    """The group's base path and a path of it."""
    return f"/{base.strip('/')}/{path.lstrip('/')}" if base.strip("/") else f"/{path.lstrip('/')}"


def match(apis: Iterable[DeployedApi], base: str, method: str, path: str) -> Match | None:
    """The API whose method and path fit; fixed segments win over parameters, these over a trailing wildcard (choice),
    an exact method over ANY."""
    found: list[tuple[tuple[object, ...], Match]] = []
    for api in apis:
        request = api.definition.get("RequestConfig") or {}
        verb = str(request.get("RequestHttpMethod", "")).upper()
        if verb not in (method, "ANY"):
            continue
        template = join(base, str(request.get("RequestPath", "/")))
        values = fit(template, path)
        if values is not None:
            kinds = tuple(2 if s == "*" else bool(_PARAMETER.search(s)) for s in template.split("/"))
            found.append(((kinds, verb == "ANY"), Match(api, values)))
    return min(found, key=lambda f: f[0], default=(None, None))[1]


def fit(template: str, path: str) -> dict[str, str] | None:
    """The values of the template's parameters in the path, or None when it does not fit."""
    expected, given = _segments(template), _segments(path)
    values: dict[str, str] = {}
    if expected and expected[-1] == "*":
        expected = expected[:-1]
        if len(given) < len(expected):
            return None
        values[REST] = "/".join(given[len(expected) :])
        given = given[: len(expected)]
    if len(expected) != len(given):
        return None
    for want, have in zip(expected, given, strict=True):
        parameter = _PARAMETER.fullmatch(want)
        if parameter and have:
            values[parameter[1]] = have
        elif unquote(want) != unquote(have):
            return None
    return values


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with its parameters and its wildcard replaced."""
    filled = _PARAMETER.sub(lambda m: values.get(m[1], m[0]), template)
    return filled[:-1] + values.get(REST, "") if filled.endswith("/*") else filled


def _segments(path: str) -> list[str]:
    return path.strip("/").split("/") if path.strip("/") else []
