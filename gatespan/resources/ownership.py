"""Whose is it? Ownership is written on the things themselves: two tags where the API takes tags, else a mark in the
description. There is no state file; this module is what replaces it.

A thing is found by id, else by its tags, else by its exact name. A name match without our tags belongs to somebody
else: it is used only when the topology says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gatespan.resources.base import Foreign, Several

TOPOLOGY = "gatespan:topology"
RESOURCE = "gatespan:resource"


def tags(topology: str, key: str) -> list[dict[str, str]]:
    """The ownership tags as tag parameters take them."""
    return [{"Key": TOPOLOGY, "Value": topology}, {"Key": RESOURCE, "Value": key}]


def mark(topology: str, key: str) -> str:
    """The ownership mark for descriptions: ``gatespan:topology=demo gatespan:resource=api.g/a``."""
    return f"{TOPOLOGY}={topology} {RESOURCE}={key}"


def read_tags(row: Mapping[str, Any]) -> dict[str, str]:
    """Tags in any of the shapes that answers use: Tags.Tag[], Tags.TagInfo[], Tags[], TagList.Tag[]."""
    value: Any = row.get("Tags") or row.get("TagList") or row.get("tags") or ()
    if isinstance(value, Mapping):
        value = next((v for v in value.values() if isinstance(v, list)), ())
    return {
        str(t.get("Key") or t.get("TagKey") or t.get("key")): str(t.get("Value") or t.get("TagValue") or t.get("value"))
        for t in value
    }


def read_mark(text: str | None) -> dict[str, str]:
    return dict(part.split("=", 1) for part in (text or "").split() if part.startswith("gatespan:") and "=" in part)


def owner(row: Mapping[str, Any], description: str = "Description") -> str | None:
    """The topology that the thing belongs to, by tag or by mark."""
    return (read_tags(row) | read_mark(row.get(description))).get(TOPOLOGY)


def pick(
    rows: Iterable[Mapping[str, Any]],
    *,
    what: str,
    topology: str,
    key: str,
    id: str | None,
    id_field: str,
    name: str | None,
    name_field: str,
    existing: bool = False,
    adopt: bool = False,
    description: str = "Description",
) -> tuple[Mapping[str, Any], bool] | None:
    """The one row that is meant, and whether it is adopted.

    ``existing``: it must be there, found by its exact name, untagged or not. ``adopt``: an untagged row of that name
    is taken over. Raises Blocked when several fit, or when one fits by name only and may not be taken.
    """
    rows = list(rows)
    if id:
        return next(((r, True) for r in rows if r[id_field] == id), None)
    marks = [(r, read_tags(r) | read_mark(r.get(description))) for r in rows]
    ours = [
        r
        for r, m in marks
        if m.get(TOPOLOGY) == topology
        and (m.get(RESOURCE) == key or (RESOURCE not in m and name and r.get(name_field) == name))
    ]
    named = [r for r in rows if name and r.get(name_field) == name and r not in ours]
    if not existing and len(ours) == 1:
        return ours[0], False
    if not existing and len(ours) > 1:
        todo = "remove the one that is not in use"
        raise Several(_several(what, "carry this topology's tags", ours, id_field, todo), ours[-1][id_field])
    if existing and len(named) + len(ours) > 1:
        todo = "name the one you mean by its id"
        raise Several(_several(what, f"are named {name}", [*named, *ours], id_field, todo), named[-1][id_field])
    if existing:
        return next(((r, True) for r in [*ours, *named]), None)
    if named and adopt and len(named) == 1:
        return named[0], True
    if named and not adopt:
        other = owner(named[0], description)
        whose = f"belongs to the topology {other}" if other else "carries no ownership tag"
        raise Foreign(
            f"{what}: {named[0][id_field]} has this name but {whose}. "
            "Give it by id, set `adopt: true` to use it as it is, or choose another name.",
            named[0][id_field],
        )
    if named:
        todo = "name the one you mean by its id"
        raise Several(_several(what, f"are named {name}", named, id_field, todo), named[-1][id_field])
    return None


def _several(what: str, why: str, rows: list[Mapping[str, Any]], id_field: str, todo: str) -> str:
    return f"{what}: {len(rows)} things {why} ({', '.join(r[id_field] for r in rows)}): {todo}."
