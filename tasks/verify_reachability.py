"""Step: verify. Real HTTP calls from the seats that the topology names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prefect import task

from gatespan.report.markdown import calls_markdown
from gatespan.trace.live import CallResult, verify
from tasks.artifacts import publish
from tasks.session import Run, work
from tasks.steps import CHANGES, Said
from tasks.watching import tell

if TYPE_CHECKING:
    from gatespan.planning import Engine


class CallsFailed(Exception):
    """A verifying call did not come back as the topology expects; the message names each with its reason."""


@task(task_run_name="verify {run.name}", **CHANGES)
async def verify_reachability(run: Run) -> Said:
    """Send the verifying calls and publish what came back. Raises CallsFailed."""

    def send(engine: Engine) -> tuple[CallResult, ...]:
        return verify(engine.design, engine.cloud, engine.addresses(), told=lambda r: tell("call", **r.to_json()))

    calls = await work(run, send)
    passed = sum(c.ok for c in calls)
    await publish("calls", run.name, calls_markdown(calls), f"{passed} of {len(calls)} calls passed")
    if passed < len(calls):
        failed = "; ".join(f"{c.name}: {c.why}" for c in calls if not c.ok)
        raise CallsFailed(f"{len(calls) - passed} of {len(calls)} calls failed. {failed}")
    return [c.to_json() for c in calls]
