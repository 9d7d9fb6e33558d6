"""Every documented refusal of the VPC product is reached, with its own code and HTTP status, and changes nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from gatespan.emulator.services.vpc import errors
from gatespan.emulator.services.vpc.models import Vpc
from gatespan.emulator.world import Pending

from .conftest import Console

CASES: list[dict[str, Any]] = YAML(typ="safe").load(Path(__file__).with_name("refusals.yaml"))
ELSEWHERE = {
    "QuotaExceeded",
    "QuotaExceeded.Vpc",
    "QuotaExceeded.VSwitch",
    "QuotaExceeded.RouteTable",
    "SizeLimitExceeded.ResourceId",
    "SizeLimitExceeded.TagNum",
    "InsufficientIpAddress",
}
"""Codes that need many objects: see test_limits."""


def filled(value: Any, names: Mapping[str, str]) -> Any:
    """The value with the names in braces replaced."""
    if isinstance(value, str):
        return value.format(**names)
    if isinstance(value, dict):
        return {key: filled(inner, names) for key, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, names) for inner in value]
    return value


def put(console: Console, what: str, scene: Mapping[str, str]) -> None:
    world = console.cloud.world
    never = Pending("Attached", float("inf"))
    if what == "machine":
        console.machine(scene["vpc"], scene["vswitch"], "10.0.1.9")
    elif what == "stray machine":
        console.machine(scene["other"], "", "")
    elif what == "interface":
        console.interface(scene["vpc"], scene["vswitch"], "10.0.1.8")
    elif what == "zone mapping":
        console.attachment(scene["vpc"], scene["vswitch"])
    elif what == "moving attachment":
        console.attachment(scene["vpc"], id=scene["attachment"], status="Attaching", pending=never)
    elif what == "pending vpc":
        console.put(dataclasses.replace(world.get(Vpc, scene["vpc"]), status="Pending", pending=never))
    elif what == "published route":
        console.published_route(scene["vpc"], "10.7.0.0/16")
    elif what == "child instance":
        console.child_instance(scene["VpcId"])
    else:
        raise AssertionError(f"unknown thing {what}")


def named(case: Mapping[str, Any]) -> str:
    return f"{case['call']}-{case['code']}"


@pytest.mark.parametrize("case", CASES, ids=named)
def test_refusal(case: dict[str, Any], console: Console, scene: dict[str, str]) -> None:
    names = dict(scene)
    for action, parameters in case.get("before", ()):
        names.update(console(action, **filled(parameters, names)))
    for what in case.get("put", ()):
        put(console, what, names)
    with console.slow("fast"):
        for action, parameters in case.get("moving", ()):
            names.update(console(action, **filled(parameters, names)))
        before = list(console.cloud.world)
        refused = console.refused(case["call"], **filled(case["with"], names))
    assert (refused.code, refused.status_code) == (case["code"], case.get("status", 400))
    assert list(console.cloud.world) == before


def test_every_code_is_reached() -> None:
    reached = {case["code"] for case in CASES} | ELSEWHERE
    assert set(errors.MESSAGES) - reached == set()
