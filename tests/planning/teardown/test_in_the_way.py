"""What others hang on what is ours blocks its removal: the object is named, and nothing of theirs is touched."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from gatespan.planning import Failed
from gatespan.planning.teardown import proof
from gatespan.resources.obstacles import InTheWay
from tests.drift.stage import Hand
from tests.planning.lab import Lab
from tests.planning.teardown.scenes import scene

CASES: list[Mapping[str, Any]] = YAML(typ="safe").load(Path(__file__).with_name("in_the_way.yaml"))


@pytest.mark.parametrize("case", [pytest.param(c, id=c["name"]) for c in CASES])
def test_the_object_in_the_way_is_named(lab: Lab, case: Mapping[str, Any]) -> None:
    one = scene(lab, case["scene"])
    before = one.state()
    lab.engine(one.topology).converge()
    hand = Hand(lab, lab.engine(one.topology))
    for call in case["do"]:
        hand.call(*call)
    id = str(hand.fill(case["id"]))
    taken = [[*call[:3], hand.fill(call[3])] for call in case.get("undo", ())]
    started = len(lab.log())

    with pytest.raises(Failed) as caught:
        lab.engine(one.topology).destroy()
    error = caught.value.errors[case["blocks"]]
    assert isinstance(error, InTheWay)
    assert (case["what"], id) in {(o.what, o.id) for o in error.obstacles}, str(error)
    assert id in str(error) and "run the removal again" in str(error)
    assert len(lab.log()) - started < 600, "it went on asking"

    told = proof(lab.engine(one.topology))
    blocked = [r for r in told.remains if any(o.id == id for o in r.obstacles)]
    assert blocked, "\n".join(told.lines())
    assert id in "\n".join(told.lines())

    for product, region, action, params in taken:
        lab.cloud().call(product, action, params, region=region)
    if taken:
        lab.engine(one.topology).destroy()
        assert one.state() == before
        assert proof(lab.engine(one.topology)).ok


def test_what_is_on_its_way_out_is_not_in_the_way(lab: Lab) -> None:
    """Removing takes its time in the cloud; nothing of that is an obstacle, and nothing is raised."""
    one = scene(lab, "from-scratch", latency="realistic", list_lag=1.5)
    before = one.state()
    lab.engine(one.topology).converge()
    lab.engine(one.topology).destroy()
    assert one.state() == before
