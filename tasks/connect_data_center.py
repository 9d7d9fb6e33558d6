"""Step: connect the data center. Its circuits with their border routers, BGP, and the way into the cloud: through the
transit router, or by a pair of router interfaces into VPC-1."""

from __future__ import annotations

from prefect import task

from tasks.parts import Part
from tasks.session import Run
from tasks.steps import CHANGES, Said, converge, ensure


@task(task_run_name="connect data center {part}", **CHANGES)
async def connect_data_center(run: Run, part: Part) -> Said:
    """Find the circuit, make its border router or take it over, and give it its routes to the site."""
    return await converge(run, part)


@task(task_run_name="open BGP session {part}", **CHANGES)
async def open_bgp_session(run: Run, part: Part) -> Said:
    """Name the site's router as BGP peer; a sensor awaits the session, which needs the site's router too."""
    return await ensure(run, part)


@task(task_run_name="attach data center {part}", **CHANGES)
async def attach_data_center(run: Run, part: Part) -> Said:
    """Attach the border router to the CEN; a sensor awaits it."""
    return await ensure(run, part)


@task(task_run_name="route data center {part}", **CHANGES)
async def route_data_center(run: Run, part: Part) -> Said:
    """The routes between the cloud and the site, and what the site learns of them."""
    return await converge(run, part)


@task(task_run_name="check health of {part}", **CHANGES)
async def check_health(run: Run, part: Part) -> Said:
    """Let the cloud probe the site's end of the circuit; a sensor awaits it."""
    return await ensure(run, part)


@task(task_run_name="join {part} to VPC-1", **CHANGES)
async def join_vpc(run: Run, part: Part) -> Said:
    """Make the two router interfaces and connect them; a sensor awaits it."""
    return await ensure(run, part)
