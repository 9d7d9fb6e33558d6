"""Every refusal of this folder's concern is reached, with its own code and HTTP status, and changes nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from gatespan.emulator.services.cbn import rules
from gatespan.emulator.services.cbn.models import ChildInstance, TransitRouterService, VbrAttachment
from gatespan.emulator.services.cbn.site_errors import SITE_REFUSALS
from gatespan.emulator.services.vpc.models import RouteEntry, RouterInterface, VirtualBorderRouter, Vpc, VSwitch
from gatespan.emulator.world import Pending, Thing

from ..cbn.test_complete import filled
from ..cbn.test_refusals import named
from .conftest import ACCOUNT, Console, H

CASES: list[dict[str, Any]] = YAML(typ="safe").load(Path(__file__).with_name("refusals.yaml"))


@pytest.mark.parametrize("case", CASES, ids=named)
def test_refusal(case: dict[str, Any], console: Console, sites: dict[str, str]) -> None:
    names = dict(sites)

    def run(steps: list[tuple[str, dict[str, Any]]]) -> None:
        for action, parameters in steps:
            answer = console(action, **filled(parameters, names))
            names.update({key: value for key, value in answer.items() if isinstance(value, str)})

    run(case.get("before", []))
    with console.slow():
        run(case.get("moving", []))
        before = list(console.cloud.world)
        refused = console.refused(case["call"], **filled(case["with"], names))
    assert (refused.code, refused.status_code) == (case["code"], case.get("status", 400))
    assert list(console.cloud.world) == before


def never(thing: Thing | None) -> Thing:
    assert thing
    return dataclasses.replace(thing, pending=Pending("Available", float("inf")))


def children(sites: Mapping[str, str]) -> list[Thing]:
    """As many as fill the Hangzhou router of the Basic CEN, with the two that are there."""
    return [
        ChildInstance(
            id=f"{sites['basic_cen']}:vpc-{n}",
            account=ACCOUNT,
            region=H,
            status="Attached",
            cen_id=sites["basic_cen"],
            instance_id=f"vpc-{n}",
            type="VPC",
        )
        for n in range(rules.CHILDREN_PER_BASIC_ROUTER - 2)
    ]


def attachments(sites: Mapping[str, str]) -> list[Thing]:
    return [
        VbrAttachment(
            id=f"tr-attach-{n}",
            account=ACCOUNT,
            region=H,
            status="Attached",
            cen_id=sites["cen"],
            transit_router_id=sites["hub_router"],
            vbr_id=f"vbr-{n}",
        )
        for n in range(rules.VBRS_PER_ROUTER - 1)
    ]


SPARE = {"VbrId": "{spare_vbr}", "TransitRouterId": "{hub_router}"}
HUB = {
    "CenId": "{basic_cen}",
    "ChildInstanceId": "{hub_vpc}",
    "ChildInstanceType": "VPC",
    "ChildInstanceRegionId": H,
}
SPARE_CHILD = {**HUB, "ChildInstanceId": "{spare_vbr}", "ChildInstanceType": "VBR"}
GRANT = {"CenId": "{cen}", "CenOwnerId": int(ACCOUNT), "InstanceId": "{free_vpc}", "InstanceType": "VPC"}

BY_THE_WORLD: list[tuple[str, int, str, dict[str, Any], Any]] = [
    (
        "InstanceStatus.NotSupport",
        400,
        "CreateTransitRouterVbrAttachment",
        SPARE,
        lambda world, s: [never(world.get(VirtualBorderRouter, s["spare_vbr"]))],
    ),
    (
        "IncorrectStatus.VbrResource",
        400,
        "CreateTransitRouterVbrAttachment",
        SPARE,
        lambda world, s: [dataclasses.replace(world.get(VirtualBorderRouter, s["spare_vbr"]), status="terminated")],
    ),
    (
        "QuotaExceeded.CenQuotaVbrAttachPerTransitRouter",
        400,
        "CreateTransitRouterVbrAttachment",
        SPARE,
        lambda world, s: attachments(s),
    ),
    (
        "Forbbiden.TransitRouterServiceNotOpen",
        400,
        "CreateTransitRouterVbrAttachment",
        SPARE,
        lambda world, s: [dataclasses.replace(world.get(TransitRouterService, ACCOUNT), enabled=False)],
    ),
    (
        "InvalidOperation.ChildInstanceStatus",
        409,
        "AttachCenChildInstance",
        SPARE_CHILD,
        lambda world, s: [dataclasses.replace(world.get(VirtualBorderRouter, s["spare_vbr"]), status="terminated")],
    ),
    (
        "InvalidOperation.ChildInstanceRIAlreadyExist",
        409,
        "AttachCenChildInstance",
        SPARE_CHILD,
        lambda world, s: [
            RouterInterface(
                id="ri-x", account=ACCOUNT, region=H, router_type="VBR", router_id=s["spare_vbr"], role="InitiatingSide"
            )
        ],
    ),
    (
        "OperationFailed.InvalidVpcStatus",
        400,
        "AttachCenChildInstance",
        HUB,
        lambda world, s: [never(world.get(Vpc, s["hub_vpc"]))],
    ),
    (
        "IncorrectStatus.VpcSwitch",
        409,
        "AttachCenChildInstance",
        HUB,
        lambda world, s: [never(world.get(VSwitch, s["hub_1"]))],
    ),
    (
        "IncorrectStatus.VpcRouteTable",
        400,
        "DetachCenChildInstance",
        {**HUB, "ChildInstanceId": "{free_vpc}"},
        lambda world, s: [
            RouteEntry(
                id="rte-x",
                account=ACCOUNT,
                table_id=s["free_table"],
                destination="10.99.0.0/16",
                status="Pending",
                pending=Pending("Available", float("inf")),
            )
        ],
    ),
    ("Forbidden.AttachChildInstance", 403, "AttachCenChildInstance", HUB, lambda world, s: children(s)),
    (
        "OperationFailed.TaskConflict",
        400,
        "GrantInstanceToTransitRouter",
        GRANT,
        lambda world, s: [never(world.get(Vpc, s["free_vpc"]))],
    ),
]


@pytest.mark.parametrize(
    ("code", "status", "action", "asked", "change"), BY_THE_WORLD, ids=[f"{row[2]}-{row[0]}" for row in BY_THE_WORLD]
)
def test_refused_by_what_is_there(
    console: Console, sites: dict[str, str], code: str, status: int, action: str, asked: dict[str, Any], change: Any
) -> None:
    console.put(*change(console.cloud.world, sites))
    before = list(console.cloud.world)
    refused = console.refused(action, **filled(asked, sites))
    assert (refused.code, refused.status_code) == (code, status)
    assert list(console.cloud.world) == before


def test_every_code_is_reached() -> None:
    """The two about another account's instances are in ``test_grants``."""
    reached = {case["code"] for case in CASES} | {row[0] for row in BY_THE_WORLD}
    elsewhere = {"Forbbiden.AttachChildInstanceAcrossUid", "Forbidden.ResourceOwnerTransitRouterServiceNotOpen"}
    assert SITE_REFUSALS.keys() - reached == elsewhere
