"""The flow `drift` on the embedded cloud: found, told, repaired, asked about, remembered."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from prefect import get_client
from prefect.client.schemas.objects import FlowRun, State
from prefect.exceptions import Pause
from prefect.flow_engine import run_flow
from prefect.flow_runs import resume_flow_run
from prefect.variables import Variable

import tasks.drift
from deployments.audit import EVENT, OLDEST, read
from flows import naming
from flows.drift import drift
from flows.local_server import Server
from tasks.drift import LATELY
from tests.planning.lab import EXAMPLES, Lab
from tests.planning.lab import running as running_lab

pytestmark = pytest.mark.usefixtures("server")
FILE = str(EXAMPLES / "cross-region.yaml")
PEER = "peer_attachment.cn-hangzhou-cn-beijing"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running_lab(tmp_path_factory.mktemp("drift")) as lab:
        lab.world()
        lab.engine().converge()
        lab.control("snapshot", {"name": "built"})
        yield lab


@pytest.fixture
def lab(built: Lab) -> Lab:
    """Scenario 1 as it was built; nothing remembered."""
    built.control("restore", {"name": "built"})
    with suppress(ValueError):
        asyncio.run(cast(Awaitable[Any], Variable.aunset("gatespan_history_cross_region")))  # type: ignore[arg-type]
    return built


def run(lab: Lab, **parameters: Any) -> State[Any]:
    async def go() -> State[Any]:
        given = {"topologies": [FILE], "cloud": lab.url} | parameters
        state: State[Any] = await cast(Awaitable[State[Any]], drift(**given, return_state=True))
        return state

    return asyncio.run(go())


def abolish(lab: Lab) -> None:
    """Somebody takes an API off the gateway."""
    engine = lab.engine()
    group, api = engine.found("group.hello_group"), engine.found("api.hello_group/hello")
    assert group and api
    given = {"GroupId": group.id, "ApiId": api.id, "StageName": "RELEASE"}
    lab.cloud().call("cloudapi", "AbolishApi", given, region="cn-hangzhou")


def detach(lab: Lab) -> None:
    """Somebody takes the connection of the two regions away: making it again needs a yes."""
    engine, cloud = lab.engine(), lab.cloud()
    peer = engine.found(PEER)
    assert peer
    params = {"TransitRouterAttachmentId": peer.id, "Force": True}
    cloud.call("cbn", "DeleteTransitRouterPeerAttachment", params, region="cn-hangzhou")


def test_a_clean_cloud_is_said_to_be_clean(lab: Lab) -> None:
    state = run(lab, repair="safe")
    assert state.is_completed() and state.message == "No drift in 1 topologies."


def test_what_is_found_is_told_and_nothing_is_changed(lab: Lab, server: Server) -> None:
    abolish(lab)
    lab.control("log", method="DELETE")
    state = run(lab)
    assert state.is_completed() and "cross-region: 1 outage" in str(state.message)
    assert [c for c in lab.log() if c["changed"]] == []
    artifact = httpx.get(f"{server.api}/artifacts/drift-cross-region/latest").json()
    assert "hello_group/hello@RELEASE cannot be called" in artifact["data"]
    history = asyncio.run(cast(Awaitable[Any], Variable.aget("gatespan_history_cross_region")))
    assert len(history["seen"]) == 1 and history["runs"][-1]["counts"] == {"outage": 1}


def test_a_wrong_file_fails_the_run_and_hides_nothing_of_the_others(lab: Lab, tmp_path: Path) -> None:
    abolish(lab)
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(Path(FILE).read_text().replace("bandwidth:", "bandwith:", 1))
    state = run(lab, topologies=[str(wrong), "gatespan-topology/nobody", FILE], repair="safe")
    assert state.is_failed() and state.message
    assert f"{wrong}:" in state.message and "bandwith" in state.message
    assert "There is no block gatespan-topology/nobody" in state.message
    assert run(lab).message == "No drift in 1 topologies."


def test_what_is_safe_is_repaired_and_the_calls_are_sent_again(lab: Lab) -> None:
    abolish(lab)
    state = run(lab, repair="safe")
    assert state.is_completed() and "cross-region: 1 repaired, 0 wait for a yes, 0 left" in str(state.message)
    assert run(lab).message == "No drift in 1 topologies."


def test_what_comes_back_is_left_alone_for_a_while(lab: Lab) -> None:
    abolish(lab)
    run(lab, repair="safe")
    abolish(lab)
    state = run(lab, repair="safe")
    assert "0 repaired, 0 wait for a yes, 1 left" in str(state.message)


def test_only_what_a_change_concerns_is_told(lab: Lab, server: Server) -> None:
    state = run(lab, changed=["vpc-of-somebody-else"])
    assert state.is_completed() and state.message == "No drift in 0 topologies."
    group = lab.engine().found("group.hello_group")
    assert group and run(lab, changed=[group.id]).message == "No drift in 1 topologies."


def test_what_audit_events_have_named_is_told(lab: Lab, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the word `recent`: of the topologies without drift, those that hold a thing that an event names."""
    group = lab.engine().found("group.hello_group")
    assert group

    def records(name: str, thing: str, at: datetime) -> list[dict[str, Any]]:
        """More events than the server gives at once."""
        about = {"eventName": "ModifyApi", "eventTime": at.isoformat(), "resourceName": thing}
        made = read(json.dumps([about | {"eventId": f"{name} {n}"} for n in range(60)]), at).events
        return [event | {"event": name} for event in made]

    now = datetime.now(UTC)
    long_ago = now - LATELY - timedelta(minutes=1)
    stranger = "vpc-of0somebody0else"
    events = records("other", stranger, now) + records("ours", group.id, now) + records("past", stranger, long_ago)
    httpx.post(f"{server.api}/events", json=events).raise_for_status()
    for name in ("other", "ours", "past"):
        _kept(server, name, 60)
    said = {}
    for name in ("other", "ours", "past", "none"):
        monkeypatch.setattr(tasks.drift, "CHANGED", name)
        said[name] = run(lab, changed=[tasks.drift.RECENT]).message
    one, none = "No drift in 1 topologies.", "No drift in 0 topologies."
    assert said == {"other": none, "ours": one, "past": one, "none": one}  # nobody named anything of late: all are told
    monkeypatch.setattr(tasks.drift, "CHANGED", "other")
    assert run(lab, changed=[tasks.drift.RECENT, group.id]).message == one
    monkeypatch.setattr(tasks.drift, "MOST_EVENTS", 59)
    assert run(lab, changed=[tasks.drift.RECENT]).message == one  # too many to tell


def _kept(server: Server, name: str, events: int) -> None:
    """The server writes events down every few seconds."""
    wanted = {"filter": {"event": {"name": [name]}, "occurred": {"since": "2020-01-01T00:00:00Z"}}}
    end = time.monotonic() + 30
    while httpx.post(f"{server.api}/events/filter", json=wanted).json().get("total") != events:
        assert time.monotonic() < end, f"{events} events {name}: never kept"
        time.sleep(0.2)


def test_the_event_is_the_one_that_audit_records_become() -> None:
    assert tasks.drift.CHANGED == EVENT and LATELY > OLDEST


@pytest.mark.parametrize(
    ("topologies", "name"),
    [
        ([FILE], "drift of cross-region"),
        (["gatespan-topology/shop"], "drift of shop"),
        (["name: shop\nhub: {}\n"], "drift of shop"),
        ([FILE, FILE, FILE], "drift of 3 topologies"),
        ([], "drift"),
        (None, "drift"),
    ],
    ids=["file", "block", "text", "three", "none", "listed"],
)
def test_runs_are_named_after_their_topologies(topologies: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given = SimpleNamespace(parameters={"topologies": topologies}, flow_name="drift")
    monkeypatch.setattr(naming, "flow_run", given)
    assert naming.named_after_topologies() == name


def test_without_a_topology_it_says_where_to_list_them() -> None:
    async def go() -> State[Any]:
        state: State[Any] = await cast(Awaitable[State[Any]], drift(return_state=True))
        return state

    state = asyncio.run(go())
    assert state.is_failed() and "the variable gatespan_topologies lists none" in str(state.message)


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_the_rest_is_asked_about_in_the_form(lab: Lab, server: Server, decision: str) -> None:
    """As a worker does it: started, suspended, answered, started again from the top."""

    async def start(run: FlowRun) -> State[Any]:
        async with get_client() as client:
            again = await client.read_flow_run(run.id)
        running: Any = run_flow(drift, flow_run=again, parameters=again.parameters, return_type="state")
        with suppress(Pause):
            await running
        async with get_client() as client:
            ended = (await client.read_flow_run(run.id)).state
        assert ended is not None
        return ended

    async def story() -> State[Any]:
        async with get_client() as client:
            deployment = await client.create_deployment(await client.create_flow(drift), f"drift-{decision}")
            given = {"topologies": [FILE], "cloud": lab.url, "repair": "approved"}
            run = await client.create_flow_run_from_deployment(deployment, parameters=given)
        state = await start(run)
        assert state.name == "Suspended", state.message
        assert "create inter-region connection" in await form(server, run)
        await resume_flow_run(run.id, run_input={"decision": decision, "answered_by": "Ada"})  # type: ignore[misc]
        state = await start(run)
        async with get_client() as client:
            await client.delete_deployment(deployment)
        return state

    detach(lab)
    state = asyncio.run(story())
    assert state.is_completed(), state.message
    back = lab.engine().found(PEER) is not None
    assert back is (decision == "approve")


async def form(server: Server, run: FlowRun) -> str:
    async with httpx.AsyncClient(base_url=server.api) as http:
        found = (await http.get(f"/flow_runs/{run.id}")).json()
        keys = found["state"]["state_details"]["run_input_keyset"]
        return str((await http.get(f"/flow_runs/{run.id}/input/{keys['description']}")).json())
