"""The hub: three regions, two sites and twelve APIs on one gateway. What is built stays untouched by what is added."""

from __future__ import annotations

import json
from dataclasses import replace
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from gatespan.planning import Action, Engine
from gatespan.planning.teardown import proof
from gatespan.planning.whole import remove_leftovers, whole_plan, whole_removal
from gatespan.topology import Loaded, Topology, load
from gatespan.trace.live import verify
from tests.planning.lab import EXAMPLES, Lab

SPOKES = ("vpc-4", "dc-2")


def hub(without: str = "") -> Loaded:
    """The example, without one of its spokes and the calls, grants and APIs that hang on it."""
    whole = load(EXAMPLES / "hub.yaml")
    if not without:
        return whole
    data = whole.topology.model_dump(by_alias=True, exclude_unset=True, mode="json")
    prefixes = [p for site in data["sites"] if site["name"] == without for p in site["prefixes"]]
    for section in ("networks", "sites"):
        data[section] = [one for one in data[section] if one["name"] != without]
    gone = {g["name"] for g in data["grants"] if any(_inside(g.get("address"), p) for p in prefixes)}
    data["grants"] = [g for g in data["grants"] if g["name"] not in gone]
    for group in data["groups"]:
        group["apis"] = [a for a in group["apis"] if _granted(a) not in gone]
    left = {a["name"] for group in data["groups"] for a in group["apis"]}
    seats = ("ecs-4", "dc2-")
    data["verify"] = [
        c for c in data["verify"] if c["api"].rpartition("/")[2] in left and not c["from"].startswith(seats)
    ]
    return replace(whole, topology=Topology.model_validate(data))


def _inside(address: str | None, prefix: str) -> bool:
    return address is not None and ip_address(address) in ip_network(prefix)


def _granted(api: dict[str, Any]) -> str:
    return str((api["backend"].get("grant") or {}).get("name", ""))


@pytest.fixture
def lab(lab_process: Lab) -> Lab:
    lab_process.world("hub")
    return lab_process


def changing(lab: Lab) -> list[dict[str, Any]]:
    return [c for c in lab.log() if c["changed"]]


def proven(engine: Engine) -> bool:
    results = verify(engine.design, engine.cloud, engine.addresses())
    assert [(r.name, r.why) for r in results if not r.ok] == []
    return len(results) >= 8


def test_it_has_the_size_that_it_claims() -> None:
    topology = hub().topology
    assert len(topology.regions) == 3
    assert len(topology.sites) == 2
    assert len(topology.apis) == 12
    assert topology.flow == "hub"


def test_one_build_and_a_second_that_changes_nothing(lab: Lab) -> None:
    first = lab.engine(hub())
    first.converge()
    assert proven(first)
    lab.control("log", method="DELETE")
    again = lab.engine(hub())
    again.converge()
    assert changing(lab) == []
    assert again.plan().changing == ()
    shared = {"cen", "transit_router", "binding", "bandwidth_plan"}
    counts = {kind: len(again.graph.keys(kind=kind)) for kind in shared}
    assert counts == {"cen": 1, "transit_router": 3, "binding": 1, "bandwidth_plan": 1}


@pytest.mark.parametrize("spoke", SPOKES)
def test_adding_a_spoke_makes_only_that_spokes_calls(lab: Lab, spoke: str) -> None:
    lab.engine(hub(without=spoke)).converge()
    there = things(lab)
    lab.control("log", method="DELETE")
    engine = lab.engine(hub())
    plan = engine.plan()
    assert plan.changing and {c.action for c in plan.changing} == {Action.CREATE}
    needed = {key for key in engine.graph.order if engine.known(key)}
    assert not needed & {c.key for c in plan.changing}
    engine.converge()
    new = {id.partition("/")[2] for id in things(lab) if id not in there}
    for call in changing(lab):
        named = json.dumps(call["params"])
        assert call["action"].startswith(("Create", "Set")) or any(id in named for id in new), call
    after = things(lab)
    assert [id for id, before in there.items() if after[id] != before] == []
    assert proven(engine)


def things(lab: Lab) -> dict[str, Any]:
    """Everything in the cloud by kind and id."""
    return {f"{kind}/{t['id']}": t for kind, rows in lab.control("state").items() for t in rows}


@pytest.mark.parametrize("spoke", SPOKES)
def test_a_spoke_that_is_taken_out_of_the_file_takes_only_its_own_away(lab: Lab, spoke: str) -> None:
    lab.engine(hub(without=spoke)).converge()
    small = things(lab)
    lab.engine(hub()).converge()
    engine = lab.engine(hub(without=spoke))
    plan = whole_plan(engine)
    assert plan.changing and {c.action for c in plan.changing} == {Action.DELETE}
    assert all("the file asks for it no more" in c.why for c in plan.changing)
    remove_leftovers(engine)
    assert things(lab) == small
    assert whole_plan(lab.engine(hub(without=spoke))).changing == ()


@pytest.mark.parametrize("spoke", SPOKES)
def test_a_teardown_takes_what_the_file_has_no_more_too(lab: Lab, spoke: str) -> None:
    lab.engine(hub()).converge()
    engine = lab.engine(hub(without=spoke))
    whole = {c.label for c in whole_removal(engine).changing}
    rest = whole - {c.label for c in engine.plan_removal().changing}
    assert any(spoke in label for label in rest)
    remove_leftovers(engine)
    engine.destroy()
    assert proof(lab.engine(hub())).ok
