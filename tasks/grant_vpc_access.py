"""Step: create the VPC grant. It lets the gateway open connections to one address and port seen from VPC-1."""

from __future__ import annotations

from prefect import task

from tasks.parts import Part
from tasks.session import Run
from tasks.steps import CHANGES, Said, converge


@task(task_run_name="grant VPC access {part}", **CHANGES)
async def grant_vpc_access(run: Run, part: Part) -> Said:
    """Create the grant, or point it elsewhere and let the published APIs follow."""
    return await converge(run, part)
