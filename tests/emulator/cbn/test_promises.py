"""What every action promises by its declaration: ClientToken, DryRun, published rates. From cbn's help pages."""

from __future__ import annotations

from typing import Any

import pytest
from alibabacloud_tea_openapi.exceptions import ClientException

from gatespan.emulator.faults import Rule
from gatespan.emulator.services.cbn import service

from .conftest import ACCOUNT, B, Console, H, buy, zones

TRANSIT_ROUTER_WRITES = {
    f"{verb}{kind}"
    for kind, verbs in {
        "TransitRouter": ("Create", "Update", "Delete"),
        "TransitRouterRouteTable": ("Create", "Update", "Delete"),
        "TransitRouterRouteEntry": ("Create", "Update", "Delete"),
        "TransitRouterVpcAttachment": ("Create", "Delete"),
        "TransitRouterVbrAttachment": ("Create", "Delete"),
        "TransitRouterPeerAttachment": ("Create", "Delete"),
        "TransitRouterVpcAttachmentAttribute": ("Update",),
        "TransitRouterVpcAttachmentZones": ("Update",),
        "TransitRouterVbrAttachmentAttribute": ("Update",),
        "TransitRouterPeerAttachmentAttribute": ("Update",),
        "TransitRouterAttachmentWithRouteTable": ("Associate",),
        "TransitRouterAttachmentFromRouteTable": ("Dissociate",),
        "TransitRouterRouteTableAssociation": ("Replace",),
        "TransitRouterRouteTablePropagation": ("Enable", "Disable"),
        "CenChildInstanceRouteEntryToAttachment": ("Create", "Delete"),
    }.items()
    for verb in verbs
}
PLAIN = {
    "CreateTransitRouterPeerAttachment",
    "CreateTransitRouterVbrAttachment",
    "CreateTransitRouterRouteTable",
    "UpdateTransitRouterVpcAttachmentAttribute",
    "DeleteTransitRouterRouteEntry",
}
"""A passing dry run answers a plain request id here; elsewhere it is the error ``DryRunOperation``."""


def test_which_actions_take_a_token_and_a_dry_run() -> None:
    tokens = {name for name, action in service.actions.items() if action.token}
    others = {"CreateCen", "CreateCenBandwidthPackage", "OpenTransitRouterService", "ResolveAndRouteServiceInCen"}
    assert tokens == TRANSIT_ROUTER_WRITES | others
    assert {name for name, a in service.actions.items() if a.dry_run} == TRANSIT_ROUTER_WRITES
    assert {name for name, a in service.actions.items() if a.dry_run == "plain"} == PLAIN


CREATIONS: list[tuple[str, dict[str, Any], str]] = [
    ("CreateCen", {"Name": "one"}, "Name"),
    ("CreateTransitRouter", {"CenId": "{cen}", "RegionId": "cn-shanghai"}, "TransitRouterName"),
    (
        "CreateTransitRouterVpcAttachment",
        {"VpcId": "{free_vpc}", "TransitRouterId": "{hub_router}"},
        "TransitRouterAttachmentName",
    ),
    ("CreateTransitRouterRouteTable", {"TransitRouterId": "{hub_router}"}, "TransitRouterRouteTableName"),
    (
        "CreateCenBandwidthPackage",
        {"Bandwidth": 2, "GeographicRegionAId": "China", "GeographicRegionBId": "China", "AutoPay": True},
        "Name",
    ),
    (
        "CreateTransitRouterRouteEntry",
        {
            "TransitRouterRouteTableId": "{custom}",
            "TransitRouterRouteEntryDestinationCidrBlock": "10.9.0.0/16",
            "TransitRouterRouteEntryNextHopType": "BlackHole",
        },
        "TransitRouterRouteEntryName",
    ),
]


@pytest.mark.parametrize(("action", "parameters", "name"), CREATIONS, ids=[action for action, _, _ in CREATIONS])
def test_token(console: Console, scene: dict[str, str], action: str, parameters: dict[str, Any], name: str) -> None:
    asked = {k: v.format(**scene) if isinstance(v, str) else v for k, v in parameters.items()}
    if action.endswith("VpcAttachment"):
        asked["ZoneMappings"] = zones(scene, "free")
    first = console(action, **asked, ClientToken="token-1")
    made = list(console.cloud.world)
    again = console(action, **asked, ClientToken="token-1")
    assert {**again, "RequestId": ""} == {**first, "RequestId": ""}
    assert list(console.cloud.world) == made
    refused = console.refused(action, **asked | {name: "other"}, ClientToken="token-1")
    assert (refused.code, refused.status_code) == ("IdempotentParameterMismatch", 400)


def test_a_refused_call_does_not_use_up_its_token(console: Console, scene: dict[str, str]) -> None:
    asked = {"CenId": scene["cen"], "RegionId": "cn-shanghai", "ClientToken": "t"}
    with console.slow():
        other = console("CreateCen")["CenId"]
        assert console.code("CreateTransitRouter", **asked | {"CenId": other}) == "InvalidOperation.CenInstanceStatus"
    assert console("CreateTransitRouter", **asked)["TransitRouterId"].startswith("tr-")


def test_dry_run(console: Console, scene: dict[str, str]) -> None:
    before = list(console.cloud.world)
    router = {"CenId": scene["cen"], "RegionId": "cn-shanghai"}
    refused = console.refused("CreateTransitRouter", **router, DryRun=True)
    assert (refused.code, refused.status_code) == ("DryRunOperation", 400)
    assert console.code("CreateTransitRouter", **router | {"RegionId": H}, DryRun=True) == (
        "InstanceExist.TransitRouterInstance"
    )
    plain = console("CreateTransitRouterRouteTable", TransitRouterId=scene["hub_router"], DryRun=True)
    assert plain.keys() == {"RequestId"}
    attachment = {"TransitRouterAttachmentId": scene["hub_attachment"], "DryRun": True}
    assert console("UpdateTransitRouterVpcAttachmentAttribute", **attachment).keys() == {"RequestId"}
    assert console.code("DeleteTransitRouterVpcAttachment", **attachment, Force=True) == "DryRunOperation"
    assert console.code("DeleteTransitRouterVpcAttachment", **attachment) == (
        "OperationFailed.RouteTableAssociationExist"
    )
    assert sorted(map(repr, console.cloud.world)) == sorted(map(repr, before))


def test_published_rates(console: Console, scene: dict[str, str]) -> None:
    console.cloud.kernel.keep_rates = True
    missing = {"TransitRouterId": "tr-none"}
    assert [console.code("DeleteTransitRouter", **missing) for _ in range(4)] == [
        *["ParameterInstanceId"] * 3,
        "Throttling.User",
    ]
    console.cloud.advance(1)
    assert console.code("DeleteTransitRouter", **missing) == "ParameterInstanceId"
    rates = {name: a.rate for name, a in service.actions.items() if a.rate}
    assert rates == {
        "CreateTransitRouter": (3, 1.0),
        "DeleteTransitRouter": (3, 1.0),
        "CreateCen": (300, 60.0),
        "DescribeCens": (300, 60.0),
        "ListTransitRouters": (500, 60.0),
    }


def test_nothing_of_another_account_is_seen(console: Console, scene: dict[str, str]) -> None:
    def give_away() -> None:
        with console.cloud.world.transaction():
            for thing in list(console.cloud.world):
                if thing.account == ACCOUNT and thing.KIND not in ("account", "access_key"):
                    console.cloud.world.change(thing, account="2000000000000002")

    console.cloud.running.do(give_away)
    assert console("DescribeCens")["TotalCount"] == 0
    assert console("ListTransitRouters", RegionId=B)["TotalCount"] == 0
    assert console("ListTransitRouterVpcAttachments")["TotalCount"] == 0
    assert console("ListTransitRouterPeerAttachments")["TotalCount"] == 0
    assert console("DescribeCenBandwidthPackages")["TotalCount"] == 0
    assert console.code("DeleteCen", CenId=scene["cen"]) == "ParameterCenInstanceId"


def test_lists_lag_when_told_to(console: Console, scene: dict[str, str]) -> None:
    console.cloud.kernel.list_lag = 3.0
    console.cloud.advance(3)
    cen, plan = console("CreateCen")["CenId"], buy(console)
    assert console.cen(cen) is None
    assert console.plan(plan) is None
    assert console.cen(scene["cen"]) is not None
    console.cloud.advance(3)
    assert console.cen(cen) is not None
    assert console.plan(plan) is not None


def test_a_lost_answer_and_a_second_try_make_one_object(console: Console, scene: dict[str, str]) -> None:
    asked = {"CenId": scene["cen"], "RegionId": "cn-shanghai", "ClientToken": "t"}
    console.cloud.faults.add(Rule(action="CreateTransitRouter", kind="drop", when="after"))
    with pytest.raises(Exception) as lost:
        console("CreateTransitRouter", **asked)
    assert not isinstance(lost.value, ClientException)
    made = console("CreateTransitRouter", **asked)["TransitRouterId"]
    found = console("ListTransitRouters", CenId=scene["cen"], RegionId="cn-shanghai")["TransitRouters"]
    assert [row["TransitRouterId"] for row in found] == [made]


def test_a_stuck_attachment_never_arrives(console: Console, scene: dict[str, str]) -> None:
    console.cloud.faults.add(Rule(action="CreateTransitRouterVpcAttachment", kind="stuck"))
    where = {"TransitRouterId": scene["hub_router"], "ZoneMappings": zones(scene, "free")}
    made = console("CreateTransitRouterVpcAttachment", VpcId=scene["free_vpc"], **where)["TransitRouterAttachmentId"]
    console.cloud.advance(3600)
    row = console.vpc_attachment(made)
    assert row is not None
    assert row["Status"] == "Attaching"
