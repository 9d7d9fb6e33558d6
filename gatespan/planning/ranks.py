"""What a difference breaks and whether it may be repaired unasked: the declared table (``ranks.yaml``), and the words
that its sentences use.

The rank says what the one difference breaks by itself; a path model may take its place later. One judgement is made
here: a site that has another line into the CEN is not cut off by what happens to one of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from gatespan.planning.engine import Engine
from gatespan.resources.base import Resource
from gatespan.topology import Site


class Difference(StrEnum):
    """The ways in which a thing can be other than the topology says."""

    MISSING = "missing"
    CHANGED = "changed"
    NOT_READY = "not ready"
    DUPLICATED = "duplicated"
    FOREIGN = "foreign"
    ORPHAN = "orphan"
    NOT_COMPARABLE = "not comparable"


class Rank(StrEnum):
    """What a difference breaks."""

    OUTAGE = "outage"
    DEGRADED = "degraded"
    COSMETIC = "cosmetic"

    @property
    def weight(self) -> int:
        """For sorting: the worst first."""
        return list(Rank).index(self)


class Cure(StrEnum):
    """Who may repair it."""

    SAFE = "safe"
    ASK = "ask"
    LEAVE = "leave"

    @property
    def weight(self) -> int:
        """For several differences of one thing: the most careful counts."""
        return list(Cure).index(self)


@dataclass(frozen=True)
class Row:
    rank: Rank
    cure: Cure
    sentence: str

    def say(self, words: Mapping[str, Any]) -> str:
        """The sentence for people. A word that nobody gave shows as a dash."""
        return self.sentence.format_map(defaultdict(lambda: "-", words))


@cache
def table() -> Mapping[str, Mapping[str, Any]]:
    """The rows by kind: ``{kind: {difference: Row, "fields": {field: Row}}}``; ``strangers`` by what they are."""
    raw: Mapping[str, Mapping[str, Any]] = YAML(typ="safe", pure=True).load(Path(__file__).with_name("ranks.yaml"))
    return {
        kind: {
            name: {f: _row(r) for f, r in row.items()} if name == "fields" else _row(row) for name, row in rows.items()
        }
        for kind, rows in raw.items()
    }


def row(kind: str, difference: Difference) -> Row:
    """The row of a kind's difference. Raises KeyError where the table has none."""
    own: Row | None = table()[kind].get(difference)
    return own if own is not None else table()["any"][difference]


def field_row(kind: str, field: str) -> Row:
    fields: Mapping[str, Row] = {**table()["any"]["fields"], **table()[kind].get("fields", {})}
    return fields[field]


def stranger_row(what: str) -> Row:
    found: Row = table()["strangers"][what]
    return found


def _row(raw: list[str]) -> Row:
    rank, cure, sentence = raw
    return Row(Rank(rank), Cure(cure), sentence)


# --- words -----------------------------------------------------------------------------------------------------


def words(engine: Engine, resource: Resource) -> dict[str, Any]:
    """What the sentences about a resource may use."""
    api, _, app = resource.name.partition(":")
    return {
        "key": resource.key,
        "name": resource.name,
        "label": resource.label,
        "region": resource.region,
        "cut": _cut(engine, resource),
        "attachment": _attachment(engine, resource),
        "destination": getattr(resource, "destination", "-"),
        "regions": " and ".join(_ends(resource)) or "-",
        "api": api,
        "app": app or resource.name,
    }


def site_of(engine: Engine, resource: Resource) -> Site | None:
    """The data centre that a resource is of."""
    name = resource.name.removeprefix(f"{engine.design.hub.name}/").partition("/")[0]
    return next((s for s in engine.design.sites if s.name == name), None)


def line_of(engine: Engine, resource: Resource) -> str | None:
    """``site/circuit``, for what is of one circuit of a site that has another way into the CEN."""
    site = site_of(engine, resource)
    if site is None or site.connect != "cen":
        return None
    lines = [f"{site.name}/{c.circuit}" for c in site.circuits]
    return next((one for one in lines if len(lines) > 1 and f"{resource.name}/".startswith(f"{one}/")), None)


def _cut(engine: Engine, resource: Resource) -> str:
    """Who is cut off when this is gone."""
    ends = _ends(resource)
    if ends:
        return f"{' and '.join(ends)} cannot reach each other"
    site = site_of(engine, resource)
    if site is not None:
        return f"{site.name} is cut off from the gateway"
    hub, (first, _, second) = engine.design.hub.name, resource.name.partition("/")
    network = second if first == hub and second else first
    if network == hub:
        return "nobody behind the CEN can call the APIs"
    return f"{network} cannot call the APIs"


def _ends(resource: Resource) -> tuple[str, ...]:
    """The two regions that an inter-region connection, or a part of one, joins."""
    holder, peer = getattr(resource, "attachment", ""), getattr(resource, "peer_region", "")
    if peer:
        return resource.region, str(peer)
    if holder.startswith("peer_attachment."):
        one, other = resource.region, resource.name.partition("@")[0]
        return one, other.removeprefix(f"{one}-").removesuffix(f"-{one}")
    return ()


def _attachment(engine: Engine, resource: Resource) -> str:
    ref = getattr(resource, "attachment", None)
    found = engine.known(ref) if ref else None
    return found.id if found else "-"
