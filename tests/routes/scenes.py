"""Scenario 1's network as objects of a world: VPC-1 (cn-hangzhou) and VPC-3 (cn-beijing) joined by a CEN."""

from __future__ import annotations

from typing import Any

from gatespan.emulator.models import Machine
from gatespan.emulator.services.cbn.models import (
    Association,
    Cen,
    PeerAttachment,
    Propagation,
    TransitRouter,
    TransitRouterRouteTable,
    VpcAttachment,
)
from gatespan.emulator.services.vpc.models import RouteTable, Vpc, VSwitch
from gatespan.emulator.world import Thing, World

ACCOUNT = "1000000000000001"
H, B = "cn-hangzhou", "cn-beijing"
HERE: dict[str, Any] = {"account": ACCOUNT}


def vpc(name: str, region: str, cidr: str, subnets: dict[str, str], status: str = "Available") -> list[Thing]:
    table = f"vtb-{name}"
    return [
        Vpc(id=name, region=region, cidr=cidr, route_table_id=table, status=status, **HERE),
        RouteTable(id=table, region=region, vpc_id=name, status="Available", **HERE),
        *(
            VSwitch(
                id=i,
                region=region,
                vpc_id=name,
                zone=f"{region}-h",
                cidr=c,
                route_table_id=table,
                status=status,
                **HERE,
            )
            for i, c in subnets.items()
        ),
    ]


def router(name: str, region: str) -> list[Thing]:
    return [
        TransitRouter(id=name, region=region, cen_id="cen-1", status="Active", **HERE),
        TransitRouterRouteTable(id=f"table-{name}", region=region, transit_router_id=name, status="Active", **HERE),
    ]


def attachment(name: str, router: str, vpc_id: str, region: str, *, publish: bool = True, **more: Any) -> Thing:
    fields: dict[str, Any] = {"status": "Attached", **HERE, **more}
    return VpcAttachment(
        id=name, region=region, cen_id="cen-1", transit_router_id=router, vpc_id=vpc_id, auto_publish=publish, **fields
    )


def peer(name: str, near: str, far: str, *, mbps: int = 2, publish: bool = True, **more: Any) -> Thing:
    fields: dict[str, Any] = {"status": "Attached", **HERE, **more}
    return PeerAttachment(
        id=name,
        region=B,
        cen_id="cen-1",
        transit_router_id=near,
        peer_transit_router_id=far,
        peer_region=H,
        bandwidth=mbps,
        auto_publish=publish,
        **fields,
    )


def joined(attachment_id: str, table_id: str) -> list[Thing]:
    """Association and propagation of an attachment with a table."""
    id = f"{attachment_id}:{table_id}"
    return [
        Association(id=id, attachment_id=attachment_id, table_id=table_id, status="Active", **HERE),
        Propagation(id=id, attachment_id=attachment_id, table_id=table_id, status="Active", **HERE),
    ]


def scenario_1() -> list[Thing]:
    return [
        Cen(id="cen-1", status="Active", **HERE),
        *vpc("vpc-1", H, "10.1.0.0/16", {"vsw-1": "10.1.1.0/24"}),
        *vpc("vpc-3", B, "10.3.0.0/16", {"vsw-3": "10.3.1.0/24", "vsw-3b": "10.3.2.0/24"}),
        *router("tr-h", H),
        *router("tr-b", B),
        attachment("att-1", "tr-h", "vpc-1", H),
        attachment("att-3", "tr-b", "vpc-3", B),
        peer("peer-1", "tr-b", "tr-h"),
        *joined("att-1", "table-tr-h"),
        *joined("att-3", "table-tr-b"),
        *joined("peer-1", "table-tr-h"),
        *joined("peer-1", "table-tr-b"),
        machine("ecs-1", "vpc-1", "vsw-1", "10.1.1.5", H),
        machine("ecs-3", "vpc-3", "vsw-3", "10.3.1.5", B),
    ]


def machine(name: str, vpc_id: str, vswitch_id: str, ip: str, region: str, **more: Any) -> Thing:
    return Machine(
        id=f"i-{name}", name=name, vpc_id=vpc_id, vswitch_id=vswitch_id, ip=ip, region=region, **HERE, **more
    )


def world_of(things: list[Thing]) -> World:
    world = World()
    world.replace_all(things)
    return world
