"""Step: assign bandwidth. The prepaid plan where there is one, and a connection per pair of regions."""

from __future__ import annotations

from prefect import task

from tasks.parts import Part
from tasks.session import Run
from tasks.steps import CHANGES, Said, converge, ensure


@task(task_run_name="buy bandwidth plan {part}", **CHANGES)
async def buy_bandwidth_plan(run: Run, part: Part) -> Said:
    """Find the plan, or buy it, and put it into the CEN. Its client token keeps it from being bought twice."""
    return await converge(run, part)


@task(task_run_name="connect {part}", **CHANGES)
async def connect_regions(run: Run, part: Part) -> Said:
    """Connect two regions' transit routers with the bandwidth that the topology gives them."""
    return await ensure(run, part)
