"""Steps: bind the VPC to the gateway; enable the VPC domain of each group."""

from __future__ import annotations

from prefect import task

from tasks.parts import Part
from tasks.session import Run
from tasks.steps import CHANGES, Said, converge, ensure


@task(task_run_name="bind {part}", **CHANGES)
async def bind_vpc(run: Run, part: Part) -> Said:
    """Bind the hub VPC, so that the gateway has an entry in it."""
    return await ensure(run, part)


@task(task_run_name="enable VPC domain of {part}", **CHANGES)
async def enable_vpc_domain(run: Run, part: Part) -> Said:
    """Give the group the second-level domain that clients in the networks call."""
    return await converge(run, part)
