"""Steps of a drift run: compare many topologies at once, repair what is safe, ask for the rest, remember.

What was seen and repaired before is kept in one Prefect variable per topology (``gatespan_history_NAME``): any worker
can read it, and losing it loses only since when something is wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from prefect import get_client, task
from prefect.client.schemas.events import EventPage
from prefect.events import emit_event
from prefect.runtime import flow_run
from prefect.variables import Variable

from blocks import BlockError
from gatespan.planning.drift import Report, drift_many
from gatespan.planning.history import History
from gatespan.planning.repair import Limits, Mode, Repaired, repair
from gatespan.report.drift import drift_markdown, drift_summary, repair_lines, repair_markdown
from gatespan.topology import TopologyErrors
from tasks.artifacts import publish
from tasks.plan_changes import read_text
from tasks.session import Run, work
from tasks.steps import CHANGES
from tasks.watching import tell

if TYPE_CHECKING:
    from gatespan.planning import Engine

TOPOLOGIES = "gatespan_topologies"
"""The variable that lists what is compared when a run names nothing: whatever a run may name."""
FOUND = "gatespan.drift.found"
"""The event that automations listen to: one per topology with drift."""
CHANGED = "gatespan.cloud.changed"
"""The event that an audit record becomes (deployments/audit); its payload holds the ids that the record names."""
RECENT = "recent"
"""In place of an id: those of the latest events. An automation that waits until it is quiet has no event to name."""
LATELY = timedelta(hours=2)
"""How old such an event may be: records older than an hour are not posted, and a run may wait for the one before it.
Too long does no harm: a topology more is told that it has no drift."""
MOST_EVENTS = 1_000
ROOM = 4_900
"""Characters of JSON that are kept of a history: a variable holds at most 5,000."""


class NothingToCompare(Exception):
    """No topology was named and none is listed, or none can be read; the message says what to do."""


@dataclass(frozen=True)
class Listed:
    """What was named. ``wrong``: what cannot be read, and why; it hides no drift of the rest."""

    runs: list[Run]
    wrong: list[str]


@dataclass(frozen=True)
class Compared:
    """One topology: its run, what was found, what was known before; ``proves``: it has calls to verify."""

    run: Run
    report: Report
    history: History
    proves: bool = False

    def __str__(self) -> str:
        return self.run.name


@dataclass(frozen=True)
class Mended:
    """What came of the repair of one topology. ``calls``: what is wrong with its calls after it; empty: nothing."""

    compared: Compared
    repaired: Repaired
    calls: str = ""

    def __str__(self) -> str:
        return self.compared.run.name


def asks_markdown(mended: Sequence[Mended]) -> str:
    """The form's description: what would be done after a yes, and why."""
    rows = [(str(one), ask.text, ask.finding.text) for one in mended for ask in one.repaired.asks]
    table = ["**These repairs need a yes.**", "", "| topology | what would be done | what is wrong |", "|---|---|---|"]
    return "\n".join([*table, *(f"| {' | '.join(c.replace('|', '/') for c in row)} |" for row in rows)])


@task(task_run_name="read topologies", **CHANGES)
async def read_topologies(named: Sequence[str] | None, cloud: str | None, credentials: str | None) -> Listed:
    """What is to be compared. Raises NothingToCompare, also when nothing that is named can be read."""
    listed = list(named or ()) or list(await Variable.aget(TOPOLOGIES, default=[]) or ())
    if not listed:
        raise NothingToCompare(
            f"No topology is named, and the variable {TOPOLOGIES} lists none. Name paths, or list them there: "
            f"prefect variable set {TOPOLOGIES} '[\"/srv/topologies/shop.yaml\"]'"
        )
    runs: list[Run] = []
    wrong: list[str] = []
    for text in listed:
        try:
            loaded = await read_text(text)
        except (TopologyErrors, BlockError) as error:
            wrong.append(f"{error} Not compared.")
            continue
        runs.append(
            Run(
                id=str(flow_run.id),
                name=loaded.topology.name,
                text=loaded.text,
                base=str(loaded.base.absolute()),
                cloud=cloud,
                credentials=credentials,
            )
        )
    if not runs:
        raise NothingToCompare("\n".join(wrong))
    return Listed(runs, wrong)


async def ids_of_changes(changed: Collection[str]) -> frozenset[str]:
    """The ids that were given, with those of the latest audit events for the word `recent`. Empty: look at all."""
    ids = frozenset(changed) - {RECENT}
    if RECENT not in changed:
        return ids
    recent = await read_recent_changes()
    return ids | frozenset(recent) if recent else frozenset()


@task(task_run_name="read recent changes", **CHANGES)
async def read_recent_changes() -> list[str]:
    """Ids of the things that audit events have named lately. None when there are no events, or too many to tell."""
    since = (datetime.now(UTC) - LATELY).isoformat()
    body: dict[str, Any] = {"filter": {"event": {"name": [CHANGED]}, "occurred": {"since": since}}, "limit": 50}
    ids: set[str] = set()
    async with get_client() as client:
        page = EventPage.model_validate((await client.request("POST", "/events/filter", json=body)).json())
        if page.total > MOST_EVENTS:
            tell("note", text=f"{page.total} changes of late, too many to tell: all topologies are reported.")
            return []
        while True:
            ids.update(str(id) for event in page.events for id in event.payload.get("ids", ()))
            if page.next_page is None:
                break
            # Its token, but not its address: behind a proxy the server does not know how it is called.
            token = dict(page.next_page.query_params())["page-token"]
            answer = await client.request("GET", "/events/filter/next", params={"page-token": token})
            page = EventPage.model_validate(answer.json())
    tell("note", text=f"{page.total} changes of late, of {len(ids)} things: {', '.join(sorted(ids)[:10])}")
    return sorted(ids)


@task(task_run_name="compare topologies", **CHANGES)
async def compare(runs: list[Run], changed: Collection[str]) -> list[Compared]:
    """Compare all with the cloud, reading each list once; publish what was found and say so as an event.

    ``changed``: ids of cloud things: only topologies that hold one of them, or that show drift, are told."""
    engines = [await work(run, lambda engine: engine) for run in runs]
    reports = await work(runs[0], lambda _: drift_many(_sharing(engines)))
    found = []
    for run, engine, report in zip(runs, engines, reports, strict=True):
        if changed and report.clean and not _holds(engine, changed):
            continue
        history = (await _history(run.name)).noted(report)
        await _remember(run.name, history)
        await publish("drift", run.name, drift_markdown([report], history), drift_summary(report))
        tell("note", text=drift_summary(report))
        if report.findings:
            _announce(report)
        found.append(Compared(run, report, history, bool(engine.design.verify)))
    return found


def _sharing(engines: list[Engine]) -> list[Engine]:
    """One inventory for all that look at the same cloud with the same keys, so that calls grow with pages."""
    for engine in engines[1:]:
        if engine.cloud.target == engines[0].cloud.target:
            engine.inventory = engines[0].inventory
    return engines


def _holds(engine: Engine, ids: Collection[str]) -> bool:
    return any(found and found.id in ids for found in map(engine.known, engine.graph.order))


def _announce(report: Report) -> None:
    counts = report.to_json()["counts"]
    emit_event(
        event=FOUND,
        resource={
            "prefect.resource.id": f"gatespan.topology.{report.topology}",
            "prefect.resource.name": report.topology,
        },
        payload={"summary": drift_summary(report), "counts": counts, "findings": [f.text for f in report.findings]},
    )


@task(task_run_name="repair {one}", **CHANGES)
async def repair_drift(one: Compared, mode: Mode, limits: Limits) -> Repaired:
    """Repair what the mode allows, remember it, and publish what was done and what is left."""
    done = await work(one.run, lambda engine: repair(engine, one.report, mode, limits=limits, history=one.history))
    await _remember(one.run.name, done.history)
    await publish("repair", one.run.name, repair_markdown(done), f"What was repaired of {one.run.name}")
    for line in repair_lines(done):
        tell("note", text=f"{one.run.name}: {line.strip()}")
    return done


# --- what is remembered ----------------------------------------------------------------------------------------


def _variable(topology: str) -> str:
    """Prefect takes lower-case letters, digits and underscores."""
    return f"gatespan_history_{re.sub('[^a-z0-9]+', '_', topology)}"


async def _history(topology: str) -> History:
    kept: Any = await Variable.aget(_variable(topology), default=None)
    try:
        return History.from_json(kept) if kept else History()
    except (KeyError, TypeError, ValueError, AttributeError):
        tell("note", text=f"The variable {_variable(topology)} holds no history: it is begun anew.")
        return History()


async def _remember(topology: str, history: History) -> None:
    await Variable.aset(_variable(topology), _fitting(history).to_json(), overwrite=True)


def _fitting(history: History) -> History:
    """As much of it as a variable holds: the latest runs and repairs, then the latest findings."""
    for most in (50, 20, 10, 5, 2, 1):
        seen = sorted(history.seen.items(), key=lambda entry: -entry[1])[: 4 * most]
        short = History(dict(seen), history.repairs[-most:], history.runs[-most:])
        if len(json.dumps(short.to_json())) <= ROOM:
            return short
    return History()
