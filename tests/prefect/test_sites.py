"""Scenarios 2, 3 and the hub without a cloud: their steps in the procedure's words, the edges, and people."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from prefect.client.schemas.objects import State

from flows.cross_region import cross_region
from flows.hub import hub
from flows.local_server import Server
from flows.on_premises_backend import on_premises_backend
from flows.on_premises_clients import on_premises_clients
from flows.teardown import teardown
from gatespan.planning import Failed
from gatespan.resources.base import Waiting
from tests.prefect import topologies
from tests.prefect.deployed import Deployed
from tests.prefect.fake import Bench, FakeEngine
from tests.prefect.test_procedure import edges, task_runs

pytestmark = pytest.mark.usefixtures("server")

FLOWS: dict[str, Any] = {
    "on-premises-clients": on_premises_clients,
    "clients-bgp": on_premises_clients,
    "on-premises-backend": on_premises_backend,
    "hub": hub,
}
DC = "dc-1/pc-1 (cn-hangzhou)"
DC_2 = "dc-2/pc-2 (cn-hangzhou)"
READY = "wait for gateway instance gateway-1 (cn-hangzhou)"
ENTERPRISE = {
    f"connect data center {DC}": {"plan {name}"},
    f"attach data center {DC}": {"wait for transit router cn-hangzhou", f"connect data center {DC}"},
    f"route data center {DC}": {f"wait for border router attachment {DC}"},
    f"check health of {DC}": {f"wait for border router attachment {DC}"},
    f"wait for health check of {DC}": {f"check health of {DC}"},
}
INTERFACE = {
    f"connect data center {DC_2}": {"plan {name}"},
    f"open BGP session {DC_2}": {f"connect data center {DC_2}"},
    f"wait for BGP session {DC_2}": {f"open BGP session {DC_2}"},
    f"join {DC_2} to VPC-1": {f"connect data center {DC_2}", "prepare VPC vpc-1 (cn-hangzhou)"},
    f"route data center {DC_2}": {f"wait for connection with the hub of {DC_2}"},
}
DOMAIN = {
    "enable VPC domain of orders_group (cn-hangzhou)": {
        "create API group orders_group (cn-hangzhou)",
        "wait for VPC binding of vpc-1 (cn-hangzhou)",
    }
}
BACKEND = {
    "grant VPC access orders_backend (cn-hangzhou)": {"wait for VPC binding of vpc-1 (cn-hangzhou)"},
    "create API orders_group/orders (cn-hangzhou)": {
        "create API group orders_group (cn-hangzhou)",
        "grant VPC access orders_backend (cn-hangzhou)",
    },
}
EDGES: dict[str, dict[str, set[str]]] = {
    "on-premises-clients": ENTERPRISE | DOMAIN,
    "clients-bgp": INTERFACE | DOMAIN,
    "on-premises-backend": ENTERPRISE | DOMAIN | BACKEND,
    "hub": ENTERPRISE | INTERFACE | DOMAIN | BACKEND,
}


async def run(text: str, bench: Bench, flow: Any, **parameters: Any) -> State[Any]:
    with bench.open():
        if flow is not teardown:
            parameters = {"verify": False, "on_waiting": "stop"} | parameters
        state: State[Any] = await flow(text, return_state=True, **parameters)
        return state


@pytest.mark.parametrize("name", list(FLOWS))
def test_graph_has_the_words_and_the_edges_of_the_procedure(name: str) -> None:
    async def both() -> dict[str, set[str]]:
        state = await run(topologies.ALL[name], bench, FLOWS[name])
        assert state.is_completed(), state.message
        steps = int("".join(c for c in str(state.message) if c.isdigit()))  # "All 23 steps are done."
        return edges(await task_runs(state, at_least=steps + 1))

    bench = Bench()
    drawn = asyncio.run(both())
    [engine] = bench.engines
    plan = {"plan {name}": f"plan {engine.topology}"}
    wanted = {step: {plan.get(up, up) for up in ups} for step, ups in EDGES[name].items()}
    assert {step: drawn.get(step) for step in wanted} == wanted
    assert engine.made == set(engine.graph.order)
    assert all(n == 1 for n in engine.tried.values())
    # The list for people comes when everything is built.
    assert drawn["list what people do"] >= {"enable VPC domain of orders_group (cn-hangzhou)"}


@pytest.mark.parametrize("name", list(FLOWS))
def test_the_removal_takes_users_before_what_they_use(name: str) -> None:
    """The fake engine refuses a removal before the users are gone."""
    gone = Bench(lambda engine: engine.made.update(engine.graph.order))
    state = asyncio.run(run(topologies.ALL[name], gone, teardown))
    assert state.is_completed(), state.message
    [engine] = gone.engines
    left = {k for k in engine.made if engine.graph[k].makes}
    assert left <= {"transit_router_service.account"}


@pytest.mark.parametrize(
    ("given", "flow", "said"),
    [
        ("hub", cross_region, "built by the flow hub, not by cross-region"),
        (
            "on-premises-clients",
            on_premises_backend,
            "built by the flow on-premises-clients, not by on-premises-backend",
        ),
        ("on-premises-backend", on_premises_clients, "built by the flow on-premises-backend"),
    ],
    ids=["hub-as-cross-region", "clients-as-backend", "backend-as-clients"],
)
def test_a_flow_refuses_the_topology_of_another(given: str, flow: Any, said: str) -> None:
    bench = Bench()
    with bench.open():
        state = asyncio.run(_called(flow, topologies.ALL[given]))
    assert state.name == "Failed" and said in str(state.message)
    assert bench.engines == [], "nothing was opened"


async def _called(flow: Any, text: str) -> State[Any]:
    state: State[Any] = await flow(text, return_state=True)
    return state


def test_the_hub_takes_any_topology() -> None:
    state = asyncio.run(run(topologies.CLIENTS, Bench(), hub))
    assert state.is_completed(), state.message


def not_enabled(engine: FakeEngine) -> None:
    engine.circuits = "Allocated"


def test_a_run_that_waits_for_people_stops_and_says_for_what() -> None:
    bench = Bench(not_enabled)
    state = asyncio.run(run(topologies.CLIENTS, bench, on_premises_clients))
    assert state.name == "Failed"
    assert str(state.message).startswith("Waiting for people: plan clients: the circuit is Allocated.")
    assert bench.engines[0].diary == []


@pytest.mark.parametrize(
    ("errors", "waits"),
    [
        ([Waiting("the session is Idle.")], True),
        ([Failed({"a": Waiting("the session is Idle.")}, (), ())], True),
        ([Failed({"a": Waiting("the session is Idle."), "b": ValueError("wrong")}, (), ())], False),
        ([ValueError("wrong")], False),
    ],
    ids=["waiting", "waiting-inside", "waiting-and-wrong", "wrong"],
)
def test_only_what_nobody_else_can_help_counts_as_waiting(errors: list[Exception], waits: bool) -> None:
    def fail(engine: FakeEngine) -> None:
        engine.fails["bgp_peer.dc-2/pc-2"] = list(errors)

    state = asyncio.run(run(topologies.CLIENTS_BGP, Bench(fail), on_premises_clients))
    assert state.name == "Failed"
    assert str(state.message).startswith("Waiting for people:") is waits


def test_without_a_deployment_nothing_can_be_paused_so_it_stops() -> None:
    state = asyncio.run(run(topologies.CLIENTS, Bench(not_enabled), on_premises_clients, on_waiting="pause"))
    assert state.name == "Failed" and str(state.message).startswith("Waiting for people:")


def test_a_paused_run_shows_the_checklist_and_goes_on_when_people_have_acted(server: Server) -> None:
    async def story() -> None:
        run = await Deployed.make(on_premises_clients, topology=topologies.CLIENTS, verify=False)
        for _ in range(2):  # nobody has acted yet: it asks anew, and an old answer does not count
            state = await run.start()
            assert (state.name, waiting.engines[-1].diary) == ("Suspended", [])
            form = await run.form(server)
            assert "the circuit is Allocated." in form
            assert "- **dc-1/pc-1: have the circuit in service** (to do)" in form
            with pytest.raises(Exception, match="confirmed_by"):
                await run.answer()
            await run.answer(confirmed_by="Ada")
        waiting.engines[-1].circuits = "Enabled"
        state = await run.start()
        assert state.is_completed(), state.message
        await run.gone()

    waiting = Bench(not_enabled)
    with waiting.open():
        asyncio.run(story())
    assert waiting.engines[-1].made == set(waiting.engines[-1].graph.order)


def test_the_list_for_people_is_an_artifact(server: Server) -> None:
    state = asyncio.run(run(topologies.CLIENTS, Bench(), on_premises_clients))
    assert state.is_completed(), state.message
    found = httpx.get(f"{server.api}/artifacts/checklist-clients/latest").json()
    assert "10.1.0.0/16 via 10.255.0.1" in found["data"]
    assert Path(found["key"]).name == "checklist-clients"
