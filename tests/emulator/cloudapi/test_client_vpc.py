"""Binding the client VPC: when it shows, what it takes in the vSwitch, what is refused, what is given back."""

from __future__ import annotations

from typing import Any

import pytest

from gatespan.emulator.services.cloudapi.models import GatewayInstance
from gatespan.emulator.services.vpc.models import NetworkInterface

from .conftest import ACCOUNT, Console, Network

BIND = "ModifyInstanceVpcAttributeForConsole"


def bind(console: Console, id: str, vpc: str, vswitch: str | None = None, **more: Any) -> None:
    console(BIND, InstanceId=id, VpcId=vpc, VswitchId=vswitch, **more)


def seen(console: Console, id: str) -> tuple[str, str, str]:
    row = console.instance(id)
    return row["Status"], row["UserVpcId"], row["UserVswitchId"]


def entry(console: Console, id: str) -> str:
    instance = console.cloud.world.get(GatewayInstance, id)
    assert instance is not None
    return str(instance.entry_ip)


def interfaces(console: Console) -> list[tuple[str, str]]:
    return [(i.vswitch_id, i.ip) for i in console.cloud.world.all(NetworkInterface)]


def test_the_binding_shows_after_a_moment_and_the_status_stays(console: Console, network: Network) -> None:
    id, (first, second) = console.buy(), network.vswitches
    with console.slow():
        bind(console, id, network.vpc, second, Token="b-1")
        assert seen(console, id) == ("RUNNING", "", "")
        assert entry(console, id) == ""
        console.cloud.advance(9)
        assert seen(console, id) == ("RUNNING", "", "")
        assert console.refused(BIND, InstanceId=id, VpcId=network.vpc, VswitchId=first) == "ConcurrencyLockTimeout"
        bind(console, id, network.vpc, second)
        console.cloud.advance(1)
    assert seen(console, id) == ("RUNNING", network.vpc, second)
    row = console.instance(id)
    assert (row["VpcIntranetEnable"], row["VpcOwnerId"]) == (True, int(ACCOUNT))
    assert interfaces(console) == [(second, entry(console, id))]
    assert entry(console, id).startswith("10.1.1.")


def test_what_is_bound_already_stays_as_it_is(console: Console, network: Network) -> None:
    id = console.buy()
    bind(console, id, network.vpc, network.vswitches[0])
    before = console.state()
    bind(console, id, network.vpc, network.vswitches[0], Token="b-9")
    assert console.state() == before


def test_the_vswitch_is_in_use_while_bound(console: Console, network: Network) -> None:
    id, (first, second) = console.buy(), network.vswitches
    bind(console, id, network.vpc, first)
    assert network.delete_vswitch(first).startswith("DependencyViolation")
    with console.slow():
        bind(console, id, network.vpc, second)
        assert entry(console, id).startswith("10.1.0."), "the old entry serves until the new one does"
        assert {v for v, _ in interfaces(console)} == {first, second}
        console.cloud.advance(10)
    assert interfaces(console) == [(second, entry(console, id))]
    assert network.delete_vswitch(first) == ""


def test_another_vpc_takes_the_place(console: Console, network: Network, cloud: Any) -> None:
    other = Network(cloud, "10.2.0.0/16")
    id = console.buy()
    bind(console, id, network.vpc, network.vswitches[0])
    bind(console, id, other.vpc)
    assert seen(console, id) == ("RUNNING", other.vpc, other.vswitches[0])
    assert interfaces(console) == [(other.vswitches[0], entry(console, id))]


@pytest.mark.parametrize("yes", [True, "TRUE", "true"])
def test_unbinding_frees_the_address(console: Console, network: Network, yes: Any) -> None:
    id = console.buy()
    bind(console, id, network.vpc, network.vswitches[0])
    assert console.refused(BIND, InstanceId=id, VpcId="vpc-other", DeleteVpcAccess=yes) == "InvalidVpcId"
    with console.slow():
        bind(console, id, network.vpc, DeleteVpcAccess=yes)
        assert seen(console, id)[1] == network.vpc
        bind(console, id, network.vpc, DeleteVpcAccess=yes)
        console.cloud.advance(10)
    assert seen(console, id) == ("RUNNING", "", "")
    assert (interfaces(console), entry(console, id)) == ([], "")
    before = console.state()
    bind(console, id, network.vpc, DeleteVpcAccess=yes)
    assert console.state() == before, "nothing was bound: nothing to do"


def test_deleting_the_instance_releases_the_vswitch(console: Console, network: Network) -> None:
    id = console.buy()
    bind(console, id, network.vpc, network.vswitches[0])
    console("DeleteInstance", InstanceId=id)
    assert interfaces(console) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"InstanceId": None}, "MissingInstanceId"),
        ({"VpcId": None}, "MissingVpcId"),
        ({"InstanceId": "apigateway-hz-none"}, "NotFoundInstance"),
        ({"VpcId": "vpc-none"}, "NotFoundVpc"),
        ({"VpcOwnerId": 1000000000000002}, "NotFoundVpc"),
        ({"VpcId": "{away}"}, "NotFoundVpc"),
        ({"VpcId": "{bare}", "VswitchId": None}, "NotFoundVswitch"),
        ({"VswitchId": "vsw-none"}, "NotFoundVswitch"),
        ({"VswitchId": "{other}"}, "InvalidVswitchId"),
        ({"VswitchId": "{full}"}, "InvalidVswitchId"),
        ({"DeleteVpcAccess": "maybe"}, "InvalidDeleteVpcAccess"),
    ],
)
def test_bindings_that_are_refused(
    console: Console, network: Network, cloud: Any, change: dict[str, Any], code: str
) -> None:
    full = network.vswitch("10.1.9.0/29", "cn-hangzhou-h")
    names = {
        "away": Network(cloud, "10.3.0.0/16", "cn-beijing", "").vpc,
        "bare": Network(cloud, "10.4.0.0/16", zones="").vpc,
        "other": Network(cloud, "10.2.0.0/16").vswitches[0],
        "full": full,
    }
    for n in range(4):
        bind(console, console.buy(f"t-{n}"), network.vpc, full)
    wanted = {"InstanceId": console.buy("t-x"), "VpcId": network.vpc, "VswitchId": network.vswitches[0], **change}
    wanted = {k: v.format(**names) if isinstance(v, str) else v for k, v in wanted.items()}
    before = console.state()
    assert console.refused(BIND, **wanted) == code
    assert console.state() == before


def test_no_change_while_the_instance_changes(console: Console, network: Network) -> None:
    id = console.buy()
    with console.slow():
        console("ModifyInstanceAttribute", InstanceId=id, InstanceName="gateway-2")
        assert console.refused(BIND, InstanceId=id, VpcId=network.vpc) == "InvalidInstanceStatus"
        console.cloud.advance(20)
        bind(console, id, network.vpc)
        assert console.refused("DeleteInstance", InstanceId=id) == "ConcurrencyLockTimeout"
