"""A console on Express Connect: that of the VPC tests, with circuits, border routers and sites at hand."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from gatespan.emulator.models import AccessKey, Account, Site
from gatespan.emulator.services.vpc import lines
from gatespan.emulator.services.vpc.models import PhysicalConnection

from ..vpc.conftest import ACCOUNT, REGION, Console

TENANT, TENANT_KEY = "1000000000000002", ("tenant", "tenant-secret")
POINT = f"ap-{REGION}-main-A"
ENDS = {"LocalGatewayIp": "10.255.0.1", "PeerGatewayIp": "10.255.0.2", "PeeringSubnetMask": "255.255.255.252"}
TAGS = [{"Key": "team", "Value": "net"}]


class Carrier(Console):
    """Adds the words of Express Connect. ``as_tenant``: the same console, signed by another account's key."""

    def as_tenant(self) -> Carrier:
        now = self.cloud.clock.now()
        self.put(
            Account(id=TENANT, account=TENANT, name="tenant"),
            AccessKey(id=TENANT_KEY[0], account=TENANT, secret=TENANT_KEY[1], created=now),
        )
        return Carrier(self.cloud, self.cloud.vpc(key=TENANT_KEY))

    def circuit(self, **parameters: Any) -> str:
        """A circuit that is Allocated."""
        asked = {"AccessPointId": POINT, "LineOperator": "CT", **parameters}
        return str(self("CreatePhysicalConnection", **asked)["PhysicalConnectionId"])

    def enabled(self, **parameters: Any) -> str:
        id = self.circuit(**parameters)
        for action, asked in lines.until_enabled(REGION, id):
            self(action, **asked)
        return id

    def line(self, id: str) -> dict[str, Any]:
        """The circuit as it is listed."""
        answer = self("DescribePhysicalConnections", Filter=[{"Key": "PhysicalConnectionId", "Value": [id]}])
        (row,) = answer["PhysicalConnectionSet"]["PhysicalConnectionType"]
        return dict(row)

    def border_router(self, circuit: str, vlan: int = 100, **parameters: Any) -> str:
        asked = {"PhysicalConnectionId": circuit, "VlanId": vlan, **ENDS, **parameters}
        return str(self("CreateVirtualBorderRouter", **asked)["VbrId"])

    def vbr(self, id: str) -> dict[str, Any]:
        """The border router as it is listed."""
        answer = self("DescribeVirtualBorderRouters", Filter=[{"Key": "VbrId", "Value": [id]}])
        (row,) = answer["VirtualBorderRouterSet"]["VirtualBorderRouterType"]
        return dict(row)

    def peer(self, id: str) -> dict[str, Any]:
        (row,) = self("DescribeBgpPeers", BgpPeerId=id)["BgpPeers"]["BgpPeer"]
        return dict(row)

    def interface(self, id: str) -> dict[str, Any]:  # type: ignore[override]
        return self("DescribeRouterInterfaceAttribute", InstanceId=id)

    def site(self, **values: Any) -> Site:
        site = Site(**{"id": "site-1", "account": ACCOUNT, "name": "plant", "prefixes": ("192.168.0.0/16",), **values})
        self.put(site)
        return site

    def change_circuit(self, id: str, **values: Any) -> None:
        """What the cloud's staff or the carrier do to a circuit."""
        self.put(dataclasses.replace(self.cloud.world.get(PhysicalConnection, id), **values))


@pytest.fixture
def console(cloud: Any) -> Carrier:
    return Carrier(cloud)


@pytest.fixture
def scene(console: Carrier) -> dict[str, str]:
    """A VPC; a site; an enabled circuit to it with a border router; a second enabled circuit; one only allocated."""
    vpc = console.vpc()
    console.site(asn=65001, bgp_key="secret", announces=("192.168.1.0/24", "192.168.2.0/24"))
    circuit = console.enabled(PeerLocation="plant")
    vbr = console.border_router(circuit)
    row = console.vbr(vbr)
    return {
        "vpc": vpc["VpcId"],
        "vrouter": vpc["VRouterId"],
        "vpc_table": vpc["RouteTableId"],
        "circuit": circuit,
        "spare": console.enabled(AccessPointId=f"ap-{REGION}-main-B"),
        "allocated": console.circuit(),
        "vbr": vbr,
        "vlan_interface": row["VlanInterfaceId"],
        "table": row["RouteTableId"],
        "point": POINT,
        "tenant": TENANT,
    }
