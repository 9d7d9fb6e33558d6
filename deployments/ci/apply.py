"""Run the flow of each topology file on a Prefect server, and tell what it says until it ends. Called by apply.sh.

Not `prefect deployment run --watch`: that stops at the last event, before the lines that say why a run has failed have
come, and it gives up when its stream breaks. This one asks again and again, as Prefect's client does it: with its
authentication, its headers, and its patience with a busy server.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from gatespan.topology import Loaded, Topology, TopologyErrors, load

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient
    from prefect.client.schemas.objects import FlowRun

EVERY = 1.0
"""Seconds between two looks."""
LATE = timedelta(seconds=10)
"""Lines may come after some that are younger than they."""


def main(files: list[str], environment: Mapping[str, str]) -> int:
    """Exit code 0 when every run completed, else 1. A file with errors is not sent anywhere; the others are."""
    loaded: list[tuple[str, Loaded]] = []
    for file in files:
        try:
            loaded.append((file, load(Path(file))))
        except TopologyErrors as errors:
            print(errors, file=sys.stderr)  # noqa: T201
    done = bool(loaded) and asyncio.run(_apply(loaded, environment))
    return 0 if done and len(loaded) == len(files) else 1


def parameters(topology: Topology, text: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Of the flow that builds the topology. Only flows with data centers can wait for people; a job cannot."""
    given = {
        "topology": text,
        "approve": environment.get("GATESPAN_APPROVE", "no"),
        "cloud": environment.get("GATESPAN_CLOUD"),
        "credentials": environment.get("GATESPAN_CREDENTIALS"),
        "on_waiting": "stop" if topology.sites else None,
    }
    return {name: value for name, value in given.items() if value}


async def _apply(loaded: list[tuple[str, Loaded]], environment: Mapping[str, str]) -> bool:
    """One after the other. True when every run completed."""
    import httpx
    from prefect import get_client
    from prefect.exceptions import ObjectNotFound, PrefectException

    patience, well = float(environment.get("GATESPAN_WATCH_TIMEOUT") or 7200), True
    for file, one in loaded:
        flow = one.topology.flow
        _tell(f"== {file}: {flow}")
        try:
            async with get_client() as client:
                run = await _start(client, flow, parameters(one.topology, one.text, environment))
                well &= await _watch(client, run, patience)
        except ObjectNotFound:
            said = f"has no deployment {flow}/{flow}: set it up with python -m deployments"
            print(f"{file}: the Prefect server {said}", file=sys.stderr)  # noqa: T201
            well = False
        except (httpx.HTTPError, PrefectException) as error:
            print(f"{file}: the Prefect server: {_why(error)}", file=sys.stderr)  # noqa: T201
            well = False
    return well


def _why(error: Exception) -> str:
    import httpx

    if isinstance(error, httpx.HTTPStatusError):
        return f"{error.response.status_code} {error.response.text[:500]}"
    return f"{type(error).__name__} {error}".strip()


async def _start(client: PrefectClient, flow: str, given: dict[str, str]) -> FlowRun:
    """The key makes it one run, though Prefect's client may have to ask twice."""
    deployment = await client.read_deployment_by_name(f"{flow}/{flow}")
    run = await client.create_flow_run_from_deployment(deployment.id, parameters=given, idempotency_key=str(uuid4()))
    ui = os.environ.get("PREFECT_UI_URL") or f"{str(client.api_url).rstrip('/').removesuffix('/api')}/v2"
    _tell(f"{ui}/runs/flow-run/{run.id}")
    return run


async def _watch(client: PrefectClient, run: FlowRun, patience: float) -> bool:
    """Tell its log and its states until it ends. True when it completed."""
    end, name, told = time.monotonic() + patience, "", dict[UUID, datetime]()
    while True:
        state = (await client.read_flow_run(run.id)).state
        await _tell_log(client, run, told)
        if state is not None and state.name != name:
            name = str(state.name)
            said = state.message if state.is_final() else "somebody must answer, at the link above" * state.is_paused()
            _tell(f"-- {name}{f': {said}' if said else ''}")
        if state is not None and state.is_final():
            return state.is_completed()
        if time.monotonic() > end:
            _tell(f"-- Not done after {patience:.0f} seconds (GATESPAN_WATCH_TIMEOUT). The run goes on.")
            return False
        await asyncio.sleep(min(EVERY, max(0.0, end - time.monotonic())))


async def _tell_log(client: PrefectClient, run: FlowRun, told: dict[UUID, datetime]) -> None:
    """The lines that came since the last look. ``told``: by id, when they were written; it is kept up to date."""
    from prefect.client.schemas.filters import LogFilter, LogFilterFlowRunId, LogFilterTimestamp
    from prefect.client.schemas.sorting import LogSort

    since = max(told.values(), default=datetime(2000, 1, 1, tzinfo=UTC)) - LATE
    of_this = LogFilter(
        flow_run_id=LogFilterFlowRunId(any_=[run.id]), timestamp=LogFilterTimestamp.model_validate({"after_": since})
    )
    offset, page = 0, 200
    while lines := await client.read_logs(of_this, limit=page, offset=offset, sort=LogSort.TIMESTAMP_ASC):
        for line in lines:
            if line.id not in told and not line.message.startswith("Finished in state Completed"):
                _tell(f"{line.timestamp:%H:%M:%S} {line.message}")
            told[line.id] = line.timestamp
        offset += len(lines)
        if len(lines) < page:
            return


def _tell(text: str) -> None:
    print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
