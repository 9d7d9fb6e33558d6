"""Routing policies of transit routers: what a table may learn (RegionIn) and what it may tell (RegionOut).

Facts (CEN help pages): policies are asked in the order of their numbers, the first that matches decides, a route that
none matches is permitted; every table has one of the system at 5000 which keeps border routers and other kinds of
private lines from hearing each other, so a permitting policy with a smaller number lets them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from gatespan.emulator.routes.prefixes import covers

UNHEARD = frozenset(("VBR", "CCN", "VPN", "ECR"))
"""Kinds of attachments that do not hear each other by default."""


@dataclass(frozen=True, slots=True)
class Policy:
    """``match`` holds the conditions by their API names; one that is absent matches everything."""

    priority: int
    direction: Literal["RegionIn", "RegionOut"]
    permit: bool
    match: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Heard:
    """A route between a source and a destination. Kinds are VPC, VBR, TR; ``route_type`` System, Custom or BGP."""

    cidr: str
    route_type: str
    source_id: str
    source_kind: str
    target_id: str = ""
    target_kind: str = ""


def permitted(policies: tuple[Policy, ...], direction: str, heard: Heard) -> bool:
    """Whether the route passes. ``policies`` are those of the table, in any order."""
    for policy in sorted(policies, key=lambda p: p.priority):
        if policy.direction == direction and _matches(policy, heard):
            return policy.permit
    return not (direction == "RegionOut" and {heard.source_kind, heard.target_kind} <= UNHEARD)


def _matches(policy: Policy, heard: Heard) -> bool:
    match = policy.match
    return (
        _one_of(match, "SourceInstanceIds", heard.source_id)
        and _one_of(match, "DestinationInstanceIds", heard.target_id)
        and heard.source_kind in match.get("SourceChildInstanceTypes", (heard.source_kind,))
        and heard.target_kind in match.get("DestinationChildInstanceTypes", (heard.target_kind,))
        and heard.route_type in match.get("RouteTypes", (heard.route_type,))
        and _in_blocks(match, heard.cidr)
    )


def _one_of(match: Mapping[str, tuple[str, ...]], name: str, id: str) -> bool:
    """The id is in the list; with its ``ReverseMatch`` it is not."""
    if name not in match:
        return True
    reverse = match.get(f"{name}ReverseMatch", ("false",))[0] == "true"
    return (id in match[name]) != reverse


def _in_blocks(match: Mapping[str, tuple[str, ...]], cidr: str) -> bool:
    blocks = match.get("DestinationCidrBlocks")
    if not blocks:
        return True
    complete = match.get("CidrMatchMode", ("Include",))[0] == "Complete"
    return cidr in blocks if complete else any(covers(block, cidr) for block in blocks)
