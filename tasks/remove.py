"""Step of a removal: take away a part, users before what they use; whatever the topology did not make stays."""

from __future__ import annotations

from prefect import task

from tasks import steps
from tasks.parts import Part
from tasks.session import Run
from tasks.steps import CHANGES, Said


@task(task_run_name="remove {part.label}", **CHANGES)
async def remove(run: Run, part: Part) -> Said:
    """Remove it if it is ours, and wait until it is gone."""
    return await steps.remove(run, part)


@task(task_run_name="remove routes of {part}", **CHANGES)
async def remove_routes(run: Run, part: Part) -> Said:
    """Withdraw the routes, route learning and associations of an attachment."""
    return await steps.remove(run, part)
