"""A run of a deployment as a worker has it: started, suspended, answered, and started again from the top."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import Any

import httpx
from prefect import Flow, get_client
from prefect.client.schemas.objects import FlowRun, State
from prefect.exceptions import Pause
from prefect.flow_engine import run_flow
from prefect.flow_runs import resume_flow_run

from flows.local_server import Server


class Deployed:
    """One flow run of a deployment that is made for it."""

    def __init__(self, flow: Flow[..., Any], run: FlowRun) -> None:
        self._flow, self.run = flow, run

    @classmethod
    async def make(cls, flow: Flow[..., Any], *, path: str | None = None, entrypoint: str | None = None, **given: Any):  # type: ignore[no-untyped-def]
        async with get_client() as client:
            known = await client.create_flow(flow)
            name = f"{flow.name}-for-a-test"
            deployment = await client.create_deployment(known, name, path=path, entrypoint=entrypoint)
            return cls(flow, await client.create_flow_run_from_deployment(deployment, parameters=given))

    async def start(self) -> State[Any]:
        """Let the flow run until it ends or is suspended."""
        async with get_client() as client:
            again = await client.read_flow_run(self.run.id)
        running: Any = run_flow(self._flow, flow_run=again, parameters=again.parameters, return_type="state")
        with suppress(Pause):  # how a process ends whose run is suspended
            await running
        return await self.state()

    async def state(self) -> State[Any]:
        async with get_client() as client:
            state = (await client.read_flow_run(self.run.id)).state
        assert state is not None
        return state

    async def answer(self, **given: str) -> None:
        await resume_flow_run(self.run.id, run_input=given)  # type: ignore[misc]

    async def form(self, server: Server) -> str:
        """The text over the fields of the form, as the UI reads it."""
        answer = await self._form(server)
        return str(answer.raise_for_status().json())

    async def asked(self, server: Server) -> None:
        """Until the form can be answered: Prefect says Suspended a moment before it has stored the form."""
        end = time.monotonic() + 20
        while (await self._form(server)).status_code == 404:
            assert time.monotonic() < end, "it has no form"
            await asyncio.sleep(0.1)

    async def _form(self, server: Server) -> httpx.Response:
        async with httpx.AsyncClient(base_url=server.api) as http:
            found = (await http.get(f"/flow_runs/{self.run.id}")).json()
            keys = found["state"]["state_details"]["run_input_keyset"]
            return await http.get(f"/flow_runs/{self.run.id}/input/{keys['description']}")

    async def gone(self) -> None:
        """Take the deployment away again."""
        async with get_client() as client:
            assert self.run.deployment_id
            await client.delete_deployment(self.run.deployment_id)
