"""API groups: made, found, changed, deleted; their domains, switches and whitelist."""

from __future__ import annotations

import re
from typing import Any

import pytest

from gatespan.emulator.services.cloudapi import rules
from gatespan.emulator.services.cloudapi.models import ApiGroup

from .conftest import REGION, Console


def vpc_domain(console: Console, group: str) -> str:
    return str(console("DescribeApiGroup", GroupId=group)["VpcDomain"])


def test_a_group_on_a_dedicated_instance(console: Console) -> None:
    instance = console.buy()
    made = console(
        "CreateApiGroup",
        GroupName="demo-group",
        Description="for the demo",
        InstanceId=instance,
        BasePath="/v1",
        Tag=[{"Key": "team", "Value": "net"}],
    )
    id = made["GroupId"]
    assert re.fullmatch(r"[0-9a-f]{32}", id)
    assert made == {
        "GroupId": id,
        "GroupName": "demo-group",
        "Description": "for the demo",
        "BasePath": "/v1",
        "SubDomain": f"{id}-{REGION}.alicloudapi.com",
        "InstanceId": instance,
        "InstanceType": "VPC_DEDICATED",
        "TagStatus": True,
    }
    row = console("DescribeApiGroup", GroupId=id)
    wanted = {
        "GroupName": "demo-group",
        "RegionId": REGION,
        "Status": "NORMAL",
        "BillingStatus": "NORMAL",
        "IllegalStatus": "NORMAL",
        "VpcDomain": "",
        "VpcSlbIntranetDomain": "",
        "DisableInnerDomain": False,
        "InstanceId": instance,
        "InstanceType": "VPC_DEDICATED",
        "DedicatedInstanceType": "normal",
        "HttpsPolicy": "HTTPS2_TLS1_2",
        "Ipv6Status": "UNBIND",
        "TrafficLimit": 2500,
        "CustomDomains": {"DomainItem": []},
    }
    assert {k: row[k] for k in wanted} == wanted
    assert [s["StageName"] for s in row["StageItems"]["StageInfo"]] == ["RELEASE", "PRE", "TEST"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", row["CreatedTime"])


def test_a_group_without_an_instance_lives_on_the_shared_one(console: Console) -> None:
    row = console("DescribeApiGroup", GroupId=console.group())
    assert (row["InstanceId"], row["InstanceType"], row["TrafficLimit"]) == (rules.SHARED_INSTANCE, "VPC_SHARED", 500)
    assert (row["BasePath"], row["DedicatedInstanceType"]) == ("/", "")


def test_lists_are_paged_filtered_and_regional(console: Console) -> None:
    instance = console.buy()
    ids = [console.group(f"group_{n}", Tag=[{"Key": "n", "Value": str(n % 2)}]) for n in range(5)]
    dedicated = console.group("on_its_own", InstanceId=instance, BasePath="/v2")
    Console(console.cloud, "cn-beijing").group("group_away")

    def found(**filters: Any) -> list[str]:
        answer = console("DescribeApiGroups", Sort="asc", **filters)
        return [row["GroupId"] for row in answer["ApiGroupAttributes"]["ApiGroupAttribute"]]

    assert found() == [*ids, dedicated]
    assert found(PageNumber=2, PageSize=4) == [ids[4], dedicated]
    assert found(GroupName="group_") == ids
    assert found(GroupName="group_3") == found(GroupId=ids[3]) == [ids[3]]
    assert found(InstanceId=instance) == found(BasePath="/v2") == [dedicated]
    assert found(Tag=[{"Key": "n", "Value": "1"}]) == ids[1::2]
    answer = console("DescribeApiGroups", PageSize=1)
    assert (answer["TotalCount"], answer["PageNumber"], answer["PageSize"]) == (6, 1, 1)
    (newest,) = answer["ApiGroupAttributes"]["ApiGroupAttribute"]
    assert newest["GroupId"] == dedicated
    assert "VpcDomain" not in newest
    (tagged,) = console("DescribeApiGroups", GroupId=ids[1])["ApiGroupAttributes"]["ApiGroupAttribute"]
    assert tagged["Tags"] == {"TagInfo": [{"Key": "n", "Value": "1"}]}
    assert console.refused("DescribeApiGroups", PageSize=51) == "InvalidPageSize"
    assert console.refused("DescribeApiGroups", Sort="up") == "InvalidSort"


def test_a_change_touches_only_what_is_given(console: Console) -> None:
    id = console.group(Description="old", BasePath="/v1")
    console.cloud.advance(60)
    answer = console("ModifyApiGroup", GroupId=id, GroupName="new_name", UserLogConfig='{"requestBody":true}')
    assert (answer["GroupName"], answer["Description"], answer["BasePath"]) == ("new_name", "old", "/v1")
    row = console("DescribeApiGroup", GroupId=id)
    assert (row["UserLogConfig"], row["PassthroughHeaders"]) == ('{"requestBody":true}', "")
    assert row["ModifiedTime"] > row["CreatedTime"]
    console("ModifyApiGroup", GroupId=id, Description="", BasePath="/", RpsLimitForServerless="900")
    row = console("DescribeApiGroup", GroupId=id)
    assert (row["GroupName"], row["Description"], row["BasePath"], row["TrafficLimit"]) == ("new_name", "", "/", 900)


def test_a_group_with_apis_stays(console: Console) -> None:
    id = console.group()
    api = console.api(id)
    assert console.refused("DeleteApiGroup", GroupId=id) == "DependencyViolationApiGroup"
    console("DeleteApi", ApiId=api, GroupId=id)
    console("DeleteApiGroup", GroupId=id)
    assert console.refused("DescribeApiGroup", GroupId=id) == "NotFoundApiGroup"
    console("DeleteApiGroup", GroupId=id)


# --- the VPC second-level domain --------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["ModifyApiGroupNetworkPolicy", "ModifyIntranetDomainPolicy"])
@pytest.mark.parametrize(("yes", "no"), [(True, False), ("true", "false"), ("TRUE", "FALSE")])
def test_the_vpc_domain_appears_after_a_moment(console: Console, action: str, yes: Any, no: Any) -> None:
    id = console.group()
    with console.slow():
        console(action, GroupId=id, VpcIntranetEnable=yes)
        console.cloud.advance(4)
        assert vpc_domain(console, id) == ""
        console(action, GroupId=id, VpcIntranetEnable=yes)
        console.cloud.advance(1)
        domain = vpc_domain(console, id)
        assert re.fullmatch(rf"[0-9a-f]{{32}}-{REGION}-vpc\.alicloudapi\.com", domain)
        assert not domain.startswith(id)
        console(action, GroupId=id, VpcIntranetEnable=no)
        assert vpc_domain(console, id) == ""
        console(action, GroupId=id, VpcIntranetEnable=yes)
        console(action, GroupId=id, VpcIntranetEnable=no)
        console.cloud.advance(10)
        assert vpc_domain(console, id) == "", "switched off before it appeared"
        console(action, GroupId=id, VpcIntranetEnable=yes)
        console.cloud.advance(5)
    assert vpc_domain(console, id) == domain, "the same name each time"


def test_create_intranet_domain_names_the_domain(console: Console) -> None:
    id = console.group()
    name = console("CreateIntranetDomain", GroupId=id)["DomainName"]
    assert vpc_domain(console, id) == name


def test_two_groups_have_two_domains(console: Console) -> None:
    ids = console.group("group_a"), console.group("group_b")
    for id in ids:
        console("ModifyIntranetDomainPolicy", GroupId=id, VpcIntranetEnable=True)
    assert vpc_domain(console, ids[0]) != vpc_domain(console, ids[1])


# --- the other switches -----------------------------------------------------------------------------------


def test_network_switches_are_set_one_by_one(console: Console) -> None:
    instance = console.buy()
    id = console.group(InstanceId=instance)

    def group() -> ApiGroup:
        found = console.cloud.world.get(ApiGroup, id)
        assert isinstance(found, ApiGroup)
        return found

    console("ModifyApiGroupNetworkPolicy", GroupId=id, InnerDomainEnable=False)
    assert console("DescribeApiGroup", GroupId=id)["DisableInnerDomain"] is True
    assert group().internet_enabled
    console("ModifyApiGroupNetworkPolicy", GroupId=id, InternetEnable="FALSE", HttpsPolicy="HTTPS2_TLS1_0")
    assert (group().internet_enabled, group().inner_domain_enabled) == (False, False)
    console("ModifyApiGroupNetworkPolicy", GroupId=id, InternetIPV6Enable=True)
    row = console("DescribeApiGroup", GroupId=id)
    assert (row["Ipv6Status"], row["HttpsPolicy"], row["VpcDomain"]) == ("BIND", "HTTPS2_TLS1_0", "")
    refused = console.refused("ModifyApiGroupNetworkPolicy", GroupId=id, VpcSlbIntranetEnable=True)
    assert refused == "InvalidVpcSlbIntranetEnable", "the instance has it off"
    console("ModifyInstanceAttribute", InstanceId=instance, VpcSlbIntranetEnable="true")
    console("ModifyApiGroupNetworkPolicy", GroupId=id, VpcSlbIntranetEnable=True)
    domain = console("DescribeApiGroup", GroupId=id)["VpcSlbIntranetDomain"]
    assert domain.endswith(f"-{REGION}-intranet.alicloudapi.com")
    console("ModifyApiGroupNetworkPolicy", GroupId=id, VpcSlbIntranetEnable=False)
    assert console("DescribeApiGroup", GroupId=id)["VpcSlbIntranetDomain"] == ""


def test_the_whitelist_of_vpcs(console: Console) -> None:
    id = console.group()
    assert console("DescribeApiGroupVpcWhitelist", GroupId=id) == {"VpcIds": ""}
    console("ModifyApiGroupVpcWhitelist", GroupId=id, VpcIds="vpc-a, vpc-b,vpc-a")
    assert console("DescribeApiGroupVpcWhitelist", GroupId=id) == {"VpcIds": "vpc-a,vpc-b"}
    console("ModifyApiGroupVpcWhitelist", GroupId=id, VpcIds="")
    assert console("DescribeApiGroupVpcWhitelist", GroupId=id) == {"VpcIds": ""}
    assert console.refused("ModifyApiGroupVpcWhitelist", GroupId=id) == "MissingVpcIds"
    assert console.refused("ModifyApiGroupVpcWhitelist", GroupId=id, VpcIds="hub") == "InvalidVpcIds"
