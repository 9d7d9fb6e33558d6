"""VPCs and border routers of another account: accepted when their owner grants them, refused when not."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from alibabacloud_cbn20170912 import models

from gatespan.emulator.models import AccessKey, Account
from gatespan.emulator.services.cbn.models import TransitRouterService
from gatespan.emulator.services.vpc.models import CenGrant, RouteTable, VirtualBorderRouter, Vpc, VSwitch

from ..cbn.conftest import zones
from .conftest import ACCOUNT, OTHER, Console, H

KEY = ("other", "other-secret")
CROSS = "Forbbiden.AttachChildInstanceAcrossBid"


@pytest.fixture
def owner(console: Console, sites: dict[str, str]) -> Console:
    """The console of the other account, which owns ``spare_vbr`` and ``third_vpc``."""
    world, cloud = console.cloud.world, console.cloud
    there: dict[str, Any] = {"account": OTHER, "region": H, "status": "Available"}
    console.put(
        Account(id=OTHER, account=OTHER),
        AccessKey(id=KEY[0], account=OTHER, secret=KEY[1]),
        TransitRouterService(id=OTHER, account=OTHER, status="Active"),
        Vpc(id="vpc-third", cidr="10.9.0.0/16", route_table_id="vtb-third", **there),
        RouteTable(id="vtb-third", vpc_id="vpc-third", router_id="vrt-third", **there),
        VSwitch(id="vsw-third-1", vpc_id="vpc-third", zone=f"{H}-h", cidr="10.9.1.0/24", **there),
        VSwitch(id="vsw-third-2", vpc_id="vpc-third", zone=f"{H}-i", cidr="10.9.2.0/24", **there),
        dataclasses.replace(world.get(VirtualBorderRouter, sites["spare_vbr"]), account=OTHER),
    )
    sites |= {"third_vpc": "vpc-third", "third_table": "vtb-third", "third_1": "vsw-third-1", "third_2": "vsw-third-2"}
    return Console(cloud, cloud.cbn(key=KEY), models)


def grant(sites: dict[str, str], instance: str, kind: str) -> dict[str, Any]:
    return {"CenId": sites["cen"], "CenOwnerId": int(ACCOUNT), "InstanceId": sites[instance], "InstanceType": kind}


def vpc_asked(sites: dict[str, str]) -> dict[str, Any]:
    place = {"VpcId": sites["third_vpc"], "VpcOwnerId": int(OTHER), "TransitRouterId": sites["hub_router"]}
    return {**place, "ZoneMappings": zones(sites, "third")}


def test_a_border_router(console: Console, owner: Console, sites: dict[str, str]) -> None:
    asked = {"VbrId": sites["spare_vbr"], "VbrOwnerId": int(OTHER), "TransitRouterId": sites["hub_router"]}
    assert console.code("CreateTransitRouterVbrAttachment", **asked) == CROSS
    terms = grant(sites, "spare_vbr", "ExpressConnect")
    owner("GrantInstanceToTransitRouter", **terms, OrderType="PayByResourceOwner")
    id = console("CreateTransitRouterVbrAttachment", **asked)["TransitRouterAttachmentId"]
    found = console("ListTransitRouterVbrAttachments", TransitRouterAttachmentId=id)
    row = found["TransitRouterAttachments"][0]
    assert (row["VbrOwnerId"], row["OrderType"]) == (int(OTHER), "PayByResourceOwner")
    assert owner.code("RevokeInstanceFromTransitRouter", **terms) == "IncorrectStatus.Cen"
    console("DeleteTransitRouterVbrAttachment", TransitRouterAttachmentId=id)
    owner("RevokeInstanceFromTransitRouter", **terms)
    assert console.code("CreateTransitRouterVbrAttachment", **asked) == CROSS


def test_a_vpc_and_its_routes(console: Console, owner: Console, sites: dict[str, str]) -> None:
    assert console.code("CreateTransitRouterVpcAttachment", **vpc_asked(sites)) == CROSS
    owner("GrantInstanceToTransitRouter", **grant(sites, "third_vpc", "VPC"))
    made = console("CreateTransitRouterVpcAttachment", **vpc_asked(sites))["TransitRouterAttachmentId"]
    into = {"CenId": sites["cen"], "TransitRouterAttachmentId": made, "DestinationCidrBlock": "10.1.0.0/16"}
    console("CreateCenChildInstanceRouteEntryToAttachment", RouteTableId=sites["third_table"], **into)
    shown = console(
        "ListCenChildInstanceRouteEntriesToAttachment",
        TransitRouterAttachmentId=made,
        ChildInstanceRouteTableId=sites["third_table"],
    )
    assert [row["Status"] for row in shown["RouteEntry"]] == ["Available"]
    child = {"ChildInstanceId": sites["third_vpc"], "ChildInstanceType": "VPC", "ChildInstanceRegionId": H}
    published = console("DescribePublishedRouteEntries", CenId=sites["cen"], **child)
    destinations = {r["DestinationCidrBlock"] for r in published["PublishedRouteEntries"]["PublishedRouteEntry"]}
    assert {"10.9.1.0/24", "10.9.2.0/24", "10.1.0.0/16"} <= destinations


def test_the_owner_needs_the_service_too(console: Console, owner: Console, sites: dict[str, str]) -> None:
    terms = grant(sites, "third_vpc", "VPC")
    owner("GrantInstanceToTransitRouter", **terms)
    console.put(TransitRouterService(id=OTHER, account=OTHER, enabled=False))
    code = console.code("CreateTransitRouterVpcAttachment", **vpc_asked(sites))
    assert code == "Forbidden.ResourceOwnerTransitRouterServiceNotOpen"
    assert owner.code("GrantInstanceToTransitRouter", **terms) == "Forbbiden.TransitRouterServiceNotOpen"


def test_a_grant_is_for_one_cen(console: Console, owner: Console, sites: dict[str, str]) -> None:
    second = console("CreateCen")["CenId"]
    owner("GrantInstanceToTransitRouter", **{**grant(sites, "third_vpc", "VPC"), "CenId": second})
    assert console.code("CreateTransitRouterVpcAttachment", **vpc_asked(sites)) == CROSS


def test_both_sides_see_the_grant(console: Console, owner: Console, sites: dict[str, str]) -> None:
    owner("GrantInstanceToTransitRouter", **grant(sites, "third_vpc", "VPC"))
    mine = owner("DescribeGrantRulesToResource", ResourceId=sites["third_vpc"], ProductType="VPC")
    assert [(g["CenId"], g["CenOwnerId"], g["OrderType"]) for g in mine["GrantRules"]] == [
        (sites["cen"], int(ACCOUNT), "PayByCenOwner")
    ]
    theirs = console("DescribeGrantRulesToCen", CenId=sites["cen"], ProductType="VPC", ChildInstanceOwnerId=int(OTHER))
    assert [(g["ChildInstanceId"], g["ChildInstanceOwnerId"]) for g in theirs["GrantRules"]["GrantRule"]] == [
        (sites["third_vpc"], int(OTHER))
    ]
    assert console("DescribeGrantRulesToCen", CenId=sites["cen"], ProductType="VPN")["TotalCount"] == 0
    assert console("DescribeGrantRulesToResource", ResourceId=sites["third_vpc"], ProductType="VPC")["TotalCount"] == 0


@pytest.mark.parametrize(("kind", "instance"), [("VPC", "third_vpc"), ("VBR", "spare_vbr")])
def test_the_basic_way(console: Console, owner: Console, sites: dict[str, str], kind: str, instance: str) -> None:
    """Basic edition: the grant is the VPC product's."""
    asked = {
        "CenId": sites["basic_cen"],
        "ChildInstanceId": sites[instance],
        "ChildInstanceType": kind,
        "ChildInstanceRegionId": H,
        "ChildInstanceOwnerId": int(OTHER),
    }
    refused = console.refused("AttachCenChildInstance", **asked)
    assert (refused.code, refused.status_code) == ("Forbbiden.AttachChildInstanceAcrossUid", 409)
    console.put(
        CenGrant(
            id=f"{sites[instance]}:{sites['basic_cen']}",
            account=OTHER,
            instance_id=sites[instance],
            instance_type=kind,
            cen_id=sites["basic_cen"],
            cen_owner=ACCOUNT,
        )
    )
    console("AttachCenChildInstance", **asked)
    del asked["ChildInstanceOwnerId"]
    assert console("DescribeCenAttachedChildInstanceAttribute", **asked)["ChildInstanceOwnerId"] == int(OTHER)
