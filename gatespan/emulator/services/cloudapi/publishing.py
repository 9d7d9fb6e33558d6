"""Publishing: the live copy of an API in each stage, and the versions that were live before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from gatespan.emulator.call import Call, iso, tagged
from gatespan.emulator.services.cloudapi import answers, rules, vpc_access_use
from gatespan.emulator.services.cloudapi.errors import not_found
from gatespan.emulator.services.cloudapi.models import Api, ApiHistory, DeployedApi
from gatespan.emulator.services.cloudapi.service import WRITE_RATE, service


@service.action("DeployApi", required=("ApiId", "StageName", "Description"), rate=WRITE_RATE)
def deploy_api(call: Call) -> None:
    """Put the draft in force, with the address of its authorisation as of now (else NotFoundVpcAccess). Doing so
    again is fine and makes a new version."""
    api = rules.api(call)
    bound = vpc_access_use.bound(call.world, api)
    _publish(call, api, rules.stage(call), api.name, bound, _new_version(call, api))


@service.action("SwitchApi", required=("ApiId", "StageName", "HistoryVersion", "Description"), rate=WRITE_RATE)
def switch_api(call: Call) -> None:
    """Put a version of the past in force again, under its own number, and with the address it had (choice)."""
    api, past = rules.api(call), _past(call)
    call.world.remove(past)
    _publish(call, api, past.stage, past.name, dict(past.definition), past.version)


@service.action("AbolishApi", required=("ApiId", "StageName"), rate=WRITE_RATE)
def abolish_api(call: Call) -> None:
    call.world.remove(_live(call))


def _publish(call: Call, api: Api, stage: str, name: str, definition: dict[str, Any], version: str) -> None:
    description = rules.description(call)
    common: dict[str, Any] = {
        "account": api.account,
        "region": api.region,
        "created": call.now,
        "api_id": api.id,
        "group_id": api.group_id,
        "stage": stage,
        "name": name,
        "definition": definition,
        "version": version,
        "description": description,
    }
    call.world.put(DeployedApi(id=f"{api.id}:{stage}", **common))
    call.world.put(ApiHistory(id=f"{api.id}:{stage}:{version}", **common))


def _new_version(call: Call, api: Api) -> str:
    """17 digits of date and time, unused in the API: a millisecond later as often as needed."""
    moment = datetime.fromtimestamp(call.now, UTC)
    used = {h.version for h in call.world.find(ApiHistory, api_id=api.id)}
    while (version := moment.strftime("%Y%m%d%H%M%S%f")[:17]) in used:
        moment += timedelta(milliseconds=1)
    return version


def _live(call: Call) -> DeployedApi:
    """The live copy. Raises NotFoundApiGroup, NotFoundApi, NotFoundStage."""
    api, stage = rules.api(call), rules.stage(call)
    found = call.world.get(DeployedApi, f"{api.id}:{stage}")
    if found is None:
        raise not_found("Stage", stage)
    return found


def _past(call: Call) -> ApiHistory:
    api, stage, version = rules.api(call), rules.stage(call), call.params.text("HistoryVersion")
    found = call.world.get(ApiHistory, f"{api.id}:{stage}:{version}")
    if found is None:
        raise not_found("HistoryVersion", version)
    return found


# --- describe ---------------------------------------------------------------------------------------------


@service.action("DescribeDeployedApi", required=("ApiId", "StageName"))
def describe_deployed_api(call: Call) -> dict[str, Any]:
    return answers.live(call, _live(call))


@service.action("DescribeApiHistory", required=("ApiId", "StageName", "HistoryVersion"))
def describe_api_history(call: Call) -> dict[str, Any]:
    return answers.history(call, _past(call))


@service.action("DescribeDeployedApis")
def describe_deployed_apis(call: Call) -> dict[str, Any]:
    """``ApiName`` matches in part; the other filters exactly. Tags are those of the API."""
    params = call.params
    keyword, tags = params.text("ApiName", ""), params.tags()
    carriers = {a.id for a in tagged(call.world.all(Api), tags)} if tags else None

    def shown(live: DeployedApi) -> bool:
        request = live.definition["RequestConfig"]
        exact = {
            "ApiId": live.api_id,
            "GroupId": live.group_id,
            "StageName": live.stage,
            "ApiMethod": request["RequestHttpMethod"],
            "ApiPath": request["RequestPath"],
        }
        fits = all(params.flat[k] == v for k, v in exact.items() if k in params)
        return fits and keyword in live.name and (carriers is None or live.api_id in carriers)

    page, counts = call.page([d for d in rules.listed(call, DeployedApi) if shown(d)], most=100)
    rows = [
        {
            **_row(call, d),
            "ApiMethod": d.definition["RequestConfig"]["RequestHttpMethod"],
            "ApiPath": d.definition["RequestConfig"]["RequestPath"],
            "Visibility": d.definition["Visibility"],
        }
        for d in page
    ]
    return {"DeployedApis": {"DeployedApiItem": rows}, **counts}


@service.action("DescribeApiHistories", required=("GroupId",))
def describe_api_histories(call: Call) -> dict[str, Any]:
    """Newest first (choice). ``ApiName`` matches in part."""
    group, keyword = rules.group(call), call.params.text("ApiName", "")
    found = [
        h
        for h in rules.listed(call, ApiHistory)
        if h.group_id == group.id
        and keyword in h.name
        and h.api_id == call.params.text("ApiId", h.api_id)
        and h.stage == call.params.text("StageName", h.stage)
    ]
    page, counts = call.page(found[::-1], most=100)
    rows = [
        {**_row(call, h), "HistoryVersion": h.version, "Status": answers.history_status(call.world, h)} for h in page
    ]
    return {"ApiHisItems": {"ApiHisItem": rows}, **counts}


def _row(call: Call, published: DeployedApi | ApiHistory) -> dict[str, Any]:
    return {
        "RegionId": published.region,
        "GroupId": published.group_id,
        "GroupName": answers.group_name(call.world, published.group_id),
        "ApiId": published.api_id,
        "ApiName": published.name,
        "StageName": published.stage,
        "Description": published.description,
        "DeployedTime": iso(published.created),
    }
