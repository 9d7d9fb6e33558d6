"""Drift and repair for people: in a terminal, and as markdown (artifacts, pull requests). JSON is the reports' own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from rich.console import Console
from rich.text import Text

from gatespan.planning.findings import Finding, Report
from gatespan.planning.history import History
from gatespan.planning.ranks import Cure, Rank
from gatespan.planning.repair import Repaired
from gatespan.report.words import value

STYLES = {Rank.OUTAGE: "bold red", Rank.DEGRADED: "yellow", Rank.COSMETIC: "dim"}
SIGNS = {Rank.OUTAGE: "✗", Rank.DEGRADED: "!", Rank.COSMETIC: "~"}
CURES = {
    Cure.SAFE: "may be repaired unasked",
    Cure.ASK: "may be repaired when somebody says yes",
    Cure.LEAVE: "a person must see to it",
}


def drift_summary(report: Report) -> str:
    """``cross-region: 1 outage, 2 degraded; 37 compared``."""
    counts = ", ".join(f"{len(report.of(rank))} {rank}" for rank in Rank if report.of(rank))
    unread = f"; {len(report.unread)} could not be read" if report.unread else ""
    return (
        f"{report.topology}: {counts or ('no drift' if not unread else 'not known')}{unread}; {report.checked} compared"
    )


def drift_lines(report: Report, history: History | None = None) -> Iterator[str]:
    """Plain lines: the sum, then each finding with what differs, since when, and who may repair it."""
    yield drift_summary(report)
    for finding in report.findings:
        yield f"  {SIGNS[finding.rank]} {finding.rank}: {finding.text}"
        yield from (f"      {line}" for line in _details(finding, history))
    for what in report.unread:
        yield f"  ? {what}"


def show_drift(console: Console, reports: Iterable[Report], history: History | None = None) -> None:
    """The reports in a terminal, with colour where it has it."""
    for report in reports:
        first, *lines = drift_lines(report, history)
        console.print(Text(first, style="bold"), soft_wrap=True)
        style = ""
        for line in lines:
            sign = line.strip()[:1]
            style = next((STYLES[r] for r, s in SIGNS.items() if s == sign), "red" if sign == "?" else style)
            console.print(Text(line, style="dim" if line.startswith("      ") else style), soft_wrap=True)


def drift_markdown(reports: Iterable[Report], history: History | None = None) -> str:
    """The findings of one or many topologies as a table."""
    out: list[str] = []
    for report in reports:
        out += [f"**{drift_summary(report)}**", ""]
        if report.findings:
            out += ["| | what it breaks | what differs | since | repair |", "|---|---|---|---|---|"]
        for f in report.findings:
            what = "; ".join(_fields(f)) or f"{f.label}: {f.difference}"
            cells = [f"{SIGNS[f.rank]} {f.rank}", f.text, what, _since(f, history), CURES[f.cure]]
            out.append(f"| {' | '.join(map(_cell, cells))} |")
        out += [f"- could not be read: {_cell(what)}" for what in report.unread]
        out.append("")
    return "\n".join(out).rstrip() + "\n"


def repair_lines(repaired: Repaired) -> Iterator[str]:
    """What was done, what went wrong, what waits for a yes, what is left and why."""
    yield from (f"  {o.did}  {o.label}" + (f"  ({o.why})" if o.why else "") for o in repaired.done)
    yield from (f"  failed  {key}: {why}" for key, why in repaired.failed.items())
    yield from (f"  asks  {ask.text}" for ask in repaired.asks)
    yield from (f"  left  {one.text} ({one.why})" for one in repaired.left)
    if not (repaired.done or repaired.failed or repaired.asks or repaired.left):
        yield "  nothing to repair"


def repair_markdown(repaired: Repaired) -> str:
    """The same as a table; ``asks`` are what a form asks about."""
    rows = [("done", f"{o.did} {o.label}", o.why) for o in repaired.done]
    rows += [("**failed**", key, why) for key, why in repaired.failed.items()]
    rows += [("asks", ask.text, ask.finding.text) for ask in repaired.asks]
    rows += [("left", one.text, one.why) for one in repaired.left]
    if not rows:
        return "Nothing to repair.\n"
    table = ["| | what | why |", "|---|---|---|"]
    return "\n".join([*table, *(f"| {' | '.join(map(_cell, row))} |" for row in rows)]) + "\n"


def _details(finding: Finding, history: History | None) -> Iterator[str]:
    yield from _fields(finding)
    if finding.follows:
        yield f"with it: {', '.join(finding.follows)}"
    since = _since(finding, history)
    when = f"since {since}; " if since else ""
    yield f"{when}{CURES[finding.cure]}"


def _fields(finding: Finding) -> list[str]:
    note = " (reported only)" if finding.watched else ""
    return [f"{f.name}: {value(f.old)}, wanted {value(f.new)}{note}" for f in finding.fields]


def _since(finding: Finding, history: History | None) -> str:
    """When the cloud says that it was changed; else when it was first seen here."""
    if finding.since:
        return finding.since
    seen = history.seen.get(finding.name) if history else None
    return f"{datetime.fromtimestamp(seen, UTC):%Y-%m-%dT%H:%MZ} (first seen)" if seen is not None else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
