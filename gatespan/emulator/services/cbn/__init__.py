"""CEN (product Cbn, version 2017-09-12): importing this package completes ``service`` with all its actions."""

from __future__ import annotations

from gatespan.emulator.services.cbn import (
    associations,
    bandwidth,
    cens,
    child_routes,
    peer_attachments,
    publication,
    route_entries,
    route_tables,
    tags,
    transit_routers,
    vpc_attachments,
)
from gatespan.emulator.services.cbn.service import service

__all__ = [
    "associations",
    "bandwidth",
    "cens",
    "child_routes",
    "peer_attachments",
    "publication",
    "route_entries",
    "route_tables",
    "service",
    "tags",
    "transit_routers",
    "vpc_attachments",
]
