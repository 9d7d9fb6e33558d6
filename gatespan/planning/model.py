"""What a plan is: plain, frozen data that people, JSON and Prefect can read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gatespan.resources.base import UNKNOWN


class Action(StrEnum):
    """What a plan does with one resource."""

    CREATE = "create"
    UPDATE = "update"
    KEEP = "keep"
    DELETE = "delete"
    LEAVE = "leave"
    BLOCKED = "blocked"


CHANGING = frozenset({Action.CREATE, Action.UPDATE, Action.DELETE})


@dataclass(frozen=True)
class FieldChange:
    """One owned field: what it is and what it shall be (``UNKNOWN``: known after apply)."""

    name: str
    old: Any
    new: Any


@dataclass(frozen=True)
class Change:
    """What becomes of one resource. ``why`` explains a block, or why something is left alone."""

    key: str
    label: str
    step: str
    region: str
    action: Action
    id: str | None = None
    fields: tuple[FieldChange, ...] = ()
    why: str = ""
    adopted: bool = False
    paid: bool = False

    def to_json(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "label": self.label,
            "step": self.step,
            "region": self.region,
            "action": str(self.action),
            "id": self.id,
            "adopted": self.adopted,
            "paid": self.paid,
            "why": self.why,
            "fields": [
                {"name": f.name, "old": plain(f.old), "new": plain(f.new), "known_after_apply": f.new is UNKNOWN}
                for f in self.fields
            ],
        }


NOT_MADE = "not made by this topology"
"""Why what a topology only uses is left by its removal."""


@dataclass(frozen=True)
class Plan:
    """The difference between the topology and the cloud, in the order of building; or, as a ``removal``, between
    nothing at all and the cloud, in the reverse order."""

    topology: str
    target: str
    changes: tuple[Change, ...]
    removal: bool = False

    def of(self, *actions: Action) -> tuple[Change, ...]:
        return tuple(c for c in self.changes if c.action in actions)

    @property
    def changing(self) -> tuple[Change, ...]:
        return tuple(c for c in self.changes if c.action in CHANGING)

    @property
    def blocked(self) -> tuple[Change, ...]:
        return self.of(Action.BLOCKED)

    def to_json(self) -> dict[str, Any]:
        counts = {str(a): len(self.of(a)) for a in Action if self.of(a)}
        return {
            "topology": self.topology,
            "target": self.target,
            "counts": counts,
            "changes": [c.to_json() for c in self.changes],
        }


class Did(StrEnum):
    """What was done with one resource."""

    CREATED = "created"
    CHANGED = "changed"
    KEPT = "kept"
    REMOVED = "removed"
    LEFT = "left"
    ABSENT = "absent"


@dataclass(frozen=True)
class Outcome:
    """What was done with one resource, and how long it took (seconds)."""

    key: str
    label: str
    did: Did
    id: str | None = None
    seconds: float = 0.0
    why: str = ""

    def to_json(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "label": self.label,
            "did": str(self.did),
            "id": self.id,
            "seconds": round(self.seconds, 3),
            "why": self.why,
        }


@dataclass(frozen=True)
class Progress:
    """Something that happened on the way, for whoever looks on: ``kind`` is start, wait, done or failed."""

    kind: str
    key: str
    label: str
    text: str = ""


class Failed(Exception):
    """Some resources failed. ``errors`` by key; ``outcomes`` is what was done all the same."""

    def __init__(self, errors: dict[str, Exception], outcomes: tuple[Outcome, ...], skipped: tuple[str, ...]) -> None:
        self.errors = errors
        self.outcomes = outcomes
        self.skipped = skipped
        lines = [str(e) for e in errors.values()]
        if skipped:
            lines.append(f"not tried, because they need those: {', '.join(skipped)}")
        super().__init__("\n".join(lines))


def plain(value: Any) -> Any:
    """A value as JSON takes it."""
    if value is UNKNOWN:
        return None
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in value]
    return value
