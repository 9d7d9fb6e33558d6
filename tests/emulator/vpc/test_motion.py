"""Time: states on the way, one change at a time inside one VPC, what lingers after a deletion, lists that lag."""

from __future__ import annotations

import pytest

from gatespan.emulator.lifecycle import Latency

from .conftest import Console


def test_vpc_and_vswitch_become_available(console: Console) -> None:
    with console.slow():
        vpc_id = console.vpc()["VpcId"]
        assert console("DescribeVpcAttribute", VpcId=vpc_id)["Status"] == "Pending"
        console.cloud.advance(3)
        assert console("DescribeVpcAttribute", VpcId=vpc_id)["Status"] == "Available"
        vswitch_id = console.vswitch(vpc_id, "10.0.1.0/24")
        assert console.status(vswitch_id) == "Pending"
        console.cloud.advance(3)
        assert console.status(vswitch_id) == "Available"


def test_route_on_its_way_and_back(console: Console, scene: dict[str, str]) -> None:
    def status() -> str | None:
        row = console.routes(scene["table"]).get("10.9.0.0/16")
        return row["Status"] if row else None

    seen = []
    machine = console.machine(scene["vpc"], scene["vswitch"], "10.0.1.9")
    with console.slow("fast"):
        id = console(
            "CreateRouteEntry",
            RouteTableId=scene["table"],
            DestinationCidrBlock="10.9.0.0/16",
            NextHopType="Attachment",
            NextHopId=scene["attachment"],
        )["RouteEntryId"]
        for change in (
            lambda: console("ModifyRouteEntry", RouteEntryId=id, NewNextHopType="Instance", NewNextHopId=machine.id),
            lambda: console("DeleteRouteEntry", RouteEntryId=id),
            lambda: None,
        ):
            seen.append(status())
            console.cloud.advance(1)
            seen.append(status())
            change()
    assert seen == ["Pending", "Available", "Modifying", "Available", "Deleting", None]


def test_vswitches_of_one_vpc_come_one_after_the_other(console: Console, scene: dict[str, str]) -> None:
    with console.slow("fast"):
        console.vswitch(scene["vpc"], "10.0.3.0/24")
        second = {"VpcId": scene["vpc"], "ZoneId": "cn-hangzhou-i", "CidrBlock": "10.0.4.0/24"}
        assert console.refused("CreateVSwitch", **second).code == "IncorrectVSwitchStatus"
        console.vswitch(scene["other"], "172.16.9.0/24")  # another VPC is not concerned
        console.cloud.advance(1)
        assert console("CreateVSwitch", **second)["VSwitchId"].startswith("vsw-")


def test_vpc_is_held_for_a_moment_by_a_vswitch_that_is_gone(console: Console) -> None:
    vpc_id = console.vpc()["VpcId"]
    vswitch_id = console.vswitch(vpc_id, "10.0.1.0/24")
    with console.slow():
        console("DeleteVSwitch", VSwitchId=vswitch_id)
        assert console.status(vswitch_id) == "Pending"
        console.cloud.advance(3)
        assert console.refused("DescribeVSwitchAttributes", VSwitchId=vswitch_id).code == "InvalidVSwitchId.NotFound"
        assert console.refused("DeleteVpc", VpcId=vpc_id).code == "DependencyViolation.VSwitch"
        console.cloud.advance(8)
        console("DeleteVpc", VpcId=vpc_id)
        assert console("DescribeVpcAttribute", VpcId=vpc_id)["Status"] == "Pending"
        assert console.refused("DeleteVpc", VpcId=vpc_id).code == "IncorrectVpcStatus"
        console.cloud.advance(3)
        assert console.refused("DescribeVpcAttribute", VpcId=vpc_id).code == "InvalidVpcId.NotFound"
    assert console("DescribeRouteTableList", VpcId=vpc_id)["TotalCount"] == 0


def test_states_by_number_of_reads(console: Console) -> None:
    console.cloud.life.latency = Latency("reads", reads=2)
    vpc_id = console.vpc()["VpcId"]
    states = [console("DescribeVpcAttribute", VpcId=vpc_id)["Status"] for _ in range(3)]
    assert states == ["Pending", "Available", "Available"]
    vswitch_id = console.vswitch(vpc_id, "10.0.1.0/24")
    assert [console.status(vswitch_id) for _ in range(2)] == ["Pending", "Available"]
    console("DeleteVSwitch", VSwitchId=vswitch_id)
    assert console.status(vswitch_id) == "Pending"
    assert console.refused("DescribeVSwitchAttributes", VSwitchId=vswitch_id).status_code == 404
    console("DeleteVpc", VpcId=vpc_id)


def test_route_by_number_of_reads(console: Console, scene: dict[str, str]) -> None:
    console.cloud.life.latency = Latency("reads", reads=2)
    where = {"RouteTableId": scene["table"], "DestinationCidrBlock": "10.9.0.0/16"}
    console("CreateRouteEntry", **where, NextHopType="Attachment", NextHopId=scene["attachment"])
    states = [console.routes(scene["table"])["10.9.0.0/16"]["Status"] for _ in range(2)]
    assert states == ["Pending", "Available"]


def test_lists_lag_but_reading_by_id_does_not(console: Console) -> None:
    console.cloud.kernel.list_lag = 5.0
    vpc_id = console.vpc()["VpcId"]
    assert console("DescribeVpcs")["TotalCount"] == 0
    assert console("DescribeVpcAttribute", VpcId=vpc_id)["VpcId"] == vpc_id
    console.cloud.advance(5)
    assert console("DescribeVpcs")["TotalCount"] == 1


@pytest.mark.parametrize(
    ("action", "changed"),
    [
        ("CreateVpc", {"CidrBlock": "10.1.0.0/16"}),
        ("CreateVSwitch", {"CidrBlock": "10.0.8.0/24"}),
        ("CreateRouteEntry", {"DestinationCidrBlock": "10.8.0.0/16"}),
        ("CreateRouteTable", {"RouteTableName": "other"}),
    ],
)
def test_token_makes_a_creation_repeatable(
    action: str, changed: dict[str, str], console: Console, scene: dict[str, str]
) -> None:
    first = {
        "CreateVpc": {"CidrBlock": "10.0.0.0/16"},
        "CreateVSwitch": {"VpcId": scene["vpc"], "ZoneId": "cn-hangzhou-h", "CidrBlock": "10.0.9.0/24"},
        "CreateRouteEntry": {
            "RouteTableId": scene["table"],
            "DestinationCidrBlock": "10.9.0.0/16",
            "NextHopType": "Attachment",
            "NextHopId": scene["attachment"],
        },
        "CreateRouteTable": {"VpcId": scene["vpc"], "RouteTableName": "one"},
    }[action]
    made = console(action, **first, ClientToken="t-1")
    again = console(action, **first, ClientToken="t-1")
    assert made | {"RequestId": ""} == again | {"RequestId": ""}
    refused = console.refused(action, **{**first, **changed}, ClientToken="t-1")
    assert (refused.code, refused.status_code) == ("IdempotentParameterMismatch", 400)


def test_token_makes_a_deletion_repeatable(console: Console) -> None:
    vpc_id = console.vpc()["VpcId"]
    for _ in range(2):
        console("DeleteVpc", VpcId=vpc_id, ClientToken="t-1")
    assert console.refused("DeleteVpc", VpcId=vpc_id, ClientToken="t-2").code == "InvalidVpcId.NotFound"


def test_deleting_a_vswitch_has_no_token(console: Console, scene: dict[str, str]) -> None:
    console("DeleteVSwitch", VSwitchId=scene["vswitch"])
    assert console.refused("DeleteVSwitch", VSwitchId=scene["vswitch"]).code == "InvalidVSwitchId.NotFound"
