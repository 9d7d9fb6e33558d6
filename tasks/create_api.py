"""Step: create the API. Functions behind it, callers, groups, and each API with its deployments and its callers."""

from __future__ import annotations

from prefect import task

from tasks.parts import Part
from tasks.session import Run
from tasks.steps import CHANGES, Said, converge, ensure


@task(task_run_name="use gateway {part}", **CHANGES)
async def use_gateway(run: Run, part: Part) -> Said:
    """Find the dedicated instance, or buy it where the topology says so."""
    return await ensure(run, part)


@task(task_run_name="create function {part}", **CHANGES)
async def create_function(run: Run, part: Part) -> Said:
    """Create or update the function and its HTTP trigger."""
    return await converge(run, part)


@task(task_run_name="create app {part}", **CHANGES)
async def create_app(run: Run, part: Part) -> Said:
    """Create the app that calls, with its credentials."""
    return await converge(run, part)


@task(task_run_name="create API group {part}", **CHANGES)
async def create_group(run: Run, part: Part) -> Said:
    """Create the group on the gateway."""
    return await converge(run, part)


@task(task_run_name="create API {part}", **CHANGES)
async def create_api(run: Run, part: Part) -> Said:
    """Create or update the API, deploy it to its stages and authorise its callers."""
    return await converge(run, part)
