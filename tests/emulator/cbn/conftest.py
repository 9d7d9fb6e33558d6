"""A console on the embedded cloud's CEN: the official SDK, driven by action names as the API spells them, and a scene
that most tests start from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from alibabacloud_cbn20170912 import models as cbn_models
from alibabacloud_vpc20160428 import models as vpc_models

from ..console import ActionConsole

ACCOUNT = "1000000000000001"
H, B = "cn-hangzhou", "cn-beijing"


class Console(ActionConsole):
    """Adds what a reader of CEN asks for often."""

    def cen(self, id: str) -> dict[str, Any] | None:
        return only(self("DescribeCens", Filter=[{"Key": "CenId", "Value": [id]}])["Cens"]["Cen"])

    def router(self, id: str) -> dict[str, Any] | None:
        return only(self("ListTransitRouters", TransitRouterId=id)["TransitRouters"])

    def vpc_attachment(self, id: str) -> dict[str, Any] | None:
        found = self("ListTransitRouterVpcAttachments", TransitRouterAttachmentId=id)
        return only(found["TransitRouterAttachments"])

    def peer(self, id: str) -> dict[str, Any] | None:
        found = self("ListTransitRouterPeerAttachments", TransitRouterAttachmentId=id)
        return only(found["TransitRouterAttachments"])

    def plan(self, id: str) -> dict[str, Any] | None:
        found = self("DescribeCenBandwidthPackages", Filter=[{"Key": "CenBandwidthPackageId", "Value": [id]}])
        return only(found["CenBandwidthPackages"]["CenBandwidthPackage"])

    def routes(self, table: str, status: str = "All") -> dict[str, dict[str, Any]]:
        """The routes of a transit-router table by destination."""
        found = self(
            "ListTransitRouterRouteEntries",
            TransitRouterRouteTableId=table,
            TransitRouterRouteEntryStatus=status,
            MaxResults=100,
        )
        rows = found["TransitRouterRouteEntries"]
        return {row["TransitRouterRouteEntryDestinationCidrBlock"]: row for row in rows}

    def system_table(self, router: str) -> str:
        found = self("ListTransitRouterRouteTables", TransitRouterId=router, TransitRouterRouteTableType="System")
        return str(found["TransitRouterRouteTables"][0]["TransitRouterRouteTableId"])


def only(rows: list[dict[str, Any]]) -> dict[str, Any] | None:
    assert len(rows) <= 1
    return rows[0] if rows else None


@pytest.fixture
def vpc(cloud: Any) -> Console:
    return Console(cloud, cloud.vpc(), vpc_models)


@pytest.fixture
def console(cloud: Any) -> Console:
    return Console(cloud, cloud.cbn(), cbn_models)


SCENE: dict[str, Any] = {}
"""The scene, built once: its names and the objects of its world."""


@pytest.fixture
def scene(console: Console, vpc: Console) -> dict[str, str]:
    """Ids of what is there: see ``build``. Built through the APIs for the first test, put in place for the others."""
    if not SCENE:
        SCENE["names"] = build(console, vpc)
        SCENE["things"] = [thing for thing in console.cloud.world if not thing.KIND.startswith("_")]
    console.cloud.running.do(lambda: console.cloud.inner.replace(SCENE["things"]))
    return dict(SCENE["names"])


def build(console: Console, vpc: Console) -> dict[str, str]:
    """One CEN with a router in Hangzhou and one in Beijing, a VPC attached to each with its association and
    propagation, an inter-region connection of 4 Mbit/s on a plan of 10; and a VPC that is attached nowhere."""
    console("OpenTransitRouterService")
    names = make_vpcs(vpc)
    names["cen"] = console("CreateCen", Name="main")["CenId"]
    names["plan"] = buy(console, Bandwidth=10)
    console("AssociateCenBandwidthPackage", CenId=names["cen"], CenBandwidthPackageId=names["plan"])
    for side, region in (("hub", H), ("spoke", B)):
        router = console("CreateTransitRouter", CenId=names["cen"], RegionId=region)["TransitRouterId"]
        names[f"{side}_router"] = router
        names[f"{side}_system"] = console.system_table(router)
        names[f"{side}_attachment"] = attach(console, names, side)
    custom = console("CreateTransitRouterRouteTable", TransitRouterId=names["hub_router"])
    names["custom"] = custom["TransitRouterRouteTableId"]
    names["peer"] = console(
        "CreateTransitRouterPeerAttachment",
        CenId=names["cen"],
        TransitRouterId=names["hub_router"],
        PeerTransitRouterId=names["spoke_router"],
        BandwidthType="BandwidthPackage",
        CenBandwidthPackageId=names["plan"],
        Bandwidth=4,
        AutoPublishRouteEnabled=True,
    )["TransitRouterAttachmentId"]
    for side in ("hub", "spoke"):
        join(console, names[f"{side}_attachment"], names[f"{side}_system"])
        join(console, names["peer"], names[f"{side}_system"])
    return names


def make_vpcs(vpc: Console) -> dict[str, str]:
    """``hub`` and ``free`` in Hangzhou, ``spoke`` in Beijing: each with vSwitches ``_1``, ``_2`` in zones h and i."""
    names = {}
    for side, region, block in (("hub", H, "10.1"), ("spoke", B, "10.2"), ("free", H, "10.3")):
        made = vpc("CreateVpc", RegionId=region, CidrBlock=f"{block}.0.0/16", VpcName=side)
        names[f"{side}_vpc"], names[f"{side}_table"] = made["VpcId"], made["RouteTableId"]
        for number, letter in ((1, "h"), (2, "i")):
            made_vswitch = vpc(
                "CreateVSwitch",
                RegionId=region,
                VpcId=made["VpcId"],
                ZoneId=f"{region}-{letter}",
                CidrBlock=f"{block}.{number}.0/24",
            )
            names[f"{side}_{number}"] = made_vswitch["VSwitchId"]
    return names


def zones(names: Mapping[str, str], side: str) -> list[dict[str, str]]:
    region = B if side == "spoke" else H
    return [{"ZoneId": f"{region}-{z}", "VSwitchId": names[f"{side}_{n}"]} for n, z in ((1, "h"), (2, "i"))]


def attach(console: Console, names: Mapping[str, str], side: str, **parameters: Any) -> str:
    region = B if side == "spoke" else H
    where = parameters or {"TransitRouterId": names[f"{side}_router"], "RegionId": region}
    made = console(
        "CreateTransitRouterVpcAttachment", VpcId=names[f"{side}_vpc"], ZoneMappings=zones(names, side), **where
    )
    return str(made["TransitRouterAttachmentId"])


def join(console: Console, attachment: str, table: str) -> None:
    """Associate the attachment with the table and let the table learn its routes."""
    pair = {"TransitRouterAttachmentId": attachment, "TransitRouterRouteTableId": table}
    console("AssociateTransitRouterAttachmentWithRouteTable", **pair)
    console("EnableTransitRouterRouteTablePropagation", **pair)


def buy(console: Console, **parameters: Any) -> str:
    terms = {"Bandwidth": 2, "GeographicRegionAId": "China", "GeographicRegionBId": "China", "AutoPay": True}
    return str(console("CreateCenBandwidthPackage", **{**terms, **parameters})["CenBandwidthPackageId"])
