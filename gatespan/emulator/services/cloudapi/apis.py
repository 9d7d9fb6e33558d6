"""APIs: their drafts. What is live in a stage is in ``publishing``."""

from __future__ import annotations

from typing import Any

from gatespan.emulator.call import Call, iso, tagged
from gatespan.emulator.services.cloudapi import answers, definition, rules
from gatespan.emulator.services.cloudapi.errors import in_use, repeated, too_many
from gatespan.emulator.services.cloudapi.models import Api, ApiGroup, ApiHistory, Authorization, DeployedApi
from gatespan.emulator.services.cloudapi.service import WRITE_RATE, service

DEFINING = ("ApiName", "Visibility", "RequestConfig")


@service.action("CreateApi", required=("GroupId", *DEFINING), rate=WRITE_RATE)
def create_api(call: Call) -> dict[str, Any]:
    group = rules.group(call)
    name = rules.name(call, "ApiName")
    others = call.world.find(Api, group_id=group.id)
    if len(others) >= rules.APIS_PER_GROUP:
        raise too_many("Api", rules.APIS_PER_GROUP)
    read = definition.read(call, group)
    _unused(name, read, others)
    api = call.world.put(
        Api(
            id=call.ids.hexadecimal(32),
            account=call.account,
            region=call.region,
            created=call.now,
            modified=call.now,
            tags=rules.tags(call),
            group_id=group.id,
            name=name,
            definition=read,
        )
    )
    return {"ApiId": api.id}


@service.action("ModifyApi", required=("ApiId", *DEFINING), rate=WRITE_RATE)
def modify_api(call: Call) -> None:
    """Replaces the whole definition of the draft; live copies stay as they are until the next DeployApi."""
    api = rules.api(call)
    group = call.world.get(ApiGroup, api.group_id)
    assert group is not None, "a group with APIs cannot be deleted"
    name = rules.name(call, "ApiName")
    read = definition.read(call, group)
    _unused(name, read, [a for a in call.world.find(Api, group_id=group.id) if a.id != api.id])
    call.world.change(api, name=name, definition=read, modified=call.now)


def _unused(name: str, read: definition.Definition, others: list[Api]) -> None:
    """Names, and method with path, are unique in a group. (Code of the second: choice.)"""
    if any(a.name == name for a in others):
        raise repeated("ApiName")
    route = definition.route(read)
    if any(definition.route(a.definition) == route for a in others):
        raise repeated("ApiPath")


@service.action("DescribeApi", required=("ApiId",))
def describe_api(call: Call) -> dict[str, Any]:
    return answers.draft(call, rules.api(call))


@service.action("DescribeApis")
def describe_apis(call: Call) -> dict[str, Any]:
    """``ApiName`` matches in part, the other filters exactly. ``UnDeployed``: not live in the stage given (or any)."""
    params, world = call.params, call.world
    keyword = params.text("ApiName", "")
    stages = (rules.stage(call),) if "StageName" in params else rules.STAGES
    want_undeployed = params.boolean("UnDeployed", False)

    def shown(api: Api) -> bool:
        request = api.definition["RequestConfig"]
        exact = {
            "ApiId": api.id,
            "GroupId": api.group_id,
            "ApiMethod": request["RequestHttpMethod"],
            "ApiPath": request["RequestPath"],
            "Visibility": api.definition["Visibility"],
        }
        if keyword not in api.name or any(k in params and params.flat[k] != v for k, v in exact.items()):
            return False
        live = any(world.get(DeployedApi, f"{api.id}:{stage}") for stage in stages)
        return not live if want_undeployed else live or "StageName" not in params

    found = [a for a in tagged(rules.listed(call, Api), params.tags()) if shown(a)]
    page, counts = call.page(found, most=100)
    return {"ApiSummarys": {"ApiSummary": [_summary(call, a) for a in page]}, **counts}


def _summary(call: Call, api: Api) -> dict[str, Any]:
    request = api.definition["RequestConfig"]
    return {
        "RegionId": api.region,
        "GroupId": api.group_id,
        "GroupName": answers.group_name(call.world, api.group_id),
        "ApiId": api.id,
        "ApiName": api.name,
        "ApiMethod": request["RequestHttpMethod"],
        "ApiPath": request["RequestPath"],
        "Visibility": api.definition["Visibility"],
        "Description": api.definition["Description"],
        "CreatedTime": iso(api.created),
        "ModifiedTime": iso(api.modified or api.created),
        "DeployedInfos": answers.deployed_infos(call.world, api),
        "TagList": answers.tag_list(api),
    }


@service.action("DeleteApi", required=("ApiId",), rate=WRITE_RATE)
def delete_api(call: Call) -> None:
    """Refused while it is live in any stage. Its histories and authorisations go with it (choice)."""
    api = rules.api(call)
    if call.world.first(DeployedApi, api_id=api.id):
        raise in_use("Api", "Deployment")
    for past in (*call.world.find(ApiHistory, api_id=api.id), *call.world.find(Authorization, api_id=api.id)):
        call.world.remove(past)
    call.world.remove(api)
