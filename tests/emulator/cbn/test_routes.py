"""Routes as CEN shows them: static and learned, filtered; published by hand; in conflict; written into the VPC."""

from __future__ import annotations

from typing import Any

import pytest

from gatespan.emulator.models import Machine
from gatespan.emulator.services.cbn.models import PublishedRoute

from .conftest import ACCOUNT, B, Console, H, attach, join

PREFIX = "TransitRouterRouteEntry"


def child(scene: dict[str, str], side: str = "hub") -> dict[str, str]:
    return {
        "CenId": scene["cen"],
        "ChildInstanceId": scene[f"{side}_vpc"],
        "ChildInstanceType": "VPC",
        "ChildInstanceRegionId": B if side == "spoke" else H,
    }


def published(console: Console, scene: dict[str, str]) -> dict[str, str]:
    rows = console("DescribePublishedRouteEntries", **child(scene))["PublishedRouteEntries"]["PublishedRouteEntry"]
    return {row["DestinationCidrBlock"]: row["PublishStatus"] for row in rows}


def static(console: Console, table: str, cidr: str, hop: str = "", **parameters: Any) -> str:
    asked = {
        "TransitRouterRouteTableId": table,
        f"{PREFIX}DestinationCidrBlock": cidr,
        f"{PREFIX}NextHopType": "Attachment" if hop else "BlackHole",
        **({f"{PREFIX}NextHopId": hop} if hop else {}),
    }
    return str(console("CreateTransitRouterRouteEntry", **asked, **parameters)[f"{PREFIX}Id"])


def test_a_learned_route_in_full(console: Console, scene: dict[str, str]) -> None:
    assert console.routes(scene["hub_system"])["10.2.1.0/24"] == {
        "TransitRouterRouteEntryId": "",
        "TransitRouterRouteEntryName": "",
        "TransitRouterRouteEntryDescription": "",
        "TransitRouterRouteEntryDestinationCidrBlock": "10.2.1.0/24",
        "TransitRouterRouteEntryType": "Propagated",
        "TransitRouterRouteEntryStatus": "Active",
        "TransitRouterRouteEntryNextHopType": "Attachment",
        "TransitRouterRouteEntryNextHopId": scene["peer"],
        "TransitRouterRouteEntryNextHopResourceId": scene["spoke_router"],
        "TransitRouterRouteEntryNextHopResourceType": "TR",
        "TransitRouterRouteEntryOriginResourceId": scene["spoke_vpc"],
        "TransitRouterRouteEntryOriginResourceType": "VPC",
        "OperationalMode": False,
        "PathAttributes": {
            "AsPaths": [],
            "Communities": [],
            "Preference": 50,
            "OriginInstanceId": scene["spoke_vpc"],
            "OriginInstanceType": "VPC",
            "OriginRouteType": "System",
        },
    }


def test_a_static_route_in_full(console: Console, scene: dict[str, str]) -> None:
    names = {f"{PREFIX}Name": "services", f"{PREFIX}Description": "d"}
    id = static(console, scene["hub_system"], "100.64.1.0/24", scene["hub_attachment"], **names)
    row = console.routes(scene["hub_system"])["100.64.1.0/24"]
    assert row.pop("CreateTime")
    assert row == {
        "TransitRouterRouteEntryId": id,
        "TransitRouterRouteEntryName": "services",
        "TransitRouterRouteEntryDescription": "d",
        "TransitRouterRouteEntryDestinationCidrBlock": "100.64.1.0/24",
        "TransitRouterRouteEntryType": "Static",
        "TransitRouterRouteEntryStatus": "Active",
        "TransitRouterRouteEntryNextHopType": "Attachment",
        "TransitRouterRouteEntryNextHopId": scene["hub_attachment"],
        "TransitRouterRouteEntryNextHopResourceId": scene["hub_vpc"],
        "TransitRouterRouteEntryNextHopResourceType": "VPC",
        "TransitRouterRouteEntryOriginResourceId": scene["hub_vpc"],
        "TransitRouterRouteEntryOriginResourceType": "VPC",
        "OperationalMode": True,
        "PathAttributes": {
            "AsPaths": [],
            "Communities": [],
            "Preference": 50,
            "OriginInstanceId": scene["hub_vpc"],
            "OriginInstanceType": "VPC",
            "OriginRouteType": "Static",
        },
    }
    assert console.routes(scene["spoke_system"])["100.64.1.0/24"][f"{PREFIX}Type"] == "Propagated"


def test_a_black_hole_has_no_next_hop(console: Console, scene: dict[str, str]) -> None:
    id = static(console, scene["hub_system"], "10.9.0.0/16")
    row = console.routes(scene["hub_system"])["10.9.0.0/16"]
    assert row[f"{PREFIX}NextHopType"] == "BlackHole"
    assert f"{PREFIX}NextHopId" not in row
    console(
        "DeleteTransitRouterRouteEntry",
        TransitRouterRouteTableId=scene["hub_system"],
        TransitRouterRouteEntryDestinationCidrBlock="10.9.0.0/16",
        TransitRouterRouteEntryNextHopType="BlackHole",
    )
    found = console(
        "ListTransitRouterRouteEntries",
        TransitRouterRouteTableId=scene["hub_system"],
        TransitRouterRouteEntryIds=[id],
    )
    assert found["TotalCount"] == 0


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({f"{PREFIX}Type": "Static"}, ["10.9.0.0/16"]),
        ({f"{PREFIX}Type": "Propagated", f"{PREFIX}NextHopResourceType": "TR"}, ["10.2.1.0/24", "10.2.2.0/24"]),
        ({f"{PREFIX}NextHopId": "{hub_attachment}"}, ["10.1.1.0/24", "10.1.2.0/24"]),
        ({f"{PREFIX}OriginResourceId": "{spoke_vpc}"}, ["10.2.1.0/24", "10.2.2.0/24"]),
        ({f"{PREFIX}DestinationCidrBlock": "10.9.0.0/16"}, ["10.9.0.0/16"]),
        ({f"{PREFIX}Names": ["hole"]}, ["10.9.0.0/16"]),
        ({f"{PREFIX}Status": "Rejected"}, []),
        ({"PrefixListId": "pl-1"}, []),
        ({"RouteFilter": [{"Key": "PrefixExactMatchCidrs", "Value": ["10.1.1.0/24"]}]}, ["10.1.1.0/24"]),
        ({"RouteFilter": [{"Key": "SubnetOfMatchCidrs", "Value": ["10.1.0.0/16"]}]}, ["10.1.1.0/24", "10.1.2.0/24"]),
        ({"RouteFilter": [{"Key": "SupernetOfMatchCidrs", "Value": ["10.9.1.0/24"]}]}, ["10.9.0.0/16"]),
        ({"RouteFilter": [{"Key": "LongestPrefixMatchCidrs", "Value": ["10.1.2.7/32"]}]}, ["10.1.2.0/24"]),
        (
            {
                "RouteFilter": [
                    {"Key": "SubnetOfMatchCidrs", "Value": ["10.1.0.0/16", "10.2.0.0/16"]},
                    {"Key": "PrefixExactMatchCidrs", "Value": ["10.2.2.0/24", "10.9.0.0/16"]},
                ]
            },
            ["10.2.2.0/24"],
        ),
    ],
)
def test_filters(console: Console, scene: dict[str, str], filters: dict[str, Any], found: list[str]) -> None:
    static(console, scene["hub_system"], "10.9.0.0/16", **{f"{PREFIX}Name": "hole"})
    asked = {key: value.format(**scene) if isinstance(value, str) else value for key, value in filters.items()}
    answer = console("ListTransitRouterRouteEntries", TransitRouterRouteTableId=scene["hub_system"], **asked)
    rows = answer["TransitRouterRouteEntries"]
    assert sorted(row[f"{PREFIX}DestinationCidrBlock"] for row in rows) == found


def test_a_route_is_withdrawn_and_published_again(console: Console, scene: dict[str, str]) -> None:
    before = list(console.cloud.world)
    route = {**child(scene), "ChildInstanceRouteTableId": scene["hub_table"], "DestinationCidrBlock": "10.1.1.0/24"}
    assert published(console, scene)["10.1.1.0/24"] == "Published"
    console("WithdrawPublishedRouteEntries", **route)
    assert published(console, scene)["10.1.1.0/24"] == "NonPublished"
    assert published(console, scene)["10.1.2.0/24"] == "Published"
    assert "10.1.1.0/24" not in console.routes(scene["hub_system"])
    assert "10.1.1.0/24" not in console.routes(scene["spoke_system"])
    console("PublishRouteEntries", **route)
    assert published(console, scene)["10.1.1.0/24"] == "Published"
    assert "10.1.1.0/24" in console.routes(scene["spoke_system"])
    assert list(console.cloud.world) == before


def test_a_custom_route_is_learned_once_published(console: Console, vpc: Console, scene: dict[str, str]) -> None:
    machine = Machine(
        id="i-1",
        account=ACCOUNT,
        region=H,
        status="Running",
        name="router",
        vpc_id=scene["hub_vpc"],
        vswitch_id=scene["hub_1"],
        ip="10.1.1.9",
    )
    console.put(machine)
    entry = vpc(
        "CreateRouteEntry",
        RegionId=H,
        RouteTableId=scene["hub_table"],
        DestinationCidrBlock="10.50.0.0/16",
        NextHopType="Instance",
        NextHopId=machine.id,
    )["RouteEntryId"]
    route = {**child(scene), "ChildInstanceRouteTableId": scene["hub_table"], "DestinationCidrBlock": "10.50.0.0/16"}
    assert published(console, scene)["10.50.0.0/16"] == "NonPublished"
    assert "10.50.0.0/16" not in console.routes(scene["hub_system"])
    console("PublishRouteEntries", **route)
    assert published(console, scene)["10.50.0.0/16"] == "Published"
    learned = console.routes(scene["spoke_system"])["10.50.0.0/16"]
    assert learned["PathAttributes"]["OriginRouteType"] == "Custom"
    vpc("DeleteRouteEntry", RegionId=H, RouteEntryId=entry)
    assert console.cloud.world.find(PublishedRoute) == []


def test_published_routes_in_full(console: Console, scene: dict[str, str]) -> None:
    answer = console("DescribePublishedRouteEntries", **child(scene), DestinationCidrBlock="10.1.1.0/24")
    assert answer["PublishedRouteEntries"]["PublishedRouteEntry"] == [
        {
            "DestinationCidrBlock": "10.1.1.0/24",
            "ChildInstanceRouteTableId": scene["hub_table"],
            "NextHopType": "local",
            "NextHopId": "",
            "RouteType": "System",
            "PublishStatus": "Published",
            "OperationalMode": True,
            "Conflicts": {"Conflict": []},
        }
    ]


def test_only_routes_of_the_system_table_are_published(console: Console, vpc: Console, scene: dict[str, str]) -> None:
    custom = vpc("CreateRouteTable", RegionId=H, VpcId=scene["hub_vpc"], RouteTableName="custom")["RouteTableId"]
    route = {**child(scene), "ChildInstanceRouteTableId": custom, "DestinationCidrBlock": "10.1.1.0/24"}
    assert console.code("PublishRouteEntries", **route) == "InvalidOperation.UnsupportRouteTableType"


def test_the_later_of_two_equal_blocks_is_in_conflict(console: Console, vpc: Console, scene: dict[str, str]) -> None:
    twin = vpc("CreateVpc", RegionId=H, CidrBlock="10.1.0.0/16")
    mappings = []
    for number, zone in ((1, "cn-hangzhou-h"), (9, "cn-hangzhou-i")):
        made = vpc("CreateVSwitch", RegionId=H, VpcId=twin["VpcId"], ZoneId=zone, CidrBlock=f"10.1.{number}.0/24")
        mappings.append({"ZoneId": zone, "VSwitchId": made["VSwitchId"]})
    console.cloud.advance(1)
    attachment = console(
        "CreateTransitRouterVpcAttachment",
        VpcId=twin["VpcId"],
        TransitRouterId=scene["hub_router"],
        ZoneMappings=mappings,
    )["TransitRouterAttachmentId"]
    join(console, attachment, scene["hub_system"])
    conflict = {
        "DestinationCidrBlock": "10.1.1.0/24",
        "InstanceId": scene["hub_vpc"],
        "InstanceType": "VPC",
        "RegionId": H,
        "Status": "conflict",
    }
    asked = {
        "ChildInstanceId": twin["VpcId"],
        "ChildInstanceType": "VPC",
        "ChildInstanceRegionId": H,
        "ChildInstanceRouteTableId": twin["RouteTableId"],
    }
    assert console("DescribeRouteConflict", **asked)["RouteConflicts"]["RouteConflict"] == [conflict]
    hub = {**child(scene), "ChildInstanceRouteTableId": scene["hub_table"]}
    hub.pop("CenId")
    assert console("DescribeRouteConflict", **hub)["RouteConflicts"]["RouteConflict"] == []
    rejected = console(
        "ListTransitRouterRouteEntries",
        TransitRouterRouteTableId=scene["hub_system"],
        TransitRouterRouteEntryStatus="Rejected",
    )["TransitRouterRouteEntries"]
    assert [row[f"{PREFIX}OriginResourceId"] for row in rejected] == [twin["VpcId"]]
    rows = console("DescribeCenChildInstanceRouteEntries", CenId=scene["cen"], **asked, Status="Rejected")
    assert [row["Conflicts"] for row in rows["CenRouteEntries"]["CenRouteEntry"]] == [{"Conflict": [conflict]}]


def test_a_vpc_as_its_cen_sees_it(console: Console, scene: dict[str, str]) -> None:
    console(
        "UpdateTransitRouterVpcAttachmentAttribute",
        TransitRouterAttachmentId=scene["hub_attachment"],
        AutoPublishRouteEnabled=True,
    )
    answer = console("DescribeCenChildInstanceRouteEntries", **child(scene), PageSize=100)
    rows = {row["DestinationCidrBlock"]: row for row in answer["CenRouteEntries"]["CenRouteEntry"]}
    assert rows["10.2.1.0/24"] == {
        "DestinationCidrBlock": "10.2.1.0/24",
        "RouteTableId": scene["hub_table"],
        "Type": "CEN",
        "NextHopType": "Attachment",
        "NextHopInstanceId": scene["hub_attachment"],
        "NextHopRegionId": H,
        "Status": "Active",
        "PublishStatus": "NonPublished",
        "OperationalMode": False,
        "AsPaths": {"AsPath": []},
        "Communities": {"Community": []},
        "CenRouteMapRecords": {"CenRouteMapRecord": []},
        "Conflicts": {"Conflict": []},
    }
    assert rows["10.1.1.0/24"]["PublishStatus"] == "Published"


def test_attached_children(console: Console, scene: dict[str, str]) -> None:
    attach(console, scene, "free", TransitRouterId=scene["hub_router"], RegionId=H)

    def found(**filters: str) -> list[str]:
        rows = console("DescribeCenAttachedChildInstances", CenId=scene["cen"], **filters)["ChildInstances"]
        return [row["ChildInstanceId"] for row in rows["ChildInstance"]]

    assert found() == [scene["hub_vpc"], scene["spoke_vpc"], scene["free_vpc"]]
    assert found(ChildInstanceRegionId=B) == [scene["spoke_vpc"]]
    assert found(ChildInstanceType="VBR") == []


def test_a_route_into_the_vpc(console: Console, vpc: Console, scene: dict[str, str]) -> None:
    place = {
        "CenId": scene["cen"],
        "TransitRouterAttachmentId": scene["hub_attachment"],
        "RouteTableId": scene["hub_table"],
        "DestinationCidrBlock": "10.2.0.0/16",
    }

    def found(**filters: Any) -> list[tuple[str, str]]:
        rows = console(
            "ListCenChildInstanceRouteEntriesToAttachment",
            ChildInstanceRouteTableId=scene["hub_table"],
            TransitRouterAttachmentId=scene["hub_attachment"],
            **filters,
        )["RouteEntry"]
        return [(row["DestinationCidrBlock"], row["Status"]) for row in rows]

    with console.slow():
        console("CreateCenChildInstanceRouteEntryToAttachment", **place)
        seen = [found()]
        console.cloud.advance(3)
        seen.append(found(RouteFilter=[{"Key": "prefix-exact-match", "Value": ["10.2.0.0/16"]}]))
        shown = vpc("DescribeRouteEntryList", RegionId=H, RouteTableId=scene["hub_table"], MaxResult=100)
        console("DeleteCenChildInstanceRouteEntryToAttachment", **place)
        seen.append(found())
        console.cloud.advance(3)
        seen.append(found())
    cidr = "10.2.0.0/16"
    assert seen == [[(cidr, "Pending")], [(cidr, "Available")], [(cidr, "Modifying")], []]
    assert cidr in [row["DestinationCidrBlock"] for row in shown["RouteEntrys"]["RouteEntry"]]
