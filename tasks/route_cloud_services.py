"""Step: configure cloud-service routes. Answers of a back end at a site find the way back to the gateway's egress
blocks; one step for both editions of CEN."""

from __future__ import annotations

from prefect import task

from tasks.parts import Part
from tasks.session import Run
from tasks.steps import CHANGES, Said, converge


@task(task_run_name="route cloud services {part}", **CHANGES)
async def route_cloud_services(run: Run, part: Part) -> Said:
    """Route every egress block of the gateway, as it is now and as a change of spec will make it."""
    return await converge(run, part)
