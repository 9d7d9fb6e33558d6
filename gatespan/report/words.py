"""Words that every report uses: a value, a change, a sum of changes."""

from __future__ import annotations

import json
from typing import Any

from gatespan.planning.model import Action, Plan
from gatespan.resources.base import UNKNOWN

SIGNS = {
    Action.CREATE: "+",
    Action.UPDATE: "~",
    Action.DELETE: "-",
    Action.KEEP: " ",
    Action.LEAVE: " ",
    Action.BLOCKED: "!",
}


def value(v: Any) -> str:
    """A value as a person reads it."""
    if v is UNKNOWN:
        return "(known after apply)"
    if v is None or v == "":
        return "(none)"
    if isinstance(v, dict | list | tuple):
        return json.dumps(v, default=str, ensure_ascii=False)
    return str(v)


def summary(plan: Plan) -> str:
    """One line: what the plan comes to."""
    if plan.blocked:
        n = len(plan.blocked)
        return f"Blocked: {n} thing{'s' if n > 1 else ''} must be settled by a person first."
    if not plan.changing:
        return "No changes. The cloud is as the topology says."
    words = {Action.CREATE: "to create", Action.UPDATE: "to change", Action.DELETE: "to remove"}
    parts = [f"{len(plan.of(a))} {w}" for a, w in words.items() if plan.of(a)]
    kept = len(plan.of(Action.KEEP, Action.LEAVE))
    return f"Plan: {', '.join(parts)}, {kept} as they are."
