"""What we made on things that were there before, and that takes no tag of its own: associations, route learning,
published routes, a group's VPC domain, a plan's place in a CEN.

A tag of the thing that holds it (``gatespan:association-cn-beijing``, its value the topology) tells ours from what was
there. It is written before the thing is made and taken off when the thing is gone, so that whoever is cut off between
leaves at most a tag, and the next removal takes that off as well. What hangs on a thing of ours needs none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gatespan.cloud import NotFound
from gatespan.resources.base import Found, Ref, Scope

LIST = "ListTagResources"
"""Belongs to the ``LISTS`` of who uses notes."""

HOLDERS: Mapping[str, tuple[str, str]] = {
    "vpc_attachment": ("cbn", "TransitRouterVpcAttachment"),
    "vbr_attachment": ("cbn", "TransitRouterVbrAttachment"),
    "peer_attachment": ("cbn", "TransitRouterPeerAttachment"),
    "bandwidth_plan": ("cbn", "BandwidthPackage"),
    "group": ("cloudapi", "apiGroup"),
}
"""Kinds that hold notes: product, and the type that TagResources calls them (API metadata)."""


def belongs(scope: Scope, holder: Ref, note: str, region: str) -> tuple[str | None, bool]:
    """(owner, adopted) of what hangs on the holder: those of the holder, but what we noted there is ours."""
    held = scope.found(holder)
    if held is None:
        return None, True
    if held.adopted and noted(scope, holder, held, note, region):
        return scope.topology, False
    return held.owner, held.adopted


def noted(scope: Scope, holder: Ref, held: Found, note: str, region: str) -> bool:
    """True when the holder carries the note with our name."""
    product, type = HOLDERS[holder.partition(".")[0]]
    rows = scope.inventory.rows(LIST, product=product, region=region, ResourceType=type, ResourceId=[held.id])
    return any(r["TagKey"] == key(note) and r["TagValue"] == scope.topology for r in rows)


def write(scope: Scope, holder: Ref, note: str, region: str) -> None:
    """Before making it. Writes nothing on a thing of ours."""
    held = scope.found(holder)
    if held and held.adopted:
        tag = [{"Key": key(note), "Value": scope.topology}]
        _call(scope, "TagResources", holder, held, region, {"Tag": tag})


def erase(scope: Scope, holder: Ref, note: str, region: str) -> None:
    """When it is gone; nothing where there is no note."""
    held = scope.found(holder)
    if held and held.adopted:
        scope.inventory.forget(LIST)
        try:
            if noted(scope, holder, held, note, region):
                _call(scope, "UntagResources", holder, held, region, {"TagKey": [key(note)]})
        except NotFound:  # the holder went away meanwhile
            return


def key(note: str) -> str:
    return f"gatespan:{note}"


def _call(scope: Scope, action: str, holder: Ref, held: Found, region: str, values: Mapping[str, Any]) -> None:
    product, type = HOLDERS[holder.partition(".")[0]]
    params = {"ResourceType": type, "ResourceId": [held.id], **values}
    scope.cloud.call(product, action, params, region=region, subject=held.id)
    scope.inventory.forget(LIST)
