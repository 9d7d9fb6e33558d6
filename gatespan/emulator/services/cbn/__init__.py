"""CEN (product Cbn, version 2017-09-12): importing this package completes ``service`` with all its actions."""

from __future__ import annotations

from gatespan.emulator.services.cbn import (
    associations,
    bandwidth,
    basic_children,
    basic_limits,
    cens,
    child_routes,
    grants,
    health_checks,
    peer_attachments,
    publication,
    region_routes,
    route_entries,
    route_maps,
    route_services,
    route_tables,
    tags,
    transit_routers,
    vbr_attachments,
    vpc_attachments,
)
from gatespan.emulator.services.cbn.service import service

__all__ = [
    "associations",
    "bandwidth",
    "basic_children",
    "basic_limits",
    "cens",
    "child_routes",
    "grants",
    "health_checks",
    "peer_attachments",
    "publication",
    "region_routes",
    "route_entries",
    "route_maps",
    "route_services",
    "route_tables",
    "service",
    "tags",
    "transit_routers",
    "vbr_attachments",
    "vpc_attachments",
]
