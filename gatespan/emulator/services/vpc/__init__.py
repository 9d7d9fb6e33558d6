"""The VPC product: VPCs, vSwitches, route tables and routes, tags, regions and zones; and Express Connect: circuits,
border routers, BGP, router interfaces, grants."""

from __future__ import annotations

from gatespan.emulator.services.vpc import (
    actions_bgp,
    actions_circuit,
    actions_grant,
    actions_hosted,
    actions_loa,
    actions_place,
    actions_route,
    actions_router_interface,
    actions_table,
    actions_tag,
    actions_vbr,
    actions_vbr_circuit,
    actions_vpc,
    actions_vswitch,
)
from gatespan.emulator.services.vpc.service import service

__all__ = [
    "actions_bgp",
    "actions_circuit",
    "actions_grant",
    "actions_hosted",
    "actions_loa",
    "actions_place",
    "actions_route",
    "actions_router_interface",
    "actions_table",
    "actions_tag",
    "actions_vbr",
    "actions_vbr_circuit",
    "actions_vpc",
    "actions_vswitch",
    "service",
]
