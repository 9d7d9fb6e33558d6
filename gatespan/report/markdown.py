"""Plans and calls as markdown, for Prefect artifacts and pull requests."""

from __future__ import annotations

from collections.abc import Iterable

from gatespan.planning.checklist import Item
from gatespan.planning.model import Action, Change, Plan
from gatespan.report.words import SIGNS, by_step, shown_fields, summary, value
from gatespan.trace.live import CallResult


def plan_markdown(plan: Plan) -> str:
    """The plan as a table: what happens, to what, and the fields that change."""
    lines = [f"**{plan.topology}** on {plan.target}", "", summary(plan), ""]
    shown = [c for _, rows in by_step(plan) for c in rows if c.action not in (Action.KEEP, Action.LEAVE)]
    if not shown:
        return "\n".join(lines)
    lines += ["| | what | step | details |", "|---|---|---|---|"]
    lines += [f"| {SIGNS[c.action]} {c.action} | {_cell(c.label)} | {c.step} | {_cell(_details(c))} |" for c in shown]
    return "\n".join(lines)


def calls_markdown(results: Iterable[CallResult]) -> str:
    """The verifying calls as a table."""
    rows = list(results)
    lines = ["| | call | from | request | status | time | why |", "|---|---|---|---|---|---|---|"]
    for r in rows:
        mark = "passed" if r.ok else "**failed**"
        cells = [mark, r.name, r.seat, f"`{r.method} {r.url}`", str(r.status or "-"), f"{r.seconds:.2f} s", r.why]
        lines.append(f"| {' | '.join(map(_cell, cells))} |")
    if not rows:
        return "The topology names no verifying call."
    return "\n".join(lines)


def checklist_markdown(items: Iterable[Item]) -> str:
    """What only people can do, as a table."""
    rows = list(items)
    if not rows:
        return "Nothing is left for people to do outside the cloud."
    lines = ["| state | what | where | values | why |", "|---|---|---|---|---|"]
    for i in rows:
        values = "<br>".join(_cell(v) for v in i.values)
        lines.append(f"| {i.state} | {_cell(i.what)} | {_cell(i.where)} | {values} | {_cell(i.why)} |")
    return "\n".join(lines)


def _details(change: Change) -> str:
    if change.why:
        return change.why
    if change.action is Action.UPDATE:
        return "; ".join(f"{f.name}: {value(f.old)} → {value(f.new)}" for f in change.fields)
    return "; ".join(f"{f.name}: {value(f.new)}" for f in shown_fields(change))


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
