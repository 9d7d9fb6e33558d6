"""A console on the embedded cloud's VPC product: the official SDK, driven by action names as the API spells them."""

from __future__ import annotations

import random
from typing import Any

import pytest
from alibabacloud_vpc20160428 import models

from gatespan.emulator.ids import Ids
from gatespan.emulator.models import Machine
from gatespan.emulator.services.cbn.models import (
    Association,
    ChildInstance,
    TransitRouter,
    TransitRouterRouteEntry,
    TransitRouterRouteTable,
    VpcAttachment,
    ZoneMapping,
)
from gatespan.emulator.services.vpc.models import NetworkInterface

from ..console import ActionConsole

ACCOUNT = "1000000000000001"
REGION = "cn-hangzhou"
ZONE = "cn-hangzhou-h"


class Console(ActionConsole):
    """Adds what tests of VPCs need often. RegionId is cn-hangzhou unless given."""

    unmodelled = ("Code", "Message", "Success")

    def __init__(self, cloud: Any, client: Any = None) -> None:
        super().__init__(cloud, client or cloud.vpc(), models, RegionId=REGION)
        self.ids = Ids(random.Random(7))

    def vpc(self, cidr: str = "10.0.0.0/16", **parameters: Any) -> dict[str, Any]:
        return self("CreateVpc", CidrBlock=cidr, **parameters)

    def vswitch(self, vpc_id: str, cidr: str, zone: str = ZONE, **parameters: Any) -> str:
        return str(self("CreateVSwitch", VpcId=vpc_id, CidrBlock=cidr, ZoneId=zone, **parameters)["VSwitchId"])

    def routes(self, table_id: str, **parameters: Any) -> dict[str, dict[str, Any]]:
        """The routes of a table by destination."""
        answer = self("DescribeRouteEntryList", RouteTableId=table_id, MaxResult=100, **parameters)
        return {row["DestinationCidrBlock"]: row for row in answer["RouteEntrys"]["RouteEntry"]}

    def status(self, vswitch_id: str) -> str:
        return str(self("DescribeVSwitchAttributes", VSwitchId=vswitch_id)["Status"])

    def attachment(self, vpc_id: str, *vswitch_ids: str, **values: Any) -> VpcAttachment:
        attachment = VpcAttachment(
            **{
                "id": self.ids.regional("tr-attach", REGION),
                "account": ACCOUNT,
                "region": REGION,
                "status": "Attached",
                "cen_id": "cen-1",
                "transit_router_id": "tr-1",
                "vpc_id": vpc_id,
                "zones": tuple(ZoneMapping(ZONE, id) for id in vswitch_ids),
                **values,
            }
        )
        self.put(attachment)
        return attachment

    def child_instance(self, vpc_id: str) -> None:
        """The VPC attached to a CEN of the Basic edition."""
        of = {"cen_id": "cen-1", "instance_id": vpc_id, "type": "VPC"}
        self.put(ChildInstance(id=f"cen-1:{vpc_id}", account=ACCOUNT, region=REGION, status="Attached", **of))

    def machine(self, vpc_id: str, vswitch_id: str, ip: str, name: str = "ecs-1") -> Machine:
        machine = Machine(
            id=f"i-{name}", account=ACCOUNT, region=REGION, name=name, vpc_id=vpc_id, vswitch_id=vswitch_id, ip=ip
        )
        self.put(machine)
        return machine

    def interface(self, vpc_id: str, vswitch_id: str, ip: str) -> NetworkInterface:
        interface = NetworkInterface(
            id=f"eni-{ip}", account=ACCOUNT, region=REGION, vpc_id=vpc_id, vswitch_id=vswitch_id, ip=ip
        )
        self.put(interface)
        return interface

    def published_route(self, vpc_id: str, destination: str) -> VpcAttachment:
        """A transit router that publishes one static route into the VPC's tables."""
        router = TransitRouter(id="tr-1", account=ACCOUNT, region=REGION, status="Active", cen_id="cen-1")
        table = TransitRouterRouteTable(
            id="vtb-tr-1", account=ACCOUNT, region=REGION, status="Active", transit_router_id=router.id
        )
        attachment = self.attachment(vpc_id, auto_publish=True)
        other = self.attachment(str(self.vpc("192.168.0.0/16")["VpcId"]))
        association = Association(
            id=f"{attachment.id}:{table.id}",
            account=ACCOUNT,
            region=REGION,
            status="Active",
            attachment_id=attachment.id,
            table_id=table.id,
        )
        entry = TransitRouterRouteEntry(
            id="rte-tr-1",
            account=ACCOUNT,
            region=REGION,
            status="Active",
            table_id=table.id,
            destination=destination,
            next_hop_type="Attachment",
            next_hop_id=other.id,
        )
        self.put(router, table, association, entry)
        return attachment


@pytest.fixture
def console(cloud: Any) -> Console:
    return Console(cloud)


@pytest.fixture
def scene(console: Console) -> dict[str, str]:
    """A VPC with two vSwitches and an attachment, and another VPC with an attachment of its own: their ids."""
    hub, other = console.vpc(VpcName="hub"), console.vpc("172.16.0.0/16", VpcName="other")
    return {
        "vpc": hub["VpcId"],
        "table": hub["RouteTableId"],
        "vswitch": console.vswitch(hub["VpcId"], "10.0.1.0/24"),
        "vswitch2": console.vswitch(hub["VpcId"], "10.0.2.0/24", "cn-hangzhou-i"),
        "attachment": console.attachment(hub["VpcId"]).id,
        "other": other["VpcId"],
        "other_table": other["RouteTableId"],
        "other_vswitch": console.vswitch(other["VpcId"], "172.16.1.0/24"),
        "other_attachment": console.attachment(other["VpcId"]).id,
    }
