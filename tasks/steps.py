"""What the steps of every procedure share: how they are retried, and the one way to make, await or remove a part.

Nothing is cached or persisted (``NO_CACHE``): the engine looks before it acts, so a step that runs again finds what is
there in a few reads. A stored result would know less than the cloud does: it would skip what somebody has removed
between a crash and the restart, and answer a look with an old one.
"""

from __future__ import annotations

from typing import Any

from prefect import Task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import exponential_backoff

from gatespan.cloud import TimedOut
from gatespan.planning import Outcome, is_temporary
from tasks.parts import Part
from tasks.session import Run, work

Said = list[dict[str, Any]]
"""What a task returns: outcomes of resources, or calls that were sent, as JSON takes them. A list, and nothing around
it: Prefect tracks results and their parts by ``id``, so a key that all results share would draw false edges."""


async def temporary(task: Task[Any, Any], task_run: TaskRun, state: State[Any]) -> bool:
    """Retry only what the engine calls temporary. A wait that ran out of time had its time."""
    error = await state.aresult(raise_on_failure=False)
    return isinstance(error, BaseException) and is_temporary(error) and not isinstance(error, TimedOut)


CHANGES: dict[str, Any] = {
    "retries": 4,
    "retry_delay_seconds": exponential_backoff(backoff_factor=3),
    "retry_jitter_factor": 0.5,
    "retry_condition_fn": temporary,
    "cache_policy": NO_CACHE,
    "persist_result": False,
}
"""Options of a task that talks to the cloud: tried again after 3, 6, 12, 24 s, give or take. These come on top of
the door's own retries, which see to throttling and to what is busy for some minutes."""


async def ensure(run: Run, part: Part) -> Said:
    """Make the part's resources as wanted, one after the other; the slow ones are awaited by a sensor."""
    return _outcomes(await work(run, lambda engine: tuple(engine.ensure(key) for key in part.keys)))


async def converge(run: Run, part: Part) -> Said:
    """Make the part's resources as wanted and ready, independent ones at the same time. For what is ready soon."""
    return _outcomes(await work(run, lambda engine: engine.converge(part.keys)))


async def remove(run: Run, part: Part) -> Said:
    """Remove the part's resources, users first; each is awaited until it is gone. What is not ours stays."""
    return _outcomes(await work(run, lambda engine: tuple(engine.remove(key) for key in reversed(part.keys))))


def _outcomes(outcomes: tuple[Outcome, ...]) -> Said:
    return [o.to_json() for o in outcomes]
