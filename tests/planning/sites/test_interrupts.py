"""A build or a removal of a data centre that is cut off before any cloud call goes on to the same end."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from gatespan.cloud import UnknownOutcome
from gatespan.planning import Engine, Failed
from gatespan.resources.base import Step
from tests.planning import test_interrupts
from tests.planning.sites.conftest import Plant, site
from tests.planning.test_interrupts import Deaths

CREATES = [
    ("static", "vpc", "CreateVirtualBorderRouter"),
    ("static", "vpc", "CreateRouteEntry"),
    ("static", "cbn", "CreateTransitRouterVbrAttachment"),
    ("static", "cbn", "UpdateTransitRouterVbrAttachmentAttribute"),
    ("static", "cbn", "EnableCenVbrHealthCheck"),
    ("bgp", "vpc", "CreateBgpGroup"),
    ("bgp", "vpc", "CreateBgpPeer"),
    ("interface-bgp", "vpc", "CreateRouterInterface"),
    ("interface-bgp", "vpc", "ModifyRouterInterfaceAttribute"),
    ("interface-bgp", "vpc", "ConnectRouterInterface"),
    ("interface-bgp", "vpc", "CreateRouteEntry"),
    ("interface-bgp", "vpc", "AddBgpNetwork"),
]
REMOVES = [
    ("static", "cbn", "DisableCenVbrHealthCheck"),
    ("static", "cbn", "DeleteTransitRouterVbrAttachment"),
    ("static", "vpc", "DeleteRouteEntry"),
    ("static", "vpc", "DeleteVirtualBorderRouter"),
    ("bgp", "vpc", "DeleteBgpPeer"),
    ("bgp", "vpc", "DeleteBgpGroup"),
    ("interface-bgp", "vpc", "DeactivateRouterInterface"),
    ("interface-bgp", "vpc", "DeleteRouterInterface"),
    ("interface-bgp", "vpc", "DeleteBgpNetwork"),
]


def shape(plant: Plant) -> Any:
    """What is in the cloud, without what differs from build to build: a border router's table and interface are no
    things of their own there; which of two health checks gets which address is chance."""
    text = json.dumps(test_interrupts.shape(plant))
    text = re.sub(r"\b(ri|vtb)-[a-z0-9]+", r"\1", text)
    text = re.sub(r"100\.96\.0\.\d+", "IP", text)
    text = re.sub(r'(activated|connected)\\": [\d.e+]+', r"\1", text)
    return {kind: sorted(things) for kind, things in json.loads(text).items()}


def end_of(plant: Plant, kind: str) -> Any:
    """What an undisturbed build of the site ends in. What sites share with networks is there before: its interrupts
    are tested with scenario 1."""
    engine = plant.engine(site(kind))
    engine.converge([k for k in engine.graph.order if engine.graph[k].step is not Step.CONNECT_SITE])
    plant.control("snapshot", {"name": "before"})
    plant.control("log", method="DELETE")
    plant.engine(site(kind), workers=1).converge()
    return shape(plant)


def begin(plant: Plant, name: str = "before") -> None:
    plant.control("restore", {"name": name})
    plant.control("log", method="DELETE")


@pytest.mark.parametrize("kind", ["bgp", "interface"])
def test_a_build_cut_off_before_every_call_in_turn(plant: Plant, kind: str) -> None:
    whole = end_of(plant, kind)
    begin(plant)
    deaths = Deaths(plant, shape)
    plant.engine(site(kind), before_call=deaths, workers=1).converge()
    wrong = []
    for seed, death in enumerate(deaths.revived(), 2):
        plant.engine(site(kind), seed=seed).converge()
        if shape(plant) != whole:
            wrong.append(death)
    assert wrong == []
    assert len(deaths.names) > 8


@pytest.mark.parametrize("kind", ["bgp", "interface"])
def test_a_removal_cut_off_before_every_call_in_turn(plant: Plant, kind: str) -> None:
    end_of(plant, kind)
    plant.control("snapshot", {"name": "built"})
    begin(plant)
    before = plant.state()
    begin(plant, "built")
    deaths = Deaths(plant, shape)
    remove(plant.engine(site(kind), before_call=deaths))
    for death in deaths.revived():
        remove(plant.engine(site(kind)))
        assert plant.state() == before, death
    assert len(deaths.names) > 8


@pytest.mark.parametrize(("kind", "product", "action"), CREATES)
def test_a_lost_answer_makes_one_thing_and_not_two(plant: Plant, kind: str, product: str, action: str) -> None:
    whole = end_of(plant, kind)
    begin(plant)
    lose(plant, product, action)
    go_on(plant, lambda: plant.engine(site(kind)).converge())
    assert shape(plant) == whole


@pytest.mark.parametrize(("kind", "product", "action"), REMOVES)
def test_a_lost_answer_of_a_removal(plant: Plant, kind: str, product: str, action: str) -> None:
    before = plant.state()
    plant.engine(site(kind)).converge()
    lose(plant, product, action)
    go_on(plant, lambda: plant.engine(site(kind)).destroy())
    assert plant.state() == before


def remove(engine: Engine) -> None:
    """The site alone, one thing after the other."""
    for key in reversed(engine.graph.order):
        if engine.graph[key].step is Step.CONNECT_SITE:
            engine.remove(key)


def lose(plant: Plant, product: str, action: str) -> None:
    plant.control("faults", {"product": product, "action": action, "when": "after", "kind": "drop", "count": 1})


def go_on(plant: Plant, work: Callable[[], object]) -> None:
    try:
        work()
    except Failed as failed:
        assert all(isinstance(e, UnknownOutcome) for e in failed.errors.values())
        work()
    lost = [c for c in plant.log() if c["code"] == "(connection dropped)"]
    assert len(lost) == 1, "the fault did not happen"
