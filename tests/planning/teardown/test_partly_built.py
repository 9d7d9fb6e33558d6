"""Torn down from any state in which a build was cut off, every scenario ends in the world from before; and what looks
like ours, but is not, is not touched."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

import pytest

from gatespan.planning import Engine, Failed
from gatespan.planning.teardown import proof
from tests.planning.lab import Lab
from tests.planning.teardown.scenes import SCENES, scene

READS = ("Describe", "List", "Get", "Check")
EVERY = int(os.environ.get("GATESPAN_CUTS_EVERY", "5"))
"""Changing calls from one cut to the next; 1 cuts everywhere, which takes minutes."""


class Cuts:
    """Keeps the cloud as it is before every so many changing calls."""

    def __init__(self, lab: Lab, every: int = EVERY) -> None:
        self.lab, self.every = lab, every
        self.changing = 0
        self.names: list[str] = []

    def __call__(self, product: str, action: str) -> None:
        if action.startswith(READS):
            return
        if self.changing % self.every == 0:
            self.names.append(f"cut {self.changing} ({action})")
            self.lab.control("snapshot", {"name": self.names[-1]})
        self.changing += 1


@pytest.mark.parametrize("name", SCENES)
def test_a_partly_built_scenario_leaves_nothing(lab: Lab, name: str) -> None:
    one = scene(lab, name)
    before = one.state()
    cuts = Cuts(lab)
    lab.engine(one.topology, before_call=cuts, workers=1).converge()
    wrong = []
    for cut in cuts.names:
        lab.control("restore", {"name": cut})
        lab.engine(one.topology).destroy()
        if one.state() != before:
            wrong.append(cut)
    assert wrong == []
    assert len(cuts.names) > 3
    assert proof(lab.engine(one.topology)).ok


@pytest.mark.parametrize("name", SCENES)
def test_a_removal_that_is_cut_off_goes_on_and_proves_it(lab: Lab, name: str) -> None:
    one = scene(lab, name)
    before = one.state()
    lab.engine(one.topology).converge()
    cuts = Cuts(lab)
    lab.engine(one.topology, before_call=cuts, workers=1).destroy()
    wrong = []
    for cut in cuts.names[::2]:
        lab.control("restore", {"name": cut})
        first = proof(lab.engine(one.topology))
        lab.engine(one.topology).destroy()
        last = proof(lab.engine(one.topology))
        if first.ok or not last.ok or one.state() != before:
            wrong.append(cut)
    assert wrong == []


LOOK_ALIKES: Mapping[str, list[tuple[str, str, str, dict[str, Any]]]] = {
    "hub": [
        ("cbn", "cn-hangzhou", "CreateCen", {"Name": "gatespan-hub"}),
        ("cloudapi", "cn-hangzhou", "CreateApiGroup", {"GroupName": "hello_group"}),
        ("cloudapi", "cn-hangzhou", "CreateApp", {"AppName": "demo_caller"}),
        (
            *("cloudapi", "cn-hangzhou", "SetVpcAccess"),
            {"Name": "stock_backend", "VpcId": "{vpc vpc-1}", "InstanceId": "10.1.7.7", "Port": 99},
        ),
        (
            *("vpc", "cn-hangzhou", "CreateVirtualBorderRouter"),
            {
                "RegionId": "cn-hangzhou",
                "PhysicalConnectionId": "{physical_connection pc-dc1}",
                "VlanId": 3,
                "Name": "hub-dc-1-pc-dc1",
                "LocalGatewayIp": "10.254.0.1",
                "PeerGatewayIp": "10.254.0.2",
                "PeeringSubnetMask": "255.255.255.252",
            },
        ),
    ],
    "from-scratch": [
        (
            *("vpc", "cn-hangzhou", "CreateVpc"),
            {"RegionId": "cn-hangzhou", "VpcName": "made-hub", "CidrBlock": "10.11.0.0/16"},
        ),
        ("cbn", "cn-hangzhou", "CreateCen", {"Name": "gatespan-from-scratch"}),
        ("cloudapi", "cn-hangzhou", "CreateApp", {"AppName": "order_desk"}),
    ],
}
"""The names of what the topology would make, without its mark."""
UNIQUE = ("CreateApiGroup", "SetVpcAccess", "CreateApp")
"""What cannot be made twice by one name."""


def by_hand(lab: Lab, name: str, *, but: tuple[str, ...] = ()) -> None:
    cloud = lab.cloud()
    for product, region, action, params in LOOK_ALIKES[name]:
        if action not in but:
            cloud.call(product, action, {k: _filled(lab, v) for k, v in params.items()}, region=region)


def _filled(lab: Lab, value: Any) -> Any:
    if not (isinstance(value, str) and value.startswith("{")):
        return value
    kind, _, called = value.strip("{}").partition(" ")
    return next(t["id"] for t in lab.things(kind) if t["name"] == called)


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_look_alikes_that_were_there_first_are_untouched(lab: Lab, name: str) -> None:
    one = scene(lab, name)
    by_hand(lab, name)
    before = lab.state()
    lab.engine(one.topology).destroy()
    told = proof(lab.engine(one.topology))
    assert lab.state() == before
    assert told.ok
    left = {one.id for one in told.left if one.why.startswith("not ours")}
    made = [t["id"] for t in lab.things("cen") + lab.things("api_group") + lab.things("vpc_access")]
    assert left >= set(made)


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_look_alikes_that_came_beside_ours_are_untouched(lab: Lab, name: str) -> None:
    one = scene(lab, name)
    by_hand(lab, name, but=UNIQUE)
    beside = one.state()
    lab.world(SCENES[name][0])
    lab.engine(one.topology).converge()
    by_hand(lab, name, but=UNIQUE)
    theirs = json.dumps(_strangers(lab, one.topology.topology.name), sort_keys=True)
    lab.engine(one.topology).destroy()
    assert json.dumps(_strangers(lab, one.topology.topology.name), sort_keys=True) == theirs
    assert {k: len(v) for k, v in one.state().items() if v} == {k: len(v) for k, v in beside.items() if v}
    assert proof(lab.engine(one.topology)).ok


def _strangers(lab: Lab, topology: str) -> list[Any]:
    """The things of the tagged kinds without our tag."""
    kinds = ("cen", "vpc", "vbr")
    return [t for kind in kinds for t in lab.things(kind) if t["tags"].get("gatespan:topology") != topology]


def test_a_topology_that_was_never_built_has_nothing_to_remove(lab: Lab) -> None:
    one = scene(lab, "hub")
    before = lab.state()
    engine: Engine = lab.engine(one.topology)
    engine.destroy()
    assert not [c for c in lab.log() if c["changed"]]
    assert lab.state() == before


def test_a_removal_that_failed_is_no_proof(lab: Lab) -> None:
    one = scene(lab, "from-scratch")
    lab.engine(one.topology).converge()
    lab.control(
        "faults", {"product": "cbn", "action": "DeleteCen", "kind": "error", "code": "Forbidden.RAM", "count": 99}
    )
    with pytest.raises(Failed):
        lab.engine(one.topology).destroy()
    told = proof(lab.engine(one.topology))
    assert [r.label for r in told.remains] == ["CEN gatespan-from-scratch"]
    assert not told.ok
