"""Step: build the CEN. The CEN, a transit router per region, an attachment per VPC, and its routes."""

from __future__ import annotations

from prefect import task

from tasks.parts import Part
from tasks.session import Run
from tasks.steps import CHANGES, Said, converge, ensure


@task(task_run_name="build CEN {part}", **CHANGES)
async def build_cen(run: Run, part: Part) -> Said:
    """Open the transit router service of the account once, and create the CEN."""
    return await ensure(run, part)


@task(task_run_name="create transit router {part}", **CHANGES)
async def create_transit_router(run: Run, part: Part) -> Said:
    return await ensure(run, part)


@task(task_run_name="prepare VPC {part}", **CHANGES)
async def prepare_vpc(run: Run, part: Part) -> Said:
    """Find the VPC and its vSwitches, or make them where the topology describes them."""
    return await converge(run, part)


@task(task_run_name="attach {part}", **CHANGES)
async def attach_vpc(run: Run, part: Part) -> Said:
    """Attach the VPC to its region's transit router; a sensor awaits it, it takes the longest."""
    return await ensure(run, part)


@task(task_run_name="route {part}", **CHANGES)
async def route_attachment(run: Run, part: Part) -> Said:
    """Associate the attachment with the route table, let it learn, and give the VPC its routes."""
    return await converge(run, part)
