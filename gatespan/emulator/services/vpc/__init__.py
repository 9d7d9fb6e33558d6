"""The VPC product: VPCs, vSwitches, route tables and routes, tags, regions and zones."""

from __future__ import annotations

from gatespan.emulator.services.vpc import (
    actions_place,
    actions_route,
    actions_table,
    actions_tag,
    actions_vpc,
    actions_vswitch,
)
from gatespan.emulator.services.vpc.service import service

__all__ = [
    "actions_place",
    "actions_route",
    "actions_table",
    "actions_tag",
    "actions_vpc",
    "actions_vswitch",
    "service",
]
