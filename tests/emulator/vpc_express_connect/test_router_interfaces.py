"""Router interfaces and grants: what each action answers, connecting step by step and at one stroke, routes."""

from __future__ import annotations

from typing import Any

import orjson

from gatespan.emulator.models import SiteRoute
from gatespan.emulator.services.vpc.models import (
    BgpGroup,
    BgpNetwork,
    BgpPeer,
    CenGrant,
    PhysicalConnection,
    RouterInterface,
    VirtualBorderRouter,
)
from gatespan.emulator.storage import decode, encode

from ..vpc.conftest import ACCOUNT, REGION
from .conftest import POINT, TAGS, TENANT, Carrier


def initiator(console: Carrier, scene: dict[str, str], **parameters: Any) -> str:
    asked = {"RouterType": "VBR", "RouterId": scene["vbr"], "Role": "InitiatingSide", "Spec": "Large.1"}
    asked |= {"OppositeRegionId": REGION, "OppositeRouterType": "VRouter", "OppositeRouterId": scene["vrouter"]}
    return str(console("CreateRouterInterface", **{**asked, **parameters})["RouterInterfaceId"])


def acceptor(console: Carrier, scene: dict[str, str], **parameters: Any) -> str:
    asked = {"RouterType": "VRouter", "RouterId": scene["vrouter"], "Role": "AcceptingSide", "Spec": "Negative"}
    asked |= {"OppositeRegionId": REGION, "OppositeRouterType": "VBR", "OppositeRouterId": scene["vbr"]}
    return str(console("CreateRouterInterface", **{**asked, **parameters})["RouterInterfaceId"])


def pair(console: Carrier, scene: dict[str, str]) -> tuple[str, str]:
    """Both ends, each with the other as its opposite; not connected yet."""
    one, two = initiator(console, scene), acceptor(console, scene)
    console("ModifyRouterInterfaceAttribute", RouterInterfaceId=one, OppositeInterfaceId=two)
    console("ModifyRouterInterfaceAttribute", RouterInterfaceId=two, OppositeInterfaceId=one)
    return one, two


def test_interface_row(console: Carrier, scene: dict[str, str]) -> None:
    id = initiator(
        console,
        scene,
        Name="up",
        Description="words",
        AccessPointId=POINT,
        HealthCheckSourceIp="10.0.0.9",
        HealthCheckTargetIp="10.255.0.2",
        Tags=TAGS,
    )
    row = {
        "RouterInterfaceId": id,
        "RouterId": scene["vbr"],
        "RouterType": "VBR",
        "Role": "InitiatingSide",
        "Spec": "Large.1",
        "Bandwidth": 1000,
        "Status": "Idle",
        "BusinessStatus": "Normal",
        "ChargeType": "AfterPay",
        "Name": "up",
        "Description": "words",
        "AccessPointId": POINT,
        "VpcInstanceId": "",
        "OppositeRegionId": REGION,
        "OppositeRouterType": "VRouter",
        "OppositeRouterId": scene["vrouter"],
        "OppositeInterfaceId": "",
        "OppositeInterfaceOwnerId": ACCOUNT,
        "OppositeInterfaceStatus": "",
        "OppositeInterfaceSpec": "",
        "OppositeInterfaceBusinessStatus": "",
        "OppositeBandwidth": 0,
        "OppositeAccessPointId": "",
        "OppositeVpcInstanceId": "",
        "CrossBorder": False,
        "FastLinkMode": False,
        "HealthCheckSourceIp": "10.0.0.9",
        "HealthCheckTargetIp": "10.255.0.2",
        "HcRate": 2000,
        "HcThreshold": 8,
        "CreationTime": "",
        "ConnectedTime": "",
        "EndTime": "",
        "HasReservationData": "false",
        "ReservationActiveTime": "",
        "ReservationBandwidth": "",
        "ReservationInternetChargeType": "",
        "ReservationOrderType": "",
        "ResourceGroupId": "rg-default",
        "Tags": {"Tags": TAGS},
    }
    (listed,) = console("DescribeRouterInterfaces")["RouterInterfaceSet"]["RouterInterfaceType"]
    assert listed | {"CreationTime": ""} == {**row, "Ipv6Status": "Off"}
    own: dict[str, Any] = {"FastLinkMode": "false", "HealthCheckStatus": "Abnormal", "GmtModified": "", "RequestId": ""}
    own |= {"Code": "200", "Message": "successful", "Success": True}
    assert console.interface(id) | {"CreationTime": "", "GmtModified": "", "RequestId": ""} == {**row, **own}


def test_interfaces_are_filtered(console: Carrier, scene: dict[str, str]) -> None:
    one, two = pair(console, scene)
    console("ModifyRouterInterfaceAttribute", RouterInterfaceId=two, Name="down")

    def found(key: str, *values: str) -> list[str]:
        answer = console("DescribeRouterInterfaces", Filter=[{"Key": key, "Value": list(values)}])
        return [row["RouterInterfaceId"] for row in answer["RouterInterfaceSet"]["RouterInterfaceType"]]

    assert found("RouterInterfaceId", one, two) == [one, two]
    assert found("RouterId", scene["vbr"]) == found("RouterType", "VBR") == [one]
    assert found("OppositeInterfaceId", one) == found("OppositeRouterId", scene["vbr"]) == [two]
    assert found("OppositeRouterType", "VBR") == found("Name", "down") == [two]
    assert found("Status", "Active") == []


def test_connect_step_by_step(console: Carrier, scene: dict[str, str]) -> None:
    seen = []

    def after(seconds: float) -> None:
        seen.append((console.interface(one)["Status"], console.interface(two)["Status"]))
        console.cloud.advance(seconds)

    one, two = initiator(console, scene), acceptor(console, scene)
    assert console.refused("ConnectRouterInterface", RouterInterfaceId=one).code.endswith(".NotSet")
    console("ModifyRouterInterfaceAttribute", RouterInterfaceId=one, OppositeInterfaceId=two)
    assert console.refused("ConnectRouterInterface", RouterInterfaceId=one).code.endswith(".NotSet")
    console("ModifyRouterInterfaceAttribute", RouterInterfaceId=two, OppositeInterfaceId=one)
    with console.slow():
        console("ConnectRouterInterface", RouterInterfaceId=one)
        after(10)
        after(0)
        console("DeactivateRouterInterface", RouterInterfaceId=two)
        after(5)
        after(0)
        console("ActivateRouterInterface", RouterInterfaceId=two)
        after(5)
        assert console("ModifyRouterInterfaceSpec", RouterInterfaceId=one, Spec="Xlarge.1")["Spec"] == "Xlarge.1"
        after(5)
        after(0)
    assert seen == [
        ("Connecting", "AcceptingConnecting"),
        ("Active", "Active"),
        ("Active", "Deactivating"),
        ("Active", "Inactive"),
        ("Active", "Activating"),
        ("Modifying", "Active"),
        ("Active", "Active"),
    ]
    row = console.interface(two)
    assert (row["Bandwidth"], row["OppositeInterfaceStatus"], row["VpcInstanceId"]) == (10000, "Active", scene["vpc"])
    assert row["ConnectedTime"]


def test_fast_link(console: Carrier, scene: dict[str, str]) -> None:
    one = initiator(console, scene, FastLinkMode=True)
    row = console.interface(one)
    two = row["OppositeInterfaceId"]
    back = console.interface(two)
    assert (row["Status"], back["Status"], row["FastLinkMode"]) == ("Active", "Active", "true")
    assert (back["OppositeInterfaceId"], back["Role"], back["RouterId"]) == (one, "AcceptingSide", scene["vrouter"])
    again = {"RouterType": "VBR", "RouterId": scene["vbr"], "Role": "InitiatingSide", "Spec": "Small.1"}
    again |= {"OppositeRegionId": REGION, "OppositeRouterType": "VRouter", "OppositeRouterId": scene["vrouter"]}
    refused = console.refused("CreateRouterInterface", **again, FastLinkMode=True)
    assert refused.code == "Forbidden.OnlyOneConnection"


def test_health_check_of_an_interface(console: Carrier, scene: dict[str, str]) -> None:
    one, two = pair(console, scene)
    check = {"HealthCheckSourceIp": "10.0.0.9", "HealthCheckTargetIp": "10.255.0.2", "HcRate": 3000, "HcThreshold": 5}
    console("ModifyRouterInterfaceAttribute", RouterInterfaceId=two, **check)
    row = console.interface(two)
    assert {name: row[name] for name in check} == check
    assert row["HealthCheckStatus"] == "Abnormal"
    console("ConnectRouterInterface", RouterInterfaceId=one)
    assert console.interface(two)["HealthCheckStatus"] == "Abnormal"  # the site knows no way back to the source
    console.site(routes=(SiteRoute("10.0.0.9/32", scene["circuit"]),))
    assert console.interface(two)["HealthCheckStatus"] == "Normal"
    console("ModifyRouterInterfaceAttribute", RouterInterfaceId=two, DeleteHealthCheckIp=True)
    assert console.interface(two)["HealthCheckStatus"] == "NoHealthCheckConfig"


def test_routes_over_interfaces_and_teardown(console: Carrier, scene: dict[str, str]) -> None:
    """The classic Express Connect way: VPC to its end, border router to its end and to the VLAN; then all back."""
    one = initiator(console, scene, FastLinkMode=True)
    two = console.interface(one)["OppositeInterfaceId"]
    there = {"RouteTableId": scene["vpc_table"], "DestinationCidrBlock": "192.168.0.0/16"}
    back = {"RouteTableId": scene["table"], "DestinationCidrBlock": "10.0.0.0/16"}
    console("CreateRouteEntry", **there, NextHopType="RouterInterface", NextHopId=two)
    console("CreateRouteEntry", **back, NextHopType="RouterInterface", NextHopId=one)
    assert console.routes(scene["vpc_table"])["192.168.0.0/16"]["NextHops"]["NextHop"] == [
        {"NextHopId": two, "NextHopType": "RouterInterface", "Enabled": 1, "Weight": 100, "NextHopRegionId": REGION}
    ]
    console("DeactivateRouterInterface", RouterInterfaceId=one)
    console("DeactivateRouterInterface", RouterInterfaceId=two)
    for id in (one, two):
        refused = console.refused("DeleteRouterInterface", RouterInterfaceId=id)
        assert refused.code == "DependencyViolation.RouterInterfaceReferedByRouteEntry"
    console("DeleteRouteEntry", **there)
    console("DeleteRouteEntry", **back)
    refused = console.refused("DeleteVirtualBorderRouter", VbrId=scene["vbr"])
    assert refused.code == "InvalidOperation.RouterInterfaceNotDeleted"
    assert console.refused("DeleteVpc", VpcId=scene["vpc"]).code == "DependencyViolation.RouterInterface"
    for id in (one, two):
        console("DeleteRouterInterface", RouterInterfaceId=id)
    assert list(console.cloud.world.all(RouterInterface)) == []
    console("DeleteVirtualBorderRouter", VbrId=scene["vbr"])
    console("DeleteVpc", VpcId=scene["vpc"])


def test_grants(console: Carrier, scene: dict[str, str]) -> None:
    for kind, id in (("VPC", scene["vpc"]), ("VBR", scene["vbr"])):
        instance = {"InstanceType": kind, "InstanceId": id}
        grant = {**instance, "CenId": "cen-9", "CenOwnerId": int(TENANT)}
        console("GrantInstanceToCen", **grant)
        console("GrantInstanceToCen", **grant)
        (rule,) = console("DescribeGrantRulesToCen", **instance)["CenGrantRules"]["CbnGrantRule"]
        assert (rule["CenInstanceId"], rule["CenOwnerId"]) == ("cen-9", int(TENANT))
        assert rule["CreationTime"].endswith("Z")
        console("RevokeInstanceFromCen", **grant)
        assert console("DescribeGrantRulesToCen", **instance)["TotalCount"] == 0


def test_grants_go_with_their_instance(console: Carrier, scene: dict[str, str]) -> None:
    for kind, id in (("VPC", scene["vpc"]), ("VBR", scene["vbr"])):
        console("GrantInstanceToCen", InstanceType=kind, InstanceId=id, CenId="cen-9", CenOwnerId=int(TENANT))
    console("DeleteVirtualBorderRouter", VbrId=scene["vbr"])
    console("DeleteVpc", VpcId=scene["vpc"])
    assert list(console.cloud.world.all(CenGrant)) == []


def test_all_of_it_is_kept(console: Carrier, scene: dict[str, str]) -> None:
    """Every kind of thing of Express Connect survives the store."""
    initiator(console, scene, FastLinkMode=True)
    group = console("CreateBgpGroup", RouterId=scene["vbr"], PeerAsn=65001)["BgpGroupId"]
    console("CreateBgpPeer", BgpGroupId=group)
    console("AddBgpNetwork", RouterId=scene["vbr"], DstCidrBlock="10.0.0.0/16")
    console("GrantInstanceToCen", InstanceType="VPC", InstanceId=scene["vpc"], CenId="cen-9", CenOwnerId=int(TENANT))
    things = list(console.cloud.world)
    express = (PhysicalConnection, VirtualBorderRouter, BgpGroup, BgpPeer, BgpNetwork, RouterInterface, CenGrant)
    assert {type(thing) for thing in things} >= set(express)
    assert [decode(orjson.loads(orjson.dumps(encode(thing)))) for thing in things if isinstance(thing, express)] == [
        thing for thing in things if isinstance(thing, express)
    ]
