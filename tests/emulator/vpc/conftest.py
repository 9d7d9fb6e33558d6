"""A console on the embedded cloud's VPC product: the official SDK, driven by action names as the API spells them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from alibabacloud_tea_openapi.exceptions import ClientException, ServerException
from alibabacloud_vpc20160428 import models

from gatespan.emulator.ids import Ids
from gatespan.emulator.lifecycle import Latency
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
from gatespan.emulator.world import Thing

ACCOUNT = "1000000000000001"
REGION = "cn-hangzhou"
ZONE = "cn-hangzhou-h"


class Console:
    """``console("CreateVpc", VpcName="hub")`` calls the SDK's method and returns the raw body, after proving that
    the SDK's typed body holds every key of it. RegionId is cn-hangzhou unless given (None: not sent)."""

    def __init__(self, cloud: Any, client: Any = None) -> None:
        self.cloud = cloud
        self.client = client or cloud.vpc()
        self.methods = {name.replace("_", "").lower(): name for name in dir(self.client)}
        self.raw: Mapping[str, Any] = {}
        self.ids = Ids(random.Random(7))
        send = self.client.call_api

        def call_api(*arguments: Any) -> Any:
            answer = send(*arguments)
            self.raw = answer["body"]
            return answer

        self.client.call_api = call_api

    def __call__(self, action: str, **parameters: Any) -> dict[str, Any]:
        request = getattr(models, action + "Request")().from_map({"RegionId": REGION, **parameters})
        response = getattr(self.client, self.methods[action.lower()])(request)
        assert response.body is not None, f"{action}: the typed body is None, a wrapper is wrong: {self.raw}"
        assert not list(lost(self.raw, response.body.to_map())), f"{action}: keys that the SDK does not know"
        return dict(self.raw)

    def refused(self, action: str, **parameters: Any) -> ClientException | ServerException:
        """The refusal as the SDK raises it: ``code``, ``status_code``, ``message``."""
        with pytest.raises((ClientException, ServerException)) as caught:
            self(action, **parameters)
        return caught.value

    # --- short words for what tests need often ---------------------------------------------------------------

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

    @contextmanager
    def slow(self, mode: str = "fast") -> Iterator[None]:
        """Changes take time while this lasts; the clock stands still."""
        self.cloud.life.latency = Latency(mode)  # type: ignore[arg-type]
        try:
            yield
        finally:
            self.cloud.life.latency = Latency("none")

    def put(self, *things: Thing) -> None:
        """Put things of other products into the world."""
        self.cloud.put(*things)

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


def lost(raw: Any, typed: Any, path: str = "") -> Iterator[str]:
    """The keys of the raw body that the typed body does not hold."""
    if isinstance(raw, Mapping):
        for key, value in raw.items():
            if path == "" and key in ("Code", "Message", "Success"):
                continue  # live answers of DescribeRouteTableList carry these; the SDK's model has no place for them
            if not isinstance(typed, Mapping) or key not in typed:
                yield f"{path}.{key}"
            else:
                yield from lost(value, typed[key], f"{path}.{key}")
    elif isinstance(raw, list):
        if not isinstance(typed, list) or len(typed) != len(raw):
            yield path
        else:
            for one, other in zip(raw, typed, strict=True):
                yield from lost(one, other, path + "[]")


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
