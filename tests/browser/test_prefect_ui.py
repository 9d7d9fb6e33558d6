"""A day of an operator in the Prefect UI: build a scenario from its form and say yes to what it costs, look at what was
done, find what somebody broke; and build for a data center whose circuit is not in service yet, and tear that down.

Runs are started early and looked at late, by fixtures that go on from each other: a run takes a worker ten seconds.
"""

from __future__ import annotations

from typing import Any

import pytest

from gatespan.local_cloud import control
from tests.browser.hand import cut_off
from tests.browser.pages import PICTURES_WANTED, UI
from tests.browser.stack import ROOT, Stack

TOPOLOGY, SITE_TOPOLOGY = "examples/cross-region.yaml", "examples/on-premises-clients.yaml"
STEPS = {
    "plan cross-region",
    "draw cross-region",
    "create API hello_group/hello (cn-hangzhou)",
    "build CEN gatespan-cross-region",
    "attach vpc-3 (cn-beijing)",
    "wait for VPC attachment vpc-3 (cn-beijing)",
    "buy bandwidth plan China-China (2 Mbit/s)",
    "connect cn-hangzhou - cn-beijing (2 Mbit/s)",
    "bind vpc-1 (cn-hangzhou)",
    "enable VPC domain of hello_group (cn-hangzhou)",
    "verify cross-region",
}


def said(stack: Stack, run: str) -> Any:
    """What a run that did not do as expected says."""
    return stack.api(f"flow_runs/{run}")["state"]


@pytest.fixture(scope="module")
def circuit_run(ui: UI, stack: Stack) -> str:
    """A run whose circuit the carrier has not put into service. It gets to its question while others work."""
    control(stack.site_cloud, "circuits/pc-dc1", {"status": "Allocated"}, method="PATCH")
    ui.open_form("on-premises-clients")
    ui.fill({"topology": SITE_TOPOLOGY, "cloud": stack.site_cloud})
    return ui.submit()


@pytest.fixture(scope="module")
def approved(ui: UI, stack: Stack, circuit_run: str) -> str:
    """The run that builds the example, started from its form, its purchase approved in its form; it goes on."""
    text = (ROOT / TOPOLOGY).read_text()
    stack.keep("cross-region", text.replace("source: functions", "source: examples/functions"))
    ui.open_form("cross-region")
    ui.pick("GatespanTopology", "cross-region")
    ui.fill({"cloud": stack.cloud})
    ui.choose("approve", "ask")
    ui.picture("prefect-form")
    run = ui.submit()
    assert ui.state("Suspended") == "Suspended", said(stack, run)
    form = ui.resume_form()
    form.get_by_text("Shall this be bought?").wait_for()
    assert "CNY" in form.get_by_role("row").filter(has_text="bandwidth plan").inner_text()
    ui.picture("prefect-purchase", of=form)
    ui.choose("Decision", "approve", form)
    ui.fill({"Answered By": "Ada"}, form)
    ui.resume(form)
    return run


@pytest.fixture(scope="module")
def confirmed(ui: UI, stack: Stack, circuit_run: str, approved: str) -> str:
    """The circuit's run, once the carrier has done its work and somebody has said so; it goes on."""
    ui.open_run(circuit_run)
    assert ui.state("Suspended") == "Suspended", said(stack, circuit_run)
    form = ui.resume_form()
    form.get_by_text("The build waits for people.").wait_for()
    form.get_by_text("Allocated").first.wait_for()
    ui.picture("prefect-checklist", of=form)
    control(stack.site_cloud, "circuits/pc-dc1", {"status": "Enabled"}, method="PATCH")
    ui.fill({"Confirmed By": "Ada"}, form)
    ui.resume(form)
    return circuit_run


@pytest.fixture(scope="module")
def built(ui: UI, stack: Stack, approved: str, confirmed: str) -> str:
    """The run that has built the example."""
    ui.open_run(approved)
    assert ui.state() == "Completed", said(stack, approved)
    return approved


@pytest.fixture(scope="module")
def drifting(ui: UI, stack: Stack, built: str) -> str:
    """Somebody takes an association away; a run that shall find it and repair what is safe goes on."""
    cut_off(stack.cloud, "cn-beijing")
    stack.api("variables/", {"name": "gatespan_topologies", "value": [TOPOLOGY]})
    ui.open_form("drift")
    ui.fill({"cloud": stack.cloud})
    ui.choose("repair", "safe")
    return ui.submit()


@pytest.fixture(scope="module")
def removing(ui: UI, stack: Stack, confirmed: str, drifting: str) -> str:
    """The run that tears down what the circuit's run has built goes on."""
    ui.open_run(confirmed)
    assert ui.state() == "Completed", said(stack, confirmed)
    ui.open_form("teardown")
    ui.fill({"topology": SITE_TOPOLOGY, "cloud": stack.site_cloud})
    return ui.submit()


def test_a_purchase_is_approved_in_its_form(stack: Stack, built: str) -> None:
    [plan] = control(stack.cloud, "state")["bandwidth_package"]
    assert plan["bandwidth"] == 2


def test_a_run_that_waits_for_people_goes_on_when_they_say_so(stack: Stack, removing: str) -> None:
    """``confirmed`` saw the checklist, ``removing`` that it was built."""
    calls = stack.api("artifacts/calls-on-premises-clients/latest")
    assert calls["description"] == "2 of 2 calls passed"


@pytest.mark.usefixtures("removing")
def test_the_graph_shows_the_steps(ui: UI, stack: Stack, built: str) -> None:
    """It is painted on a canvas, its words too: they are what the server tells it; its colour is what is done."""
    labels = {node["label"] for _, node in stack.api(f"flow_runs/{built}/graph-v2")["nodes"]}
    assert STEPS - labels == set()
    ui.open_run(built)
    ui.painted()
    ui.tab("Task Runs").get_by_text("verify cross-region").first.wait_for()


@pytest.mark.usefixtures("removing")
def test_the_artifacts_show_picture_plan_and_calls(ui: UI, stack: Stack, built: str) -> None:
    ui.open_run(built)
    drawn = ui.open_artifact("topology-cross-region")
    drawn.get_by_role("document").get_by_text("transit router").first.wait_for()  # mermaid, drawn
    image = drawn.get_by_role("img", name="cross-region")
    assert image.evaluate("i => i.decode().then(() => i.naturalWidth)") > 300
    ui.picture("prefect-topology", until=image)

    ui.open_run(built)
    plan = ui.open_artifact("plan-cross-region", oldest=True)
    plan.get_by_role("row").filter(has_text="+ create").filter(has_text="VPC attachment vpc-3").wait_for()
    ui.picture("prefect-plan")

    ui.open_run(built)
    calls = ui.open_artifact("calls-cross-region").get_by_role("row").filter(has_text="ecs-3")
    calls.filter(has_text="passed").filter(has_text="200").nth(1).wait_for()
    ui.main.get_by_role("link", name="plan", exact=True).click()
    ui.page.wait_for_url("**/artifacts/key/plan-cross-region*")
    ui.main.get_by_text("to create, ").first.wait_for()


def test_drift_is_found_and_repaired(ui: UI, stack: Stack, drifting: str) -> None:
    ui.open_run(drifting)
    assert ui.state() == "Completed", said(stack, drifting)
    found = ui.open_artifact("drift-cross-region").get_by_role("row").filter(has_text="outage")
    found.filter(has_text="association").filter(has_text="vpc-3 cannot call the APIs").wait_for()
    ui.picture("prefect-drift", until=found)
    ui.open_run(drifting)
    repaired = ui.open_artifact("repair-cross-region").get_by_role("row").filter(has_text="done")
    repaired.filter(has_text="association").first.wait_for()


def test_teardown_is_started_from_its_form(ui: UI, stack: Stack, removing: str) -> None:
    ui.open_run(removing)
    assert ui.state() == "Completed", said(stack, removing)
    deleted = ui.open_artifact("plan-on-premises-clients").get_by_role("row").filter(has_text="delete")
    deleted.filter(has_text="border router").first.wait_for()


@pytest.mark.skipif(not PICTURES_WANTED, reason="only for the picture in the documentation: GATESPAN_SCREENSHOTS=1")
def test_the_picture_of_a_run(ui: UI, stack: Stack) -> None:
    """A cloud that takes its time, and one run from end to end: the graph that people see."""
    control(stack.cloud, "reset", {})
    control(stack.cloud, "latency", {"mode": "fast"})
    ui.open_form("cross-region")
    ui.fill({"topology": TOPOLOGY, "cloud": stack.cloud})
    run = ui.submit()
    assert ui.state() == "Completed", said(stack, run)
    ui.page.reload()
    ui.picture("prefect-run", until=ui.painted())
