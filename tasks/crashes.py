"""A run that loses its process again and again must not be started for ever: an automation does that (auto-resume)."""

from __future__ import annotations

from uuid import UUID

from prefect import get_client
from prefect.runtime import flow_run

MOST = 3
"""Crashes after which a run gives up: what takes its process away three times will do so again."""


class CrashedTooOften(Exception):
    """The run was started again after every crash, and is not any more; the message says what to do."""


async def give_up_after_crashes() -> None:
    """Call it first in a flow run. Raises CrashedTooOften."""
    if not flow_run.id or (flow_run.run_count or 0) <= MOST:
        return
    async with get_client() as client:
        states = await client.read_flow_run_states(UUID(str(flow_run.id)))
    crashes = sum(state.is_crashed() for state in states)
    if crashes >= MOST:
        raise CrashedTooOften(
            f"This run has lost its process {crashes} times. See to the worker (memory, restarts; its log), then start "
            "a new run: it goes on from what is there."
        )
