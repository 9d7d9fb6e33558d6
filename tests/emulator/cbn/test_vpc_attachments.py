"""Connections of VPCs: interfaces, zones, routers made on the way, route synchronisation, quotas."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from gatespan.emulator.regions import Region
from gatespan.emulator.services.cbn.models import TransitRouter, VpcAttachment
from gatespan.emulator.services.vpc.models import NetworkInterface, Vpc, VSwitch
from gatespan.emulator.world import Pending, Thing

from .conftest import ACCOUNT, Console, H, attach, zones


def interfaces(console: Console, attachment: str) -> dict[str, str]:
    """vSwitch to interface of the attachment, as the VPCs hold them."""
    return {i.vswitch_id: i.id for i in console.cloud.world.find(NetworkInterface, owner_id=attachment)}


def listed(console: Console, attachment: str) -> dict[str, str]:
    """vSwitch to interface of the attachment, as CEN answers them."""
    row = console.vpc_attachment(attachment)
    assert row is not None
    return {m["VSwitchId"]: m["NetworkInterfaceId"] for m in row["ZoneMappings"]}


def test_an_attachment_is_inert(console: Console, scene: dict[str, str]) -> None:
    attachment = attach(console, scene, "free", TransitRouterId=scene["hub_router"], RegionId=H)
    found = console("ListTransitRouterRouteTableAssociations", TransitRouterAttachmentId=attachment)
    assert found["TotalCount"] == 0
    assert "10.3.1.0/24" not in console.routes(scene["hub_system"])


def test_each_zone_holds_an_interface_until_the_attachment_is_gone(
    console: Console, vpc: Console, scene: dict[str, str]
) -> None:
    where = {"VSwitchId": scene["free_1"], "RegionId": H}
    free = vpc("DescribeVSwitchAttributes", **where)["AvailableIpAddressCount"]
    attachment = attach(console, scene, "free", TransitRouterId=scene["hub_router"], RegionId=H)
    assert listed(console, attachment) == interfaces(console, attachment)
    assert interfaces(console, attachment).keys() == {scene["free_1"], scene["free_2"]}
    assert vpc("DescribeVSwitchAttributes", **where)["AvailableIpAddressCount"] == free - 1
    with console.slow():
        console("DeleteTransitRouterVpcAttachment", TransitRouterAttachmentId=attachment)
        assert vpc.refused("DeleteVSwitch", VSwitchId=scene["free_1"], RegionId=H).code
        console.cloud.advance(45)
    assert interfaces(console, attachment) == {}
    assert vpc("DescribeVSwitchAttributes", **where)["AvailableIpAddressCount"] == free
    vpc("DeleteVSwitch", VSwitchId=scene["free_1"], RegionId=H)


def test_zones_are_changed(console: Console, vpc: Console, scene: dict[str, str]) -> None:
    third = vpc("CreateVSwitch", RegionId=H, VpcId=scene["hub_vpc"], ZoneId="cn-hangzhou-j", CidrBlock="10.1.3.0/24")
    attachment = scene["hub_attachment"]
    kept = listed(console, attachment)[scene["hub_2"]]
    with console.slow():
        console(
            "UpdateTransitRouterVpcAttachmentZones",
            TransitRouterAttachmentId=attachment,
            AddZoneMappings=[{"ZoneId": "cn-hangzhou-j", "VSwitchId": third["VSwitchId"]}],
            RemoveZoneMappings=[{"ZoneId": "cn-hangzhou-h", "VSwitchId": scene["hub_1"]}],
        )
        row = console.vpc_attachment(attachment)
        assert row is not None
        assert row["Status"] == "Modifying"
        console.cloud.advance(5)
    now = listed(console, attachment)
    assert now.keys() == {scene["hub_2"], third["VSwitchId"]}
    assert now[scene["hub_2"]] == kept
    assert now == interfaces(console, attachment)


def test_the_router_is_made_on_the_way(console: Console, scene: dict[str, str]) -> None:
    cen = console("CreateCen")["CenId"]
    with console.slow():
        attachment = attach(console, scene, "free", CenId=cen, RegionId=H)
        row = console.vpc_attachment(attachment)
        assert row is not None
        router = console.router(row["TransitRouterId"])
        assert router is not None
        assert (row["Status"], router["Status"], router["CenId"]) == ("Attaching", "Creating", cen)
        console.cloud.advance(10)
        router = console.router(row["TransitRouterId"])
        assert router is not None
        assert router["Status"] == "Active"
        console.cloud.advance(45)
        row = console.vpc_attachment(attachment)
        assert row is not None
        assert row["Status"] == "Attached"
    second = {"CenId": scene["cen"], "RegionId": H}
    row = console.vpc_attachment(attach(console, scene, "free", **second))
    assert row is not None
    assert row["TransitRouterId"] == scene["hub_router"]


def test_one_zone_is_enough_where_the_region_has_one(console: Console, vpc: Console) -> None:
    console.put(Region(id="cn-small", zones=("cn-small-a",)))
    console("OpenTransitRouterService")
    made = vpc("CreateVpc", RegionId="cn-small", CidrBlock="10.0.0.0/16")["VpcId"]
    vswitch = vpc("CreateVSwitch", RegionId="cn-small", VpcId=made, ZoneId="cn-small-a", CidrBlock="10.0.1.0/24")
    answer = console(
        "CreateTransitRouterVpcAttachment",
        VpcId=made,
        CenId=console("CreateCen")["CenId"],
        RegionId="cn-small",
        ZoneMappings=[{"ZoneId": "cn-small-a", "VSwitchId": vswitch["VSwitchId"]}],
    )
    assert console.vpc_attachment(answer["TransitRouterAttachmentId"])


def test_only_one_router_synchronises_a_vpc(console: Console, scene: dict[str, str]) -> None:
    publish = {"TransitRouterAttachmentId": scene["hub_attachment"], "AutoPublishRouteEnabled": True}
    console("UpdateTransitRouterVpcAttachmentAttribute", **publish)
    console("UpdateTransitRouterVpcAttachmentAttribute", **publish, TransitRouterAttachmentName="again")
    second = {"CenId": console("CreateCen")["CenId"], "RegionId": H}
    asked = {"VpcId": scene["hub_vpc"], "ZoneMappings": zones(scene, "hub"), **second}
    assert console.code("CreateTransitRouterVpcAttachment", **asked, AutoPublishRouteEnabled=True) == (
        "InvalidOperation.VpcAutoRoutesPublishInOtherCEN"
    )
    other = console("CreateTransitRouterVpcAttachment", **asked)["TransitRouterAttachmentId"]
    publish_other = {"TransitRouterAttachmentId": other, "AutoPublishRouteEnabled": True}
    code = console.code("UpdateTransitRouterVpcAttachmentAttribute", **publish_other)
    assert code == "InvalidOperation.VpcAutoRoutesPublishInOtherCEN"
    console("UpdateTransitRouterVpcAttachmentAttribute", **publish | {"AutoPublishRouteEnabled": False})
    console("UpdateTransitRouterVpcAttachmentAttribute", **publish_other)


def many(scene: dict[str, str], count: int, **values: Any) -> list[VpcAttachment]:
    return [
        VpcAttachment(
            id=f"tr-attach-{n}",
            account=ACCOUNT,
            region=H,
            status="Attached",
            cen_id=scene["cen"],
            transit_router_id=scene["hub_router"],
            vpc_id=f"vpc-{n}",
            **values,
        )
        for n in range(count)
    ]


def test_quotas(console: Console, scene: dict[str, str]) -> None:
    console.put(*many(scene, 50, auto_publish=True))
    publish = {"TransitRouterAttachmentId": scene["hub_attachment"], "AutoPublishRouteEnabled": True}
    assert console.code("UpdateTransitRouterVpcAttachmentAttribute", **publish) == (
        "QuotaExceeded.VpcAutoRoutesPublishPerTransitRouter"
    )
    console.put(*many(scene, 999))
    free = {"VpcId": scene["free_vpc"], "TransitRouterId": scene["hub_router"], "ZoneMappings": zones(scene, "free")}
    assert console.code("CreateTransitRouterVpcAttachment", **free) == (
        "QuotaExceeded.CenQuotaVpcAttachPerTransitRouter"
    )


def never(thing: Thing) -> Thing:
    return dataclasses.replace(thing, status="Pending", pending=Pending("Available", float("inf")))


@pytest.mark.parametrize(
    ("change", "code", "status"),
    [
        (lambda world, s: never(world.get(Vpc, s["free_vpc"])), "IncorrectStatus.VpcOrVswitch", 400),
        (lambda world, s: never(world.get(VSwitch, s["free_1"])), "IncorrectStatus.VpcSwitch", 409),
        (
            lambda world, s: dataclasses.replace(
                world.get(TransitRouter, s["hub_router"]),
                type="Basic",
            ),
            "OperationUnsupported.TransitRouterType",
            400,
        ),
    ],
    ids=["vpc", "vswitch", "basic"],
)
def test_refused_by_what_it_needs(console: Console, scene: dict[str, str], change: Any, code: str, status: int) -> None:
    console.put(change(console.cloud.world, scene))
    free = {"VpcId": scene["free_vpc"], "TransitRouterId": scene["hub_router"], "ZoneMappings": zones(scene, "free")}
    refused = console.refused("CreateTransitRouterVpcAttachment", **free)
    assert (refused.code, refused.status_code) == (code, status)


def test_no_custom_tables_on_a_basic_router(console: Console, scene: dict[str, str]) -> None:
    router = console.cloud.world.get(TransitRouter, scene["hub_router"])
    console.put(dataclasses.replace(router, type="Basic"))
    asked = {"TransitRouterId": router.id}
    assert console.code("CreateTransitRouterRouteTable", **asked) == "OperationFailed.BasicTrNotSupport"


def test_a_full_vswitch_takes_no_attachment(console: Console, vpc: Console, scene: dict[str, str]) -> None:
    """A /29 has 4 usable addresses."""
    where = {"RegionId": H, "VpcId": scene["free_vpc"]}
    tiny = vpc("CreateVSwitch", **where, ZoneId="cn-hangzhou-j", CidrBlock="10.3.9.0/29")["VSwitchId"]
    console.put(
        *(
            NetworkInterface(
                id=f"eni-{n}",
                account=ACCOUNT,
                region=H,
                vpc_id=scene["free_vpc"],
                vswitch_id=tiny,
                ip=f"10.3.9.{n}",
            )
            for n in range(1, 5)
        )
    )
    refused = console.refused(
        "CreateTransitRouterVpcAttachment",
        VpcId=scene["free_vpc"],
        TransitRouterId=scene["hub_router"],
        ZoneMappings=[{"ZoneId": "cn-hangzhou-j", "VSwitchId": tiny}, zones(scene, "free")[0]],
    )
    assert refused.code == "InsufficientIpAddr.vsw"


def test_a_vpc_of_another_account_needs_a_grant(console: Console, scene: dict[str, str]) -> None:
    foreign = console.cloud.world.get(Vpc, scene["free_vpc"])
    console.put(dataclasses.replace(foreign, account="2000000000000002"))
    asked = {"VpcId": foreign.id, "TransitRouterId": scene["hub_router"], "ZoneMappings": zones(scene, "free")}
    assert console.code("CreateTransitRouterVpcAttachment", **asked) == "InvalidVpcId.NotFound"
    assert console.code("CreateTransitRouterVpcAttachment", **asked, VpcOwnerId=2000000000000002) == (
        "Forbbiden.AttachChildInstanceAcrossBid"
    )


def test_force_removes_what_the_router_knows(console: Console, scene: dict[str, str]) -> None:
    console("DeleteTransitRouterVpcAttachment", TransitRouterAttachmentId=scene["hub_attachment"], Force=True)
    assert console.vpc_attachment(scene["hub_attachment"]) is None
    left = console("ListTransitRouterRouteTableAssociations", TransitRouterRouteTableId=scene["hub_system"])
    assert [row["TransitRouterAttachmentId"] for row in left["TransitRouterAssociations"]] == [scene["peer"]]
    assert "10.1.1.0/24" not in console.routes(scene["hub_system"])
