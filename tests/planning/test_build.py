"""Building: from nothing, again, and with every latency."""

from __future__ import annotations

import pytest

from gatespan.planning import Action, Did
from gatespan.trace.live import verify
from tests.planning.lab import Lab, edited

TRAFFIC = {"plan: {mbps: 2, months: 1}": "traffic: {cap_mbps: 100}"}


def test_a_build_makes_everything_and_a_second_one_nothing(lab: Lab) -> None:
    engine = lab.engine()
    plan = engine.plan()
    assert not plan.blocked
    made = engine.converge()
    assert {o.key for o in made if o.did is Did.CREATED} == {c.key for c in plan.of(Action.CREATE)}
    again = lab.engine()
    assert again.plan().changing == ()
    before = len([c for c in lab.log() if c["changed"]])
    assert {o.did for o in again.converge()} == {Did.KEPT}
    assert len([c for c in lab.log() if c["changed"]]) == before


@pytest.mark.parametrize("latency", ["none", "fast", "realistic", "reads:2"])
@pytest.mark.parametrize("example", ["cross-region", "from-scratch"])
def test_a_fresh_build_shows_no_difference_at_any_latency(lab: Lab, latency: str, example: str) -> None:
    lab.world(latency=latency)
    lab.engine(example).converge()
    assert [c.label for c in lab.engine(example).plan().changing] == []


def test_a_build_survives_lists_that_lag(lab: Lab) -> None:
    lab.world(latency="fast", list_lag=1.5)
    lab.engine().converge()
    assert lab.engine().plan().changing == ()
    assert len(lab.things("cen")) == 1
    assert len(lab.things("vpc_attachment")) == 2


def test_the_calls_go_through(lab: Lab) -> None:
    engine = lab.engine()
    engine.converge()
    results = verify(engine.design, engine.cloud, engine.addresses())
    assert [(r.name, r.ok, r.why) for r in results] == [(c.name, True, "") for c in engine.design.verify]
    assert "hello from the function" in results[0].body_excerpt


def test_everything_made_carries_the_ownership_tags(lab: Lab) -> None:
    lab.engine("from-scratch").converge()
    kinds = ["cen", "transit_router", "vpc_attachment", "peer_attachment", "api_group", "function"]
    for kind in kinds:
        for thing in lab.things(kind):
            assert thing["tags"].get("gatespan:topology") == "from-scratch", (kind, thing["id"])
    made = [v for v in lab.things("vpc") if v["name"].startswith("made-")]
    assert len(made) == 2
    assert all(v["tags"]["gatespan:topology"] == "from-scratch" for v in made)


def test_independent_things_are_made_at_the_same_time(lab: Lab) -> None:
    """A whole build at realistic latency: CEN 10 s, routers 10 s, attachments 45 s, peer 45 s and so on come to about
    150 s in a row of what must follow each other; all of it one after the other would be more than 300 s."""
    lab.world(latency="realistic")
    engine = lab.engine(edited("cross-region", TRAFFIC))
    start = lab.control("clock")["now"]
    engine.converge()
    assert lab.control("clock")["now"] - start < 230
