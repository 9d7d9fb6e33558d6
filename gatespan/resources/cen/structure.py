"""Whose is a thing that is found by its place (router of a region, attachment of a VPC) and not by its name?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gatespan.resources.base import Foreign, Found, Resource, Scope
from gatespan.resources.ownership import owner


def claimed(
    row: Mapping[str, Any], scope: Scope, resource: Resource, cen: Found, *, adopt: bool = False
) -> tuple[str | None, bool]:
    """(owner tag, adopted). In an adopted CEN what stands in our place is used as it is; in our own CEN a thing that
    carries no tag of ours was put there by somebody else: a person must decide."""
    holder = owner(row)
    if holder == scope.topology:
        return holder, False
    if cen.adopted or adopt:
        return holder, True
    id = row.get("TransitRouterAttachmentId") or row.get("TransitRouterId")
    raise Foreign(
        f"{resource.label}: {id} stands in its place but does not carry this topology's tag. Remove it, or tag it "
        f"gatespan:topology={scope.topology} to hand it over.",
        str(id or ""),
    )
