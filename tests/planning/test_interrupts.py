"""A build that is cut off after any cloud call goes on to the same end: nothing missing, nothing twice."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gatespan.cloud import UnknownOutcome
from gatespan.planning import Failed
from tests.planning.lab import Lab

CREATES = [
    ("cbn", "OpenTransitRouterService"),
    ("cbn", "CreateCen"),
    ("cbn", "CreateTransitRouter"),
    ("cbn", "CreateTransitRouterVpcAttachment"),
    ("cbn", "UpdateTransitRouterVpcAttachmentAttribute"),
    ("cbn", "AssociateTransitRouterAttachmentWithRouteTable"),
    ("cbn", "EnableTransitRouterRouteTablePropagation"),
    ("cbn", "CreateCenBandwidthPackage"),
    ("cbn", "AssociateCenBandwidthPackage"),
    ("cbn", "CreateTransitRouterPeerAttachment"),
    ("cloudapi", "ModifyInstanceVpcAttributeForConsole"),
    ("cloudapi", "CreateApiGroup"),
    ("cloudapi", "ModifyApiGroupNetworkPolicy"),
    ("cloudapi", "CreateApi"),
    ("cloudapi", "DeployApi"),
    ("cloudapi", "CreateApp"),
    ("cloudapi", "SetAppsAuthorities"),
    ("fc", "CreateFunction"),
    ("fc", "CreateTrigger"),
]
SCRATCH = [("vpc", "CreateVpc"), ("vpc", "CreateVSwitch"), ("vpc", "CreateRouteEntry")]


class Cut(BaseException):
    """The process dies here."""


class Cutter:
    """Counts cloud calls and dies before call number ``at``."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.seen = 0

    def __call__(self, product: str, action: str) -> None:
        self.seen += 1
        if self.seen > self.at:
            raise Cut(f"{product}.{action}")


class Deaths:
    """Keeps the cloud as a process that dies before a call leaves it: one snapshot for each call that finds it changed
    (before a read there is nothing new, and nothing but the cloud is kept)."""

    def __init__(self, lab: Lab, shape: Callable[[Any], Any]) -> None:
        self.lab, self.shape = lab, shape
        self.names: dict[str, str] = {}

    def __call__(self, product: str, action: str) -> None:
        left = json.dumps(self.shape(self.lab))
        if left not in self.names:
            self.names[left] = f"death {len(self.names)} ({action})"
            self.lab.control("snapshot", {"name": self.names[left]})

    def revived(self) -> Iterator[str]:
        """Put the cloud back to each in turn; says which."""
        for name in self.names.values():
            self.lab.control("restore", {"name": name})
            yield name


def shape(lab: Lab) -> Any:
    """What is in the cloud, without ids, times and random names: equal for two builds of one topology."""
    text = lab.state()
    state = json.loads(text)
    ids = {t["id"] for things in state.values() for t in things}
    for id in sorted(ids, key=len, reverse=True):
        text = text.replace(id, "ID")
    text = re.sub(r'"(created|modified|expires|due)": [\d.e+]+', r'"\1": 0', text)
    text = re.sub(
        r'"(key|secret|code|version|host|function_id|trigger_id|sub_domain|vpc_domain|v?router_id)": "[^"]*"',
        r'"\1": ""',
        text,
    )
    text = re.sub(r"hello-[a-z0-9]+\.cn", "hello-x.cn", text)
    text = re.sub(r"10\.\d+\.\d+\.\d+\"", 'IP"', text)
    return {k: sorted(json.dumps(t, sort_keys=True) for t in v) for k, v in json.loads(text).items()}


def test_cut_off_after_every_call_in_turn(lab: Lab) -> None:
    deaths = Deaths(lab, shape)
    lab.engine(before_call=deaths, workers=1).converge()
    whole = shape(lab)
    wrong = []
    for seed, death in enumerate(deaths.revived(), 2):
        lab.engine(seed=seed).converge()
        if shape(lab) != whole:
            wrong.append(death)
    assert wrong == []
    assert len(deaths.names) > 25


@pytest.mark.parametrize("at", [0, 40, 100])
def test_a_process_that_dies_calls_no_more(lab: Lab, at: int) -> None:
    with pytest.raises((Cut, Failed)):
        lab.engine(before_call=Cutter(at), workers=1).converge()
    assert len(lab.log()) == at
    lab.engine(seed=2).converge()
    assert lab.engine().plan().changing == ()


@pytest.mark.parametrize(("product", "action"), CREATES)
def test_a_lost_answer_makes_one_thing_and_not_two(lab: Lab, product: str, action: str) -> None:
    lost_answer(lab, "cross-region", product, action)


@pytest.mark.parametrize(("product", "action"), SCRATCH)
def test_a_lost_answer_makes_one_thing_of_a_made_network(lab: Lab, product: str, action: str) -> None:
    lost_answer(lab, "from-scratch", product, action)


def lost_answer(lab: Lab, example: str, product: str, action: str) -> None:
    """The effect happens, no reply comes; the same engine goes on, or a new one does."""
    lab.engine(example).converge()
    whole = shape(lab)
    lab.world()
    lab.control("faults", {"product": product, "action": action, "when": "after", "kind": "drop", "count": 1})
    try:
        lab.engine(example).converge()
    except Failed as failed:
        assert all(isinstance(e, UnknownOutcome) for e in failed.errors.values())
        lab.engine(example, seed=2).converge()
    lost = [c for c in lab.log() if c["action"] == action and c["code"] == "(connection dropped)"]
    assert len(lost) == 1, "the fault did not happen"
    assert shape(lab) == whole
