"""Authorisations: made, listed, removed, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from gatespan.emulator.call import iso
from gatespan.emulator.services.vpc.models import Vpc

from ..cloudapi.conftest import REGION, Console, Network, Row
from .conftest import PORT, SERVER, Grants


def test_a_grant_is_listed_in_full(grants: Grants) -> None:
    tag = [{"Key": "team", "Value": "net"}]
    id = grants.grant(VpcTargetHostName="orders.idc.example", Description="orders", Tag=tag)
    answer = grants("DescribeVpcAccesses", Name="idc", AccurateQuery=True)
    assert answer == {
        "VpcAccessAttributes": {
            "VpcAccessAttribute": [
                {
                    "Name": "idc",
                    "VpcId": grants.vpc,
                    "InstanceId": SERVER,
                    "Port": PORT,
                    "VpcAccessId": id,
                    "VpcTargetHostName": "orders.idc.example",
                    "Description": "orders",
                    "RegionId": REGION,
                    "CreatedTime": iso(grants.cloud.clock.now()),
                    "Tags": {"TagInfo": tag},
                }
            ]
        },
        "TotalCount": 1,
        "PageNumber": 1,
        "PageSize": 10,
    }


LISTS: list[tuple[Row, list[str]]] = [
    ({}, ["idc", "idc-2", "other"]),
    ({"Name": "idc"}, ["idc", "idc-2"]),
    ({"Name": "idc", "AccurateQuery": True}, ["idc"]),
    ({"Name": "id", "AccurateQuery": "TRUE"}, []),
    ({"InstanceId": "10.200.0.1"}, ["idc", "idc-2"]),
    ({"InstanceId": "10.200.0.1", "AccurateQuery": True}, ["idc-2"]),
    ({"Port": "80"}, ["idc", "idc-2", "other"]),
    ({"Port": "80", "AccurateQuery": True}, ["other"]),
    ({"VpcId": "vpc-"}, ["idc", "idc-2", "other"]),
    ({"VpcId": "vpc-", "AccurateQuery": True}, []),
    ({"Name": "idc", "Port": "8081"}, ["idc-2"]),
    ({"VpcAccessId": "none"}, []),
    ({"Tag": [{"Key": "n", "Value": "2"}]}, ["idc-2"]),
    ({"Tag": [{"Key": "n", "Value": ""}]}, ["idc-2", "other"]),
    ({"PageNumber": 2, "PageSize": 2}, ["other"]),
]


def test_lists_match_in_part_unless_asked_to_be_accurate(grants: Grants) -> None:
    id = grants.grant()
    grants.grant("idc-2", "10.200.0.1", 8081, Tag=[{"Key": "n", "Value": "2"}])
    grants.grant("other", "10.30.0.1", 80, Tag=[{"Key": "n", "Value": "3"}])
    for filters, names in LISTS:
        assert grants.grants(**filters) == names, filters
    assert grants.grants(VpcAccessId=id) == ["idc"]
    assert grants.grants(VpcId=grants.vpc, InstanceId=SERVER, Port=str(PORT), AccurateQuery=True) == ["idc"]
    assert grants.refused("DescribeVpcAccesses", PageSize=101) == "InvalidPageSize"
    assert grants.refused("DescribeVpcAccesses", AccurateQuery="perhaps") == "InvalidAccurateQuery"


def test_names_are_unique_in_a_region_only(grants: Grants) -> None:
    grants.grant()
    elsewhere = Console(grants.cloud, "cn-beijing")
    network = Network(grants.cloud, "10.2.0.0/16", "cn-beijing")
    elsewhere("SetVpcAccess", Name="idc", VpcId=network.vpc, InstanceId=SERVER, Port=PORT)
    assert elsewhere("DescribeVpcAccesses")["TotalCount"] == grants("DescribeVpcAccesses")["TotalCount"] == 1
    assert elsewhere.refused("RemoveVpcAccess", **grants.target()) == "NotFoundVpcAccess"
    assert elsewhere.refused("SetVpcAccess", **{**grants.target(), "Name": "idc-2"}) == "NotFoundVpc", "other region"


def test_what_a_grant_may_point_to(grants: Grants) -> None:
    machine = grants.machine()
    for name, server in {"by-id": machine.id, "by-ip": machine.ip, "on-site": SERVER}.items():
        grants.grant(name, server)
    assert grants.grants(InstanceId=machine.id, AccurateQuery=True) == ["by-id"]
    other = Network(grants.cloud, "10.2.0.0/16")
    beside = {"Name": "beside", "VpcId": other.vpc, "Port": PORT}
    assert grants.refused("SetVpcAccess", **beside, InstanceId=machine.id) == "NotFoundInstanceId", "of another VPC"
    grants("SetVpcAccess", **beside, InstanceId=SERVER)
    assert len(grants.grants(InstanceId=SERVER)) == 2, "the same address behind two VPCs"


REFUSALS: list[tuple[Row, str]] = [
    ({"Name": None}, "MissingName"),
    ({"VpcId": None}, "MissingVpcId"),
    ({"InstanceId": None}, "MissingInstanceId"),
    ({"Port": None}, "MissingPort"),
    ({"Name": "a:b"}, "InvalidName"),
    ({"Name": "n" * 51}, "InvalidName"),
    ({"VpcId": "vpc-none"}, "NotFoundVpc"),
    ({"InstanceId": "i-none"}, "NotFoundInstanceId"),
    ({"InstanceId": "lb-bp1internal"}, "NotFoundInstanceId"),
    ({"InstanceId": "alb-1"}, "InvalidInstanceId"),
    ({"InstanceId": "orders.idc.example"}, "InvalidInstanceId"),
    ({"InstanceId": "10.200.0.300"}, "InvalidInstanceId"),
    ({"InstanceId": "10.200.0.0/24"}, "InvalidInstanceId"),
    ({"InstanceId": "0.0.0.0"}, "InvalidInstanceId"),
    ({"InstanceId": "127.0.0.1"}, "InvalidInstanceId"),
    ({"InstanceId": "224.0.0.1"}, "InvalidInstanceId"),
    ({"Port": 0}, "InvalidPort"),
    ({"Port": 65536}, "InvalidPort"),
    ({"Description": "d" * 181}, "InvalidDescription"),
    ({"Tag": [{"Key": "acs:x", "Value": "1"}]}, "InvalidTagKey"),
    ({"Name": "idc"}, "RepeatedVpcAccessName"),
    ({"InstanceId": SERVER}, "RepeatedVpcAccess"),
]


@pytest.mark.parametrize(("change", "code"), REFUSALS)
def test_grants_that_are_refused(grants: Grants, change: Row, code: str) -> None:
    grants.grant()
    before = grants.state()
    wanted: Row = {"Name": "idc-2", **grants.target("10.200.0.11"), **change}
    assert grants.refused("SetVpcAccess", **wanted) == code
    assert grants.state() == before


def test_the_vpc_must_be_of_the_account_and_available(grants: Grants, cloud: Any) -> None:
    there: Row = {"account": "1000000000000002", "region": REGION, "cidr": "10.5.0.0/16"}
    cloud.put(Vpc(id="vpc-theirs", status="Available", **there))
    cloud.put(Vpc(id="vpc-young", status="Pending", **{**there, "account": "1000000000000001"}))
    asked = {"Name": "idc", "InstanceId": SERVER, "Port": PORT}
    assert grants.refused("SetVpcAccess", **asked, VpcId="vpc-theirs") == "NotFoundVpc"
    assert grants.refused("SetVpcAccess", **asked, VpcId="vpc-young") == "InvalidVpcStatus"


def test_removal(grants: Grants) -> None:
    before = grants.state()
    grants.grant()
    near: list[Row] = [grants.target("10.200.0.11"), grants.target(port=81), {**grants.target(), "VpcId": "vpc-none"}]
    for target in near:
        assert grants.refused("RemoveVpcAccess", **target) == "NotFoundVpcAccess"
    for name in ("VpcId", "InstanceId", "Port"):
        assert grants.refused("RemoveVpcAccess", **{**grants.target(), name: None}) == f"Missing{name}"
    assert grants("RemoveVpcAccess", **grants.target(), NeedBatchWork=True) == {"Apis": {"Api": []}}
    assert grants.state() == before
    assert grants.refused("RemoveVpcAccess", **grants.target()) == "NotFoundVpcAccess", "an absent one is no success"


def test_a_vpc_may_go_under_a_grant(grants: Grants) -> None:
    """An authorisation puts nothing into the VPC, so it keeps nothing from being deleted."""
    grants.grant()
    for vswitch in grants.network.vswitches:
        assert grants.network.delete_vswitch(vswitch) == ""
    assert grants.grants() == ["idc"]
