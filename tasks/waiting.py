"""Waiting for people: what a run does when it cannot go on before somebody outside the cloud has acted.

The carrier's work takes weeks, so a run does not sit there: it stops, or it is suspended (its process ends, its lock is
free) with the checklist in the form of the Prefect UI. Once somebody says that it is done the worker starts it again
from the top: it plans again, finds what is there, and asks again where something is still missing.
"""

from __future__ import annotations

from typing import Literal
from uuid import uuid4

from prefect import task
from prefect.flow_runs import asuspend_flow_run
from prefect.input import RunInput
from prefect.runtime import deployment
from pydantic import Field

from gatespan.planning import Failed
from gatespan.planning.checklist import Item, checklist
from gatespan.report.markdown import checklist_markdown
from gatespan.report.words import checklist_summary
from gatespan.resources.base import Waiting
from tasks.artifacts import publish
from tasks.session import Run, work
from tasks.steps import CHANGES
from tasks.watching import tell

OnWaiting = Literal["stop", "pause"]

WAITING = "Waiting for people:"
"""How the message of a run begins that could not go on without them."""
PATIENCE = 90 * 24 * 3600
"""Seconds that a suspended run keeps: the work for a circuit takes weeks."""


class Acted(RunInput):
    """What the form asks: one required field, so that nobody sends it empty."""

    confirmed_by: str = Field(min_length=2, description="Your name: what the list above asks for is done")


@task(task_run_name="list what people do", **CHANGES)
async def list_what_people_do(run: Run) -> None:
    """Publish what only people can do, with the values that are known by now."""
    await _publish(run)


async def _publish(run: Run) -> tuple[Item, ...]:
    items = await work(run, checklist)
    await publish("checklist", run.name, checklist_markdown(items), checklist_summary(items))
    return items


def is_waiting(error: object) -> bool:
    """True when nothing is wrong but that people must act first."""
    if isinstance(error, Failed):
        return bool(error.errors) and all(is_waiting(one) for one in error.errors.values())
    return isinstance(error, Waiting)


async def ask_people(run: Run, why: list[str], on_waiting: OnWaiting) -> None:
    """Publish the checklist, and with ``pause`` suspend the flow run until somebody confirms. Call it in a flow.

    Every question has a key of its own: with Prefect's, the answer to the first would answer all that follow. A run
    without a deployment has no worker to start it again (Prefect refuses to suspend it): it stops."""
    items = await _publish(run)
    if on_waiting == "stop":
        return
    if deployment.id is None:
        tell("note", text="Only the run of a deployment can be paused; this one stops.")
        return
    text = "\n\n".join(["**The build waits for people.**", *why, checklist_markdown(items)])
    await asuspend_flow_run(Acted.with_initial_data(description=text), timeout=PATIENCE, key=str(uuid4()))
