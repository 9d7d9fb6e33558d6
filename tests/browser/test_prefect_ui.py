"""A day of an operator in the Prefect UI: build a scenario from its form and say yes to what it costs, look at what was
done, find what somebody broke, tear it down; and a data center whose circuit is not in service yet."""

from __future__ import annotations

import re
from typing import Any

import pytest

from gatespan.local_cloud import control
from tests.browser.hand import cut_off
from tests.browser.pages import UI
from tests.browser.stack import Stack

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
    "bind VPC vpc-1 (cn-hangzhou)",
    "enable VPC domain of hello_group (cn-hangzhou)",
    "verify cross-region",
}


def said(stack: Stack, run: str) -> Any:
    """What a run that did not do as expected says."""
    return stack.api(f"flow_runs/{run}")["state"]


@pytest.fixture(scope="module")
def waiting(ui: UI, stack: Stack) -> str:
    """A run whose circuit the carrier has not put into service; it gets to its question while others work."""
    control(stack.site_cloud, "circuits/pc-dc1", {"status": "Allocated"}, method="PATCH")
    ui.open_form("on-premises-clients")
    ui.fill({"topology": SITE_TOPOLOGY, "cloud": stack.site_cloud})
    return ui.submit()


@pytest.fixture(scope="module")
def built(ui: UI, stack: Stack, waiting: str) -> str:
    """The run that built the example, started from its form, with its purchase approved in its form."""
    ui.open_form("cross-region")
    ui.fill({"topology": TOPOLOGY, "cloud": stack.cloud})
    ui.choose("approve", "ask")
    ui.picture("prefect-form")
    run = ui.submit()
    assert ui.state("Suspended") == "Suspended", said(stack, run)
    form = ui.resume_form()
    form.get_by_text("Shall this be bought?").wait_for()
    assert "CNY" in form.get_by_role("row").filter(has_text="bandwidth plan").inner_text()
    ui.picture("prefect-purchase")
    ui.choose("Decision", "approve", form)
    ui.fill({"Answered By": "Ada"}, form)
    ui.resume(form)
    assert ui.state() == "Completed", said(stack, run)
    return run


def test_the_graph_shows_the_steps(ui: UI, built: str) -> None:
    """The graph is painted, its words too: they come as one answer; that it is painted its colour tells."""
    with ui.page.expect_response(re.compile("/graph-v2")) as answer:
        ui.open_run(built)
    assert STEPS - {node["label"] for _, node in answer.value.json()["nodes"]} == set()
    canvas = ui.main.locator("canvas").first
    canvas.wait_for()
    ui.page.wait_for_function("() => document.fonts.ready")
    while ui.green(canvas) < 2000:  # the test's own time limit ends it
        pass
    ui.picture("prefect-run")
    assert ui.tab("Task Runs").get_by_text("verify cross-region").first.is_visible()


def test_the_artifacts_show_picture_plan_and_calls(ui: UI, built: str) -> None:
    ui.open_run(built)
    drawn = ui.open_artifact("topology-cross-region")
    drawn.get_by_role("document").get_by_text("transit router").first.wait_for()  # mermaid, drawn
    image = drawn.get_by_role("img", name="cross-region")
    assert image.evaluate("i => i.decode().then(() => i.naturalWidth)") > 300
    ui.picture("prefect-topology", until=image)

    ui.back_to_the_run()
    plan = ui.open_artifact("plan-cross-region")
    plan.get_by_role("row").first.wait_for()
    assert "bandwidth plan" in plan.inner_text()
    ui.picture("prefect-plan")

    ui.back_to_the_run()
    rows = ui.open_artifact("calls-cross-region").get_by_role("row").filter(has_text="ecs-3")
    rows.first.wait_for()
    assert [("passed" in row, "200" in row) for row in rows.all_inner_texts()] == [(True, True)] * 2


def test_drift_is_found_and_repaired(ui: UI, stack: Stack, built: str) -> None:
    attachment = cut_off(stack.cloud, "cn-beijing")
    stack.api("variables/", {"name": "gatespan_topologies", "value": [TOPOLOGY]})
    ui.open_form("drift")
    ui.fill({"cloud": stack.cloud})
    ui.choose("repair", "safe")
    run = ui.submit()
    assert ui.state() == "Completed", said(stack, run)
    found = ui.open_artifact("drift-cross-region").get_by_role("row").filter(has_text="outage")
    found.first.wait_for()
    assert "association" in found.first.inner_text(), attachment
    ui.picture("prefect-drift")
    ui.back_to_the_run()
    repaired = ui.open_artifact("repair-cross-region").get_by_role("row").filter(has_text="done")
    repaired.filter(has_text="association").first.wait_for()


def test_teardown_from_its_form(ui: UI, stack: Stack, built: str) -> None:
    ui.open_form("teardown")
    ui.fill({"topology": TOPOLOGY, "cloud": stack.cloud})
    run = ui.submit()
    assert ui.state() == "Completed", said(stack, run)
    removed = ui.open_artifact("plan-cross-region").get_by_role("row").filter(has_text="delete")
    removed.first.wait_for()
    assert removed.count() > 20


def test_a_run_that_waits_for_people_shows_their_checklist(ui: UI, stack: Stack, waiting: str) -> None:
    ui.open_run(waiting)
    assert ui.state("Suspended") == "Suspended", said(stack, waiting)
    form = ui.resume_form()
    form.get_by_text("The build waits for people.").wait_for()
    assert "Allocated" in form.get_by_role("row").filter(has_text="circuit").first.inner_text()
    ui.picture("prefect-checklist")
    control(stack.site_cloud, "circuits/pc-dc1", {"status": "Enabled"}, method="PATCH")
    ui.fill({"Confirmed By": "Ada"}, form)
    ui.resume(form)
    assert ui.state() == "Completed", said(stack, waiting)
