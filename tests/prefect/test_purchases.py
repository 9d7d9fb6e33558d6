"""Buying in a flow run: asked with the price, bought as approved, left out otherwise; never unasked."""

from __future__ import annotations

import asyncio
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from prefect.client.schemas.objects import State

from flows.cross_region import cross_region
from flows.hub import hub
from flows.local_server import Server
from gatespan.cli.commands import _may_buy
from gatespan.planning.money import Bill, Cost
from tasks import purchases
from tests.planning.lab import ROOT, Lab
from tests.planning.lab import running as running_lab
from tests.prefect import topologies
from tests.prefect.deployed import Deployed
from tests.prefect.fake import EXAMPLES, Bench, FakeEngine
from tests.prefect.test_procedure import task_runs

pytestmark = pytest.mark.usefixtures("server")

CROSS = EXAMPLES / "cross-region.yaml"
PLAN = "bandwidth_plan.cn-hangzhou-cn-beijing"
LINK = "connect cn-hangzhou - cn-beijing (2 Mbit/s)"
BUY = "buy bandwidth plan China-China (2 Mbit/s)"
SAID = (
    "Not bought: bandwidth plan China-China (2 Mbit/s) for 1 month (222.22 CNY once; paid at once, cannot be given back"
)
SAME = {"topology": str(CROSS), "verify": False, "approve": "ask"}


def rests_on_the_plan(engine: FakeEngine) -> set[str]:
    [plan] = engine.graph.keys(kind="bandwidth_plan")
    found, more = {plan}, {plan}
    while more:
        more = {user for key in more for user in engine.graph.users[key]} - found
        found |= more
    return found


def all_but_the_plan_is_made(engine: FakeEngine) -> bool:
    return engine.made == set(engine.graph.order) - rests_on_the_plan(engine)


async def here(flow: Any = cross_region, **given: Any) -> State[Any]:
    state: State[Any] = await flow(**{**SAME, **given}, return_state=True)
    return state


def made_real(engine: FakeEngine) -> None:
    engine.cloud.target.kind = "alibaba"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("approve", "prepare", "buys"),
    [
        ("yes", made_real, True),
        ("no", lambda _: None, False),
        ("ask", lambda _: None, False),
        ("auto", lambda _: None, True),
        ("auto", made_real, False),
    ],
    ids=["yes", "no", "ask-without-deployment", "auto-embedded", "auto-real"],
)
def test_it_buys_only_what_may_be_bought(approve: str, prepare: Any, buys: bool) -> None:
    bench = Bench(prepare)
    with bench.open():
        state = asyncio.run(here(approve=approve))
    [engine] = bench.engines
    if buys:
        assert state.is_completed() and engine.made == set(engine.graph.order)
        return
    assert state.name == "Failed" and str(state.message).startswith(SAID)
    assert f"Left out, because they wait for it: {BUY}, {LINK}" in str(state.message)
    assert all_but_the_plan_is_made(engine)


def test_what_waits_for_a_purchase_has_a_word_of_its_own_in_the_graph() -> None:
    async def both() -> dict[str, Any]:
        state = await here(approve="no", verify=True)
        return await task_runs(state, at_least=33)

    with Bench().open():
        runs = asyncio.run(both())
    left_out = {name for name, run in runs.items() if run.state and run.state.name == "LeftOut"}
    assert {BUY, LINK, "wait for inter-region connection cn-hangzhou - cn-beijing (2 Mbit/s)"} <= left_out
    assert "verify cross-region" in left_out and "attach vpc-3 (cn-beijing)" not in left_out


def test_an_error_comes_before_what_was_not_bought() -> None:
    def fail(engine: FakeEngine) -> None:
        engine.fails["app.demo_caller"] = [ValueError("InvalidName")]

    with Bench(fail).open():
        state = asyncio.run(here(approve="no"))
    assert "InvalidName" in str(state.message).splitlines()[0] and SAID in str(state.message)


def test_a_hub_without_the_instance_is_built_up_to_it() -> None:
    text = topologies.HUB.replace(
        "instance: {name: gateway-1}", "instance: {create: {name: gw, spec: api.s1.small, zone: Z}}"
    )
    assert "create" in text
    bench = Bench()
    with bench.open():
        state = asyncio.run(here(hub, topology=text, approve="no", on_waiting="stop"))
    [engine] = bench.engines
    assert "Not bought: gateway instance gw (cn-hangzhou) (0.87 USD per hour)" in str(state.message)
    assert "cen.cen" in engine.made and "vbr_attachment.dc-1/pc-1" in engine.made
    assert not {k for k in engine.made if k.startswith(("gateway.", "group.", "api.", "binding."))}


# --- asked in the form -----------------------------------------------------------------------------------------


def test_granted_it_buys_what_was_approved(server: Server) -> None:
    async def story() -> None:
        run = await Deployed.make(cross_region, **SAME)
        state = await run.start()
        assert state.name == "Suspended" and all_but_the_plan_is_made(bench.engines[-1])
        form = await run.form(server)
        assert "| bandwidth plan China-China (2 Mbit/s) for 1 month | 222.22 CNY once | price call" in form
        assert "cannot be given back" in form and LINK in form
        with pytest.raises(Exception, match="answered_by"):
            await run.answer(decision="approve")
        await run.answer(decision="approve", answered_by="Ada")
        # Meanwhile it has become dearer: the yes was for another offer.
        bench.engines[-1].price = 333.33
        state = await run.start()
        assert state.name == "Suspended" and PLAN not in bench.engines[-1].tried
        assert "333.33 CNY once" in await run.form(server)
        await run.answer(decision="approve", answered_by="Ada")
        state = await run.start()
        assert state.is_completed(), state.message
        await run.gone()

    bench = Bench()
    with bench.open():
        asyncio.run(story())
    engine = bench.engines[-1]
    assert engine.made == set(engine.graph.order)
    assert [engine.tried[k] for k in engine.graph.keys(kind="bandwidth_plan")] == [1]


def test_denied_nothing_is_bought_and_the_run_says_so() -> None:
    async def story() -> State[Any]:
        run = await Deployed.make(cross_region, **SAME)
        assert (await run.start()).name == "Suspended"
        await run.answer(answered_by="Ada")  # the safe answer is the default one
        state = await run.start()
        await run.gone()
        return state

    bench = Bench()
    with bench.open():
        state = asyncio.run(story())
    assert state.name == "Cancelled" and str(state.message).startswith(SAID) and "Ada said no" in str(state.message)
    assert all_but_the_plan_is_made(bench.engines[-1])


def test_expired_nothing_is_bought_and_a_retry_asks_again(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purchases, "PATIENCE", 1)

    async def story() -> None:
        run = await Deployed.make(cross_region, **SAME)
        assert (await run.start()).name == "Suspended"
        end = time.monotonic() + 20
        while (state := await run.state()).name == "Suspended":
            assert time.monotonic() < end, "the question never expired"
            await asyncio.sleep(0.2)
        assert state.is_failed() and "never resumed" in str(state.message)
        kept = httpx.get(f"{server.api}/artifacts/purchase-cross-region/latest").json()
        assert kept["description"].startswith(SAID)
        assert (await run.start()).name == "Suspended"
        await run.gone()

    bench = Bench()
    with bench.open():
        asyncio.run(story())
    assert all_but_the_plan_is_made(bench.engines[-1])


# --- on the embedded cloud: what its log says -------------------------------------------------------------------


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running_lab(tmp_path_factory.mktemp("purchases")) as lab:
        yield lab


@pytest.fixture
def lab(cloud: Lab) -> Lab:
    """Scenario 1's world before anything is built, with a clock that runs."""
    cloud.world()
    cloud.control("clock", {"freeze": False})
    return cloud


def bought(lab: Lab) -> list[str]:
    buying = ("CreateCenBandwidthPackage", "CreateInstance", "ModifyCenBandwidthPackageSpec")
    return [call["action"] for call in lab.log() if call["action"] in buying]


def test_killed_while_it_is_suspended_it_goes_on(lab: Lab, server: Server, python: dict[str, str]) -> None:
    """In processes of its own, as a worker starts them."""

    def process(run: Deployed) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "prefect.engine", str(run.run.id)]
        return subprocess.Popen(command, env=python, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    async def reaches(run: Deployed, name: str) -> State[Any]:
        end = time.monotonic() + 60
        while (state := await run.state()).name != name:
            assert time.monotonic() < end and not state.is_final(), f"{state.name}: {state.message}"
            await asyncio.sleep(0.1)
        return state

    async def story() -> None:
        where = {"path": str(ROOT), "entrypoint": "flows/cross_region.py:cross_region"}
        run = await Deployed.make(cross_region, **where, **SAME | {"cloud": lab.url, "verify": True})
        worker = process(run)
        await reaches(run, "Suspended")
        await run.asked(server)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        assert bought(lab) == []
        # If it was killed before it let go of the lock, that is free a minute later; nobody waits for that here.
        httpx.delete(f"{server.api}/v2/concurrency_limits/gatespan-topology-cross-region")
        await run.answer(decision="approve", answered_by="Ada")
        worker = process(run)
        await reaches(run, "Completed")
        worker.wait()
        await run.gone()

    asyncio.run(story())
    assert bought(lab) == ["CreateCenBandwidthPackage"]


def test_the_command_line_asks_in_a_terminal_and_nowhere_else(lab: Lab, python: dict[str, str]) -> None:
    command = [
        sys.executable,
        "-c",
        "from gatespan.cli import main; main()",
        "apply",
        str(CROSS),
        "--cloud",
        lab.url,
        "--ask",
    ]
    env = python | {"COLUMNS": "200"}
    alone = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert alone.returncode == 4, alone.stdout + alone.stderr
    assert SAID in alone.stderr and "run the same command with --approve-purchases" in alone.stderr
    assert f"- {BUY}" in alone.stdout and "waits for a purchase" in alone.stdout
    assert bought(lab) == [] and len(lab.things("vpc_attachment")) == 2

    asked = _in_a_terminal(command, env, answer=b"y\n")
    assert asked.returncode == 0, asked.stdout
    question = asked.stdout.index("Buy this on embedded cloud")
    assert "for 1 month (222.22 CNY once; paid at once, cannot be given back" in asked.stdout[question:]
    assert asked.stdout.index("Cost") < asked.stdout.index("Plan: ")
    assert bought(lab) == ["CreateCenBandwidthPackage"]


def _in_a_terminal(command: list[str], env: dict[str, str], answer: bytes) -> subprocess.CompletedProcess[str]:
    here, there = pty.openpty()
    with subprocess.Popen(command, env=env, stdin=there, stdout=there, stderr=there) as process:
        os.close(there)
        os.write(here, answer)
        said = b""
        try:
            while piece := os.read(here, 4096):
                said += piece
        except OSError:  # how the end of a terminal shows
            pass
        os.close(here)
        code = process.wait()
    return subprocess.CompletedProcess(command, code, said.decode())


@pytest.mark.parametrize(
    ("kind", "flag", "ask", "buys"),
    [
        ("alibaba", False, False, False),
        ("alibaba", True, False, True),
        ("embedded", False, False, True),
        ("url", False, True, False),
        ("embedded", True, True, True),
    ],
    ids=["real", "real-approved", "play-money", "play-money-asked", "play-money-approved"],
)
def test_who_need_not_be_asked(kind: str, flag: bool, ask: bool, buys: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: False))
    engine: Any = SimpleNamespace(cloud=SimpleNamespace(target=SimpleNamespace(kind=kind, name="a cloud")))
    cost = Bill((Cost("bandwidth_plan.a", "bandwidth plan", "term"),))
    assert _may_buy(engine, cost, flag, ask) is buys
