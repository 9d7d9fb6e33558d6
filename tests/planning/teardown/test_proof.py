"""What a proof of absence tells: that it is gone, what still bills, what was left, and what ought to be gone."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from gatespan.cloud import Wait
from gatespan.planning.teardown import proof
from tests.drift.stage import Hand
from tests.planning.lab import Lab
from tests.planning.teardown.scenes import Scene, scene

SOON = Wait(good=frozenset(), gone=True, budget=60)
MONTH = 32 * 86_400


def torn_down(lab: Lab, name: str) -> Scene:
    one = scene(lab, name)
    lab.engine(one.topology).converge()
    lab.engine(one.topology).destroy()
    return one


def test_all_is_gone_and_what_was_there_is_told(lab: Lab) -> None:
    one = torn_down(lab, "on-premises-clients")
    told = proof(lab.engine(one.topology))
    assert told.ok
    assert "CEN gatespan-on-premises-clients" in told.absent and len(told.absent) > 20
    assert len(told.looked) > 8
    left = {x.label: x.state for x in told.left}
    assert left["gateway instance gateway-1 (cn-hangzhou)"] == "bound to no VPC any more"
    assert {"VPC vpc-1 (cn-hangzhou)", "circuit dc-1/pc-dc1 (cn-hangzhou)"} <= left.keys()
    bills = {x.label: (x.until != "", x.ours) for x in told.bills}
    assert bills["circuit dc-1/pc-dc1 (cn-hangzhou)"] == (True, False)
    assert bills["gateway instance gateway-1 (cn-hangzhou)"] == (False, False)
    text = "\n".join(told.lines())
    assert "Nothing of on-premises-clients is left: " in text
    assert "2 × vSwitch" in text
    assert json.loads(json.dumps(told.to_json()))["ok"] is True


def test_a_prepaid_plan_bills_until_its_day_and_is_gone_after_it(lab: Lab) -> None:
    lab.world()
    lab.engine().converge()
    lab.engine().destroy()
    (plan,) = lab.things("bandwidth_package")
    day = datetime.fromtimestamp(plan["expires"], UTC).date().isoformat()
    told = proof(lab.engine())
    assert told.ok
    assert [(b.id, b.until) for b in told.bills if b.ours] == [(plan["id"], day)]
    assert f"not refunded, until {day}" in "\n".join(told.lines())
    lab.control("clock", {"advance": MONTH})
    lab.engine().destroy()
    assert [b for b in proof(lab.engine()).bills if b.ours] == []


def test_a_binding_that_the_file_keeps_is_left(lab: Lab) -> None:
    kept = "  instance: {name: gateway-1}"
    one = scene(lab, "on-premises-clients", {kept: f"  release: false\n{kept}"})
    lab.engine(one.topology).converge()
    lab.engine(one.topology).destroy()
    told = proof(lab.engine(one.topology))
    assert told.ok
    why = {x.kind: x for x in told.left}
    assert why["VPC binding of"].why == "the file keeps it (gateway.release: false)"
    assert why["gateway instance"].state.startswith("bound to vpc-")


def test_nothing_is_proven_while_it_stands(lab: Lab) -> None:
    one = scene(lab, "from-scratch")
    lab.engine(one.topology).converge()
    told = proof(lab.engine(one.topology))
    assert not told.ok
    assert len(told.remains) > 30
    assert len({r.id for r in told.remains if "VPC attachment" in r.label}) == 2
    assert next(told.lines()) == "Still there, though it is ours:"


def test_it_waits_for_what_is_on_its_way_out(lab: Lab) -> None:
    one = scene(lab, "from-scratch")
    engine = lab.engine(one.topology)
    engine.converge()
    for key in reversed(engine.graph.order):
        if key != "cen.cen":
            engine.remove(key)
    lab.control("latency", {"mode": "realistic"})
    hand = Hand(lab, lab.engine(one.topology))
    hand.call("cbn", "cn-hangzhou", "DeleteCen", {"CenId": "{cen.cen}"})
    assert lab.things("cen")
    assert proof(lab.engine(one.topology)).ok
    assert not lab.things("cen")


def test_a_route_that_outlives_its_attachment_is_told(lab: Lab) -> None:
    """By hand, as a cloud that forgot it would show it."""
    one = scene(lab, "from-scratch")
    lab.engine(one.topology).converge()
    kept = lab.control("snapshot", {})
    route = next(t for t in kept["things"] if t["kind"] == "route_entry" and "gatespan" in (t["description"] or ""))
    home = {"vpc", "vswitch", "route_table"}
    lab.engine(one.topology).destroy()
    after = lab.control("snapshot", {})
    there = {t["id"] for t in after["things"]}
    after["things"] += [t for t in kept["things"] if t["kind"] in home and t["id"] not in there] + [route]
    lab.control("restore", {"things": after["things"], "clock": after["clock"]})
    told = proof(lab.engine(one.topology), late=SOON)
    assert not told.ok
    assert [r.id for r in told.remains if r.label.startswith("route ")] == [route["id"]]


@pytest.mark.parametrize("what", ["AppName", "CenName"])
def test_what_carries_our_mark_is_found_whatever_the_file_says(lab: Lab, what: str) -> None:
    one = torn_down(lab, "from-scratch")
    mark = [
        {"Key": "gatespan:topology", "Value": "from-scratch"},
        {"Key": "gatespan:resource", "Value": "app.old" if what == "AppName" else "cen.old"},
    ]
    hand = lab.cloud()
    if what == "AppName":
        hand.call("cloudapi", "CreateApp", {"AppName": "forgotten", "Tag": mark}, region="cn-hangzhou")
    else:
        hand.call("cbn", "CreateCen", {"Name": "forgotten", "Tag": mark}, region="cn-hangzhou")
    told = proof(lab.engine(one.topology))
    assert [r.label for r in told.remains] == ["app old" if what == "AppName" else "cen old"]
