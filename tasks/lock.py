"""One writer per topology: a flow that changes it holds a lock, and a second one waits and says for whom.

The lock is a global concurrency limit of Prefect with one slot. It is held by a lease that is renewed while the flow
lives, so the lock of a killed process is free again a minute later. The holder marks itself with a tag.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from uuid import UUID

import httpx
from prefect import get_client
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate
from prefect.client.schemas.filters import FlowRunFilter
from prefect.client.schemas.objects import FlowRun, State
from prefect.client.schemas.sorting import FlowRunSort
from prefect.concurrency.asyncio import ConcurrencySlotAcquisitionError, concurrency
from prefect.exceptions import ObjectAlreadyExists
from prefect.states import Crashed

from tasks.session import Run
from tasks.watching import tell

LEASE = 60.0
"""Seconds, the least that Prefect takes."""
PAUSE = 2.0
"""Seconds between two tries. Prefect's own waiting asks the server how long, and sleeps far longer than needed."""


# Prefect logs an error, with the inside of its client, for each try that finds the slot taken: that is no error.
logging.getLogger("prefect._internal.concurrency").addFilter(
    lambda record: "ConcurrencySlotAcquisition" not in record.getMessage()
)


class TopologyLocked(Exception):
    """Another run changes this topology; the message says which, and what to do."""


@asynccontextmanager
async def only_writer(run: Run, patience: float) -> AsyncIterator[None]:
    """Hold the topology while the body runs. Waits up to ``patience`` seconds, then raises TopologyLocked."""
    name = f"gatespan-topology-{run.name}"
    async with get_client() as client, AsyncExitStack() as stack:
        end, told = time.monotonic() + patience, False
        while True:
            slot = concurrency(name, occupy=1, strict=True, lease_duration=LEASE, max_retries=0)
            try:
                await stack.enter_async_context(slot)
                break
            except ConcurrencySlotAcquisitionError as error:
                if error.__cause__ is None:  # no such limit yet: the first run of this topology
                    await _create(client, name)
                    continue
                if not _is_taken(error):
                    raise
            holder = await _holder(client, run)
            if time.monotonic() >= end:
                raise TopologyLocked(
                    f"{run.name} is being changed by {holder}; waited {patience:.0f} s. Let it finish, or end it; the "
                    "lock of a process that was killed is free within a minute and a half."
                )
            if not told:
                tell("note", text=f"{run.name} is being changed by {holder}: waiting up to {patience:.0f} s.")
                told = True
            await asyncio.sleep(min(PAUSE, max(0.0, end - time.monotonic())))
        await _mark(client, run)
        yield


async def _create(client: PrefectClient, name: str) -> None:
    with suppress(ObjectAlreadyExists):  # another run was quicker
        await client.create_global_concurrency_limit(GlobalConcurrencyLimitCreate(name=name, limit=1))


def _is_taken(error: ConcurrencySlotAcquisitionError) -> bool:
    cause = error.__cause__
    return isinstance(cause, httpx.HTTPStatusError) and cause.response.status_code == 423


def _tag(run: Run) -> str:
    return f"changing:{run.name}"


async def _running(client: PrefectClient, run: Run) -> list[FlowRun]:
    """The other runs that marked themselves and have not ended, the latest first."""
    wanted = FlowRunFilter.model_validate({"tags": {"all_": [_tag(run)]}, "state": {"type": {"any_": ["RUNNING"]}}})
    found = await client.read_flow_runs(flow_run_filter=wanted, sort=FlowRunSort.START_TIME_DESC)
    return [one for one in found if str(one.id) != run.id]


async def _holder(client: PrefectClient, run: Run) -> str:
    for one in await _running(client, run):
        return f"flow run {one.name} ({one.id})"
    return "another run that has just begun"


async def _mark(client: PrefectClient, run: Run) -> None:
    """Name ourselves as the holder. Whoever still claims to be it lost its lease: its process is gone."""
    for gone in await _running(client, run):
        lost: State[None] = Crashed(message="Its process is gone: it did not renew its lock on the topology.")
        await client.set_flow_run_state(gone.id, lost, force=True)
    mine = await client.read_flow_run(UUID(run.id))
    await client.update_flow_run(mine.id, tags=[*mine.tags, f"topology:{run.name}", _tag(run)])
