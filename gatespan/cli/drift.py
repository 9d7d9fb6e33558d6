"""``gatespan drift``: what the cloud has become since it was built, what that breaks, and the repair of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from gatespan.cli.options import AsJson, Cloud, engine_on, load, open_door

if TYPE_CHECKING:
    from gatespan.cli.output import Output
    from gatespan.planning import Engine
    from gatespan.planning.drift import Report
    from gatespan.planning.history import History
    from gatespan.topology import Loaded
    from gatespan.topology.errors import Problem

Files = Annotated[list[Path], typer.Argument(help="Topology files (YAML).", show_default=False)]
Repair = Annotated[bool, typer.Option("--repair", help="Repair what cuts no traffic and costs nothing.")]
Approve = Annotated[
    list[str] | None,
    typer.Option("--approve", help="Repair this finding too, by its name in --json; can be repeated.", metavar="NAME"),
]
Most = Annotated[int, typer.Option("--most-changes", help="Most repairs of one topology.", min=1)]
QuietHours = Annotated[
    list[str] | None,
    typer.Option("--quiet", help="When nothing is repaired unasked: '22:00-06:00 Asia/Shanghai'.", metavar="HOURS"),
]
Markdown = Annotated[
    Path | None, typer.Option("--markdown", help="Also write the findings as markdown.", show_default=False)
]


def drift(
    files: Files,
    cloud: Cloud = None,
    as_json: AsJson = False,
    repair: Repair = False,
    approve: Approve = None,
    most_changes: Most = 10,
    quiet: QuietHours = None,
    markdown: Markdown = None,
) -> None:
    """Compare the cloud with topologies. Exit 0 clean, 2 drift (also what is left after a repair), 1 error. A wrong
    file is named, and the others are compared."""
    from gatespan.cli.output import Output, told_plainly
    from gatespan.planning.drift import drift_many
    from gatespan.report.drift import drift_markdown, show_drift

    out = Output(as_json)
    with told_plainly(out):
        histories = _Histories()
        loaded, wrong = _read(files, out)
        engines = _engines(loaded, cloud, out)
        reports = drift_many(engines)
        for report in reports:
            show_drift(out.console, [report], histories.noted(report))
        repairs: list[dict[str, Any]] = []
        if repair or approve:
            limits = _limits(most_changes, quiet, out)
            for engine, report in zip(engines, reports, strict=True):
                repairs += _repair(engine, report, approve, limits, histories, out)
            reports = drift_many(engines)
        if markdown:
            markdown.write_text(drift_markdown(reports))
    told = {"reports": [r.to_json() for r in reports], "repairs": repairs, "problems": wrong}
    code = 1 if wrong or any(r.unread for r in reports) else 2 if any(r.findings for r in reports) else 0
    out.document({"ok": code == 0, **told})
    raise typer.Exit(code)


def _read(files: list[Path], out: Output) -> tuple[list[Loaded], list[dict[str, Any]]]:
    """The topologies that can be read, and what is wrong with the others: one wrong file hides no drift of the rest.
    Raises TopologyErrors when none can be read."""
    from gatespan.topology import TopologyErrors

    loaded: list[Loaded] = []
    problems: list[Problem] = []
    for file in files:
        try:
            loaded.append(load(file))
        except TopologyErrors as errors:
            problems += errors.problems
    wrong = TopologyErrors(tuple(problems))
    if not loaded:
        raise wrong
    if problems:
        out.warn(f"{wrong}\nNot compared. The others are:")
    return loaded, [vars(one) for one in problems]


def _engines(loaded: list[Loaded], cloud: str | None, out: Output) -> list[Engine]:
    """One engine per topology on one door and one inventory: each list is read once for all."""
    from gatespan.cloud import Inventory

    door = open_door(cloud, out)
    shared = Inventory(door)
    return [engine_on(one, door, shared) for one in loaded]


def _limits(most: int, quiet: list[str] | None, out: Output) -> Any:
    from gatespan.planning.repair import Limits, Quiet

    try:
        return Limits(changes=most, quiet=tuple(Quiet.read(text) for text in quiet or ()))
    except ValueError as error:
        raise out.fail(str(error)) from None


def _repair(
    engine: Engine, report: Report, approve: list[str] | None, limits: Any, histories: _Histories, out: Output
) -> list[dict[str, Any]]:
    """Repair one topology, prove it again, and remember it."""
    from gatespan.planning.repair import repair
    from gatespan.report.drift import repair_lines
    from gatespan.report.terminal import show_calls
    from gatespan.trace.live import verify

    if not report.findings:
        return []
    mode: Literal["safe", "approved"] = "approved" if approve else "safe"
    approved = frozenset(approve) if approve else None
    done = repair(engine, report, mode, limits=limits, history=histories[report.topology], approved=approved)
    histories.keep(report.topology, done.history)
    out.line(f"\nRepair of {report.topology}", "bold")
    for line in repair_lines(done):
        out.line(line)
    calls = verify(engine.design, engine.cloud, engine.addresses()) if done.changed and engine.design.verify else ()
    if calls:
        out.line("\nCalls", "bold")
        show_calls(out.console, calls)
    failed = [c.name for c in calls if not c.ok]
    if failed or done.failed:
        out.line(f"{report.topology}: not as it was: {', '.join([*failed, *done.failed])}", "bold red")
    return [{"topology": report.topology, **done.to_json(), "calls": [c.to_json() for c in calls]}]


class _Histories:
    """What was seen before, a file per topology under the state home."""

    def __init__(self) -> None:
        from gatespan.settings import Settings

        self._folder = Settings().home / "drift"
        self._held: dict[str, History] = {}

    def __getitem__(self, topology: str) -> History:
        from gatespan.planning.history import History

        if topology not in self._held:
            self._held[topology] = History.load(self._folder / f"{topology}.json")
        return self._held[topology]

    def noted(self, report: Report) -> History:
        self.keep(report.topology, self[report.topology].noted(report))
        return self[report.topology]

    def keep(self, topology: str, history: History) -> None:
        self._held[topology] = history
        history.save(self._folder / f"{topology}.json")
