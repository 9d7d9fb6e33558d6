"""Time: every state on the way with realistic seconds, and that a CEN shows what moves in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from gatespan.emulator import storage
from gatespan.emulator.services.cbn.models import (
    ChildInstance,
    InterRegionBandwidthLimit,
    RouteMap,
    RouteService,
    VbrAttachment,
    VbrHealthCheck,
)

from ..cbn.test_complete import filled
from .conftest import ACCOUNT, B, Console, H

Names = dict[str, str]
Status = Callable[[Console, Names], str | None]


def first(rows: list[dict[str, Any]], key: str = "Status") -> str | None:
    assert len(rows) <= 1
    return str(rows[0][key]) if rows else None


def attachment(console: Console, names: Names) -> str | None:
    id = names["TransitRouterAttachmentId"]
    return first(console("ListTransitRouterVbrAttachments", TransitRouterAttachmentId=id)["TransitRouterAttachments"])


def child(console: Console, names: Names) -> str | None:
    found = console("DescribeCenAttachedChildInstances", CenId=names["CenId"])
    return first(found["ChildInstances"]["ChildInstance"])


def limit(console: Console, names: Names) -> str | None:
    found = console("DescribeCenInterRegionBandwidthLimits", CenId=names["basic_cen"])
    return first(found["CenInterRegionBandwidthLimits"]["CenInterRegionBandwidthLimit"])


def route_service(console: Console, names: Names) -> str | None:
    found = console("DescribeRouteServicesInCen", CenId=names["basic_cen"])
    return first(found["RouteServiceEntries"]["RouteServiceEntry"])


def health_check(console: Console, names: Names) -> str | None:
    """The threshold: there is no status, a check is there or it is not."""
    found = console("DescribeCenVbrHealthCheck", VbrInstanceRegionId=H, VbrInstanceId=names["vbr"])
    return first(found["VbrHealthChecks"]["VbrHealthCheck"], "HealthyThreshold")


def policy(console: Console, names: Names) -> str | None:
    found = console("DescribeCenRouteMaps", CenId=names["cen"], RouteMapId=names["RouteMapId"])
    return first(found["RouteMaps"]["RouteMap"])


def route(console: Console, names: Names) -> str | None:
    found = console(
        "ListCenChildInstanceRouteEntriesToAttachment",
        TransitRouterAttachmentId=names["vbr_attachment"],
        ChildInstanceRouteTableId=names["vbr_table"],
    )
    return first(found["RouteEntry"])


ATTACHMENT = {"TransitRouterAttachmentId": "{TransitRouterAttachmentId}"}
CHILD = {
    "CenId": "{CenId}",
    "ChildInstanceId": "{hub_vpc}",
    "ChildInstanceType": "VPC",
    "ChildInstanceRegionId": H,
}
PAIR = {"CenId": "{basic_cen}", "LocalRegionId": H, "OppositeRegionId": B}
SERVICE = {"CenId": "{basic_cen}", "Host": "100.64.7.0/24", "HostRegionId": H}
CHECK = {"CenId": "{cen}", "VbrInstanceId": "{vbr}", "VbrInstanceRegionId": H}
POLICY = {"CenId": "{cen}", "CenRegionId": H}
ROUTE = {
    "CenId": "{cen}",
    "TransitRouterAttachmentId": "{vbr_attachment}",
    "RouteTableId": "{vbr_table}",
    "DestinationCidrBlock": "10.1.0.0/16",
}
Step = tuple[str, dict[str, Any], str | None, str | None, float]

LIVES: list[tuple[Status, list[Step]]] = [
    (
        attachment,
        [
            (
                "CreateTransitRouterVbrAttachment",
                {"VbrId": "{spare_vbr}", "TransitRouterId": "{hub_router}"},
                "Attaching",
                "Attached",
                45,
            ),
            ("UpdateTransitRouterVbrAttachmentAttribute", ATTACHMENT, "Modifying", "Attached", 5),
            ("DeleteTransitRouterVbrAttachment", ATTACHMENT, "Detaching", None, 45),
        ],
    ),
    (
        attachment,
        [
            (
                "CreateTransitRouterVbrAttachment",
                {"VbrId": "{spare_vbr}", "CenId": "{CenId}", "RegionId": H},
                "Attaching",
                "Attached",
                55,
            )
        ],
    ),
    (
        child,
        [
            ("AttachCenChildInstance", CHILD, "Attaching", "Attached", 30),
            ("DetachCenChildInstance", CHILD, "Detaching", None, 30),
        ],
    ),
    (
        limit,
        [
            ("SetCenInterRegionBandwidthLimit", {**PAIR, "BandwidthLimit": 2}, "Modifying", "Active", 5),
            ("SetCenInterRegionBandwidthLimit", {**PAIR, "BandwidthLimit": 4}, "Modifying", "Active", 5),
            ("SetCenInterRegionBandwidthLimit", {**PAIR, "BandwidthLimit": 0}, "Modifying", None, 5),
        ],
    ),
    (
        route_service,
        [
            (
                "ResolveAndRouteServiceInCen",
                {**SERVICE, "HostVpcId": "{free_vpc}", "AccessRegionIds": [H]},
                "Creating",
                "Active",
                10,
            ),
            ("DeleteRouteServiceInCen", {**SERVICE, "AccessRegionId": H}, "Deleting", None, 10),
        ],
    ),
    (
        health_check,
        [
            ("EnableCenVbrHealthCheck", {**CHECK, "HealthCheckTargetIp": "10.255.1.2"}, None, "8", 5),
            ("DisableCenVbrHealthCheck", CHECK, "8", None, 5),
        ],
    ),
    (
        policy,
        [
            (
                "CreateCenRouteMap",
                {**POLICY, "TransmitDirection": "RegionIn", "Priority": 1, "MapResult": "Deny"},
                "Creating",
                "Active",
                5,
            ),
            (
                "ModifyCenRouteMap",
                {**POLICY, "RouteMapId": "{RouteMapId}", "Priority": 2, "MapResult": "Deny"},
                "Modifying",
                "Active",
                5,
            ),
            ("DeleteCenRouteMap", {**POLICY, "RouteMapId": "{RouteMapId}"}, "Deleting", None, 5),
        ],
    ),
    (
        route,
        [
            ("CreateCenChildInstanceRouteEntryToAttachment", ROUTE, "Pending", "Available", 3),
            ("DeleteCenChildInstanceRouteEntryToAttachment", ROUTE, "Modifying", None, 3),
        ],
    ),
]


@pytest.mark.parametrize(("status", "steps"), LIVES, ids=lambda value: getattr(value, "__name__", ""))
def test_life(status: Status, steps: list[Step], console: Console, sites: Names) -> None:
    names = {**sites, "CenId": console("CreateCen")["CenId"]}
    with console.slow():
        for action, parameters, busy, done, seconds in steps:
            answer = console(action, **filled(parameters, names))
            names.update({key: value for key, value in answer.items() if isinstance(value, str)})
            assert status(console, names) == busy, action
            console.cloud.advance(seconds - 0.1)
            assert status(console, names) == busy, action
            console.cloud.advance(0.2)
            assert status(console, names) == done, action


MOVES: list[tuple[str, dict[str, Any], str]] = [
    ("UpdateTransitRouterVbrAttachmentAttribute", {"TransitRouterAttachmentId": "{vbr_attachment}"}, "cen"),
    ("SetCenInterRegionBandwidthLimit", {**PAIR, "BandwidthLimit": 2}, "basic_cen"),
    ("ResolveAndRouteServiceInCen", {**SERVICE, "HostVpcId": "{free_vpc}", "AccessRegionIds": [H]}, "basic_cen"),
    ("AttachCenChildInstance", {**CHILD, "CenId": "{basic_cen}"}, "basic_cen"),
]


@pytest.mark.parametrize(("action", "parameters", "cen"), MOVES, ids=lambda value: str(value)[:40])
def test_a_cen_shows_what_moves_in_it(
    action: str, parameters: dict[str, Any], cen: str, console: Console, sites: Names
) -> None:
    with console.slow():
        console(action, **filled(parameters, sites))
        row = console.cen(sites[cen])
        assert row is not None
        assert row["Status"] == "Modifying"
        console.cloud.advance(60)
        row = console.cen(sites[cen])
        assert row is not None
        assert row["Status"] == "Active"


def test_reads_move_things_too(console: Console, sites: Names) -> None:
    """Latency mode ``reads``: after two reads the change is done."""
    names = {**sites, "CenId": console("CreateCen")["CenId"]}
    asked = filled(CHILD, names)
    with console.slow("reads"):
        console("AttachCenChildInstance", **asked)
        seen = [console("DescribeCenAttachedChildInstanceAttribute", **asked)["Status"] for _ in range(3)]
    assert seen == ["Attaching", "Attached", "Attached"]


def test_everything_survives_a_restart(console: Console, sites: Names) -> None:
    """Each kind of object of this folder's concern comes out of the store as it went in."""
    steps: list[tuple[str, dict[str, Any]]] = [
        ("SetCenInterRegionBandwidthLimit", {**PAIR, "BandwidthLimit": 2}),
        ("ResolveAndRouteServiceInCen", {**SERVICE, "HostVpcId": "{free_vpc}", "AccessRegionIds": [H]}),
        ("EnableCenVbrHealthCheck", {**CHECK, "HealthCheckTargetIp": "10.255.1.2"}),
        (
            "CreateCenRouteMap",
            {
                **POLICY,
                "TransmitDirection": "RegionIn",
                "Priority": 1,
                "MapResult": "Permit",
                "RouteTypes": ["BGP", "System"],
                "Preference": 7,
            },
        ),
        (
            "GrantInstanceToTransitRouter",
            {"CenId": "{cen}", "CenOwnerId": int(ACCOUNT), "InstanceId": "{free_vpc}", "InstanceType": "VPC"},
        ),
    ]
    for action, parameters in steps:
        console(action, **filled(parameters, sites))
    world = console.cloud.world
    for kind in (VbrAttachment, ChildInstance, InterRegionBandwidthLimit, RouteService, VbrHealthCheck, RouteMap):
        assert list(world.all(kind)), kind
    kept = [thing for thing in world if not thing.KIND.startswith("_")]
    assert [storage.decode(json.loads(json.dumps(storage.encode(thing)))) for thing in kept] == kept
