"""The shipped automations on a real server: drift is told to people, a change by hand is looked at when it is quiet."""

from __future__ import annotations

import asyncio
import json
import threading
import uuid
from collections.abc import Awaitable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import Any, cast

import pytest
from prefect import get_client
from prefect.blocks.notifications import CustomWebhookNotificationBlock
from prefect.client.schemas.objects import State
from prefect.flow_engine import run_flow
from prefect.variables import Variable

from deployments.audit.__main__ import main as post_records
from flows.drift import drift
from flows.local_server import Server
from tasks.drift import TOPOLOGIES
from tests.planning.lab import EXAMPLES, Lab
from tests.planning.lab import running as running_lab
from tests.prefect.test_audit import SAMPLE
from tests.prefect.test_team_crashes import Api
from tests.timing import until

FILE = str(EXAMPLES / "cross-region.yaml")
QUIET = 10.0
"""Seconds without another change, as deployments/automations.yaml says."""


@contextmanager
def inbox() -> Iterator[tuple[str, Queue[dict[str, Any]]]]:
    """Somebody who is told: the URL of a web server, and what it was sent."""
    told: Queue[dict[str, Any]] = Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{http.server_port}/", told
        http.shutdown()


def record(thing: str) -> dict[str, Any]:
    """The sample's record, as if it had just been written, about another thing."""
    made: dict[str, Any] = json.loads(json.dumps(SAMPLE["data"]).replace("tr-attach-gs0000000000000001", thing))
    return made | {"eventId": str(uuid.uuid4()), "eventTime": datetime.now(UTC).isoformat()}


class Team:
    """A server that was set up, with somebody who is told of drift; scenario 1 as it was built."""

    def __init__(self, api: Api, lab: Lab, told: Queue[dict[str, Any]]) -> None:
        self.api, self.lab, self.told = api, lab, told

    def looks(self) -> list[dict[str, Any]]:
        """The runs of the deployment `drift`."""
        wanted = {"deployments": {"id": {"any_": [self.api.deployment("drift")]}}}
        return list(self.api.post("/flow_runs/filter", wanted))


@pytest.fixture(scope="module")
def team(server: Server, shipped: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """The audit records of five changes in a row are posted at the end: it becomes quiet while tests run."""
    home = tmp_path_factory.mktemp("automations")
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        url, told = stack.enter_context(inbox())
        hook = CustomWebhookNotificationBlock(
            name="ops", url=url, json_data={"to": "ops", "text": "{{subject}}|{{body}}"}
        )
        hook.save("ops", overwrite=True)
        api = Api(server.api)
        lab = stack.enter_context(running_lab(home))
        lab.world()
        engine = lab.engine()
        engine.converge()
        attachment = engine.found("vpc_attachment.vpc-3")
        assert attachment
        team = Team(api, lab, told)
        patch.setenv("PREFECT_API_URL", server.api)
        for _ in range(5):
            file = home / "record.json"
            file.write_text(json.dumps(record(attachment.id)))
            assert post_records([str(file)]) == 0
        yield team


async def run_of(id: str) -> State[Any]:
    """Do what a worker does with a scheduled run."""
    async with get_client() as client:
        run = await client.read_flow_run(uuid.UUID(id))
    running: Any = run_flow(drift, flow_run=run, parameters=run.parameters, return_type="state")
    state: State[Any] = await running
    return state


def test_drift_is_told_to_people(team: Team) -> None:
    engine = team.lab.engine()
    group, api = engine.found("group.hello_group"), engine.found("api.hello_group/hello")
    assert group and api
    given = {"GroupId": group.id, "ApiId": api.id, "StageName": "RELEASE"}
    team.lab.cloud().call("cloudapi", "AbolishApi", given, region="cn-hangzhou")

    async def look() -> State[Any]:
        state: State[Any] = await cast(Awaitable[State[Any]], drift([FILE], cloud=team.lab.url, return_state=True))
        return state

    assert "1 outage" in str(asyncio.run(look()).message)
    message = team.told.get(timeout=20)
    subject, _, body = message["text"].partition("|")
    assert message["to"] == "ops" and subject == "Drift: cross-region"
    assert "cross-region: 1 outage" in body
    assert "- hello_group/hello@RELEASE cannot be called" in body
    assert team.told.empty()


def test_five_changes_in_a_row_are_one_look_when_it_is_quiet(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    until(team.looks, "the look after the changes", QUIET + 30)
    [look] = team.looks()
    assert look["parameters"] == {"changed": ["recent"]} and look["state_name"] == "Scheduled"
    # What a worker makes of it, where this topology is listed: it holds a thing that the records name.
    monkeypatch.setenv("GATESPAN_CLOUD", team.lab.url)
    team.lab.engine().converge()
    asyncio.run(cast(Awaitable[Any], Variable.aset(TOPOLOGIES, [FILE], overwrite=True)))
    try:
        state = asyncio.run(run_of(look["id"]))
    finally:
        asyncio.run(cast(Awaitable[Any], Variable.aunset(TOPOLOGIES)))
    assert state.is_completed() and state.message == "No drift in 1 topologies."
    assert team.api.get(f"/flow_runs/{look['id']}")["name"] == "drift"
    assert len(team.looks()) == 1


def test_a_silent_run_is_crashed(server: Server, shipped: str) -> None:
    """Its process dies before its first heartbeat. The automation waits ten seconds here, the least that it may."""
    api = Api(server.api)
    usual = api.silent_for(10)
    flow = api.post("/flows/", {"name": "silent"})["id"]
    given = {"flow_id": flow, "tags": ["gatespan"], "state": {"type": "PENDING", "name": "Pending"}}
    run = str(api.post("/flow_runs/", given)["id"])
    api.say(run, "RUNNING", "Running", "")
    until(lambda: api.states(run)[-1]["name"] == "Crashed", "it is crashed")
    assert usual == 90
    assert "its process is gone" in api.states(run)[-1]["message"]
    api.silent_for(usual)
