"""The whole plan: what the file asks for, and what still carries its mark although the file asks for it no more.

What is taken out of a file is taken out of the cloud by the next apply, after the plan has shown it. What is paid for a
term stays until that ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from gatespan.planning.engine import Engine
from gatespan.planning.model import Action, Change, Outcome, Plan
from gatespan.planning.orphans import orphans, remove
from gatespan.resources.base import Step

PAID = frozenset({"bandwidth_plan"})


def whole_plan(engine: Engine) -> Plan:
    """``Engine.plan``, and the leftovers as changes of the last step. Reads only."""
    plan = engine.plan()
    return replace(plan, changes=(*plan.changes, *_leftovers(engine)))


def whole_removal(engine: Engine) -> Plan:
    """``Engine.plan_removal``, and the leftovers, which go first. Reads only."""
    plan = engine.plan_removal()
    return replace(plan, changes=(*_leftovers(engine), *plan.changes))


def _leftovers(engine: Engine) -> Iterator[Change]:
    for one in orphans(engine):
        paid = one.kind in PAID
        why = "the file asks for it no more" + ("; it is paid until its term ends" if paid else "")
        yield Change(
            key=one.key,
            label=f"{one.label} ({one.region})",
            step=str(Step.REMOVE_REST),
            region=one.region,
            action=Action.LEAVE if paid else Action.DELETE,
            id=one.id,
            why=why,
            paid=paid,
        )


def remove_leftovers(engine: Engine) -> tuple[Outcome, ...]:
    """Remove what ``whole_plan`` shows as leftovers, users first, each until it is gone. Raises CloudError when the
    cloud refuses; running it again goes on."""
    shown = [c.id for c in _leftovers(engine) if c.action is Action.DELETE and c.id]
    return remove(engine, shown) if shown else ()
