"""Words that every report uses: a value, a change, a sum of changes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from gatespan.planning.checklist import UNSEEN, Item
from gatespan.planning.model import Action, Change, FieldChange, Plan
from gatespan.planning.money import Cost
from gatespan.resources.base import UNKNOWN, Step

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


def by_step(plan: Plan) -> list[tuple[str, list[Change]]]:
    """The changes that matter, step by step in the procedure's order (the reverse for a removal)."""
    steps = [str(s) for s in Step]
    if any(c.action is Action.DELETE and c.step != str(Step.REMOVE_REST) for c in plan.changes):
        steps.reverse()
    return [(step, rows) for step in steps if (rows := [c for c in plan.changes if c.step == step])]


def shown_fields(change: Change) -> tuple[FieldChange, ...]:
    """The fields worth reading: of a new thing those that say something, of a changed one all that differ."""
    if change.action is not Action.CREATE:
        return change.fields
    return tuple(f for f in change.fields if f.new not in (None, "", True, [], {}))


def summary(plan: Plan) -> str:
    """One line: what the plan comes to."""
    if plan.blocked:
        n = len(plan.blocked)
        return f"Blocked: {n} thing{'s' if n > 1 else ''} must be settled by a person first."
    if not plan.changing:
        return "Nothing to remove." if plan.removal else "No changes. The cloud is as the topology says."
    words = {Action.CREATE: "to create", Action.UPDATE: "to change", Action.DELETE: "to remove"}
    parts = [f"{len(plan.of(a))} {w}" for a, w in words.items() if plan.of(a)]
    kept = len(plan.of(Action.KEEP, Action.LEAVE))
    return f"Plan: {', '.join(parts)}, {kept} as they are."


def checklist_summary(items: Sequence[Item]) -> str:
    """One line: what is left for people."""
    if not items:
        return "Nothing is left for people to do outside the cloud."
    due, unseen = (sum(i.state == state for i in items) for state in ("to do", UNSEEN))
    return f"For people: {due} to do, {unseen} that cannot be seen from here, {len(items) - due - unseen} done."


PER = {"hour": "per hour", "term": "once", "use": "by use"}


def purchase(cost: Cost) -> str:
    """One thing that is bought, its price, and whether it can be given back."""
    price = f"{cost.price} {PER[cost.basis]}" if cost.price else f"price unknown, {PER[cost.basis]}"
    return f"{cost.what} ({price}{f'; {cost.note}' if cost.note else ''})"
