"""How API definitions are answered: the draft in full, a live copy and a history entry with the fewer fields that
their answers have (SDK)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from gatespan.emulator.call import Call, iso
from gatespan.emulator.services.cloudapi import vpc_access_use
from gatespan.emulator.services.cloudapi.models import Api, ApiGroup, ApiHistory, Backend, DeployedApi
from gatespan.emulator.services.cloudapi.rules import STAGES
from gatespan.emulator.world import World

Answer = dict[str, Any]

SCALARS = (
    "Visibility",
    "Description",
    "AuthType",
    "AllowSignatureMethod",
    "ForceNonceCheck",
    "DisableInternet",
    "ResultType",
    "ResultSample",
    "FailResultSample",
    "ResultBodyModel",
    "OpenIdConnectConfig",
)
WRAPPERS = {
    "RequestParameters": "RequestParameter",
    "ServiceParameters": "ServiceParameter",
    "ServiceParametersMap": "ServiceParameterMap",
    "ConstantParameters": "ConstantParameter",
    "SystemParameters": "SystemParameter",
    "ErrorCodeSamples": "ErrorCodeSample",
}


class Leaves(NamedTuple):
    """What one kind of answer leaves out of the nested objects."""

    request: tuple[str, ...] = ()
    service: tuple[str, ...] = ()
    function: tuple[str, ...] = ()
    sample: tuple[str, ...] = ()
    vpc: tuple[str, ...] = ()


HOST = "VpcTargetHostName"
DRAFT = Leaves(vpc=(HOST,))
HISTORY = Leaves(
    request=("EscapePathParam",),
    service=("AoneAppName",),
    function=("FcVersion", "TriggerName"),
    sample=("Model",),
    vpc=(HOST,),
)
LIVE = HISTORY._replace(
    vpc=(HOST, "VpcScheme"),
    service=("AoneAppName", "ContentTypeCatagory", "ContentTypeValue", "OssConfig", "EventBridgeConfig"),
)


def draft(call: Call, api: Api) -> Answer:
    """The answer of DescribeApi."""
    service = api.definition["ServiceConfig"]
    if "VpcConfig" in service:
        service = {**service, "VpcConfig": vpc_access_use.joined(call.world, api)}
    definition = {**api.definition, "ServiceConfig": service}
    return {
        **_named(call.world, api, api.id),
        **_definition(definition, DRAFT),
        "AppCodeAuthType": definition["AppCodeAuthType"],
        "WebSocketApiType": definition["WebSocketApiType"],
        **_backend(call, definition),
        "Mock": "OPEN" if service["Mock"] == "TRUE" else "CLOSED",
        "MockResult": service.get("MockResult", ""),
        "CreatedTime": iso(api.created),
        "ModifiedTime": iso(api.modified or api.created),
        "DeployedInfos": deployed_infos(call.world, api),
        "TagList": tag_list(api),
    }


def live(call: Call, deployed: DeployedApi) -> Answer:
    """The answer of DescribeDeployedApi. It has neither AppCodeAuthType nor the back-end service (SDK)."""
    return {
        **_named(call.world, deployed, deployed.api_id),
        **_with_vpc_id(_definition(deployed.definition, LIVE)),
        "ResultDescriptions": {"ResultDescription": deployed.definition["ResultDescriptions"]},
        "StageName": deployed.stage,
        "DeployedTime": iso(deployed.created),
    }


def history(call: Call, past: ApiHistory) -> Answer:
    """The answer of DescribeApiHistory."""
    definition = past.definition
    return {
        **_named(call.world, past, past.api_id),
        **_with_vpc_id(_definition(definition, HISTORY)),
        "ResultDescriptions": {"ResultDescription": definition["ResultDescriptions"]},
        "AppCodeAuthType": definition["AppCodeAuthType"],
        "WebSocketApiType": definition["WebSocketApiType"],
        **_backend(call, definition),
        "StageName": past.stage,
        "HistoryVersion": past.version,
        "Status": history_status(call.world, past),
        "DeployedTime": iso(past.created),
    }


def history_status(world: World, past: ApiHistory) -> str:
    """ONLINE for the version that its stage runs now."""
    running = world.get(DeployedApi, f"{past.api_id}:{past.stage}")
    return "ONLINE" if running and running.version == past.version else "OFFLINE"


def deployed_infos(world: World, api: Api) -> Answer:
    """All three stages; those without a live copy are NONDEPLOYED, with an empty version."""
    rows = []
    for stage in STAGES:
        running = world.get(DeployedApi, f"{api.id}:{stage}")
        status = "DEPLOYED" if running else "NONDEPLOYED"
        version = running.version if running else ""
        rows.append({"StageName": stage, "DeployedStatus": status, "EffectiveVersion": version})
    return {"DeployedInfo": rows}


def tag_list(api: Api) -> Answer:
    return {"Tag": [{"TagKey": k, "TagValue": v} for k, v in api.tags.items()]}


def group_name(world: World, group_id: str) -> str:
    group = world.get(ApiGroup, group_id)
    return group.name if group else ""


def _named(world: World, thing: Api | DeployedApi | ApiHistory, api_id: str) -> Answer:
    return {
        "RegionId": thing.region,
        "GroupId": thing.group_id,
        "GroupName": group_name(world, thing.group_id),
        "ApiId": api_id,
        "ApiName": thing.name,
    }


def _backend(call: Call, definition: Mapping[str, Any]) -> Answer:
    backend = call.world.get(Backend, definition["BackendId"])
    row = {"BackendId": backend.id, "BackendName": backend.name, "BackendType": backend.type} if backend else {}
    return {"BackendEnable": definition["BackendEnable"], "BackendConfig": row}


def _definition(definition: Mapping[str, Any], leaves: Leaves) -> Answer:
    arrays = {wrapper: {name: definition[wrapper]} for wrapper, name in WRAPPERS.items()}
    samples = [_without(row, leaves.sample) for row in definition["ErrorCodeSamples"]]
    return {
        **{name: definition[name] for name in SCALARS},
        "RequestConfig": _without(definition["RequestConfig"], leaves.request),
        "ServiceConfig": _service(definition["ServiceConfig"], leaves),
        **arrays,
        "CustomSystemParameters": {"CustomSystemParameter": []},
        "ErrorCodeSamples": {"ErrorCodeSample": samples},
    }


def _with_vpc_id(answer: Answer) -> Answer:
    """What was published says the VPC of its back end twice (SDK)."""
    if config := answer["ServiceConfig"].get("VpcConfig"):
        answer["ServiceConfig"]["VpcId"] = config["VpcId"]
    return answer


def _service(config: Mapping[str, Any], leaves: Leaves) -> Answer:
    answer = _without(config, leaves.service)
    if "VpcConfig" in answer:
        answer["VpcConfig"] = _without(answer["VpcConfig"], leaves.vpc)
    if "MockHeaders" in answer:
        answer["MockHeaders"] = {"MockHeader": answer["MockHeaders"]}
    if "FunctionComputeConfig" in answer:
        answer["FunctionComputeConfig"] = _without(answer["FunctionComputeConfig"], leaves.function)
    return answer


def _without(row: Mapping[str, Any], names: tuple[str, ...]) -> Answer:
    return {k: v for k, v in row.items() if k not in names}
