"""Plans and calls as markdown, for Prefect artifacts and pull requests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gatespan.planning.checklist import Item
from gatespan.planning.model import Action, Change, Plan
from gatespan.planning.money import Bill
from gatespan.planning.money import lines as bill_lines
from gatespan.planning.teardown import Proof
from gatespan.report.words import PER, SIGNS, by_step, checklist_summary, shown_fields, summary, value
from gatespan.trace.live import CallResult


def plan_markdown(plan: Plan, bill: Bill | None = None, checklist: Sequence[Item] = ()) -> str:
    """What it costs; the plan as a table: what happens, to what, and the fields that change; what is left for people.
    Costs and people only where there are any."""
    parts = [f"**{plan.topology}** on {plan.target}: {summary(plan)}"]
    parts += [f"**Cost**\n\n{bill_markdown(bill)}"] if bill and bill.costs else []
    parts += [f"**Changes**\n\n{table}"] if (table := _changes(plan)) else []
    if checklist:
        parts.append(f"**Outside the cloud**\n\n{checklist_markdown(checklist)}\n\n{checklist_summary(checklist)}")
    return "\n\n".join(parts) + "\n"


def bill_markdown(bill: Bill) -> str:
    """What changes cost, as a table with the source of each price, and the sums."""
    rows = ["| what | price | source | note |", "|---|---|---|---|"]
    for cost in bill.costs:
        price = f"{cost.price} {PER[cost.basis]}" if cost.price else f"unknown, {PER[cost.basis]}"
        source = f"{cost.price.source}, {cost.price.as_of}" if cost.price else ""
        rows.append(f"| {' | '.join(map(_cell, (cost.what, price, source, cost.note)))} |")
    *_, sums = bill_lines(bill)
    return "\n".join([*rows, "", sums.strip()])


def _changes(plan: Plan) -> str:
    shown = [c for _, rows in by_step(plan) for c in rows if c.action not in (Action.KEEP, Action.LEAVE)]
    if not shown:
        return ""
    rows = ["| | what | step | details |", "|---|---|---|---|"]
    rows += [f"| {SIGNS[c.action]} {c.action} | {_cell(c.label)} | {c.step} | {_cell(_details(c))} |" for c in shown]
    return "\n".join(rows)


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
    """What only people can do, as a list: it is read in forms, which are narrow."""
    lines = []
    for i in items:
        lines.append(f"- **{i.where}: {i.what}** ({i.state})")
        if i.state != "done":
            lines += [*(f"  - {value}" for value in i.values), f"  - *{i.why}*"]
    return "\n".join(lines) or "Nothing is left for people to do outside the cloud."


def proof_markdown(proof: Proof) -> str:
    """What a removal has proved: what is still there, what still bills, what was left on purpose."""
    rows = [f"* {line.strip()}" if line.startswith("  ") else f"\n**{line}**\n" for line in proof.lines()]
    return "\n".join(rows).lstrip() + "\n"


def _details(change: Change) -> str:
    if change.why:
        return change.why
    if change.action is Action.UPDATE:
        return "; ".join(f"{f.name}: {value(f.old)} → {value(f.new)}" for f in change.fields)
    return "; ".join(f"{f.name}: {value(f.new)}" for f in shown_fields(change))


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
