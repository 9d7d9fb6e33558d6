"""A circuit from nothing to Enabled, as the calls that people make in their order: for world files with sites.

Whoever plants a world makes the first call, and the others with the id that it answers. With a latency other than none
each call waits for the state that the one before leads to.
"""

from __future__ import annotations

from collections.abc import Mapping

from gatespan.emulator.services.vpc import express_rules as rules
from gatespan.emulator.world import World

Step = tuple[str, Mapping[str, str]]
"""An action of the VPC product and its parameters."""


def application(
    world: World, region: str, site: str, *, name: str = "", access_point: str = "", bandwidth: int = 0
) -> Step:
    """The application for a line to a site of the world (by name). Without an access point: the region's first that
    takes lines. ``bandwidth`` in Mbit/s; 0: that of the port."""
    offered = [point.id for point in rules.access_points(world, region) if point.takes_lines]
    asked = {
        "RegionId": region,
        "AccessPointId": access_point or next(iter(offered), ""),
        "LineOperator": "Other",
        "PeerLocation": site,
        "Name": name,
        "bandwidth": str(bandwidth) if bandwidth else "",
    }
    return "CreatePhysicalConnection", {key: value for key, value in asked.items() if value}


def until_enabled(region: str, circuit_id: str, company: str = "A company") -> tuple[Step, ...]:
    """From Allocated to Enabled: the letter of authorisation, the carrier's work, the confirmation, the payment."""
    letter = {"RegionId": region, "InstanceId": circuit_id}
    circuit = {"RegionId": region, "PhysicalConnectionId": circuit_id}
    applied = {"CompanyName": company, "LineType": "FIBRE", "ConstructionTime": "2026-01-01T00:00:00Z", "Si": company}
    return (
        ("ApplyPhysicalConnectionLOA", {**letter, **applied}),
        ("CompletePhysicalConnectionLOA", {**letter, "LineServiceProvider": company, "FinishWork": "true"}),
        ("ConfirmPhysicalConnection", circuit),
        ("CreatePhysicalConnectionOccupancyOrder", {**circuit, "AutoPay": "true"}),
    )
