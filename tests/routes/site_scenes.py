"""Scenario 3's network as objects of a world: VPC-1 with a bound gateway, a CEN, a data centre on a border router."""

from __future__ import annotations

from typing import Any

from gatespan.emulator.models import FirewallRule, Site, SiteHost, SiteRoute
from gatespan.emulator.services.cbn.models import Cen, TransitRouterRouteEntry, VbrAttachment, VbrHealthCheck
from gatespan.emulator.services.cloudapi.models import GatewayInstance
from gatespan.emulator.services.vpc.models import (
    AssociatedCircuit,
    BgpGroup,
    BgpPeer,
    PhysicalConnection,
    RouteEntry,
    RouteTable,
    VirtualBorderRouter,
)
from gatespan.emulator.world import Thing
from tests.routes.scenes import HERE, H, attachment, joined, machine, router, vpc

EGRESS = "100.104.5.64/26"
GATEWAY_IP, ORDERS_IP, DESK_IP, ECS_IP = "100.104.5.65", "10.200.1.10", "10.200.1.20", "10.1.1.5"


def site(**more: Any) -> Site:
    fields: dict[str, Any] = {
        "prefixes": ("10.200.0.0/16",),
        "routes": (SiteRoute("10.1.0.0/16", "pc-1"), SiteRoute(EGRESS, "pc-1"), SiteRoute("10.255.9.1/32", "pc-1")),
        "firewall": (FirewallRule(EGRESS, f"{ORDERS_IP}/32", 8080),),
        "hosts": (SiteHost("orders-1", ORDERS_IP), SiteHost("desk", DESK_IP)),
        **more,
    }
    return Site(id="site-dc-1", name="dc-1", status="present", **HERE, **fields)


def line(n: int, **more: Any) -> list[Thing]:
    """A circuit to the site, its border router, its attachment to tr-h with association and propagation."""
    fields: dict[str, Any] = {"status": "Enabled", "site": "dc-1", "name": f"line-{n}", **more}
    circuit = AssociatedCircuit(f"pc-{n}", 100 + n, f"10.255.{n}.1", f"10.255.{n}.2", "255.255.255.252", f"ri-vlan-{n}")
    table = f"vtb-vbr-{n}"
    return [
        PhysicalConnection(id=f"pc-{n}", region=H, **HERE, **fields),
        VirtualBorderRouter(
            id=f"vbr-{n}", region=H, status="active", circuits=(circuit,), route_table_id=table, **HERE
        ),
        RouteTable(id=table, region=H, router_id=f"vbr-{n}", router_type="VBR", status="Available", **HERE),
        VbrAttachment(
            id=f"att-vbr-{n}",
            region=H,
            cen_id="cen-1",
            transit_router_id="tr-h",
            vbr_id=f"vbr-{n}",
            auto_publish=True,
            status="Attached",
            **HERE,
        ),
        *joined(f"att-vbr-{n}", "table-tr-h"),
    ]


def to_site(n: int, destination: str = "10.200.0.0/16") -> Thing:
    """The border router's stored route to the site."""
    return RouteEntry(
        id=f"rte-site-{n}",
        table_id=f"vtb-vbr-{n}",
        destination=destination,
        next_hop_type="RouterInterface",
        next_hop_id=f"ri-vlan-{n}",
        status="Available",
        **HERE,
    )


def bgp(n: int, asn: int = 65010, key: str = "") -> list[Thing]:
    return [
        BgpGroup(id=f"bgpg-{n}", vbr_id=f"vbr-{n}", peer_asn=asn, auth_key=key, status="Available", **HERE),
        BgpPeer(
            id=f"bgp-{n}",
            group_id=f"bgpg-{n}",
            vbr_id=f"vbr-{n}",
            peer_ip=f"10.255.{n}.2",
            status="Available",
            **HERE,
        ),
    ]


def health_check(n: int, **more: Any) -> Thing:
    return VbrHealthCheck(
        id=f"cen-1:vbr-{n}",
        cen_id="cen-1",
        vbr_id=f"vbr-{n}",
        source_ip="10.255.9.1",
        target_ip=f"10.255.{n}.2",
        status="Enabled",
        **HERE,
        **more,
    )


def gateway() -> Thing:
    return GatewayInstance(
        id="apigateway-1",
        name="gateway-1",
        region=H,
        status="RUNNING",
        user_vpc_id="vpc-1",
        user_vswitch_id="vsw-1",
        entry_ip="10.1.1.100",
        vpc_egress=EGRESS,
        **HERE,
    )


def hub() -> list[Thing]:
    """VPC-1 on its transit router, with a gateway bound to it."""
    return [
        Cen(id="cen-1", status="Active", **HERE),
        *vpc("vpc-1", H, "10.1.0.0/16", {"vsw-1": "10.1.1.0/24"}),
        *router("tr-h", H),
        attachment("att-1", "tr-h", "vpc-1", H),
        *joined("att-1", "table-tr-h"),
        machine("ecs-1", "vpc-1", "vsw-1", ECS_IP, H),
        gateway(),
    ]


def back_to_gateway(block: str = EGRESS) -> Thing:
    return TransitRouterRouteEntry(
        id="rte-egress" if block == EGRESS else f"rte-{block}",
        table_id="table-tr-h",
        destination=block,
        next_hop_type="Attachment",
        next_hop_id="att-1",
        status="Active",
        **HERE,
    )


def scenario_3() -> list[Thing]:
    return [*hub(), *line(1), to_site(1), back_to_gateway(), site()]
