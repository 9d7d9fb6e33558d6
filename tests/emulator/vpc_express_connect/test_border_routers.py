"""Virtual border routers: what each action answers, their life, their circuits, the routes of their tables."""

from __future__ import annotations

from typing import Any

import pytest

from gatespan.emulator.services.cbn.models import ChildInstance, VbrAttachment
from gatespan.emulator.services.vpc.models import RouteTable

from ..vpc.conftest import ACCOUNT, REGION
from .conftest import ENDS, POINT, TAGS, TENANT, Carrier

OTHER_ENDS = {"LocalGatewayIp": "10.255.1.1", "PeerGatewayIp": "10.255.1.2", "PeeringSubnetMask": "255.255.255.248"}
DAY = 24 * 3600.0


def test_border_router_row(console: Carrier) -> None:
    circuit = console.enabled()
    id = console.border_router(
        circuit, 12, Name="line", Description="to the plant", Bandwidth=200, CircuitCode="c-1", Tags=TAGS
    )
    row = console.vbr(id)
    assert id.startswith("vbr-bp1")
    assert row["VlanInterfaceId"].startswith("ri-bp1")
    assert row["RouteTableId"].startswith("vtb-bp1")
    assert row["ActivationTime"] == row["CreationTime"]
    unset = dict.fromkeys(("CreationTime", "ActivationTime", "VlanInterfaceId", "RouteTableId"), "")
    assert row | unset == {
        "VbrId": id,
        "Name": "line",
        "Description": "to the plant",
        "Status": "active",
        "Type": "pconnVBR",
        "VlanId": 12,
        "Bandwidth": 200,
        **ENDS,
        "CircuitCode": "c-1",
        "AccessPointId": POINT,
        "PhysicalConnectionId": circuit,
        "PhysicalConnectionStatus": "Enabled",
        "PhysicalConnectionBusinessStatus": "Normal",
        "PhysicalConnectionOwnerUid": ACCOUNT,
        "EnableIpv6": False,
        "LocalIpv6GatewayIp": "",
        "PeerIpv6GatewayIp": "",
        "PeeringIpv6SubnetMask": "",
        "DetectMultiplier": 0,
        "MinTxInterval": 0,
        "MinRxInterval": 0,
        "Mtu": 0,
        "SitelinkEnable": False,
        **unset,
        "TerminationTime": "",
        "RecoveryTime": "",
        "PConnVbrChargeType": "",
        "PConnVbrExpireTime": "",
        "EccId": "",
        "EcrId": "",
        "EcrOwnerId": "",
        "EcrAttatchStatus": "",
        "CloudBoxInstanceId": "",
        "ResourceGroupId": "rg-default",
        "AssociatedCens": {"AssociatedCen": []},
        "AssociatedPhysicalConnections": {"AssociatedPhysicalConnection": []},
        "Tags": {"Tags": TAGS},
    }


def test_border_routers_are_filtered_and_paged(console: Carrier, scene: dict[str, str]) -> None:
    first = scene["vbr"]
    second = console.border_router(scene["spare"], 7, Name="second", ResourceGroupId="rg-net", Tags=TAGS)

    def found(*filters: tuple[str, str], **parameters: Any) -> list[str]:
        given = [{"Key": key, "Value": values.split(",")} for key, values in filters]
        answer = console("DescribeVirtualBorderRouters", Filter=given, **parameters)
        return [row["VbrId"] for row in answer["VirtualBorderRouterSet"]["VirtualBorderRouterType"]]

    assert found() == [first, second]
    assert found(("VbrId", second)) == [second]
    assert found(("PhysicalConnectionId", scene["circuit"])) == [first]
    assert found(("Status", "active,terminated"), ("Name", "second")) == [second]
    assert found(("AccessPointId", POINT)) == [first]
    assert found(("type", "pconnVBR")) == [first, second]
    assert found(("eccId", "ecc-1")) == []
    assert found(Tags=TAGS) == [second]
    assert found(ResourceGroupId="rg-net") == [second]
    assert found(PageSize=1, PageNumber=2) == [second]
    assert found(RegionId="cn-beijing") == []


def test_border_router_names_its_cens(console: Carrier, scene: dict[str, str]) -> None:
    common: dict[str, Any] = {"account": ACCOUNT, "region": REGION}
    console.put(
        VbrAttachment(
            id="tr-attach-1",
            cen_id="cen-1",
            transit_router_id="tr-1",
            vbr_id=scene["vbr"],
            status="Attaching",
            **common,
        ),
        ChildInstance(
            id=f"cen-2:{scene['vbr']}",
            cen_id="cen-2",
            instance_id=scene["vbr"],
            type="VBR",
            status="Attached",
            **common,
        ),
    )
    assert console.vbr(scene["vbr"])["AssociatedCens"]["AssociatedCen"] == [
        {"CenId": "cen-1", "CenOwnerId": int(ACCOUNT), "CenStatus": "Attaching"},
        {"CenId": "cen-2", "CenOwnerId": int(ACCOUNT), "CenStatus": "Attached"},
    ]


def test_modify_border_router(console: Carrier, scene: dict[str, str]) -> None:
    id = scene["vbr"]
    changes = {"Name": "new", "VlanId": 200, "Bandwidth": 500, "CircuitCode": "c-2", **OTHER_ENDS}
    changes |= {"DetectMultiplier": 3, "MinTxInterval": 300, "MinRxInterval": 400}
    console("ModifyVirtualBorderRouterAttribute", VbrId=id, Description="words", **changes)
    row = console.vbr(id)
    assert {name: row[name] for name in changes} == changes
    console("ModifyVirtualBorderRouterAttribute", VbrId=id, VlanId=200, PeerGatewayIp="10.255.1.3")
    row = console.vbr(id)
    assert (row["PeerGatewayIp"], row["LocalGatewayIp"], row["Description"]) == ("10.255.1.3", "10.255.1.1", "words")


def test_terminated_and_recovered(console: Carrier, scene: dict[str, str]) -> None:
    by_id, seen = {"VbrId": scene["vbr"]}, []

    def state() -> tuple[str, bool, bool]:
        row = console.vbr(scene["vbr"])
        return row["Status"], bool(row["TerminationTime"]), bool(row["RecoveryTime"])

    with console.slow():
        for action in ("TerminateVirtualBorderRouter", "RecoverVirtualBorderRouter", "DeleteVirtualBorderRouter"):
            console(action, **by_id)
            seen.append(state())
            console.cloud.advance(5)
            if action != "DeleteVirtualBorderRouter":
                seen.append(state())
    assert seen == [
        ("terminating", True, False),
        ("terminated", True, False),
        ("recovering", False, True),
        ("active", False, True),
        ("deleting", False, True),
    ]
    assert console("DescribeVirtualBorderRouters")["TotalCount"] == 0
    assert console.cloud.world.get(RouteTable, scene["table"]) is None


def test_terminated_border_router_keeps_its_vlan_for_seven_days(console: Carrier, scene: dict[str, str]) -> None:
    asked = {"PhysicalConnectionId": scene["circuit"], "VlanId": 100, **ENDS}
    console("TerminateVirtualBorderRouter", VbrId=scene["vbr"])
    console.cloud.advance(7 * DAY)
    assert console.refused("CreateVirtualBorderRouter", **asked).code == "InvalidVlanId.Used"
    console.cloud.advance(1)
    other = console.border_router(scene["circuit"], 100)
    refused = console.refused("RecoverVirtualBorderRouter", VbrId=scene["vbr"])
    assert (refused.code, refused.status_code) == ("OperationFailed.VlanIdAlreadyInUse", 400)
    console("DeleteVirtualBorderRouter", VbrId=other)
    console("RecoverVirtualBorderRouter", VbrId=scene["vbr"])
    assert console.vbr(scene["vbr"])["Status"] == "active"


def test_whole_port_is_for_one_border_router(console: Carrier, scene: dict[str, str]) -> None:
    console.border_router(scene["spare"], 0)
    asked = {"PhysicalConnectionId": scene["spare"], "VlanId": 5, **ENDS}
    assert console.refused("CreateVirtualBorderRouter", **asked).code == "InvalidVlanId.Used"
    asked = {"PhysicalConnectionId": scene["circuit"], "VlanId": 0, **ENDS}
    assert console.refused("CreateVirtualBorderRouter", **asked).code == "InvalidVlanId.Used"


def test_made_by_a_partner(console: Carrier, scene: dict[str, str]) -> None:
    """Unconfirmed until its owner gives both ends; stopping it is the circuit owner's."""
    tenant = console.as_tenant()
    asked = {"PhysicalConnectionId": scene["circuit"], "VlanId": 9, "VbrOwnerId": int(TENANT)}
    id = console("CreateVirtualBorderRouter", **asked)["VbrId"]
    row = tenant.vbr(id)
    assert (row["Status"], row["PhysicalConnectionOwnerUid"], row["ActivationTime"]) == ("unconfirmed", ACCOUNT, "")
    assert console("DescribeVirtualBorderRouters")["TotalCount"] == 1
    assert console("DescribeVirtualBorderRouters", IncludeCrossAccountVbr=True)["TotalCount"] == 2
    tenant("ModifyVirtualBorderRouterAttribute", VbrId=id, Name="ours")
    assert tenant.vbr(id)["Status"] == "unconfirmed"
    tenant("ModifyVirtualBorderRouterAttribute", VbrId=id, VlanId=9, **OTHER_ENDS)
    row = tenant.vbr(id)
    assert (row["Status"], row["Name"], row["PeerGatewayIp"]) == ("active", "ours", OTHER_ENDS["PeerGatewayIp"])
    refused = [
        tenant.refused("ModifyVirtualBorderRouterAttribute", VbrId=id, VlanId=10),
        tenant.refused("ModifyVirtualBorderRouterAttribute", VbrId=id, CircuitCode="x"),
        tenant.refused("TerminateVirtualBorderRouter", VbrId=id),
    ]
    assert [(r.code, r.status_code) for r in refused] == [
        ("Forbidden.VlanIdNotAllowedByCaller", 403),
        ("Forbidden.CircuitCodeNotAllowedByCaller", 403),
        ("Forbidden.OperationNotAllowedByUser", 403),
    ]
    console("TerminateVirtualBorderRouter", VbrId=id)
    console("RecoverVirtualBorderRouter", VbrId=id)
    tenant("DeleteVirtualBorderRouter", VbrId=id)


def test_on_a_hosted_connection(console: Carrier, scene: dict[str, str]) -> None:
    """The partner's VLAN, the bandwidth of the slice; the slice is not given up under a border router."""
    tenant = console.as_tenant()
    asked = {"OrderMode": "PayByPhysicalConnectionOwner", "Spec": "300M", "VlanId": 42, "VpconnAliUid": int(TENANT)}
    made = console("CreateVirtualPhysicalConnection", PhysicalConnectionId=scene["spare"], **asked)
    slice = made["VirtualPhysicalConnection"]
    tenant("ConfirmPhysicalConnection", PhysicalConnectionId=slice)
    wrong = {"PhysicalConnectionId": slice, "VlanId": 43, **ENDS}
    assert tenant.refused("CreateVirtualBorderRouter", **wrong).code == "InvalidVlanId.Malformed"
    row = tenant.vbr(tenant.border_router(slice, 42))
    assert (row["Bandwidth"], row["VlanId"], row["PhysicalConnectionOwnerUid"]) == (300, 42, TENANT)
    refused = [
        console.refused("CreateVirtualBorderRouter", PhysicalConnectionId=scene["spare"], VlanId=42, **ENDS),
        console.refused("DeletePhysicalConnection", PhysicalConnectionId=slice),
        console.refused("TerminatePhysicalConnection", PhysicalConnectionId=scene["spare"]),
        tenant.refused("TerminatePhysicalConnection", PhysicalConnectionId=slice),
    ]
    assert [r.code for r in refused] == [
        "InvalidVlanId.Used",
        "OperationDenied.NeedVpconnOwner",
        "OperationFailed.VpconnAttached",
        "Forbidden.VbrAttached",
    ]


def test_second_circuit(console: Carrier, scene: dict[str, str]) -> None:
    pair = {"VbrId": scene["vbr"], "PhysicalConnectionId": scene["spare"]}
    console("AssociatePhysicalConnectionToVirtualBorderRouter", **pair, VlanId="77", **OTHER_ENDS, CircuitCode="c-9")
    (extra,) = console.vbr(scene["vbr"])["AssociatedPhysicalConnections"]["AssociatedPhysicalConnection"]
    assert extra["VlanInterfaceId"] not in ("", scene["vlan_interface"])
    assert extra | {"VlanInterfaceId": ""} == {
        "PhysicalConnectionId": scene["spare"],
        "PhysicalConnectionStatus": "Enabled",
        "PhysicalConnectionBusinessStatus": "Normal",
        "PhysicalConnectionOwnerUid": ACCOUNT,
        "VlanId": "77",
        "VlanInterfaceId": "",
        **OTHER_ENDS,
        "EnableIpv6": False,
        "LocalIpv6GatewayIp": "",
        "PeerIpv6GatewayIp": "",
        "PeeringIpv6SubnetMask": "",
        "CircuitCode": "c-9",
        "Status": "Associated",
    }
    assert console.refused("DeleteVirtualBorderRouter", VbrId=scene["vbr"]).code == "InvalidStatus.NotAllowed"
    hop = {"NextHopType": "RouterInterface", "NextHopId": extra["VlanInterfaceId"]}
    route = {"RouteTableId": scene["table"], "DestinationCidrBlock": "192.168.0.0/16"}
    console("CreateRouteEntry", **route, **hop)
    refused = console.refused("UnassociatePhysicalConnectionFromVirtualBorderRouter", **pair)
    assert refused.code == "ROUTER_INTERFACE_REFERED_BY_ROUTEENTRY"
    console("DeleteRouteEntry", **route)
    console("UnassociatePhysicalConnectionFromVirtualBorderRouter", **pair)
    extra = console.vbr(scene["vbr"])["AssociatedPhysicalConnections"]["AssociatedPhysicalConnection"]
    assert extra == []


# --- routes -------------------------------------------------------------------------------------------------------


def test_route_to_the_site(console: Carrier, scene: dict[str, str]) -> None:
    answer = console("DescribeRouteTableList", RouterType="VBR", RouterId=scene["vbr"])
    (table,) = answer["RouterTableList"]["RouterTableListType"]
    assert (table["RouteTableId"], table["RouterType"], table["RouteTableType"], table["VpcId"]) == (
        scene["table"],
        "VBR",
        "System",
        "",
    )
    seen = []

    def status() -> str:
        row = console.routes(scene["table"]).get("192.168.0.0/16")
        return row["Status"] if row else "gone"

    route = {"RouteTableId": scene["table"], "DestinationCidrBlock": "192.168.0.0/16"}
    other = {"RouteTableId": scene["table"], "DestinationCidrBlock": "192.170.0.0/16"}
    hop = {"NextHopType": "RouterInterface", "NextHopId": scene["vlan_interface"]}
    with console.slow("fast"):
        id = console("CreateRouteEntry", **route, **hop, RouteEntryName="plant")["RouteEntryId"]
        assert console.refused("CreateRouteEntry", **other, **hop).code == "IncorrectRouteEntryStatus"
        seen.append(status())
        console.cloud.advance(1)
        seen.append(status())
        console("DeleteRouteEntry", RouteEntryId=id)
        seen.append(status())
        console.cloud.advance(1)
        seen.append(status())
    assert seen == ["Pending", "Available", "Deleting", "gone"]


def test_route_row(console: Carrier, scene: dict[str, str]) -> None:
    hop = {"NextHopType": "RouterInterface", "NextHopId": scene["vlan_interface"]}
    route = {"RouteTableId": scene["table"], "DestinationCidrBlock": "192.168.0.0/16"}
    id = console("CreateRouteEntry", **route, **hop, RouteEntryName="plant")["RouteEntryId"]
    row = console.routes(scene["table"])["192.168.0.0/16"]
    assert row | {"GmtModified": ""} == {
        "RouteEntryId": id,
        **route,
        "Type": "Custom",
        "Origin": "CustomCreate",
        "Status": "Available",
        "RouteEntryName": "plant",
        "Description": "",
        "IpVersion": "IPv4",
        "ServiceType": "",
        "GmtModified": "",
        "NextHops": {"NextHop": [{**hop, "Enabled": 1, "Weight": 100, "NextHopRegionId": REGION}]},
    }
    (old,) = console("DescribeRouteTables", RouteTableId=scene["table"])["RouteTables"]["RouteTable"]
    assert [entry["DestinationCidrBlock"] for entry in old["RouteEntrys"]["RouteEntry"]].count("192.168.0.0/16") == 1
    console("ModifyRouteEntry", RouteEntryId=id, RouteEntryName="new")
    assert console.routes(scene["table"])["192.168.0.0/16"]["RouteEntryName"] == "new"
    refused = console.refused("DeleteVirtualBorderRouter", VbrId=scene["vbr"])
    assert refused.code == "DependencyViolation.RouterInterfaceReferedByRouteEntry"


@pytest.mark.parametrize("status", ["FinancialLocked", "SecurityLocked"])
def test_locked_circuit_takes_no_routes(status: str, console: Carrier, scene: dict[str, str]) -> None:
    console.change_circuit(scene["circuit"], business_status=status)
    hop = {"NextHopType": "RouterInterface", "NextHopId": scene["vlan_interface"]}
    route = {"RouteTableId": scene["table"], "DestinationCidrBlock": "192.168.0.0/16"}
    assert console.refused("CreateRouteEntry", **route, **hop).code == "InvalidPhysicalConnectionBusinessStatus"
