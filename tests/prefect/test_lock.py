"""One writer per topology: the second run waits, says for whom, and gives up when it was told to."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest
from prefect import flow, get_client
from prefect.client.schemas.objects import State
from prefect.states import Running

from flows.cross_region import cross_region
from tasks.watching import WATCH
from tests.prefect.fake import EXAMPLES, Bench, FakeEngine

pytestmark = pytest.mark.usefixtures("server")

FILE = str(EXAMPLES / "cross-region.yaml")


class Holder:
    """A run that stays in the middle of its work until it is let go."""

    def __init__(self) -> None:
        self.working, self.go = threading.Event(), threading.Event()

    def __call__(self, engine: FakeEngine) -> None:
        def before(_: str) -> None:
            self.working.set()
            assert self.go.wait(30)

        engine.before = before


async def build(bench: Bench, patience: float, events: list[Mapping[str, Any]] | None = None) -> State[Any]:
    with bench.open():
        if events is not None:
            WATCH.set(events.append)
        state: State[Any] = await cross_region(FILE, verify=False, lock_timeout=patience, return_state=True)
        return state


def test_a_second_run_waits_and_names_the_holder() -> None:
    async def scenario() -> None:
        holder, impatient, patient = Holder(), Bench(), Bench()
        first = asyncio.create_task(build(Bench(holder), 60))
        assert await asyncio.to_thread(holder.working.wait, 30)

        refused = await build(impatient, 0.2)
        assert refused.name == "Failed" and "is being changed by flow run cross-region (" in str(refused.message)
        assert impatient.engines[0].diary == []

        events: list[Mapping[str, Any]] = []
        second = asyncio.create_task(build(patient, 60, events))
        while not events:
            await asyncio.sleep(0.05)
        holder.go.set()
        ended = await first
        assert ended.is_completed(), ended.message
        told = [e["text"] for e in events if e["event"] == "note"]
        assert told == [
            f"cross-region is being changed by flow run cross-region ({ended.state_details.flow_run_id}): "
            "waiting up to 60 s."
        ]
        after = await second
        assert after.is_completed(), after.message
        assert patient.engines[0].made == set(patient.engines[0].graph.order)

    asyncio.run(scenario())


def test_a_holder_that_lost_its_lock_is_marked_as_crashed() -> None:
    """A killed process leaves its run `Running`; whoever gets the lock after its lease ran out knows better."""

    @flow
    def killed() -> None: ...

    async def scenario() -> None:
        async with get_client() as client:
            gone = await client.create_flow_run(
                killed, state=Running(), tags=["changing:cross-region"], name="killed-in-the-middle"
            )
            state = await build(Bench(), 60)
            assert state.is_completed(), state.message
            marked = await client.read_flow_run(gone.id)
            assert marked.state is not None and marked.state.name == "Crashed"
            assert "did not renew its lock" in str(marked.state.message)
            mine = await client.read_flow_run(UUID(str(state.state_details.flow_run_id)))
            assert {"topology:cross-region", "changing:cross-region"} <= set(mine.tags)

    asyncio.run(scenario())
