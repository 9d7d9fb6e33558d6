"""The sensors: waiting is a task of its own, so that a restart resumes the wait and not the work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prefect import task

from tasks.artifacts import progress
from tasks.parts import Part
from tasks.session import Run, work
from tasks.steps import CHANGES

if TYPE_CHECKING:
    from gatespan.planning import Engine

LONGEST = 45 * 60
"""Seconds: more than the longest budget of any kind (a VPC attachment: 42 minutes), which the engine keeps."""


@task(task_run_name="wait for {part.label}", timeout_seconds=LONGEST, **CHANGES)
async def wait_for_deployment(run: Run, part: Part) -> None:
    """Wait until the part's resources are ready. Fails at once in a state that is final and bad."""

    def ready(engine: Engine) -> None:
        for key in part.keys:
            engine.wait(key)

    async def budget() -> float:
        return sum(await work(run, lambda engine: [engine.graph[key].READY.budget for key in part.keys]))

    async with progress(part.label, budget):
        await work(run, ready)
