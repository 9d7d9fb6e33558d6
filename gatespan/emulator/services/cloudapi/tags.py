"""Tags of groups and apps. APIs are tagged when they are made and only listed here (SDK); instances have no type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gatespan.emulator.call import Call
from gatespan.emulator.services.cloudapi import rules
from gatespan.emulator.services.cloudapi.errors import invalid, missing, not_found, too_many
from gatespan.emulator.services.cloudapi.models import Api, ApiGroup, App
from gatespan.emulator.services.cloudapi.service import service
from gatespan.emulator.world import Thing

TAGGED: Mapping[str, type[Thing] | None] = {"apiGroup": ApiGroup, "app": App, "plugin": None}
LISTED: Mapping[str, type[Thing] | None] = {**TAGGED, "api": Api}
"""Plug-ins are not emulated: none is ever found."""
PAGE = 50
END = "-1"
"""``NextToken`` of the last page."""


@service.action("TagResources", required=("ResourceType", "ResourceId", "Tag"))
def tag_resources(call: Call) -> None:
    """All or nothing; a tag of the same key is overwritten."""
    tags = rules.tags(call)
    if not tags:
        raise missing("Tag")
    for thing in _things(call, TAGGED):
        merged = {**thing.tags, **tags}
        if len(merged) > rules.TAGS_PER_CALL:
            raise too_many("Tag", rules.TAGS_PER_CALL)
        call.world.change(thing, tags=merged)


@service.action("UntagResources", required=("ResourceType", "ResourceId"))
def untag_resources(call: Call) -> None:
    """The keys given, or with ``All`` every tag."""
    keys, everything = set(call.params.texts("TagKey")), call.params.boolean("All", False)
    if not keys and not everything:
        raise missing("TagKey")
    for thing in _things(call, TAGGED):
        call.world.change(thing, tags={k: v for k, v in thing.tags.items() if keys and k not in keys})


@service.action("ListTagResources", required=("ResourceType",))
def list_tag_resources(call: Call) -> dict[str, Any]:
    """By ids or by tags (an empty value matches any). Pages of 50 tags (choice); an id that was made a moment ago may
    not be found yet, as long as lists lag."""
    wanted, ids = call.params.tags(), call.params.texts("ResourceId")
    if not wanted and not ids:
        raise missing("ResourceId")
    kind = call.params.choice("ResourceType", tuple(LISTED))
    things = _things(call, LISTED) if ids else _every(call, kind)
    rows = [
        {"ResourceType": kind, "ResourceId": thing.id, "TagKey": key, "TagValue": value}
        for thing in things
        if all(k in thing.tags and (not v or thing.tags[k] == v) for k, v in wanted.items())
        for key, value in thing.tags.items()
    ]
    token = call.params.text("NextToken", "0")
    if not token.isdigit():
        raise invalid("NextToken", token)
    end = int(token) + PAGE
    return {
        "NextToken": str(end) if end < len(rows) else END,
        "TagResources": {"TagResource": rows[int(token) : end]},
    }


def _every(call: Call, kind: str) -> list[Thing]:
    cls = LISTED[kind]
    return list(rules.listed(call, cls)) if cls else []


def _things(call: Call, types: Mapping[str, type[Thing] | None]) -> list[Thing]:
    """The things of ``ResourceId.N``. Raises NotFoundResourceId for the first that is not there (or not yet)."""
    cls = types[call.params.choice("ResourceType", tuple(types))]
    ids = list(dict.fromkeys(call.params.texts("ResourceId")))
    if len(ids) > rules.IDS_PER_TAG_CALL:
        raise too_many("ResourceId", rules.IDS_PER_TAG_CALL)
    found = []
    for id in ids:
        thing = rules.own(call, cls, id) if cls else None
        if thing is None or call.now - thing.created < call.list_lag:
            raise not_found("ResourceId", id)
        found.append(thing)
    return found
