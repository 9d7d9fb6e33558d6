"""Tags: of VPCs, vSwitches and route tables; and, by actions of its own, of the things of Express Connect."""

from __future__ import annotations

from typing import Any

from gatespan.emulator.call import Call
from gatespan.emulator.services.vpc import checks, rules
from gatespan.emulator.services.vpc.errors import refusal
from gatespan.emulator.services.vpc.models import (
    PhysicalConnection,
    RouterInterface,
    RouteTable,
    VirtualBorderRouter,
    Vpc,
    VSwitch,
)
from gatespan.emulator.services.vpc.service import service
from gatespan.emulator.world import Thing

KINDS: dict[str, type[Thing]] = {"VPC": Vpc, "VSWITCH": VSwitch, "ROUTETABLE": RouteTable}
EXPRESS = "ForExpressConnect"
EXPRESS_KINDS: dict[str, type[Thing]] = {
    "PHYSICALCONNECTION": PhysicalConnection,
    "VIRTUALBORDERROUTER": VirtualBorderRouter,
    "ROUTERINTERFACE": RouterInterface,
}


@service.action("TagResourcesForExpressConnect", required=("RegionId", "ResourceType", "ResourceId", "Tag"))
@service.action("TagResources", required=("RegionId", "ResourceType", "ResourceId", "Tag"))
def tag_resources(call: Call) -> None:
    for thing in _things(call):
        call.world.change(thing, tags=checks.new_tags(call, thing.tags))


@service.action("UntagResourcesForExpressConnect", required=("RegionId", "ResourceType", "ResourceId"))
@service.action("UnTagResources", required=("RegionId", "ResourceType", "ResourceId"))
def untag_resources(call: Call) -> None:
    """``All`` counts only when no key is given."""
    keys = set(call.params.texts("TagKey"))
    everything = not keys and call.params.boolean("All", False)
    for thing in _things(call):
        kept = {key: value for key, value in thing.tags.items() if not everything and key not in keys}
        call.world.change(thing, tags=kept)


@service.action("ListTagResourcesForExpressConnect", required=("RegionId", "ResourceType"))
@service.action("ListTagResources", required=("RegionId", "ResourceType"))
def list_tag_resources(call: Call) -> dict[str, Any]:
    """Ids or tags must be given; where both are, a resource must match both. Every tag of a match is a row."""
    checks.require_one(call, "ResourceId", "Tag")
    region, kind = checks.region_of(call), _kind(call)
    ids = set(_ids(call))
    wanted = [(row.get("Key", ""), row.get("Value", "")) for row in call.params.structs("Tag")]
    if any(not key for key, _ in wanted):
        raise refusal("InvalidParameter.TagKey", "a value without its key")
    rows = [
        {"ResourceId": t.id, "ResourceType": call.params.text("ResourceType"), "TagKey": key, "TagValue": value}
        for t in call.listed(kind, lambda t: t.region == region and (not ids or t.id in ids))
        if all(k in t.tags and v in ("", t.tags[k]) for k, v in wanted)
        for key, value in t.tags.items()
    ]
    express = call.action.name.endswith(EXPRESS)
    shown, page = call.token_page(rows, default=20 if express else 50, most=100 if express else 50)
    return {"TagResources": {"TagResource": list(shown)}, "NextToken": page["NextToken"]}


def _kind(call: Call) -> type[Thing]:
    name = call.params.text("ResourceType")
    kinds = EXPRESS_KINDS if call.action.name.endswith(EXPRESS) else KINDS
    if name.upper() not in kinds:
        raise refusal("InvalidParameter.ResourceType", name)
    return kinds[name.upper()]


def _ids(call: Call) -> list[str]:
    ids = call.params.texts("ResourceId")
    if len(ids) > rules.IDS_PER_TAG_CALL:
        raise refusal("SizeLimitExceeded.ResourceId", str(len(ids)))
    return ids


def _things(call: Call) -> list[Thing]:
    """All the resources of the call; one that is not there refuses the whole call."""
    checks.region_of(call)
    kind, found = _kind(call), []
    for id in _ids(call):
        thing = checks.here(call, kind, id)
        if thing is None:
            raise refusal("InvalidInstanceIds.NotFound", id)
        found.append(thing)
    return found
