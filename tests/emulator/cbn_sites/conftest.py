"""The scene of the CEN tests with data centres in it, and a second CEN of the Basic edition."""

from __future__ import annotations

from typing import Any

import pytest

from gatespan.emulator.services.vpc.models import (
    AssociatedCircuit,
    PhysicalConnection,
    RouteEntry,
    RouteTable,
    VirtualBorderRouter,
)
from gatespan.emulator.world import Thing

from ..cbn.conftest import ACCOUNT, SCENE, B, Console, H, build, buy, console, join, vpc

__all__ = ["ACCOUNT", "OTHER", "B", "Console", "H", "border_router", "console", "sites", "vpc"]

OTHER = "2000000000000002"
SITES: dict[str, Any] = {}
"""The scene, built once: its names and the objects of its world."""


@pytest.fixture
def sites(console: Console, vpc: Console) -> dict[str, str]:
    """Ids of what is there: see ``build_sites``."""
    if not SITES:
        SITES["names"] = build_sites(console, vpc)
        SITES["things"] = [thing for thing in console.cloud.world if not thing.KIND.startswith("_")]
    console.cloud.running.do(lambda: console.cloud.inner.replace(SITES["things"]))
    return dict(SITES["names"])


def build_sites(console: Console, vpc: Console) -> dict[str, str]:
    """The CEN tests' scene, and besides:

    ``vbr`` on the Hangzhou router, joined to its system table; ``spare_vbr`` in Hangzhou and ``far_vbr`` in Beijing,
    tied to nothing. ``basic_cen`` with a plan of 10 Mbit/s, holding ``free_vpc`` and ``basic_vbr`` in Hangzhou and
    ``spoke_vpc`` in Beijing. Every border router has one static route, to 192.168.N.0/24.
    """
    if SCENE:
        console.cloud.running.do(lambda: console.cloud.inner.replace(SCENE["things"]))
        names = dict(SCENE["names"])
    else:
        names = build(console, vpc)
    for number, (name, region) in enumerate((("vbr", H), ("spare_vbr", H), ("far_vbr", B), ("basic_vbr", H)), 1):
        console.put(*border_router(name, region, number))
        names |= {name: f"vbr-{name}", f"{name}_table": f"vtb-{name}", f"{name}_circuit": f"ri-{name}"}
    made = console("CreateTransitRouterVbrAttachment", VbrId=names["vbr"], TransitRouterId=names["hub_router"])
    names["vbr_attachment"] = made["TransitRouterAttachmentId"]
    join(console, names["vbr_attachment"], names["hub_system"])
    names["basic_cen"] = console("CreateCen", Name="old")["CenId"]
    names["basic_plan"] = buy(console, Bandwidth=10)
    console("AssociateCenBandwidthPackage", CenId=names["basic_cen"], CenBandwidthPackageId=names["basic_plan"])
    for kind, name, region in (("VPC", "free_vpc", H), ("VBR", "basic_vbr", H), ("VPC", "spoke_vpc", B)):
        child = {"ChildInstanceId": names[name], "ChildInstanceType": kind, "ChildInstanceRegionId": region}
        console("AttachCenChildInstance", CenId=names["basic_cen"], **child)
    for router in console("ListTransitRouters", CenId=names["basic_cen"])["TransitRouters"]:
        names[f"basic_{'hub' if router['RegionId'] == H else 'spoke'}"] = router["TransitRouterId"]
    names["basic_system"] = console.system_table(names["basic_hub"])
    return names


def border_router(name: str, region: str, number: int, account: str = ACCOUNT) -> list[Thing]:
    """A border router on a circuit of its own, with a static route to 192.168.``number``.0/24."""
    place: dict[str, Any] = {"account": account, "region": region}
    circuit = AssociatedCircuit(
        physical_connection_id=f"pc-{name}",
        vlan_id=number,
        local_gateway_ip=f"10.255.{number}.1",
        peer_gateway_ip=f"10.255.{number}.2",
        peering_subnet_mask="255.255.255.252",
        vlan_interface_id=f"ri-{name}",
    )
    return [
        PhysicalConnection(id=f"pc-{name}", status="Enabled", **place),
        VirtualBorderRouter(
            id=f"vbr-{name}", status="active", circuits=(circuit,), route_table_id=f"vtb-{name}", name=name, **place
        ),
        RouteTable(id=f"vtb-{name}", status="Available", router_id=f"vbr-{name}", router_type="VBR", **place),
        RouteEntry(
            id=f"rte-{name}",
            status="Available",
            table_id=f"vtb-{name}",
            destination=f"192.168.{number}.0/24",
            next_hop_type="RouterInterface",
            next_hop_id=f"ri-{name}",
            **place,
        ),
    ]
