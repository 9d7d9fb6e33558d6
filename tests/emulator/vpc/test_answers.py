"""What each action answers when it succeeds. The console proves for every call that the typed body is complete."""

from __future__ import annotations

from typing import Any

from gatespan.emulator.services.cbn.models import PublishedRoute
from gatespan.emulator.services.vpc import rules, service
from gatespan.emulator.services.vpc.models import VSwitch

from .conftest import ACCOUNT, REGION, Console

SERVICE_ROUTE = "100.64.0.0/10"


def test_create_vpc_makes_its_router_and_its_table(console: Console) -> None:
    made = console(
        "CreateVpc",
        CidrBlock="10.0.0.0/16",
        VpcName="hub",
        Description="the hub",
        UserCidr="30.0.0.0/8,31.0.0.0/8",
        ResourceGroupId="rg-net",
        EnableDnsHostname=True,
        Tag=[{"Key": "team", "Value": "net"}],
    )
    assert made["VpcId"].startswith("vpc-bp1")
    assert made["VRouterId"].startswith("vrt-bp1")
    assert made["RouteTableId"].startswith("vtb-bp1")
    vpc = console("DescribeVpcAttribute", VpcId=made["VpcId"])
    assert vpc | {"RequestId": "", "CreationTime": ""} == {
        "RequestId": "",
        "VpcId": made["VpcId"],
        "VpcName": "hub",
        "Description": "the hub",
        "CidrBlock": "10.0.0.0/16",
        "Status": "Available",
        "RegionId": REGION,
        "OwnerId": int(ACCOUNT),
        "CreationTime": "",
        "IsDefault": False,
        "VRouterId": made["VRouterId"],
        "ResourceGroupId": "rg-net",
        "EnabledIpv6": False,
        "Ipv6CidrBlock": "",
        "Ipv6CidrBlocks": {"Ipv6CidrBlock": []},
        "SecondaryCidrBlocks": {"SecondaryCidrBlock": []},
        "UserCidrs": {"UserCidr": ["30.0.0.0/8", "31.0.0.0/8"]},
        "VSwitchIds": {"VSwitchId": []},
        "CloudResources": {
            "CloudResourceSetType": [
                {"ResourceType": "VRouter", "ResourceCount": 1},
                {"ResourceType": "RouteTable", "ResourceCount": 1},
            ]
        },
        "AssociatedPropagationSources": {"AssociatedPropagationSources": []},
        "Tags": {"Tag": [{"Key": "team", "Value": "net"}]},
        "ClassicLinkEnabled": False,
        "DhcpOptionsSetId": "",
        "DhcpOptionsSetStatus": "",
        "DnsHostnameStatus": "ENABLED",
        "Ipv4GatewayId": "",
        "SupportIpv4Gateway": False,
    }


def test_vpc_without_a_block_gets_the_default(console: Console) -> None:
    vpc_id = console("CreateVpc")["VpcId"]
    assert console("DescribeVpcAttribute", VpcId=vpc_id)["CidrBlock"] == "172.16.0.0/12"


def test_describe_vpcs_filters(console: Console) -> None:
    hub = console.vpc(VpcName="hub", Tag=[{"Key": "team", "Value": "net"}])["VpcId"]
    spoke = console.vpc(VpcName="spoke", ResourceGroupId="rg-x", Tag=[{"Key": "team", "Value": "app"}])["VpcId"]
    away = console.vpc(RegionId="cn-beijing", VpcName="hub")["VpcId"]

    def found(**parameters: Any) -> list[str]:
        return [row["VpcId"] for row in console("DescribeVpcs", **parameters)["Vpcs"]["Vpc"]]

    assert found() == [hub, spoke]
    assert found(VpcName="hub") == [hub]
    assert found(VpcId=f"{hub},{spoke},{away}") == [hub, spoke]
    assert found(RegionId="cn-beijing") == [away]
    assert found(ResourceGroupId="rg-x") == [spoke]
    assert found(Tag=[{"Key": "team", "Value": "net"}]) == [hub]
    assert found(Tag=[{"Key": "team"}]) == [hub, spoke]
    assert found(IsDefault=True) == []
    assert found(EnableIpv6=True) == []
    assert found(VpcOwnerId=5) == []
    assert found(VpcOwnerId=int(ACCOUNT)) == [hub, spoke]


def test_describe_vpcs_row(console: Console, scene: dict[str, str]) -> None:
    (row,) = console("DescribeVpcs", VpcId=scene["vpc"])["Vpcs"]["Vpc"]
    assert row["CenStatus"] == "Attached"
    assert row["RouterTableIds"] == {"RouterTableIds": [scene["table"]]}
    assert row["VSwitchIds"] == {"VSwitchId": [scene["vswitch"], scene["vswitch2"]]}
    assert row["NatGatewayIds"] == {"NatGatewayIds": []}


def test_pages(console: Console) -> None:
    ids = [console.vpc()["VpcId"] for _ in range(7)]
    pages = [console("DescribeVpcs", PageNumber=number, PageSize=3) for number in (1, 2, 3, 4)]
    assert [row["VpcId"] for page in pages for row in page["Vpcs"]["Vpc"]] == ids
    assert [(page["TotalCount"], page["PageNumber"], page["PageSize"]) for page in pages] == [
        (7, number, 3) for number in (1, 2, 3, 4)
    ]


def test_vpc_names_its_cens_and_its_sources_of_routes(console: Console, scene: dict[str, str]) -> None:
    console.attachment(scene["vpc"], cen_id="cen-2", transit_router_id="tr-2", status="Attaching", auto_publish=True)
    vpc = console("DescribeVpcAttribute", VpcId=scene["vpc"])
    owner = int(ACCOUNT)
    assert vpc["AssociatedCens"] == {
        "AssociatedCen": [{"CenId": "cen-1", "CenOwnerId": owner, "CenStatus": "Attached"}]
    }
    sources = vpc["AssociatedPropagationSources"]["AssociatedPropagationSources"]
    assert sources == [
        {
            "SourceInstanceId": router,
            "SourceType": "TR",
            "SourceOwnerId": owner,
            "Status": status,
            "RoutePropagated": published,
        }
        for router, status, published in (("tr-1", "Attached", False), ("tr-2", "Attaching", True))
    ]


def test_modify_vpc(console: Console, scene: dict[str, str]) -> None:
    console("ModifyVpcAttribute", VpcId=scene["vpc"], VpcName="new", Description="words", CidrBlock="10.0.0.0/22")
    vpc = console("DescribeVpcAttribute", VpcId=scene["vpc"])
    assert (vpc["VpcName"], vpc["Description"], vpc["CidrBlock"]) == ("new", "words", "10.0.0.0/22")
    console("ModifyVpcAttribute", VpcId=scene["vpc"], EnableDnsHostname=True)
    vpc = console("DescribeVpcAttribute", VpcId=scene["vpc"])
    assert (vpc["VpcName"], vpc["DnsHostnameStatus"]) == ("new", "ENABLED")


def test_vswitch(console: Console, scene: dict[str, str]) -> None:
    id = console.vswitch(
        scene["vpc"], "10.0.9.0/24", VSwitchName="a", Description="b", Tag=[{"Key": "k", "Value": "v"}]
    )
    vswitch = console("DescribeVSwitchAttributes", VSwitchId=id)
    assert vswitch | {"RequestId": "", "CreationTime": ""} == {
        "RequestId": "",
        "VSwitchId": id,
        "VSwitchName": "a",
        "VpcId": scene["vpc"],
        "ZoneId": "cn-hangzhou-h",
        "CidrBlock": "10.0.9.0/24",
        "Status": "Available",
        "AvailableIpAddressCount": 252,
        "RouteTable": {"RouteTableId": scene["table"], "RouteTableType": "System"},
        "NetworkAclId": "",
        "IsDefault": False,
        "EnabledIpv6": False,
        "Ipv6CidrBlock": "",
        "OwnerId": int(ACCOUNT),
        "ShareType": "",
        "ResourceGroupId": "rg-default",
        "CreationTime": "",
        "Description": "b",
        "Tags": {"Tag": [{"Key": "k", "Value": "v"}]},
    }
    console("ModifyVSwitchAttribute", VSwitchId=id, VSwitchName="c")
    vswitch = console("DescribeVSwitchAttributes", VSwitchId=id)
    assert (vswitch["VSwitchName"], vswitch["Description"]) == ("c", "b")


def test_vswitch_may_lie_inside_the_destination_of_a_route(console: Console, scene: dict[str, str]) -> None:
    route(console, scene, "10.0.8.0/22")
    assert console.status(console.vswitch(scene["vpc"], "10.0.9.0/24")) == "Available"


def test_addresses_are_counted_and_given_out(console: Console, scene: dict[str, str]) -> None:
    world = console.cloud.world
    console.machine(scene["vpc"], scene["vswitch"], "10.0.1.1")
    console.interface(scene["vpc"], scene["vswitch"], "10.0.1.2")
    vswitch = world.get(VSwitch, scene["vswitch"])
    assert console("DescribeVSwitchAttributes", VSwitchId=scene["vswitch"])["AvailableIpAddressCount"] == 250
    assert rules.free_ip(world, vswitch) == "10.0.1.3"


def test_describe_vswitches_filters(console: Console, scene: dict[str, str]) -> None:
    def found(**parameters: Any) -> list[str]:
        return [row["VSwitchId"] for row in console("DescribeVSwitches", **parameters)["VSwitches"]["VSwitch"]]

    first, second, other = scene["vswitch"], scene["vswitch2"], scene["other_vswitch"]
    console("ModifyVSwitchAttribute", VSwitchId=first, VSwitchName="one")
    assert found() == [first, second, other]
    assert found(RegionId=None, VpcId=scene["vpc"]) == [first, second]
    assert found(RegionId="cn-beijing") == []
    assert found(VpcId=scene["vpc"], ZoneId="cn-hangzhou-i") == [second]
    assert found(VSwitchId=other) == [other]
    assert found(VSwitchName="one") == [first]
    assert found(RouteTableId=scene["other_table"]) == [other]
    assert found(ResourceGroupId="rg-default") == [first, second, other]
    assert found(IsDefault=True) == []
    console("TagResources", ResourceType="VSWITCH", ResourceId=[second], Tag=[{"Key": "a", "Value": "b"}])
    assert found(Tag=[{"Key": "a", "Value": "b"}]) == [second]


def test_route_tables(console: Console, scene: dict[str, str]) -> None:
    tags = [{"Key": "k", "Value": "v"}]
    id = console("CreateRouteTable", VpcId=scene["vpc"], RouteTableName="t", Description="d", Tag=tags)["RouteTableId"]
    console("AssociateRouteTable", RouteTableId=id, VSwitchId=scene["vswitch"])

    def found(**parameters: Any) -> dict[str, dict[str, Any]]:
        answer = console("DescribeRouteTableList", **parameters)
        assert (answer["Code"], answer["Message"], answer["Success"]) == ("200", "successful", True)
        return {row["RouteTableId"]: row for row in answer["RouterTableList"]["RouterTableListType"]}

    tables = found(VpcId=scene["vpc"])
    assert list(tables) == [scene["table"], id]
    vpc = console("DescribeVpcAttribute", VpcId=scene["vpc"])
    assert tables[id] | {"CreationTime": ""} == {
        "RouteTableId": id,
        "RouteTableName": "t",
        "RouteTableType": "Custom",
        "RouterId": vpc["VRouterId"],
        "RouterType": "VRouter",
        "VpcId": scene["vpc"],
        "Status": "Available",
        "VSwitchIds": {"VSwitchId": [scene["vswitch"]]},
        "AssociateType": "VSwitch",
        "GatewayIds": {"GatewayIds": []},
        "RoutePropagationEnable": True,
        "OwnerId": int(ACCOUNT),
        "ResourceGroupId": "rg-default",
        "CreationTime": "",
        "Description": "d",
        "Tags": {"Tag": tags},
    }
    assert list(found(RouteTableType="Custom")) == [id]
    assert list(found(RouteTableName="t")) == [id]
    assert list(found(RouteTableId=scene["table"])) == [scene["table"]]
    assert list(found(RouterId=vpc["VRouterId"], Tag=tags)) == [id]
    assert list(found(RouterType="VBR")) == []
    assert list(found(RegionId="cn-beijing")) == []
    console("UnassociateRouteTable", RouteTableId=id, VSwitchId=scene["vswitch"])
    console("DeleteRouteTable", RouteTableId=id)
    assert list(found(VpcId=scene["vpc"])) == [scene["table"]]


def test_old_list_of_route_tables(console: Console, scene: dict[str, str]) -> None:
    route(console, scene, "10.9.0.0/16")
    (table,) = console("DescribeRouteTables", RouteTableId=scene["table"])["RouteTables"]["RouteTable"]
    by_destination = {row["DestinationCidrBlock"]: row for row in table["RouteEntrys"]["RouteEntry"]}
    assert set(by_destination) == {SERVICE_ROUTE, "10.0.1.0/24", "10.0.2.0/24", "10.9.0.0/16"}
    assert by_destination["10.9.0.0/16"]["InstanceId"] == scene["attachment"]
    assert table["VSwitchIds"] == {"VSwitchId": [scene["vswitch"], scene["vswitch2"]]}


def route(console: Console, scene: dict[str, str], destination: str, **parameters: Any) -> str:
    made = console(
        "CreateRouteEntry",
        RouteTableId=scene["table"],
        DestinationCidrBlock=destination,
        NextHopType="Attachment",
        NextHopId=scene["attachment"],
        **parameters,
    )
    return str(made["RouteEntryId"])


def test_routes_of_three_kinds(console: Console, scene: dict[str, str]) -> None:
    id = route(console, scene, "10.9.0.0/16", RouteEntryName="to b", Description="words")
    publisher = console.published_route(scene["vpc"], "10.7.0.0/16")
    rows = console.routes(scene["table"])
    kinds = {
        destination: (row["Type"], row["Origin"], row["ServiceType"], row["Status"], hop["NextHopType"])
        for destination, row in rows.items()
        for hop in row["NextHops"]["NextHop"]
    }
    assert kinds == {
        SERVICE_ROUTE: ("System", "SystemCreate", "", "Available", "service"),
        "10.0.1.0/24": ("System", "SystemCreate", "", "Available", "local"),
        "10.0.2.0/24": ("System", "SystemCreate", "", "Available", "local"),
        "10.9.0.0/16": ("Custom", "CustomCreate", "", "Available", "Attachment"),
        "10.7.0.0/16": ("CEN", "RoutePropagation", "TR", "Available", "Attachment"),
    }
    custom = rows["10.9.0.0/16"]
    assert (custom["RouteEntryId"], custom["RouteEntryName"], custom["Description"]) == (id, "to b", "words")
    assert (custom["RouteTableId"], custom["IpVersion"]) == (scene["table"], "IPv4")
    assert custom["NextHops"]["NextHop"] == [{"NextHopId": scene["attachment"], "NextHopType": "Attachment"}]
    assert rows["10.7.0.0/16"]["NextHops"]["NextHop"][0]["NextHopId"] == publisher.id
    assert rows["10.0.1.0/24"]["NextHops"]["NextHop"][0]["NextHopId"] == ""


def test_routes_are_filtered_and_paged(console: Console, scene: dict[str, str]) -> None:
    table = scene["table"]
    id = route(console, scene, "10.9.0.0/16", RouteEntryName="x")
    for wanted in (
        {"RouteEntryId": id},
        {"RouteEntryName": "x"},
        {"RouteEntryType": "Custom"},
        {"DestinationCidrBlock": "10.9.0.0/16"},
        {"DestCidrBlockList": ["10.9.0.0/16", "10.10.0.0/16"]},
        {"NextHopType": "Attachment"},
        {"NextHopId": scene["attachment"]},
    ):
        assert list(console.routes(table, **wanted)) == ["10.9.0.0/16"], wanted
    assert len(console.routes(table, IpVersion="ipv4")) == 4
    assert console.routes(table, IpVersion="ipv6") == {}
    assert console.routes(table, ServiceType="TR") == {}
    seen: list[str] = []
    token = None
    for _ in range(4):
        page = console("DescribeRouteEntryList", RouteTableId=table, MaxResult=1, NextToken=token)
        assert page["TotalCount"] == 4
        seen += [row["DestinationCidrBlock"] for row in page["RouteEntrys"]["RouteEntry"]]
        token = page["NextToken"]
    assert token == ""
    assert sorted(seen) == sorted(console.routes(table))


def test_bare_address_is_a_host_route(console: Console, scene: dict[str, str]) -> None:
    route(console, scene, "10.9.0.1")
    assert "10.9.0.1/32" in console.routes(scene["table"])


def test_modify_route(console: Console, scene: dict[str, str]) -> None:
    id = route(console, scene, "10.9.0.0/16", RouteEntryName="x")
    machine = console.machine(scene["vpc"], scene["vswitch"], "10.0.1.9")
    console("ModifyRouteEntry", RouteEntryId=id, RouteEntryName="y", Description="z")
    console("ModifyRouteEntry", RouteEntryId=id, NewNextHopType="Instance", NewNextHopId=machine.id)
    row = console.routes(scene["table"])["10.9.0.0/16"]
    assert (row["RouteEntryName"], row["Description"]) == ("y", "z")
    assert row["NextHops"]["NextHop"] == [{"NextHopId": machine.id, "NextHopType": "Instance"}]


def test_delete_route_by_id_or_by_place(console: Console, scene: dict[str, str]) -> None:
    console("DeleteRouteEntry", RouteEntryId=route(console, scene, "10.9.0.0/16"))
    for hop in ({}, {"NextHopId": scene["attachment"]}):
        route(console, scene, "10.9.0.0/16")
        console("DeleteRouteEntry", RouteTableId=scene["table"], DestinationCidrBlock="10.9.0.0/16", **hop)
        assert "10.9.0.0/16" not in console.routes(scene["table"])


def test_route_that_is_gone_is_published_no_more(console: Console, scene: dict[str, str]) -> None:
    def publish(destination: str) -> None:
        console.put(
            PublishedRoute(
                id=f"cen-1:{destination}",
                account=ACCOUNT,
                cen_id="cen-1",
                instance_id=scene["vpc"],
                instance_type="VPC",
                table_id=scene["table"],
                destination=destination,
            )
        )

    publish("10.9.0.0/16")
    publish("10.0.1.0/24")
    console("DeleteRouteEntry", RouteEntryId=route(console, scene, "10.9.0.0/16"))
    assert [p.destination for p in console.cloud.world.all(PublishedRoute)] == ["10.0.1.0/24"]
    console("DeleteVSwitch", VSwitchId=scene["vswitch"])
    assert list(console.cloud.world.all(PublishedRoute)) == []


def test_tags(console: Console, scene: dict[str, str]) -> None:
    def rows(**parameters: Any) -> set[tuple[str, str, str]]:
        answer = console("ListTagResources", **parameters)["TagResources"]["TagResource"]
        return {(row["ResourceId"], row["TagKey"], row["TagValue"]) for row in answer}

    vpc, other = scene["vpc"], scene["other"]
    tags = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    console("TagResources", ResourceType="VPC", ResourceId=[vpc, other], Tag=tags)
    console("TagResources", ResourceType="VPC", ResourceId=[other], Tag=[{"Key": "a", "Value": "3"}])
    assert rows(ResourceType="VPC", ResourceId=[vpc]) == {(vpc, "a", "1"), (vpc, "b", "2")}
    assert rows(ResourceType="VPC", Tag=[{"Key": "a", "Value": "3"}]) == {(other, "a", "3"), (other, "b", "2")}
    assert rows(ResourceType="VPC", ResourceId=[vpc], Tag=[{"Key": "a", "Value": "3"}]) == set()
    assert len(rows(ResourceType="VPC", Tag=[{"Key": "b"}])) == 4
    page = console("ListTagResources", ResourceType="VPC", Tag=[{"Key": "b"}], MaxResults=3)
    assert len(page["TagResources"]["TagResource"]) == 3
    last = console(
        "ListTagResources", ResourceType="VPC", Tag=[{"Key": "b"}], MaxResults=3, NextToken=page["NextToken"]
    )
    assert (len(last["TagResources"]["TagResource"]), last["NextToken"]) == (1, "")
    console("UnTagResources", ResourceType="VPC", ResourceId=[vpc], TagKey=["a"])
    assert rows(ResourceType="VPC", ResourceId=[vpc]) == {(vpc, "b", "2")}
    console("UnTagResources", ResourceType="VPC", ResourceId=[other], All=True)
    assert rows(ResourceType="VPC", ResourceId=[other]) == set()
    console("TagResources", ResourceType="ROUTETABLE", ResourceId=[scene["table"]], Tag=tags[:1])
    assert rows(ResourceType="ROUTETABLE", ResourceId=[scene["table"]]) == {(scene["table"], "a", "1")}


def test_regions_and_zones(console: Console) -> None:
    regions = {row["RegionId"]: row for row in console("DescribeRegions")["Regions"]["Region"]}
    assert regions["cn-hangzhou"] == {
        "RegionId": "cn-hangzhou",
        "LocalName": "China (Hangzhou)",
        "RegionEndpoint": "vpc.cn-hangzhou.aliyuncs.com",
    }
    assert {"cn-beijing", "cn-shanghai", "cn-shenzhen"} <= set(regions)
    zones = console("DescribeZones")["Zones"]["Zone"]
    assert [zone["ZoneId"] for zone in zones] == [f"cn-hangzhou-{letter}" for letter in "bhijk"]
    assert zones[1] == {
        "ZoneId": "cn-hangzhou-h",
        "LocalName": "China (Hangzhou) Zone H",
        "ZoneType": "AvailabilityZone",
    }


def test_region_that_only_the_world_mentions(console: Console) -> None:
    console.put(VSwitch(id="vsw-q", account=ACCOUNT, region="cn-qingdao", vpc_id="x", zone="cn-qingdao-b", cidr="x"))
    assert "cn-qingdao" in [row["RegionId"] for row in console("DescribeRegions")["Regions"]["Region"]]
    zones = console("DescribeZones", RegionId="cn-qingdao")["Zones"]["Zone"]
    assert [zone["ZoneId"] for zone in zones] == ["cn-qingdao-b"]
    made = console.vpc(RegionId="cn-qingdao")
    assert console.vswitch(made["VpcId"], "10.0.1.0/24", "cn-qingdao-c", RegionId="cn-qingdao").startswith("vsw-m5e")


def test_teardown_leaves_nothing(console: Console) -> None:
    before = [thing for thing in console.cloud.world if not thing.KIND.startswith("_")]
    made = console.vpc()
    vswitch = console.vswitch(made["VpcId"], "10.0.1.0/24")
    console("DeleteVSwitch", VSwitchId=vswitch)
    console("DeleteVpc", VpcId=made["VpcId"], ForceDelete=True)
    assert [thing for thing in console.cloud.world if not thing.KIND.startswith("_")] == before


def test_every_action_is_called_in_the_product_s_folders() -> None:
    """A new action without a test of its answer is noticed."""
    from pathlib import Path

    text = "".join(path.read_text() for path in Path(__file__).parent.parent.glob("vpc*/*.py"))
    assert [name for name in service.actions if f'"{name}"' not in text] == []
