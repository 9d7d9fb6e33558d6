"""Steps that remove: a part, users before what they use; what the file asks for no more. What is not ours stays."""

from __future__ import annotations

from prefect import task

from gatespan.planning.whole import remove_leftovers
from tasks import steps
from tasks.parts import Part
from tasks.session import Run, work
from tasks.steps import CHANGES, Said


@task(task_run_name="remove {part.label}", **CHANGES)
async def remove(run: Run, part: Part) -> Said:
    """Remove it if it is ours, and wait until it is gone."""
    return await steps.remove(run, part)


@task(task_run_name="remove what is asked for no more", **CHANGES)
async def remove_rest(run: Run) -> Said:
    """Take away what carries the topology's mark although the file asks for it no more, as the plan has shown it."""
    return [outcome.to_json() for outcome in await work(run, remove_leftovers)]


@task(task_run_name="remove routes of {part}", **CHANGES)
async def remove_routes(run: Run, part: Part) -> Said:
    """Withdraw the routes, route learning and associations of an attachment."""
    return await steps.remove(run, part)
