"""A build or a removal of grants, or in a CEN of the Basic edition, that is cut off goes on to the same end."""

from __future__ import annotations

import pytest

from gatespan.planning import Engine
from gatespan.topology import Loaded
from tests.planning.basic.conftest import Basic, basic
from tests.planning.grants.conftest import behind_grants
from tests.planning.sites.test_interrupts import begin, go_on, lose, shape
from tests.planning.test_interrupts import Deaths

ADOPT = {"name: old-cen, edition": "name: old-cen, adopt: true, edition"}
SCENES = {
    "enterprise": behind_grants(),
    "basic-clients": basic("clients", ADOPT),
    "basic-site": basic("site", ADOPT),
}
OURS = {"grant", "api", "deployment", "cloud_service_routes", "child_instance", "region_bandwidth", "route_service"}
"""Kinds that are cut off here. What they stand on is there before: its interrupts are tested elsewhere."""
CREATES = [
    ("enterprise", "cloudapi", "SetVpcAccess"),
    ("enterprise", "cloudapi", "CreateApi"),
    ("enterprise", "cloudapi", "DeployApi"),
    ("enterprise", "cbn", "CreateTransitRouterRouteEntry"),
    ("basic-clients", "cbn", "AttachCenChildInstance"),
    ("basic-clients", "cbn", "TagResources"),
    ("basic-clients", "cbn", "SetCenInterRegionBandwidthLimit"),
    ("basic-site", "cbn", "ResolveAndRouteServiceInCen"),
]
REMOVES = [
    ("enterprise", "cloudapi", "RemoveVpcAccess"),
    ("enterprise", "cbn", "DeleteTransitRouterRouteEntry"),
    ("basic-clients", "cbn", "DetachCenChildInstance"),
    ("basic-clients", "cbn", "UntagResources"),
    ("basic-clients", "cbn", "SetCenInterRegionBandwidthLimit"),
    ("basic-site", "cbn", "DeleteRouteServiceInCen"),
]


def keys(engine: Engine) -> list[str]:
    return [k for k in engine.graph.order if engine.graph[k].KIND in OURS]


def end_of(lab: Basic, topology: Loaded) -> object:
    """What an undisturbed build ends in; ``before`` and ``built`` are snapshots of the cloud."""
    lab.old_cen()
    engine = lab.engine(topology)
    users = set(keys(engine)) | {k for k in engine.graph.order if engine.graph.needs[k] & set(keys(engine))}
    engine.converge([k for k in engine.graph.order if k not in users])
    lab.control("snapshot", {"name": "before"})
    lab.control("log", method="DELETE")
    lab.engine(topology, workers=1).converge()
    lab.control("snapshot", {"name": "built"})
    return shape(lab)


@pytest.mark.parametrize("scene", SCENES)
def test_a_build_cut_off_before_every_call_in_turn(lab: Basic, scene: str) -> None:
    topology = SCENES[scene]
    whole = end_of(lab, topology)
    begin(lab)
    deaths = Deaths(lab, shape)
    lab.engine(topology, before_call=deaths, workers=1).converge()
    wrong = []
    for seed, death in enumerate(deaths.revived(), 2):
        lab.engine(topology, seed=seed).converge()
        if shape(lab) != whole:
            wrong.append(death)
    assert wrong == []
    assert len(deaths.names) > 5


@pytest.mark.parametrize("scene", SCENES)
def test_a_removal_cut_off_before_every_call_in_turn(lab: Basic, scene: str) -> None:
    topology = SCENES[scene]
    end_of(lab, topology)
    begin(lab, "built")
    deaths = Deaths(lab, shape)
    remove(lab.engine(topology, before_call=deaths))
    after = lab.state()
    for death in deaths.revived():
        remove(lab.engine(topology))
        assert lab.state() == after, death
    assert len(deaths.names) > 5


@pytest.mark.parametrize(("scene", "product", "action"), CREATES)
def test_a_lost_answer_makes_one_thing_and_not_two(lab: Basic, scene: str, product: str, action: str) -> None:
    whole = end_of(lab, SCENES[scene])
    begin(lab)
    lose(lab, product, action)
    go_on(lab, lambda: lab.engine(SCENES[scene]).converge())
    assert shape(lab) == whole


@pytest.mark.parametrize(("scene", "product", "action"), REMOVES)
def test_a_lost_answer_of_a_removal(lab: Basic, scene: str, product: str, action: str) -> None:
    end_of(lab, SCENES[scene])
    begin(lab, "built")
    remove(lab.engine(SCENES[scene]))
    after = lab.state()
    begin(lab, "built")
    lose(lab, product, action)
    go_on(lab, lambda: remove(lab.engine(SCENES[scene])))
    assert lab.state() == after


def remove(engine: Engine) -> None:
    """What is of interest here, one thing after the other, and what hangs on it."""
    for key in reversed(engine.graph.order):
        if engine.graph[key].KIND in OURS | {"health_check"}:
            engine.remove(key)
