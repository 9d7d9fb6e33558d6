"""Plans, outcomes and calls in a terminal. Colour only where the terminal has it (rich decides)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text

from gatespan.planning.checklist import UNSEEN, Item
from gatespan.planning.model import NOT_MADE, Action, Change, Outcome, Plan
from gatespan.planning.money import Bill, lines
from gatespan.report.words import SIGNS, by_step, checklist_summary, shown_fields, summary, value
from gatespan.trace.live import CallResult

STYLES = {
    Action.CREATE: "green",
    Action.UPDATE: "yellow",
    Action.DELETE: "red",
    Action.KEEP: "dim",
    Action.LEAVE: "dim",
    Action.BLOCKED: "bold red",
}


def show_bill(console: Console, bill: Bill) -> None:
    """What changes cost: it comes before them. Nothing at all where nothing costs money."""
    for n, line in enumerate(lines(bill)):
        console.print(Text(line if n else f"\n{line}", style="" if n else "bold magenta"), soft_wrap=True)


def show_plan(console: Console, plan: Plan, *, everything: bool = False) -> None:
    """The changes by step of the procedure, and the sum. ``everything`` lists what stays as well."""
    for step, changes in by_step(plan):
        rows = [c for c in changes if everything or _matters(c)]
        if rows:
            console.print(Text(f"\n{step}", style="bold"))
        for change in rows:
            _show_change(console, change)
    console.print()
    console.print(Text(summary(plan), style="bold"))


def _matters(change: Change) -> bool:
    return change.action is not Action.KEEP and change.why != NOT_MADE


def _show_change(console: Console, change: Change) -> None:
    line = Text(f"  {SIGNS[change.action]} {change.label}", style=STYLES[change.action])
    if change.id:
        line.append(f"  {change.id}", style="dim")
    if change.paid and change.action is Action.CREATE:
        line.append("  costs money", style="bold magenta")
    console.print(line, soft_wrap=True)
    if change.why:
        console.print(Text(f"      {change.why}"), soft_wrap=True)
    if change.action not in (Action.CREATE, Action.UPDATE):
        return
    for field in shown_fields(change):
        new = value(field.new)
        text = f"{field.name}: {new}" if field.old is None else f"{field.name}: {value(field.old)} → {new}"
        console.print(Text(f"      {text}", style="dim" if change.action is Action.CREATE else ""), soft_wrap=True)


def show_calls(console: Console, results: Iterable[CallResult]) -> None:
    for r in results:
        mark, style = ("✓", "green") if r.ok else ("✗", "bold red")
        line = Text(f"  {mark} {r.name}", style=style)
        line.append(f"  {r.method} {r.url} from {r.seat}")
        if r.status is not None:
            line.append(f" → {r.status}, {r.bytes} bytes in {r.seconds:.2f} s")
        console.print(line, soft_wrap=True)
        if r.why:
            console.print(Text(f"      {r.why}"), soft_wrap=True)
        elif r.body_excerpt:
            console.print(Text(f"      {r.body_excerpt.strip()[:200]}", style="dim"), soft_wrap=True)


def show_outcomes(console: Console, outcomes: Iterable[Outcome]) -> None:
    for o in outcomes:
        line = Text(f"  {o.did}  {o.label}")
        if o.id:
            line.append(f"  {o.id}", style="dim")
        if o.why:
            line.append(f"  ({o.why})")
        console.print(line, soft_wrap=True)


def show_checklist(console: Console, items: Sequence[Item]) -> None:
    """What only people can do, place by place; nothing at all where there is nothing."""
    if not items:
        return
    console.print(Text("\nOutside the cloud", style="bold"))
    marks = {"done": ("✓", "green"), "to do": ("○", "bold yellow"), UNSEEN: ("?", "")}
    for item in items:
        mark, style = marks[item.state]
        line = Text(f"  {mark} {item.where}: {item.what}", style=style)
        line.append(f"  ({item.state})", style="dim")
        console.print(line, soft_wrap=True)
        for text in item.values if item.state != "done" else ():
            console.print(Text(f"      {text}"), soft_wrap=True)
        if item.state == "to do":
            console.print(Text(f"      {item.why}", style="dim"), soft_wrap=True)
    console.print(Text(checklist_summary(items)))
