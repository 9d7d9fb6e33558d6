"""Border routers, BGP, router interfaces, the way back to the gateway, and a CEN of the Basic edition.

Types, arguments and import ids are those of the provider's documentation (August 2026).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from gatespan.planning.engine import Engine
from gatespan.report.terraform.hcl import Block, Expression
from gatespan.report.terraform.kinds import route_entries
from gatespan.report.terraform.stubs import Stub, numbered, of, reference, stub, tags
from gatespan.resources.base import Found
from gatespan.resources.cen.transit_router import system_table
from gatespan.resources.ownership import mark


@of("vbr")
def vbr(resource: Any, found: Found, engine: Engine) -> Iterator[Stub]:
    row, detects = found.row, bool(found.row.get("DetectMultiplier"))
    yield stub(
        "express_connect_virtual_border_router",
        resource,
        found.id,
        physical_connection_id=row["PhysicalConnectionId"],
        vlan_id=int(row["VlanId"]),
        local_gateway_ip=row["LocalGatewayIp"],
        peer_gateway_ip=row["PeerGatewayIp"],
        peering_subnet_mask=row["PeeringSubnetMask"],
        virtual_border_router_name=row.get("Name") or None,
        bandwidth=int(row.get("Bandwidth") or 0) or None,
        detect_multiplier=int(row["DetectMultiplier"]) if detects else None,
        min_tx_interval=int(row["MinTxInterval"]) if detects else None,
        min_rx_interval=int(row["MinRxInterval"]) if detects else None,
        tags=tags(row),
    )


@of("vbr_route", "vbr_uplink")
def vbr_routes(resource: Any, found: Found, engine: Engine) -> Iterator[Stub]:
    yield from route_entries(resource, found.row["entries"].values(), str(engine.id_of(resource.vbr)))


@of("bgp_group")
def bgp_group(resource: Any, found: Found, engine: Engine) -> Iterator[Stub]:
    """Its key is a secret: the file has none, and tells Terraform to leave it alone."""
    ignored = Block("lifecycle", (), {"ignore_changes": [Expression("auth_key")]}) if resource.key_env else None
    yield stub(
        "vpc_bgp_group",
        resource,
        found.id,
        router_id=reference(engine, resource.vbr),
        peer_asn=resource.asn,
        bgp_group_name=found.row.get("Name") or None,
        description=found.row.get("Description") or None,
        lifecycle=ignored,
    )


@of("bgp_peer")
def bgp_peer(resource: Any, found: Found, engine: Engine) -> Iterator[Stub]:
    yield stub(
        "vpc_bgp_peer",
        resource,
        found.id,
        bgp_group_id=reference(engine, resource.group),
        peer_ip_address=found.row.get("PeerIpAddress"),
        enable_bfd=bool(found.row.get("EnableBfd")),
        bfd_multi_hop=1 if found.row.get("EnableBfd") else None,
    )


@of("bgp_network")
def bgp_network(resource: Any, found: Found, engine: Engine) -> Iterator[Stub]:
    router = engine.id_of(resource.vbr)
    yield from numbered(
        stub(
            "vpc_bgp_network",
            resource,
            f"{router}:{block}",
            router_id=reference(engine, resource.vbr),
            dst_cidr_block=block,
            vpc_id=reference(engine, resource.vpc),
        )
        for block in sorted(found.row)
    )


@of("health_check")
def health_check(resource: Any, found: Found, engine: Engine) -> Iterator[Stub]:
    row, vbr = found.row, engine.id_of(resource.vbr)
    yield stub(
        "cen_vbr_health_check",
        resource,
        f"{vbr}:{resource.region}",
        cen_id=reference(engine, resource.cen),
        vbr_instance_id=reference(engine, resource.vbr),
        vbr_instance_region_id=resource.region,
        health_check_target_ip=row.get("HealthCheckTargetIp"),
        health_check_source_ip=row.get("HealthCheckSourceIp") or None,
        health_check_interval=row.get("HealthCheckInterval"),
        healthy_threshold=row.get("HealthyThreshold"),
    )


@of("router_interface")
def router_interface(resource: Any, found: Found, engine: Engine) -> Iterator[Stub]:
    """Both ends; of two regions, each in its own."""
    for end, region in (("vbr_end", resource.region), ("vpc_end", resource.hub_region)):
        rows = engine.inventory.rows("DescribeRouterInterfaces", region=region, RegionId=region)
        row = next((r for r in rows if r["RouterInterfaceId"] == found.row[end]), None)
        if row is None:
            continue
        one = stub(
            "express_connect_router_interface",
            resource,
            row["RouterInterfaceId"],
            router_type=row["RouterType"],
            router_id=reference(engine, resource.vbr) if end == "vbr_end" else row["RouterId"],
            role=row["Role"],
            spec=row["Spec"],
            status=row["Status"],
            opposite_region_id=row["OppositeRegionId"],
            opposite_router_type=row["OppositeRouterType"],
            opposite_router_id=row["OppositeRouterId"],
            health_check_source_ip=row.get("HealthCheckSourceIp") or None,
            health_check_target_ip=row.get("HealthCheckTargetIp") or None,
            hc_rate=row.get("HcRate") or None,
            hc_threshold=row.get("HcThreshold") or None,
            router_interface_name=row.get("Name") or None,
            tags=tags(row),
        )
        yield replace(one, name=f"{one.name}_{end}", region=region)


# --- the way back to the gateway ---------------------------------------------------------------------------


@of("cloud_service_routes")
def cloud_service_routes(resource: Any, found: Found, engine: Engine) -> Iterator[Stub]:
    router = engine.found(resource.router)
    table = system_table(engine, router, resource.region) if router else None
    entry = "transit_router_route_entry"
    yield from numbered(
        stub(
            "cen_transit_router_route_entry",
            resource,
            f"{table}:{one.id}",
            **{
                "transit_router_route_table_id": table,
                f"{entry}_destination_cidr_block": one.block,
                f"{entry}_next_hop_type": "Attachment",
                f"{entry}_next_hop_id": reference(engine, resource.attachment),
                f"{entry}_name": f"{engine.topology}-gateway"[:128],
                f"{entry}_description": mark(engine.topology, resource.key),
            },
        )
        for one in found.row["ours"]
    )


@of("route_service")
def route_service(resource: Any, found: Found, engine: Engine) -> Iterator[Stub]:
    cen, region = engine.id_of(resource.cen), resource.region
    yield from numbered(
        stub(
            "cen_route_service",
            resource,
            f"{cen}:{region}:{one.block}:{region}",
            cen_id=reference(engine, resource.cen),
            host=one.block,
            host_region_id=region,
            host_vpc_id=reference(engine, resource.vpc),
            access_region_id=region,
            description=mark(engine.topology, resource.key),  # without it the provider would make it anew
        )
        for one in found.row["ours"]
    )


# --- a CEN of the Basic edition --------------------------------------------------------------------------------


@of("child_instance")
def child_instance(resource: Any, found: Found, engine: Engine) -> Iterator[Stub]:
    cen, instance = engine.id_of(resource.cen), engine.id_of(resource.instance)
    yield stub(
        "cen_instance_attachment",
        resource,
        f"{cen}:{instance}:{resource.type}:{resource.region}",
        instance_id=reference(engine, resource.cen),
        child_instance_id=reference(engine, resource.instance),
        child_instance_type=resource.type,
        child_instance_region_id=resource.region,
    )


@of("region_bandwidth")
def region_bandwidth(resource: Any, found: Found, engine: Engine) -> Iterator[Stub]:
    """The two regions stand in the id in the order of the alphabet (source of the provider)."""
    ends = sorted((resource.region, resource.peer_region))
    yield stub(
        "cen_bandwidth_limit",
        resource,
        ":".join([str(engine.id_of(resource.cen)), *ends]),
        instance_id=reference(engine, resource.cen),
        region_ids=ends,
        bandwidth_limit=found.fields["mbps"],
    )
