"""Quotas and rates: the last that fits, the first that does not."""

from __future__ import annotations

import ipaddress

import pytest

from gatespan.emulator.errors import CloudError
from gatespan.emulator.services.vpc import rules
from gatespan.emulator.services.vpc.models import RouteEntry, VSwitch

from .conftest import ACCOUNT, REGION, Console


def test_vpcs_per_region(console: Console) -> None:
    for _ in range(10):
        console.vpc()
    assert console.refused("CreateVpc", CidrBlock="10.0.0.0/16").code == "QuotaExceeded.Vpc"
    console.vpc(RegionId="cn-beijing")


def test_vswitches_per_vpc(console: Console) -> None:
    vpc_id = console.vpc()["VpcId"]
    console.put(
        *(
            VSwitch(
                id=f"vsw-{n}",
                account=ACCOUNT,
                region=REGION,
                status="Available",
                vpc_id=vpc_id,
                zone="cn-hangzhou-h",
                cidr=f"10.0.{n}.0/24",
            )
            for n in range(149)
        )
    )
    console.vswitch(vpc_id, "10.0.149.0/24")
    refused = console.refused("CreateVSwitch", VpcId=vpc_id, ZoneId="cn-hangzhou-h", CidrBlock="10.0.150.0/24")
    assert refused.code == "QuotaExceeded.VSwitch"


def test_custom_tables_per_vpc(console: Console, scene: dict[str, str]) -> None:
    for _ in range(9):
        console("CreateRouteTable", VpcId=scene["vpc"])
    assert console.refused("CreateRouteTable", VpcId=scene["vpc"]).code == "QuotaExceeded.RouteTable"
    console("CreateRouteTable", VpcId=scene["other"])


def test_custom_routes_per_table(console: Console, scene: dict[str, str]) -> None:
    hop = {"NextHopType": "Attachment", "NextHopId": scene["attachment"]}
    console.put(
        *(
            RouteEntry(
                id=f"rte-{n}",
                account=ACCOUNT,
                region=REGION,
                status="Available",
                table_id=scene["table"],
                destination=f"10.9.{n}.0/24",
                next_hop_type="Attachment",
                next_hop_id=scene["attachment"],
            )
            for n in range(199)
        )
    )
    console("CreateRouteEntry", RouteTableId=scene["table"], DestinationCidrBlock="10.10.0.0/16", **hop)
    refused = console.refused(
        "CreateRouteEntry", RouteTableId=scene["table"], DestinationCidrBlock="10.11.0.0/16", **hop
    )
    assert refused.code == "QuotaExceeded"


def test_tags_and_ids_per_call(console: Console, scene: dict[str, str]) -> None:
    what = {"ResourceType": "VPC", "ResourceId": [scene["vpc"]]}
    console("TagResources", **what, Tag=[{"Key": f"k{n}", "Value": "v"} for n in range(20)])
    console("TagResources", **what, Tag=[{"Key": "k1", "Value": "new"}])
    assert console.refused("TagResources", **what, Tag=[{"Key": "k20"}]).code == "SizeLimitExceeded.TagNum"
    many = [f"vpc-{n}" for n in range(21)]
    refused = console.refused("TagResources", ResourceType="VPC", ResourceId=many, Tag=[{"Key": "a"}])
    assert refused.code == "SizeLimitExceeded.ResourceId"


def test_names_have_a_length(console: Console) -> None:
    console.vpc(VpcName="n" * 128, Description="d" * 256)
    assert console.refused("CreateVpc", VpcName="n" * 129).code == "InvalidVpcName.Malformed"
    assert console.refused("CreateVpc", Description="d" * 257).code == "InvalidVpcDiscription.Malformed"


def test_last_address_of_a_vswitch(console: Console, scene: dict[str, str]) -> None:
    """A /29 has eight addresses, of which the first and the last three are the cloud's."""
    world = console.cloud.world
    vswitch = world.get(VSwitch, console.vswitch(scene["vpc"], "10.0.9.0/29"))
    given = []
    while rules.free_ip_count(world, vswitch):
        given.append(rules.free_ip(world, vswitch))
        console.interface(scene["vpc"], vswitch.id, given[-1])
    first = ipaddress.IPv4Address("10.0.9.1")
    assert given == [str(first + n) for n in range(4)]
    with pytest.raises(CloudError, match="InsufficientIpAddress"):
        rules.free_ip(world, vswitch)


def test_published_rate(console: Console) -> None:
    console.cloud.kernel.keep_rates = True
    for _ in range(300):
        console("DescribeRegions")
    refused = console.refused("DescribeRegions")
    assert (refused.code, refused.status_code) == ("Throttling.User", 400)
    console.cloud.advance(60)
    console("DescribeRegions")
