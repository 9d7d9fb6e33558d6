"""The flows without a cloud: their steps, the edges between them, and what a failure does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from prefect import get_client
from prefect.client.schemas.filters import FlowRunFilter
from prefect.client.schemas.objects import State, TaskRun
from prefect.states import Crashed, Running, Scheduled

from blocks import GatespanTopology
from flows.cross_region import cross_region
from flows.local_server import Server
from flows.teardown import teardown
from gatespan.planning import Graph
from gatespan.resources.base import Found
from gatespan.resources.build import build
from gatespan.topology import load
from tasks import artifacts
from tasks.parts import parts_of
from tests.prefect.deployed import Deployed
from tests.prefect.fake import EXAMPLES, Bench, FakeEngine, throttled

pytestmark = pytest.mark.usefixtures("server")

CROSS_REGION = EXAMPLES / "cross-region.yaml"

SECOND_CLIENT = """
  - name: vpc-4
    region: cn-shanghai
    existing: true
    cidr: 10.4.0.0/16
    vswitches:
      - {name: vpc-4-l, zone: cn-shanghai-l}
      - {name: vpc-4-m, zone: cn-shanghai-m}

cen:"""
SECOND_LINK = """bandwidth:
  - between: [cn-hangzhou, cn-shanghai]
    traffic: {cap_mbps: 10}
"""


def three_regions(folder: Path) -> Path:
    text = CROSS_REGION.read_text().replace("\ncen:", SECOND_CLIENT, 1).replace("bandwidth:\n", SECOND_LINK, 1)
    file = folder / "three.yaml"
    file.write_text(text.replace("source: functions", f"source: {EXAMPLES}/functions"))
    return file


async def run(file: Path, bench: Bench, flow: Any = cross_region, **parameters: Any) -> State[Any]:
    with bench.open():
        if flow is cross_region:
            parameters.setdefault("verify", False)
        state: State[Any] = await flow(str(file), return_state=True, **parameters)
        return state


async def task_runs(state: State[Any], at_least: int) -> dict[str, TaskRun]:
    """By name, as the server recorded them (from events, a moment later)."""
    mine = FlowRunFilter.model_validate({"id": {"any_": [str(state.state_details.flow_run_id)]}})
    async with get_client() as client:
        end = time.monotonic() + 20
        while True:
            found = await client.read_task_runs(flow_run_filter=mine, limit=200)
            if len(found) >= at_least and all(r.state and (r.state.is_final() or r.state.is_pending()) for r in found):
                return {r.name: r for r in found}
            assert time.monotonic() < end, f"{len(found)} of {at_least} task runs were recorded"
            await asyncio.sleep(0.2)


def edges(runs: dict[str, TaskRun]) -> dict[str, set[str]]:
    names = {r.id: name for name, r in runs.items()}
    return {
        name: {names[i.id] for inputs in r.task_inputs.values() for i in inputs if getattr(i, "id", None) in names}
        for name, r in runs.items()
    }


EDGES = {
    # step -> what it waits for, in the words of the graph in the UI
    "wait for gateway instance gateway-1 (cn-hangzhou)": {"use gateway gateway-1 (cn-hangzhou)"},
    "create API group hello_group (cn-hangzhou)": {"wait for gateway instance gateway-1 (cn-hangzhou)"},
    "create API hello_group/hello (cn-hangzhou)": {
        "create API group hello_group (cn-hangzhou)",
        "create function hello (cn-hangzhou)",
    },
    "create API hello_group/whoami (cn-hangzhou)": {
        "create API group hello_group (cn-hangzhou)",
        "create function hello (cn-hangzhou)",
        "create app demo_caller (cn-hangzhou)",
    },
    "create transit router cn-beijing": {"wait for CEN gatespan-cross-region"},
    "attach vpc-3 (cn-beijing)": {"wait for transit router cn-beijing", "prepare VPC vpc-3 (cn-beijing)"},
    "attach vpc-1 (cn-hangzhou)": {"wait for transit router cn-hangzhou", "prepare VPC vpc-1 (cn-hangzhou)"},
    "attach vpc-4 (cn-shanghai)": {"wait for transit router cn-shanghai", "prepare VPC vpc-4 (cn-shanghai)"},
    "route vpc-3 (cn-beijing)": {"wait for VPC attachment vpc-3 (cn-beijing)"},
    "connect cn-hangzhou - cn-beijing (2 Mbit/s)": {
        "wait for transit router cn-hangzhou",
        "wait for transit router cn-beijing",
        "buy bandwidth plan China-China (2 Mbit/s)",
    },
    "connect cn-hangzhou - cn-shanghai (10 Mbit/s)": {
        "wait for transit router cn-hangzhou",
        "wait for transit router cn-shanghai",
    },
    "bind vpc-1 (cn-hangzhou)": {
        "wait for gateway instance gateway-1 (cn-hangzhou)",
        "prepare VPC vpc-1 (cn-hangzhou)",
    },
    "enable VPC domain of hello_group (cn-hangzhou)": {
        "create API group hello_group (cn-hangzhou)",
        "wait for VPC binding of vpc-1 (cn-hangzhou)",
    },
}


def test_graph_has_the_words_and_the_edges_of_the_procedure(tmp_path: Path) -> None:
    async def both() -> dict[str, TaskRun]:
        state = await run(three_regions(tmp_path), bench)
        assert state.is_completed(), state.message
        return await task_runs(state, at_least=40)

    bench = Bench()
    drawn = edges(asyncio.run(both()))
    assert {name: drawn.get(name) for name in EDGES} == EDGES
    # Nothing starts before the plan: whatever waits for no other step waits for that.
    assert {name for name, ups in drawn.items() if not ups} == {"read topology"}
    assert {name for name, ups in drawn.items() if "read topology" in ups} == {"plan cross-region"}
    [engine] = bench.engines
    assert engine.made == set(engine.graph.order)
    assert all(n == 1 for n in engine.tried.values())


@pytest.mark.parametrize("name", ["cross-region", "from-scratch"])
def test_every_resource_is_in_one_part(name: str) -> None:
    loaded = load(EXAMPLES / f"{name}.yaml")
    graph = Graph(build(loaded.topology, loaded.base))
    keys = [key for part in parts_of(graph) for key in part.keys]
    assert sorted(keys) == sorted(graph.order)


@pytest.mark.parametrize("name", ["cross-region", "from-scratch"])
def test_builds_and_removes_in_an_order_that_the_graph_allows(name: str) -> None:
    """The fake engine refuses a thing before what it needs, and a removal before its users."""
    bench = Bench()
    state = asyncio.run(run(EXAMPLES / f"{name}.yaml", bench))
    assert state.is_completed(), state.message
    built = bench.engines[0]
    assert built.made == set(built.graph.order)
    slow = {"cen", "transit_router", "vpc_attachment", "peer_attachment", "binding", "gateway"}
    assert {built.graph[k].KIND for k in built.ready} >= slow

    gone = Bench(lambda engine: engine.made.update(engine.graph.order))
    state = asyncio.run(run(EXAMPLES / f"{name}.yaml", gone, teardown))
    assert state.is_completed(), state.message
    left = gone.engines[0].made
    assert {key for key in left if gone.engines[0].graph[key].makes} <= {"transit_router_service.account"}
    assert "gateway.gateway" in left, "what was there before has no task that removes it"


def test_a_failure_stops_what_needs_it_and_nothing_else() -> None:
    def refuse(engine: FakeEngine) -> None:
        engine.fails["vpc_attachment.vpc-3"] = [ValueError("no vSwitch in a zone of the transit router")]

    bench = Bench(refuse)
    state = asyncio.run(run(CROSS_REGION, bench))
    assert state.name == "Failed"
    assert state.message == (
        "attach vpc-3 (cn-beijing): no vSwitch in a zone of the transit router\n"
        "Not tried, because they wait for that: wait for VPC attachment vpc-3 (cn-beijing), route vpc-3 (cn-beijing), "
        "remove what is asked for no more."
    )
    [engine] = bench.engines
    missing = set(engine.graph.order) - engine.made
    assert missing == {f"{kind}.vpc-3" for kind in ("vpc_attachment", "association", "propagation", "route_sync")}


def test_a_blocked_plan_changes_nothing() -> None:
    def block(engine: FakeEngine) -> None:
        engine.blocked_why = "A CEN of that name exists and is not ours."

    bench = Bench(block)
    state = asyncio.run(run(CROSS_REGION, bench))
    assert state.name == "Failed"
    assert "Nothing was changed. A CEN of that name exists and is not ours." in str(state.message)
    assert bench.engines[0].diary == []


def test_a_removal_that_leaves_something_fails() -> None:
    def keep(engine: FakeEngine) -> None:
        engine.made.update(engine.graph.order)
        engine.fails["cen.cen"] = [ValueError("a stranger's instance is attached")]

    state = asyncio.run(run(CROSS_REGION, Bench(keep), teardown))
    assert state.name == "Failed"
    assert "remove CEN gatespan-cross-region: a stranger's instance is attached" in str(state.message)
    assert "Not tried, because they wait for that: prove that nothing is left." in str(state.message)


def test_independent_branches_run_at_the_same_time() -> None:
    """The app, the CEN and the VPCs wait for each other in the engine: only together can they go on."""
    import threading

    together = threading.Barrier(3)

    def meet(engine: FakeEngine) -> None:
        def before(key: str) -> None:
            if key in ("app.demo_caller", "cen.cen", "vpc.vpc-3"):
                together.wait(timeout=20)

        engine.before = before

    state = asyncio.run(run(CROSS_REGION, Bench(meet)))
    assert state.is_completed(), state.message


def test_without_a_watcher_progress_is_in_the_log_of_its_task(caplog: pytest.LogCaptureFixture) -> None:
    def speak(engine: FakeEngine) -> None:
        engine.before = lambda key: engine._say("wait", engine.graph[key], "Attaching, 12 s")

    with caplog.at_level("INFO"):
        asyncio.run(run(CROSS_REGION, Bench(speak)))
    said = [r for r in caplog.records if r.getMessage() == "VPC attachment vpc-3 (cn-beijing): Attaching, 12 s"]
    assert [(r.name, r.__dict__["task_run_name"]) for r in said] == [("prefect.task_runs", "attach vpc-3 (cn-beijing)")]


def test_a_wrong_file_fails_with_its_lines(tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text("name: wrong\ngateway: {}\n")
    state = asyncio.run(run(file, Bench()))
    assert state.name == "Failed" and "wrong.yaml" in str(state.message)


WRONG = "name: wrong\ngateway: {region: cn-hangzhou, instance: {name: g}}\nhub: {name: h, cidr: 10.0.0.1/16}\n"


@pytest.mark.parametrize("kept", [False, True], ids=["pasted", "block"])
def test_a_wrong_topology_fails_with_its_lines_wherever_it_is(kept: bool) -> None:
    async def both() -> State[Any]:
        if kept:
            await cast(Awaitable[Any], GatespanTopology(text=WRONG).save("wrong", overwrite=True))
        state: State[Any] = await cross_region("gatespan-topology/wrong" if kept else WRONG, return_state=True)
        return state

    state = asyncio.run(both())
    place = "gatespan-topology/wrong" if kept else "<text>"
    assert state.name == "Failed" and f"{place}:3:" in str(state.message), state.message


@pytest.mark.parametrize("picked", [True, False], ids=["picked in the form", "named"])
def test_a_topology_can_live_in_a_block(server: Server, picked: bool) -> None:
    async def both() -> State[Any]:
        text = CROSS_REGION.read_text().replace("source: functions", f"source: {EXAMPLES}/functions")
        block = GatespanTopology(text=text)
        await cast(Awaitable[Any], block.save("shop", overwrite=True))
        given = block if picked else "gatespan-topology/shop"
        state: State[Any] = await cross_region(given, verify=False, return_state=True)
        return state

    with Bench().open():
        state = asyncio.run(both())
    assert state.is_completed(), state.message
    run = httpx.get(f"{server.api}/flow_runs/{state.state_details.flow_run_id}").json()
    assert run["name"] == "shop"


def test_only_temporary_errors_are_tried_again() -> None:
    def throttle(engine: FakeEngine) -> None:
        engine.fails["app.demo_caller"] = [throttled(), throttled()]
        engine.fails["cen.cen"] = [ValueError("InvalidCidr")]

    bench = Bench(throttle)
    with pytest.MonkeyPatch.context() as patch:
        from tasks.build_cen import build_cen
        from tasks.create_api import create_app

        for task in (create_app, build_cen):
            patch.setattr(task, "retry_delay_seconds", 0.01)
        state = asyncio.run(run(CROSS_REGION, bench))
    assert "InvalidCidr" in str(state.message)
    tried = bench.engines[0].tried
    assert (tried["app.demo_caller"], tried["cen.cen"]) == (3, 1)
    assert "app.demo_caller" in bench.engines[0].made


@pytest.mark.parametrize("crashes", [2, 3])
def test_a_run_that_crashes_again_and_again_gives_up(server: Server, crashes: int) -> None:
    async def story() -> State[Any]:
        run = await Deployed.make(cross_region, topology=str(CROSS_REGION), verify=False)
        async with get_client() as client:
            for _ in range(crashes):
                for state in (Running(), Crashed(), Scheduled()):
                    await client.set_flow_run_state(run.run.id, state, force=True)
        ended = await run.start()
        await run.gone()
        return ended

    with Bench().open():
        state = asyncio.run(story())
    if crashes == 2:
        assert state.is_completed(), state.message
    else:
        assert state.is_failed() and "lost its process 3 times" in str(state.message)


def test_a_long_wait_shows_its_progress(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artifacts, "MOMENT", 0.1)

    def slow(engine: FakeEngine) -> None:
        usual = engine.wait

        def wait(key: str) -> Found:
            if key == "cen.cen":
                time.sleep(1)
            return usual(key)

        engine.wait = wait  # type: ignore[method-assign]

    with Bench(slow).open():
        state = asyncio.run(cast(Any, cross_region(str(CROSS_REGION), verify=False, return_state=True)))
    assert state.is_completed(), state.message
    shown = httpx.post(f"{server.api}/artifacts/filter", json={"artifacts": {"type": {"any_": ["progress"]}}}).json()
    [cen] = [one for one in shown if one["flow_run_id"] == str(state.state_details.flow_run_id)]
    assert cen["description"].startswith("CEN gatespan-cross-region: ") and 0 < cen["data"] < 100
