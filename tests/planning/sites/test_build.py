"""Building and removing a data centre, each way in: everything once, nothing left."""

from __future__ import annotations

import pytest

from gatespan.planning import Action, Did
from tests.planning.sites.conftest import KINDS, Plant, site


@pytest.mark.parametrize("kind", KINDS)
def test_a_second_build_makes_no_changing_call(plant: Plant, kind: str) -> None:
    plan = plant.engine(site(kind)).plan()
    assert not plan.blocked
    made = plant.engine(site(kind)).converge()
    assert {o.key for o in made if o.did is Did.CREATED} == {c.key for c in plan.of(Action.CREATE)}
    plant.control("log", method="DELETE")
    assert plant.engine(site(kind)).plan().changing == ()
    assert {o.did for o in plant.engine(site(kind)).converge()} == {Did.KEPT}
    assert plant.changes() == []


@pytest.mark.parametrize("latency", ["none", "fast", "realistic"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_removal_leaves_the_world_as_it_was(plant: Plant, kind: str, latency: str) -> None:
    plant.world(latency=latency)
    before = plant.state()
    plant.engine(site(kind)).converge()
    assert plant.state() != before
    assert plant.engine(site(kind)).plan().changing == ()
    plant.engine(site(kind)).destroy()
    assert plant.state() == before
