"""Every refusal of CEN is reached, with its own code and HTTP status, and changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from gatespan.emulator.services.cbn import errors

from .conftest import Console
from .test_complete import filled

CASES: list[dict[str, Any]] = YAML(typ="safe").load(Path(__file__).with_name("refusals.yaml"))
ELSEWHERE = {
    "USER_NOT_OPEN_TR_SERVICE": "test_answers",
    "Order.Opened": "test_answers",
    "Forbbiden.TransitRouterServiceNotOpen": "test_answers",
    "InvalidOperation.BwpBusinessStatus": "test_plans",
    "InvalidOperation.UnsupportRouteTableType": "test_routes",
    **dict.fromkeys(
        (
            "Forbbiden.AttachChildInstanceAcrossBid",
            "IncorrectStatus.VpcOrVswitch",
            "IncorrectStatus.VpcSwitch",
            "InsufficientIpAddr.vsw",
            "InvalidOperation.VpcAutoRoutesPublishInOtherCEN",
            "OperationFailed.BasicTrNotSupport",
            "OperationUnsupported.TransitRouterType",
            "QuotaExceeded.CenQuotaVpcAttachPerTransitRouter",
            "QuotaExceeded.VpcAutoRoutesPublishPerTransitRouter",
        ),
        "test_vpc_attachments",
    ),
}
"""Codes that need more than calls to CEN to be reached, and where they are."""


def named(case: Mapping[str, Any]) -> str:
    return f"{case['call']}-{case['code']}"


@pytest.mark.parametrize("case", CASES, ids=named)
def test_refusal(case: dict[str, Any], console: Console, scene: dict[str, str]) -> None:
    names = dict(scene)

    def run(steps: list[tuple[str, dict[str, Any]]]) -> None:
        for action, parameters in steps:
            answer = console(action, **filled(parameters, names))
            rows = [row for value in answer.values() if isinstance(value, list) for row in value]
            for found in (*rows, answer):
                names.update({key: value for key, value in found.items() if isinstance(value, str)})

    run(case.get("before", []))
    with console.slow():
        run(case.get("moving", []))
        before = list(console.cloud.world)
        refused = console.refused(case["call"], **filled(case["with"], names))
    assert (refused.code, refused.status_code) == (case["code"], case.get("status", 400))
    assert list(console.cloud.world) == before


def test_every_code_is_reached() -> None:
    reached = {case["code"] for case in CASES} | ELSEWHERE.keys()
    assert errors.REFUSALS.keys() - reached == set()
    assert ELSEWHERE.keys() <= errors.REFUSALS.keys()
