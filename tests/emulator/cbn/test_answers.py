"""What the descriptions answer, field by field, and how they are filtered, paged and tagged."""

from __future__ import annotations

import re
from typing import Any

import pytest

from .conftest import ACCOUNT, B, Console, H, attach, buy

TIMES = {"CreationTime", "CreateTime", "ExpiredTime"}


def timeless(row: dict[str, Any] | None) -> dict[str, Any]:
    """The row with its times checked for their form and emptied."""
    assert row is not None
    times = TIMES & row.keys()
    for key in times:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\dZ", row[key]), row[key]
    return row | dict.fromkeys(times, "")


def test_cen(console: Console) -> None:
    made = console("CreateCen", Name="one", Description="first", Tag=[{"Key": "team", "Value": "net"}])
    assert re.fullmatch(r"cen-[a-z0-9]{18}", made["CenId"])
    assert timeless(console.cen(made["CenId"])) == {
        "CenId": made["CenId"],
        "Name": "one",
        "Description": "first",
        "Status": "Active",
        "ProtectionLevel": "REDUCED",
        "CreationTime": "",
        "Ipv6Level": "DISABLED",
        "ResourceGroupId": "rg-default",
        "CenBandwidthPackageIds": {"CenBandwidthPackageId": []},
        "Tags": {"Tag": [{"Key": "team", "Value": "net"}]},
    }
    console("ModifyCenAttribute", CenId=made["CenId"], Name="two", Description="")
    row = console.cen(made["CenId"])
    assert row is not None
    assert (row["Name"], row["Description"]) == ("two", "")
    console("DeleteCen", CenId=made["CenId"])
    assert console.cen(made["CenId"]) is None


def test_the_router_service_is_opened_once(console: Console) -> None:
    assert console.code("CheckTransitRouterService") == "USER_NOT_OPEN_TR_SERVICE"
    cen = console("CreateCen")["CenId"]
    assert console.code("CreateTransitRouter", CenId=cen, RegionId=H) == "Forbbiden.TransitRouterServiceNotOpen"
    assert console("OpenTransitRouterService")["OrderId"]
    assert console("CheckTransitRouterService")["Enabled"] == "true"
    assert console.code("OpenTransitRouterService") == "Order.Opened"


def test_transit_router(console: Console, scene: dict[str, str]) -> None:
    assert timeless(console.router(scene["hub_router"])) == {
        "TransitRouterId": scene["hub_router"],
        "TransitRouterName": "",
        "TransitRouterDescription": "",
        "CenId": scene["cen"],
        "RegionId": H,
        "Type": "Enterprise",
        "Status": "Active",
        "AliUid": int(ACCOUNT),
        "CreationTime": "",
        "SupportMulticast": False,
        "TransitRouterCidrList": [],
        "Tags": [],
    }
    zones = console("ListTransitRouterAvailableResource", RegionId=B)
    assert zones["AvailableZones"] == [f"cn-beijing-{letter}" for letter in "cfghijkl"]
    assert console("ListTransitRouterAvailableResource", RegionId="cn-nowhere")["AvailableZones"] == []


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"CenId": "{cen}"}, ["hub_router", "spoke_router"]),
        ({"RegionId": H}, ["hub_router"]),
        ({"CenId": "{cen}", "RegionId": B}, ["spoke_router"]),
        ({"TransitRouterId": "{hub_router}", "RegionId": B}, []),
        ({"CenId": "{cen}", "Status": "Deleting"}, []),
        ({"CenId": "{cen}", "TransitRouterName": "hub"}, ["hub_router"]),
        ({"CenId": "{cen}", "Tag": [{"Key": "side", "Value": "spoke"}]}, ["spoke_router"]),
    ],
)
def test_router_filters(console: Console, scene: dict[str, str], filters: dict[str, Any], found: list[str]) -> None:
    console("UpdateTransitRouter", TransitRouterId=scene["hub_router"], RegionId=H, TransitRouterName="hub")
    side = [{"Key": "side", "Value": "spoke"}]
    console("TagResources", ResourceType="transitrouter", ResourceId=[scene["spoke_router"]], Tag=side)
    asked = {key: value.format(**scene) if isinstance(value, str) else value for key, value in filters.items()}
    rows = console("ListTransitRouters", **asked)["TransitRouters"]
    assert [row["TransitRouterId"] for row in rows] == [scene[name] for name in found]


def test_vpc_attachment(console: Console, scene: dict[str, str]) -> None:
    row = timeless(console.vpc_attachment(scene["hub_attachment"]))
    interfaces = [mapping.pop("NetworkInterfaceId") for mapping in row["ZoneMappings"]]
    assert all(interface.startswith("eni-") for interface in interfaces)
    assert row == {
        "TransitRouterAttachmentId": scene["hub_attachment"],
        "TransitRouterAttachmentName": "",
        "TransitRouterAttachmentDescription": "",
        "TransitRouterId": scene["hub_router"],
        "CenId": scene["cen"],
        "VpcId": scene["hub_vpc"],
        "VpcOwnerId": int(ACCOUNT),
        "VpcRegionId": H,
        "ResourceType": "VPC",
        "Status": "Attached",
        "AutoPublishRouteEnabled": False,
        "ChargeType": "POSTPAY",
        "OrderType": "PayByCenOwner",
        "CreationTime": "",
        "TransitRouterVPCAttachmentOptions": {"Ipv6Support": "disable"},
        "ZoneMappings": [
            {"ZoneId": "cn-hangzhou-h", "VSwitchId": scene["hub_1"]},
            {"ZoneId": "cn-hangzhou-i", "VSwitchId": scene["hub_2"]},
        ],
        "Tags": [],
    }


def test_peer_attachment_has_one_id_on_both_sides(console: Console, scene: dict[str, str]) -> None:
    expected = {
        "TransitRouterAttachmentId": scene["peer"],
        "TransitRouterAttachmentName": "",
        "TransitRouterAttachmentDescription": "",
        "TransitRouterId": scene["hub_router"],
        "RegionId": H,
        "PeerTransitRouterId": scene["spoke_router"],
        "PeerTransitRouterRegionId": B,
        "PeerTransitRouterOwnerId": int(ACCOUNT),
        "CenId": scene["cen"],
        "Status": "Attached",
        "ResourceType": "TR",
        "Bandwidth": 4,
        "BandwidthType": "BandwidthPackage",
        "CenBandwidthPackageId": scene["plan"],
        "GeographicSpanId": "china_china",
        "DefaultLinkType": "Gold",
        "AutoPublishRouteEnabled": True,
        "CreationTime": "",
        "Tags": [],
    }
    for asked in (
        {"RegionId": H},
        {"RegionId": B},
        {"TransitRouterId": scene["spoke_router"]},
        {"CenId": scene["cen"]},
    ):
        rows = console("ListTransitRouterPeerAttachments", **asked)["TransitRouterAttachments"]
        assert [timeless(row) for row in rows] == [expected]
    assert console("ListTransitRouterPeerAttachments", RegionId="cn-shanghai")["TransitRouterAttachments"] == []


def test_route_tables(console: Console, scene: dict[str, str]) -> None:
    made = console(
        "CreateTransitRouterRouteTable",
        TransitRouterId=scene["hub_router"],
        TransitRouterRouteTableName="inside",
        TransitRouterRouteTableDescription="d",
        RouteTableOptions={"MultiRegionECMP": "enable"},
        Tag=[{"Key": "a", "Value": "b"}],
    )["TransitRouterRouteTableId"]
    rows = console("ListTransitRouterRouteTables", TransitRouterRouteTableIds=[made])["TransitRouterRouteTables"]
    assert [timeless(row) for row in rows] == [
        {
            "TransitRouterRouteTableId": made,
            "TransitRouterRouteTableName": "inside",
            "TransitRouterRouteTableDescription": "d",
            "TransitRouterRouteTableType": "Custom",
            "TransitRouterRouteTableStatus": "Active",
            "TransitRouterId": scene["hub_router"],
            "RegionId": H,
            "CreateTime": "",
            "RouteTableOptions": {"MultiRegionECMP": "enable"},
            "Tags": [{"Key": "a", "Value": "b"}],
        }
    ]

    def found(**filters: Any) -> list[str]:
        asked = {"TransitRouterId": scene["hub_router"], **filters}
        rows = console("ListTransitRouterRouteTables", **asked)["TransitRouterRouteTables"]
        return [row["TransitRouterRouteTableId"] for row in rows]

    assert found() == [scene["hub_system"], scene["custom"], made]
    assert found(TransitRouterRouteTableType="System") == [scene["hub_system"]]
    assert found(TransitRouterRouteTableNames=["inside"]) == [made]
    assert found(TransitRouterRouteTableStatus="Creating") == []
    console(
        "UpdateTransitRouterRouteTable",
        TransitRouterRouteTableId=made,
        TransitRouterRouteTableName="outside",
        RouteTableOptions={"MultiRegionECMP": "disable"},
    )
    assert found(TransitRouterRouteTableNames=["outside"], RouteTableOptions={"MultiRegionECMP": "disable"}) == [made]


def test_associations_and_propagations_from_each_side(console: Console, scene: dict[str, str]) -> None:
    for action, key in (
        ("ListTransitRouterRouteTableAssociations", "TransitRouterAssociations"),
        ("ListTransitRouterRouteTablePropagations", "TransitRouterPropagations"),
    ):

        def found(table: str, action: str = action, key: str = key, **filters: Any) -> list[tuple[str, str, str]]:
            rows = console(action, TransitRouterRouteTableId=scene[table], **filters)[key]
            assert all(row["Status"] == "Active" and row["TransitRouterRouteTableId"] == scene[table] for row in rows)
            return [(row["TransitRouterAttachmentId"], row["ResourceType"], row["ResourceId"]) for row in rows]

        hub = (scene["hub_attachment"], "VPC", scene["hub_vpc"])
        assert found("hub_system") == [hub, (scene["peer"], "TR", scene["spoke_router"])]
        assert found("spoke_system")[1] == (scene["peer"], "TR", scene["hub_router"])
        assert found("custom") == []
        assert found("hub_system", TransitRouterAttachmentResourceType="VPC") == [hub]
        assert found("hub_system", TransitRouterAttachmentResourceId=scene["hub_vpc"]) == [hub]
        assert found("hub_system", TransitRouterAttachmentId=scene["hub_attachment"], Status="Active") == [hub]
        assert found("hub_system", Status="Associating") == []
    rows = console("ListTransitRouterRouteTableAssociations", TransitRouterAttachmentId=scene["peer"])
    assert rows["TotalCount"] == 2


def test_plan(console: Console, scene: dict[str, str]) -> None:
    assert timeless(console.plan(scene["plan"])) == {
        "CenBandwidthPackageId": scene["plan"],
        "Name": "",
        "Description": "",
        "Bandwidth": 10,
        "Status": "InUse",
        "BusinessStatus": "Normal",
        "BandwidthPackageChargeType": "PREPAY",
        "GeographicRegionAId": "china",
        "GeographicRegionBId": "china",
        "GeographicSpanId": "china_china",
        "CenIds": {"CenId": [scene["cen"]]},
        "OrginInterRegionBandwidthLimits": {
            "OrginInterRegionBandwidthLimit": [
                {"LocalRegionId": H, "OppositeRegionId": B, "BandwidthLimit": "4", "GeographicSpanId": "china_china"}
            ]
        },
        "CreationTime": "",
        "ExpiredTime": "",
        "IsCrossBorder": False,
        "HasReservationData": "false",
        "ResourceGroupId": "rg-default",
        "Tags": {"Tag": []},
    }
    cen = console.cen(scene["cen"])
    assert cen is not None
    assert cen["CenBandwidthPackageIds"] == {"CenBandwidthPackageId": [scene["plan"]]}
    left = console(
        "DescribeCenGeographicSpanRemainingBandwidth",
        CenId=scene["cen"],
        GeographicRegionAId="China",
        GeographicRegionBId="China",
    )
    assert left["RemainingBandwidth"] == 6


@pytest.mark.parametrize(
    ("filters", "either", "found"),
    [
        ({"Status": ["Idle"]}, False, ["wide"]),
        ({"Status": ["Idle", "InUse"]}, False, ["plan", "wide"]),
        ({"Name": ["wide"], "Status": ["InUse"]}, False, []),
        ({"Name": ["wide"], "Status": ["InUse"]}, True, ["plan", "wide"]),
        ({"CenId": ["{cen}"]}, False, ["plan"]),
    ],
)
def test_plan_filters(
    console: Console, scene: dict[str, str], filters: dict[str, list[str]], either: bool, found: list[str]
) -> None:
    scene["wide"] = buy(console, Name="wide", GeographicRegionBId="Europe")
    asked = [{"Key": key, "Value": [v.format(**scene) for v in values]} for key, values in filters.items()]
    answer = console("DescribeCenBandwidthPackages", Filter=asked, IsOrKey=either)
    rows = answer["CenBandwidthPackages"]["CenBandwidthPackage"]
    assert [row["CenBandwidthPackageId"] for row in rows] == [scene[name] for name in found]
    assert all(row["IsCrossBorder"] == (row["Name"] == "wide") for row in rows)


def test_areas(console: Console) -> None:
    spans = console("DescribeCenGeographicSpans", PageSize=50)
    assert spans["TotalCount"] == 10
    one = console("DescribeCenGeographicSpans", GeographicSpanId="north-america_china")
    assert one["GeographicSpanModels"]["GeographicSpanModel"] == [
        {
            "GeographicSpanId": "north-america_china",
            "LocalGeoRegionId": "north-america",
            "OppositeGeoRegionId": "china",
        }
    ]
    members = console("DescribeGeographicRegionMembership", GeographicRegionId="China")["RegionIds"]["RegionId"]
    assert {"RegionId": H} in members
    assert {"RegionId": B} in members
    limits = console("DescribeCenInterRegionBandwidthLimits")
    assert limits["CenInterRegionBandwidthLimits"] == {"CenInterRegionBandwidthLimit": []}


# --- pages --------------------------------------------------------------------------------------------


def test_pages_by_number(console: Console) -> None:
    ids = [console("CreateCen")["CenId"] for _ in range(12)]
    first, second, third = (console("DescribeCens", PageSize=5, PageNumber=n) for n in (1, 2, 3))
    assert [row["CenId"] for page in (first, second, third) for row in page["Cens"]["Cen"]] == ids
    assert {k: third[k] for k in ("TotalCount", "PageNumber", "PageSize")} == {
        "TotalCount": 12,
        "PageNumber": 3,
        "PageSize": 5,
    }
    assert len(console("DescribeCens")["Cens"]["Cen"]) == 10
    two = console("DescribeCens", Filter=[{"Key": "CenId", "Value": ids[3:5]}])["Cens"]["Cen"]
    assert [row["CenId"] for row in two] == ids[3:5]
    both = [{"Key": "CenId", "Value": ids[3:5]}, {"Key": "Name", "Value": ["none"]}]
    assert console("DescribeCens", Filter=both)["TotalCount"] == 0


def test_pages_by_token(console: Console, scene: dict[str, str]) -> None:
    for _ in range(21):
        console("CreateTransitRouterRouteTable", TransitRouterId=scene["hub_router"])
    found: list[str] = []
    token, sizes = None, []
    while token != "":
        asked = {"NextToken": token} if token else {}
        page = console("ListTransitRouterRouteTables", TransitRouterId=scene["hub_router"], **asked)
        found += [row["TransitRouterRouteTableId"] for row in page["TransitRouterRouteTables"]]
        sizes.append((len(page["TransitRouterRouteTables"]), page["MaxResults"], page["TotalCount"]))
        token = page["NextToken"]
    assert sizes == [(20, 20, 23), (3, 20, 23)]
    assert len(set(found)) == 23
    associations = console("ListTransitRouterRouteTableAssociations", TransitRouterRouteTableId=scene["hub_system"])
    assert associations["MaxResults"] == 50


# --- tags ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("Cen", "cen"),
        ("TransitRouter", "hub_router"),
        ("TransitRouterVpcAttachment", "hub_attachment"),
        ("TransitRouterPeerAttachment", "peer"),
        ("TransitRouterRouteTable", "custom"),
        ("BandwidthPackage", "plan"),
    ],
)
def test_tags(console: Console, scene: dict[str, str], kind: str, name: str) -> None:
    what = {"ResourceType": kind.lower(), "ResourceId": [scene[name]]}
    console("TagResources", **what, Tag=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    console("TagResources", **what, Tag=[{"Key": "a", "Value": "3"}])
    row = {"ResourceId": scene[name], "ResourceType": kind}
    a, b = row | {"TagKey": "a", "TagValue": "3"}, row | {"TagKey": "b", "TagValue": "2"}
    assert console("ListTagResources", **what)["TagResources"]["TagResource"] == [a, b]
    by_tag = console("ListTagResources", ResourceType=kind, Tag=[{"Key": "a", "Value": "3"}], PageSize=1)
    assert by_tag["TagResources"]["TagResource"] == [a]
    rest = console("ListTagResources", ResourceType=kind, Tag=[{"Key": "a"}], NextToken=by_tag["NextToken"])
    assert rest["TagResources"]["TagResource"] == [b]
    console("UntagResources", **what, TagKey=["a"])
    assert console("ListTagResources", **what)["TagResources"]["TagResource"] == [b]
    console("UntagResources", **what, All=True)
    assert console("ListTagResources", **what)["TagResources"]["TagResource"] == []


def test_tags_at_creation_are_found_by_lists(console: Console, scene: dict[str, str]) -> None:
    tag = [{"Key": "gatespan:topology", "Value": "t"}]
    where = {"TransitRouterId": scene["hub_router"], "RegionId": H, "Tag": tag}
    attachment = attach(console, scene, "free", **where)
    rows = console("ListTransitRouterVpcAttachments", CenId=scene["cen"], Tag=tag)["TransitRouterAttachments"]
    assert [row["TransitRouterAttachmentId"] for row in rows] == [attachment]
    assert rows[0]["Tags"] == tag
