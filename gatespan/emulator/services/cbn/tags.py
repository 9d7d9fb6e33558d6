"""Tags of CEN's resources. The type names the kind, in any case (``cen``, ``TransitRouter``...)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gatespan.emulator.call import Call, tagged
from gatespan.emulator.services.cbn import rules
from gatespan.emulator.services.cbn.errors import refusal
from gatespan.emulator.services.cbn.models import (
    BandwidthPackage,
    Cen,
    PeerAttachment,
    TransitRouter,
    TransitRouterRouteTable,
    VbrAttachment,
    VpcAttachment,
)
from gatespan.emulator.services.cbn.service import service
from gatespan.emulator.world import Thing

TYPES: Mapping[str, type[Thing]] = {
    "Cen": Cen,
    "BandwidthPackage": BandwidthPackage,
    "TransitRouter": TransitRouter,
    "TransitRouterVpcAttachment": VpcAttachment,
    "TransitRouterVbrAttachment": VbrAttachment,
    "TransitRouterPeerAttachment": PeerAttachment,
    "TransitRouterRouteTable": TransitRouterRouteTable,
}
BY_LOWER = {name.lower(): (name, cls) for name, cls in TYPES.items()}


@service.action("TagResources", required=("ResourceType", "ResourceId", "Tag"))
def tag_resources(call: Call) -> dict[str, Any]:
    tags = rules.new_tags(call)
    for thing in _named(call):
        call.world.change(thing, tags={**thing.tags, **tags})
    return {}


@service.action("UntagResources", required=("ResourceType", "ResourceId"))
def untag_resources(call: Call) -> dict[str, Any]:
    """``All`` counts only when no keys are given."""
    keys = set(call.params.texts("TagKey"))
    if not keys and not call.params.boolean("All", False):
        raise call.params.codes.missing("TagKey")
    for thing in _named(call):
        kept = {k: v for k, v in thing.tags.items() if keys and k not in keys}
        call.world.change(thing, tags=kept)
    return {}


@service.action("ListTagResources", required=("ResourceType",))
def list_tag_resources(call: Call) -> dict[str, Any]:
    """One row per resource and tag; the tags of the call choose the resources."""
    ids, (name, cls) = call.params.texts("ResourceId"), _type(call)
    found = tagged(call.listed(cls, lambda thing: not ids or thing.id in ids), call.params.tags())
    rows = [
        {"ResourceId": thing.id, "ResourceType": name, "TagKey": key, "TagValue": value}
        for thing in found
        for key, value in thing.tags.items()
    ]
    shown, page = call.token_page(rows, size_name="PageSize", default=10, most=50)
    return {"TagResources": {"TagResource": list(shown)}, "NextToken": page["NextToken"]}


def _type(call: Call) -> tuple[str, type[Thing]]:
    given = call.params.text("ResourceType")
    if given.lower() not in BY_LOWER:
        raise call.params.codes.invalid("ResourceType", given)
    return BY_LOWER[given.lower()]


def _named(call: Call) -> list[Thing]:
    ids, (_, cls) = call.params.texts("ResourceId"), _type(call)
    if len(ids) > rules.TAGS_PER_CALL:
        raise call.params.codes.invalid("ResourceId", f"{len(ids)} ids")
    things = []
    for id in ids:
        thing = call.mine(cls, id)
        if thing is None:
            raise refusal("InvalidResourceId.NotFound", id)
        things.append(thing)
    return things
