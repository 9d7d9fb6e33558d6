"""Day two: what the cloud has become since it was built, ranked by what it breaks; repaired where that is safe, asked
about where it is not.

Any number of topologies are compared in one run: whole lists are read once for all of them.
"""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace
from typing import Any, Literal, cast

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed
from prefect.utilities.annotations import quote

from flows.naming import named_after_topologies
from gatespan.planning.repair import Limits, Quiet
from gatespan.report.drift import drift_summary
from tasks.asking import ask_about
from tasks.drift import Compared, Mended, asks_markdown, compare, ids_of_changes, read_topologies, repair_drift
from tasks.lock import only_writer
from tasks.verify_reachability import verify_reachability

Repair = Literal["none", "safe", "approved"]


@flow(name="drift", flow_run_name=named_after_topologies)
async def drift(
    topologies: list[str] | None = None,
    repair: Repair = "none",
    changed: list[str] | None = None,
    cloud: str | None = None,
    credentials: str | None = None,
    most_changes: int = 10,
    quiet_hours: list[str] | None = None,
    answer_within_hours: float = 24.0,
    lock_timeout: float = 600.0,
) -> State[Any]:
    """Compare topologies with the cloud, and repair what the mode allows. With `none` nothing is changed.

    Args:
        topologies: Paths of topology files, or their YAML texts. Default: the variable gatespan_topologies.
        repair: none: only report. safe: what cuts no traffic and costs nothing. approved: ask about the rest too.
        changed: Ids of cloud things that somebody changed: only topologies with one of them, or with drift, are told.
            `recent`: the ids that audit events have named of late.
        cloud: embedded, alibaba, the URL of an embedded cloud, or gatespan-cloud/NAME (a block). Default: embedded.
        credentials: Credentials block, TYPE/NAME. Default: the block of the cloud, else the default chain.
        most_changes: Most repairs of one topology in one run.
        quiet_hours: When nothing is repaired unasked, such as 22:00-06:00 Asia/Shanghai.
        answer_within_hours: How long a question waits (repair approved). Without an answer it is left.
        lock_timeout: Seconds to wait while another run changes a topology.
    """
    limits = Limits(changes=most_changes, quiet=tuple(Quiet.read(text) for text in quiet_hours or ()))
    listed = await read_topologies(topologies, cloud, credentials)
    runs: Any = quote(listed.runs)
    found = await compare(runs, await ids_of_changes(changed or ()))
    drifted = [one for one in found if one.report.findings]
    mended: list[Mended] = []
    if repair != "none":
        mended = [await _mend(one, "safe", limits, lock_timeout) for one in drifted]
    asks = {f"{one}: {ask.text}" for one in mended for ask in one.repaired.asks}
    if repair == "approved" and asks:
        question = asks_markdown(mended)
        if await ask_about("drift", question, sorted(asks), within=answer_within_hours * 3600):
            mended += [await _mend_approved(one, limits, lock_timeout) for one in mended if one.repaired.asks]
    wrong = listed.wrong + [f"{one.run.name}: {what}" for one in found for what in one.report.unread]
    wrong += [f"{one}: {key}: {why}" for one in mended for key, why in one.repaired.failed.items()]
    wrong += [one.calls for one in mended if one.calls]
    if wrong:
        return Failed(message="\n".join(wrong))
    return Completed(message=_said(found, mended))


async def _mend(one: Compared, mode: Literal["safe", "approved"], limits: Limits, patience: float) -> Mended:
    """Repair one topology, alone; after a change its calls are sent again."""
    given: Any = quote(one)  # Prefect looks into plain data for results of other tasks, by `id`
    async with only_writer(one.run, patience):
        repaired = await repair_drift(given, mode, limits)
    calls = ""
    if repaired.changed and one.proves:
        state = await cast(Awaitable[State[Any]], verify_reachability(quote(one.run), return_state=True))
        calls = "" if state.is_completed() else f"{one}: after the repair: {state.message}"
    return Mended(one, repaired, calls)


async def _mend_approved(asked: Mended, limits: Limits, patience: float) -> Mended:
    """What was asked about, and nothing else of the findings."""
    names = {ask.name for ask in asked.repaired.asks}
    before = asked.compared
    report = replace(before.report, findings=tuple(f for f in before.report.findings if f.name in names))
    return await _mend(replace(before, report=report, history=asked.repaired.history), "approved", limits, patience)


def _said(found: list[Compared], mended: list[Mended]) -> str:
    """One line per topology with drift, else that there is none."""
    lines = [drift_summary(one.report) for one in found if one.report.findings]
    lines += [
        f"{one}: {len(one.repaired.done)} repaired, {len(one.repaired.asks)} wait for a yes, "
        f"{len(one.repaired.left)} left"
        for one in mended
    ]
    return "\n".join(lines) or f"No drift in {len(found)} topologies."
