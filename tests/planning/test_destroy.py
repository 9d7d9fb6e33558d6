"""Teardown: what was there before is there again, byte for byte; what is not ours stays."""

from __future__ import annotations

import pytest

from gatespan.planning import Action, Did, Failed
from tests.planning.lab import Lab, edited
from tests.planning.test_build import TRAFFIC
from tests.planning.test_interrupts import Deaths, shape

MONTH = 32 * 86_400


@pytest.mark.parametrize("latency", ["none", "fast", "realistic", "reads:2"])
def test_a_made_network_leaves_nothing(lab: Lab, latency: str) -> None:
    lab.world(latency=latency)
    before = lab.state()
    lab.engine("from-scratch").converge()
    assert lab.state() != before
    lab.engine("from-scratch").destroy()
    assert lab.state() == before


def test_scenario_1_by_traffic_leaves_nothing(lab: Lab) -> None:
    topology = edited("cross-region", TRAFFIC)
    before = lab.state()
    lab.engine(topology).converge()
    lab.engine(topology).destroy()
    assert lab.state() == before


def test_a_plan_stays_until_its_term_ends_and_says_so(lab: Lab) -> None:
    before = lab.state()
    lab.engine().converge()
    outcomes = lab.engine().destroy()
    left = [o for o in outcomes if o.did is Did.LEFT and o.key.startswith("bandwidth_plan")]
    assert len(left) == 1
    assert "term" in left[0].why
    assert [t["status"] for t in lab.things("bandwidth_package")] == ["Idle"]
    lab.control("clock", {"advance": MONTH})
    lab.engine().destroy()
    assert lab.state() == before


def test_build_again_right_after_a_teardown(lab: Lab) -> None:
    """The client tokens of the first build are spent on things that are gone."""
    topology = edited("cross-region", TRAFFIC)
    lab.engine(topology).converge()
    lab.engine(topology).destroy()
    lab.engine(topology).converge()
    assert lab.engine(topology).plan().changing == ()


def test_a_teardown_that_is_cut_off_goes_on(lab: Lab) -> None:
    topology = edited("cross-region", TRAFFIC)
    before = lab.state()
    lab.engine(topology).converge()
    deaths = Deaths(lab, shape)
    lab.engine(topology, before_call=deaths, workers=1).destroy()
    for death in deaths.revived():
        lab.engine(topology).destroy()
        assert lab.state() == before, death
    assert len(deaths.names) > 20


def test_look_alikes_without_our_tag_are_untouched(lab: Lab) -> None:
    cloud = lab.cloud()
    cloud.call("cbn", "CreateCen", {"Name": "somebody-else"}, region="cn-hangzhou")
    cloud.call("cloudapi", "CreateApiGroup", {"GroupName": "other_group"}, region="cn-hangzhou")
    topology = edited("cross-region", TRAFFIC)
    lab.engine(topology).converge()
    lab.engine(topology).destroy()
    assert [c["name"] for c in lab.things("cen")] == ["somebody-else"]
    assert [g["name"] for g in lab.things("api_group")] == ["other_group"]


def test_what_is_in_the_way_is_named(lab: Lab) -> None:
    topology = edited("from-scratch", {})
    engine = lab.engine(topology)
    engine.converge()
    vpc = next(v for v in lab.things("vpc") if v["name"] == "made-hub")
    foreign = {
        "RegionId": "cn-hangzhou",
        "VpcId": vpc["id"],
        "ZoneId": "cn-hangzhou-k",
        "CidrBlock": "10.11.200.0/24",
        "VSwitchName": "foreign",
    }
    lab.cloud().call("vpc", "CreateVSwitch", foreign, region="cn-hangzhou")
    with pytest.raises(Failed, match=vpc["id"]):
        lab.engine(topology).destroy()


def test_the_removal_plan_shows_what_goes_and_what_stays(lab: Lab) -> None:
    lab.engine().converge()
    plan = lab.engine().plan_removal()
    leaving = {c.key for c in plan.of(Action.LEAVE)}
    assert {"gateway.gateway", "vpc.vpc-1", "vpc.vpc-3"} <= leaving
    assert "cen.cen" in {c.key for c in plan.of(Action.DELETE)}
    assert plan.changes[-1].key not in {"binding.vpc-1", "deployment.hello_group/hello@RELEASE"}
