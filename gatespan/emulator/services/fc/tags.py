"""The tags of functions (``tags-v2``): resources are named by ARN; a bare function name is taken too (choice)."""

from __future__ import annotations

from typing import Any

from gatespan.emulator.call import Call, tagged
from gatespan.emulator.service import Reply
from gatespan.emulator.services.fc import errors, rules
from gatespan.emulator.services.fc.models import Function
from gatespan.emulator.services.fc.service import PREFIX, service

PATH = f"{PREFIX}/tags-v2"
TYPES = ("function", "ALIYUN::FC::FUNCTION")
MOST_TAGS = 20


@service.action("TagResources", required=("ResourceId", "Tag"), route=("POST", PATH))
def tag_resources(call: Call) -> Reply:
    body = call.params.body
    tags = rules.tags_of(body["Tag"])
    for function in _functions(call, body.get("ResourceType"), body["ResourceId"]):
        after = {**function.tags, **tags}
        if len(after) > MOST_TAGS:
            raise errors.invalid_argument(f"a function takes at most {MOST_TAGS} tags")
        call.world.change(function, tags=after)
    return Reply(None, 204)


@service.action("UntagResources", route=("DELETE", PATH))
def untag_resources(call: Call) -> Reply:
    p = call.params
    everything, keys = p.boolean("All", False), p.document("TagKey", [])
    if not everything and not keys:
        raise errors.CODES.missing("TagKey")
    for function in _functions(call, p.text("ResourceType"), p.document("ResourceId", [])):
        kept = {} if everything else {k: v for k, v in function.tags.items() if k not in keys}
        call.world.change(function, tags=kept)
    return Reply(None, 204)


@service.action("ListTagResources", route=("GET", PATH))
def list_tag_resources(call: Call) -> dict[str, Any]:
    p = call.params
    ids = p.document("ResourceId", [])
    wanted = rules.tags_of(p.document("Tag", []))
    functions = (
        _functions(call, p.text("ResourceType"), ids)
        if ids
        else call.listed(Function, lambda f: f.region == call.region)
    )
    rows = [
        {"ResourceId": rules.arn(f), "ResourceType": TYPES[1], "TagKey": key, "TagValue": value}
        for f in tagged(functions, wanted)
        for key, value in f.tags.items()
    ]
    limit = p.integer("Limit", 50, least=1, most=rules.PAGE)
    start = p.integer("NextToken", 0, least=0)
    after = start + limit
    more = {"NextToken": str(after)} if after < len(rows) else {}
    return {"RequestId": call.request_id, "TagResources": rows[start:after], **more}


def _functions(call: Call, kind: object, ids: object) -> list[Function]:
    if kind not in TYPES:
        raise errors.invalid_argument(f"ResourceType '{kind}' is not one of {', '.join(TYPES)}")
    if not isinstance(ids, list) or not ids:
        raise errors.CODES.missing("ResourceId")
    return [rules.the_function(call, str(i).rpartition("/")[2]) for i in ids]
