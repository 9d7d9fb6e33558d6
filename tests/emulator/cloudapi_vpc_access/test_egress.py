"""Where calls toward back ends come from: the egress blocks of conventional instances, also while a new one waits for
its confirmation, and the connected blocks of VPC-integration ones."""

from __future__ import annotations

import ipaddress
import json
from typing import Any

import pytest

from gatespan.emulator.services.cloudapi.models import GatewayInstance

from ..cloudapi.conftest import Console, Row
from .conftest import Grants


def blocks(console: Console, id: str) -> tuple[str, str]:
    row = console.instance(id)
    return row["VpcEgressAddress"], row["NewVpcEgressAddress"]


def grow(console: Console, id: str, token: str, **parameters: Any) -> None:
    console("ModifyInstanceSpec", InstanceId=id, InstanceSpec="api.s2.large", Token=token, **parameters)


def test_both_blocks_are_in_force_until_the_switch_is_over(console: Console) -> None:
    id = console.buy()
    old, none = blocks(console, id)
    assert none == ""
    with console.slow():
        grow(console, id, "s-1")
        assert (console.instance(id)["Status"], blocks(console, id)) == ("MODIFYING", (old, "")), "not yet offered"
        console.cloud.advance(420)
        assert console.instance(id)["Status"] == "WAIT_SWITCH"
        _, new = blocks(console, id)
        assert not ipaddress.IPv4Network(new).overlaps(ipaddress.IPv4Network(old))
        assert blocks(console, id)[0] == old
        grow(console, id, "s-2", SkipWaitSwitch=True)
        assert (console.instance(id)["Status"], blocks(console, id)) == ("MODIFYING", (old, new)), "both, to the end"
        console.cloud.advance(60)
    assert (console.instance(id)["Status"], blocks(console, id)) == ("RUNNING", (new, ""))


def test_a_block_that_nobody_confirms_is_gone_after_a_day(console: Console) -> None:
    id = console.buy()
    old, _ = blocks(console, id)
    with console.slow():
        grow(console, id, "s-1")
        console.cloud.advance(420)
        assert blocks(console, id)[1] != ""
        console.cloud.advance(24 * 3600)
    row = console.instance(id)
    assert (row["Status"], row["InstanceSpec"], blocks(console, id)) == ("RUNNING", "api.s1.small", (old, ""))


def test_a_block_on_its_way_is_given_to_nobody_else(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks that are planned or offered count as taken, also before they are shown."""
    monkeypatch.setattr("gatespan.emulator.services.cloudapi.rules.zlib.crc32", lambda seed: 0)
    with console.slow():
        ids = [console.buy(f"t-{n}") for n in range(3)]
        console.cloud.advance(120)
        for id, skip in zip(ids, (True, False, True), strict=True):
            grow(console, id, f"s-{id}", SkipWaitSwitch=skip)
        ids.append(console.buy("t-late"))
        console.cloud.advance(420)
    found = [block for id in ids for block in blocks(console, id) if block]
    assert len(found) == len(set(found)) == 5


# --- VPC integration --------------------------------------------------------------------------------------


def integrated(grants: Grants) -> str:
    placement = [{"VSwitchId": v, "SecurityGroupId": "sg-1"} for v in grants.network.vswitches]
    order = {"InstanceType": "vpc_connect", "InstanceCidr": "172.16.0.0/12", "UserVpcId": grants.vpc}
    return grants.buy(ZoneId=None, **order, ZoneVSwitchSecurityGroup=placement)


def connected(grants: Grants, id: str) -> list[str]:
    return list(json.loads(grants.instance(id)["ConnectCidrBlocks"]))


def test_an_integrated_instance_sends_from_its_vswitches(grants: Grants) -> None:
    id = integrated(grants)
    row = grants.instance(id)
    assert (row["DedicatedInstanceType"], row["ConnectVpcId"]) == ("vpc_connect", grants.vpc)
    assert (row["VpcEgressAddress"], row["NewVpcEgressAddress"], row["InternetEgressAddress"]) == ("", "", "")
    assert [n["CidrBlock"] for n in row["NetworkInterfaceAttributes"]["NetworkInterfaceAttribute"]] == [
        "10.1.0.0/24",
        "10.1.1.0/24",
    ]
    with grants.slow():
        grow(grants, id, "s-1")
        grants.cloud.advance(420)
    row = grants.instance(id)
    assert (row["Status"], row["InstanceSpec"], row["NewVpcEgressAddress"]) == ("RUNNING", "api.s2.large", "")


def test_the_data_centre_becomes_a_connected_block(grants: Grants) -> None:
    id = integrated(grants)
    vswitch = grants.network.vswitches[0]
    for spelling in ("VswitchId", "VSwitchId"):
        block = {"CidrBlock": "10.200.0.0/16", spelling: vswitch, "ZoneId": "cn-hangzhou-h", "Customized": True}
        grants("ModifyInstanceAttribute", InstanceId=id, ToConnectVpcIpBlock=block)
    assert connected(grants, id) == ["10.1.0.0/16", "10.200.0.0/16"]
    assert grants.instance(id)["Status"] == "RUNNING"
    grants("ModifyInstanceAttribute", InstanceId=id, DeleteVpcIpBlock="10.200.0.0/16")
    assert connected(grants, id) == ["10.1.0.0/16"]


BLOCKS: list[tuple[Row, str]] = [
    ({"ToConnectVpcIpBlock": {"CidrBlock": "10.9.0.1/24"}}, "InvalidToConnectVpcIpBlock"),
    ({"ToConnectVpcIpBlock": {"VswitchId": "vsw-1"}}, "InvalidToConnectVpcIpBlock"),
    ({"ToConnectVpcIpBlock": {"CidrBlock": "172.20.0.0/16"}}, "InvalidToConnectVpcIpBlock"),
    ({"ToConnectVpcIpBlock": {"CidrBlock": "10.9.0.0/24", "VswitchId": "vsw-none"}}, "InvalidVSwitchId"),
    ({"DeleteVpcIpBlock": "10.200.0.0/16"}, "InvalidDeleteVpcIpBlock"),
]


@pytest.mark.parametrize(("change", "code"), BLOCKS)
def test_blocks_that_are_refused(grants: Grants, change: Row, code: str) -> None:
    id = integrated(grants)
    before = grants.cloud.world.get(GatewayInstance, id)
    assert grants.refused("ModifyInstanceAttribute", InstanceId=id, **change) == code
    assert grants.cloud.world.get(GatewayInstance, id) == before
