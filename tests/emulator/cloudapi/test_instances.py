"""Dedicated instances: bought, seen, changed, deleted; each with its transitions and refusals."""

from __future__ import annotations

import ipaddress
import json
from typing import Any

import pytest

from gatespan.emulator.services.cloudapi import rules
from gatespan.emulator.services.cloudapi.models import GatewayAccount, GatewayInstance
from gatespan.emulator.services.vpc.models import NetworkInterface

from .conftest import ACCOUNT, REGION, ZONE, Console, Network


def test_a_new_instance_runs_after_two_minutes(console: Console) -> None:
    with console.slow():
        id = console.buy(Tag=[{"Key": "team", "Value": "net"}])
        assert id.startswith("apigateway-hz-")
        assert console.instance(id)["Status"] == "CREATING"
        assert console.refused("ModifyInstanceAttribute", InstanceId=id, InstanceName="x") == "InvalidInstanceStatus"
        console.cloud.advance(119)
        assert console.instance(id)["Status"] == "CREATING"
        console.cloud.advance(1)
        row = console.instance(id)
    egress = ipaddress.IPv4Network(row["VpcEgressAddress"])
    assert egress.prefixlen == 26
    assert egress.subnet_of(ipaddress.IPv4Network("100.104.0.0/16"))
    wanted = {
        "InstanceName": "gateway-1",
        "RegionId": REGION,
        "ZoneId": ZONE,
        "InstanceType": "VPC_DEDICATED",
        "DedicatedInstanceType": "normal",
        "Status": "RUNNING",
        "InstanceSpec": "api.s1.small",
        "InstanceRpsLimit": 2500,
        "InstanceChargeType": "PayAsYouGo",
        "ExpiredTime": "",
        "HttpsPolicies": "HTTPS2_TLS1_2",
        "UserVpcId": "",
        "VpcIntranetEnable": False,
        "Tags": {"TagInfo": [{"Key": "team", "Value": "net"}]},
    }
    assert {k: row[k] for k in wanted} == wanted
    assert len(row["InstanceSpecAttributes"]["SpecAttribute"]) == 5
    assert row["CreatedTime"].endswith(".0")
    assert "T" not in row["CreatedTime"]


def test_every_instance_has_its_own_egress_block(console: Console) -> None:
    blocks = {console.instance(console.buy(f"t-{n}"))["VpcEgressAddress"] for n in range(40)}
    assert len(blocks) == 40


def test_a_token_buys_once(console: Console) -> None:
    first = console.buy("same")
    assert console.buy("same") == first
    assert console.refused("CreateInstance", InstanceName="other", InstanceSpec="api.s1.small", ChargeType="PostPaid",
                           ZoneId=ZONE, Token="same") == "IdempotentParameterMismatch"  # fmt: skip
    assert console("DescribeInstances")["TotalCount"] == 1
    elsewhere = Console(console.cloud, "cn-beijing")
    assert elsewhere.buy("same", ZoneId="cn-beijing-MAZ3(c,e)") != first, "each region has its own tokens"


@pytest.mark.parametrize(
    ("charge", "shown"),
    [("PostPaid", "PayAsYouGo"), ("PayAsYouGo", "PayAsYouGo"), ("PrePaid", "PrePaid"), ("PREPAY", "PrePaid")],
)
def test_charge_types_in_both_spellings(console: Console, charge: str, shown: str) -> None:
    id = console.buy(ChargeType=charge, PricingCycle="Month", Duration=1, AutoPay=True)
    assert console.instance(id)["InstanceChargeType"] == shown


def test_a_subscription_is_deleted_only_after_it_expired(console: Console) -> None:
    id = console.buy(ChargeType="PrePaid", PricingCycle="year", Duration=1)
    expires = int(console.instance(id)["ExpiredTime"]) / 1000
    left = expires - console.cloud.clock.now()
    assert 364 * 86400 < left < 367 * 86400
    assert console.refused("DeleteInstance", InstanceId=id) == "ForbiddenDeleteInstance"
    console.cloud.advance(left + 1)
    console("DeleteInstance", InstanceId=id)
    assert console("DescribeInstances", InstanceId=id)["TotalCount"] == 0


ORDERS: list[tuple[dict[str, Any], str]] = [
    ({"InstanceName": None}, "MissingInstanceName"),
    ({"Token": None}, "MissingToken"),
    ({"ChargeType": None}, "MissingChargeType"),
    ({"ZoneId": None}, "MissingZoneId"),
    ({"ZoneId": "cn-hangzhou-h"}, "InvalidZoneId"),
    ({"InstanceName": "no spaces"}, "InvalidInstanceName"),
    ({"InstanceSpec": "api.s9.huge"}, "InvalidInstanceSpec"),
    ({"HttpsPolicy": "SSLv3"}, "InvalidHttpsPolicy"),
    ({"ChargeType": "Free"}, "InvalidChargeType"),
    ({"ChargeType": "PrePaid"}, "MissingPricingCycle"),
    ({"ChargeType": "PrePaid", "PricingCycle": "week"}, "InvalidPricingCycle"),
    ({"ChargeType": "PrePaid", "PricingCycle": "month"}, "MissingDuration"),
    ({"ChargeType": "PrePaid", "PricingCycle": "month", "Duration": 10}, "InvalidDuration"),
    ({"ChargeType": "PrePaid", "PricingCycle": "year", "Duration": 4}, "InvalidDuration"),
    ({"Tag": [{"Key": "acs:x", "Value": "1"}]}, "InvalidTagKey"),
    ({"InstanceType": "vpc_connect"}, "MissingInstanceCidr"),
    ({"InstanceType": "vpc_connect", "InstanceCidr": "10.0.0.0/8"}, "InvalidInstanceCidr"),
    ({"InstanceType": "vpc_connect", "InstanceCidr": "172.16.0.0/12", "UserVpcId": "vpc-none"}, "InvalidUserVpcId"),
]


@pytest.mark.parametrize(("change", "code"), ORDERS)
def test_orders_that_are_refused(console: Console, change: dict[str, Any], code: str) -> None:
    before = console.state()
    with pytest.raises(Exception, match=code):
        console.buy(**change)
    assert console.state() == before


def test_sales_may_have_ended(console: Console) -> None:
    end = rules.SALES_END.timestamp()
    console.cloud.clock.freeze(end - 1)
    console.cloud.put(GatewayAccount(id=ACCOUNT, account=ACCOUNT, opened=False, sales_end=True))
    order = {"InstanceSpec": "api.s1.small", "ChargeType": "PostPaid", "ZoneId": ZONE, "InstanceName": "gateway-1"}
    console("CreateInstance", **order, Token="t-1")
    console.cloud.clock.freeze(end)
    assert console.refused("CreateInstance", **order, Token="t-2") == "ForbiddenCreateInstance"
    console("OpenApiGatewayService")
    assert console.refused("CreateInstance", **order, Token="t-2") == "ForbiddenCreateInstance"


def test_opening_the_service_twice(console: Console) -> None:
    assert console("OpenApiGatewayService")["OrderId"].isdigit()
    assert console.refused("OpenApiGatewayService") == "ORDER.OPEND"


def test_regions_and_zones(console: Console) -> None:
    regions = console("DescribeRegions")["Regions"]["Region"]
    assert {"RegionId": REGION, "LocalName": REGION, "RegionEndpoint": f"apigateway.{REGION}.aliyuncs.com"} in regions
    assert console("DescribeZones")["Zones"]["Zone"] == [{"ZoneId": ZONE, "LocalName": ZONE}]
    assert Console(console.cloud, "cn-shanghai")("DescribeZones")["Zones"]["Zone"][0]["ZoneId"].startswith(
        "cn-shanghai-MAZ"
    )


def test_lists_are_paged_filtered_and_regional(console: Console) -> None:
    ids = [console.buy(f"t-{n}", Tag=[{"Key": "n", "Value": str(n % 2)}]) for n in range(5)]
    Console(console.cloud, "cn-beijing").buy("t-b", ZoneId="cn-beijing-MAZ3(c,e)")

    def found(**filters: Any) -> list[str]:
        return [row["InstanceId"] for row in console("DescribeInstances", **filters)["Instances"]["InstanceAttribute"]]

    assert found() == ids
    assert found(PageNumber=2, PageSize=2) == ids[2:4]
    assert found(Tag=[{"Key": "n", "Value": "1"}]) == ids[1::2]
    assert found(Tag=[{"Key": "n", "Value": ""}]) == ids
    assert found(InstanceType="VPC_DEDICATED") == ids
    assert found(InstanceType="vpc_connect") == []
    assert found(InstanceId="apigateway-hz-none") == []
    assert found(InstanceType="VPC_SHARED") == found(InstanceId=rules.SHARED_INSTANCE) == [rules.SHARED_INSTANCE]
    assert console.refused("DescribeInstances", PageSize=501) == "InvalidPageSize"
    assert console.refused("DescribeInstances", PageNumber=0) == "InvalidPageNumber"


@pytest.mark.parametrize("yes", ["true", "True", "TRUE"])
def test_attributes_change(console: Console, yes: str) -> None:
    id = console.buy()
    with console.slow():
        console(
            "ModifyInstanceAttribute",
            InstanceId=id,
            InstanceName="gateway-2",
            HttpsPolicy="HTTPS2_TLS1_0",
            VpcSlbIntranetEnable=yes,
            EgressIpv6Enable=yes,
            IPV6Enabled="false",
            IntranetSegments='["30.0.0.0/8"]',
            MaintainStartTime="02:00Z",
            MaintainEndTime="06:00Z",
            Token="m-1",
        )
        assert console.instance(id)["Status"] == "MODIFYING"
        console.cloud.advance(20)
    wanted = {
        "Status": "RUNNING",
        "InstanceName": "gateway-2",
        "HttpsPolicies": "HTTPS2_TLS1_0",
        "VpcSlbIntranetEnable": True,
        "EgressIpv6Enable": True,
        "SupportIpv6": False,
        "IntranetSegments": '["30.0.0.0/8"]',
        "MaintainStartTime": "02:00Z",
        "MaintainEndTime": "06:00Z",
    }
    row = console.instance(id)
    assert {k: row[k] for k in wanted} == wanted


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"InstanceId": "apigateway-hz-none"}, "NotFoundInstance"),
        ({"MaintainStartTime": "25:00Z"}, "InvalidMaintainStartTime"),
        ({"EgressIpv6Enable": "yes"}, "InvalidEgressIpv6Enable"),
        ({"HttpsPolicy": "SSLv3"}, "InvalidHttpsPolicy"),
        ({"DeleteVpcIpBlock": "10.0.0.0/8"}, "InvalidInstanceType"),
    ],
)
def test_attributes_that_are_refused(console: Console, change: dict[str, Any], code: str) -> None:
    assert console.refused("ModifyInstanceAttribute", **{"InstanceId": console.buy(), **change}) == code


def test_an_integrated_instance_sends_into_its_vpc(console: Console, network: Network) -> None:
    placement = [{"VSwitchId": v, "SecurityGroupId": "sg-1"} for v in network.vswitches]
    order = {"InstanceType": "vpc_connect", "InstanceCidr": "172.16.0.0/12", "UserVpcId": network.vpc}
    id = console.buy(ZoneId=None, **order, ZoneVSwitchSecurityGroup=placement)
    row = console.instance(id)
    assert row["ConnectVpcId"] == network.vpc
    assert json.loads(row["ConnectCidrBlocks"]) == ["10.1.0.0/16"]
    assert (row["VpcEgressAddress"], row["UserVpcId"]) == ("", "")
    assert row["NetworkInterfaceAttributes"]["NetworkInterfaceAttribute"][0] == {
        "CidrBlock": "10.1.0.0/24",
        "SecurityGroupId": "sg-1",
        "VswitchId": network.vswitches[0],
        "ZoneId": "cn-hangzhou-h",
    }
    assert network.delete_vswitch(network.vswitches[0]).startswith("DependencyViolation")
    block = {"CidrBlock": "10.9.0.0/24", "VswitchId": network.vswitches[0], "Customized": True}
    console("ModifyInstanceAttribute", InstanceId=id, ToConnectVpcIpBlock=block)
    assert json.loads(console.instance(id)["ConnectCidrBlocks"]) == ["10.1.0.0/16", "10.9.0.0/24"]
    console("ModifyInstanceAttribute", InstanceId=id, DeleteVpcIpBlock="10.9.0.0/24")
    assert json.loads(console.instance(id)["ConnectCidrBlocks"]) == ["10.1.0.0/16"]
    assert console.refused("ModifyInstanceAttribute", InstanceId=id, DeleteVpcIpBlock="1.0.0.0/8") == (
        "InvalidDeleteVpcIpBlock"
    )
    assert console.refused(
        "ModifyInstanceAttribute", InstanceId=id, ToConnectVpcIpBlock={"CidrBlock": "10.9.0.1/24"}
    ) == ("InvalidToConnectVpcIpBlock")
    console("DeleteInstance", InstanceId=id)
    assert not list(console.cloud.world.all(NetworkInterface))


def test_an_integrated_instance_must_not_overlap(console: Console, cloud: Any) -> None:
    network = Network(cloud, "172.16.0.0/16")
    order = {"InstanceType": "vpc_connect", "InstanceCidr": "172.16.0.0/12", "UserVpcId": network.vpc}
    with pytest.raises(Exception, match="MissingZoneVSwitchSecurityGroup"):
        console.buy(**order)
    with pytest.raises(Exception, match="InvalidVSwitchId"):
        console.buy(**order, ZoneVSwitchSecurityGroup=[{"VSwitchId": "vsw-none"}])
    with pytest.raises(Exception, match="InvalidInstanceCidr"):
        console.buy(**order, ZoneVSwitchSecurityGroup=[{"VSwitchId": network.vswitches[0]}])
    assert not list(console.cloud.world.all(GatewayInstance))


# --- specifications ---------------------------------------------------------------------------------------


def test_a_bigger_one_of_the_same_family_keeps_its_egress(console: Console) -> None:
    id = console.buy()
    egress = console.instance(id)["VpcEgressAddress"]
    with console.slow():
        console("ModifyInstanceSpec", InstanceId=id, InstanceSpec="api.s1.medium", Token="s-1")
        row = console.instance(id)
        assert (row["Status"], row["InstanceSpec"]) == ("MODIFYING", "api.s1.small")
        console.cloud.advance(420)
        row = console.instance(id)
    assert (row["Status"], row["InstanceSpec"], row["VpcEgressAddress"]) == ("RUNNING", "api.s1.medium", egress)
    console("ModifyInstanceSpec", InstanceId=id, InstanceSpec="api.s1.medium", Token="s-1")
    assert console.refused("ModifyInstanceSpec", InstanceId=id, InstanceSpec="api.s1.medium", Token="s-2") == (
        "InvalidInstanceSpec"
    )
    assert console.refused(
        "ModifyInstanceSpec", InstanceId=id, InstanceSpec="api.s1.small", ModifyAction="UPGRADE", Token="s-3"
    ) == ("InvalidInstanceSpec")
    console("ModifyInstanceSpec", InstanceId=id, InstanceSpec="api.s1.small", ModifyAction="DOWNGRADE", Token="s-4")
    assert console.instance(id)["InstanceSpec"] == "api.s1.small"


def offer(console: Console) -> tuple[str, str]:
    """An instance that waits for its new egress block to be confirmed, and the block that it has."""
    id = console.buy()
    console("ModifyInstanceSpec", InstanceId=id, InstanceSpec="api.s2.large", Token="s-1")
    row = console.instance(id)
    assert (row["Status"], row["InstanceSpec"]) == ("WAIT_SWITCH", "api.s1.small")
    assert row["NewVpcEgressAddress"] not in ("", row["VpcEgressAddress"])
    return id, row["VpcEgressAddress"]


def test_a_new_egress_block_is_confirmed(console: Console) -> None:
    id, egress = offer(console)
    offered = console.instance(id)["NewVpcEgressAddress"]
    with console.slow():
        console("ModifyInstanceSpec", InstanceId=id, InstanceSpec="api.s2.large", SkipWaitSwitch=True, Token="s-2")
        console.cloud.advance(60)
    row = console.instance(id)
    assert (row["Status"], row["InstanceSpec"]) == ("RUNNING", "api.s2.large")
    assert (row["VpcEgressAddress"], row["NewVpcEgressAddress"]) == (offered, "")
    assert offered != egress


def test_an_unconfirmed_egress_block_is_dropped_after_a_day(console: Console) -> None:
    id, egress = offer(console)
    console.cloud.advance(24 * 3600 - 1)
    assert console.instance(id)["Status"] == "WAIT_SWITCH"
    console.cloud.advance(1)
    row = console.instance(id)
    assert (row["Status"], row["InstanceSpec"]) == ("RUNNING", "api.s1.small")
    assert (row["VpcEgressAddress"], row["NewVpcEgressAddress"]) == (egress, "")


def test_the_wait_for_confirmation_can_be_skipped(console: Console) -> None:
    id = console.buy()
    egress = console.instance(id)["VpcEgressAddress"]
    console("ModifyInstanceSpec", InstanceId=id, InstanceSpec="api.s2.x2", SkipWaitSwitch=True, Token="s-1")
    row = console.instance(id)
    assert (row["Status"], row["InstanceSpec"]) == ("RUNNING", "api.s2.x2")
    assert row["VpcEgressAddress"] != egress


# --- deletion ---------------------------------------------------------------------------------------------


def test_deletion_takes_time_and_ends_in_absence(console: Console) -> None:
    id = console.buy()
    group = console.group(InstanceId=id)
    assert console.refused("DeleteInstance", InstanceId=id) == "DependencyViolationInstance"
    console("DeleteApiGroup", GroupId=group)
    with console.slow():
        console("DeleteInstance", InstanceId=id)
        assert console.instance(id)["Status"] == "DELETING"
        assert console.refused("CreateApiGroup", GroupName="late_group", InstanceId=id) == "NotFoundInstance"
        console.cloud.advance(30)
    assert console("DescribeInstances", InstanceId=id)["Instances"]["InstanceAttribute"] == []
    assert console.refused("DeleteInstance", InstanceId=id) == "NotFoundInstance"
