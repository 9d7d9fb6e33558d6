"""Reusable back ends: a back end by name, with one definition (model) for each stage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gatespan.emulator.call import Call, iso, tagged
from gatespan.emulator.services.cloudapi import definition, fields, rules, vpc_access_use
from gatespan.emulator.services.cloudapi.answers import group_name
from gatespan.emulator.services.cloudapi.errors import in_use, invalid, missing, not_found, repeated
from gatespan.emulator.services.cloudapi.fields import spell, words
from gatespan.emulator.services.cloudapi.models import Api, Backend, BackendModel, BackendTask, DeployedApi
from gatespan.emulator.services.cloudapi.service import service

TYPES = words("HTTP VPC FC_EVENT FC_EVENT_V3 FC_HTTP FC_HTTP_V3 OSS MOCK EVENTBRIDGE")
CONFIG = words(
    "ServiceAddress ServiceTimeout HttpTargetHostName FunctionComputeConfig VpcConfig OssConfig MockConfig "
    "EventBridgeConfig"
)
FUNCTION = words("FcBaseUrl FcRegionId FcType FunctionName OnlyBusinessPath Qualifier RoleArn ServiceName TriggerName")
NEEDS = {
    "HTTP": "ServiceAddress",
    "VPC": "VpcConfig",
    "OSS": "OssConfig",
    "MOCK": "MockConfig",
    "EVENTBRIDGE": "EventBridgeConfig",
    **{t: "FunctionComputeConfig" for t in TYPES if t.startswith("FC_")},
}
"""What the model of each type must carry."""


@service.action("CreateBackend", required=("BackendName", "BackendType"))
def create_backend(call: Call) -> dict[str, Any]:
    """The service-linked roles that CreateSlr asks for are not emulated: the switch is read and has no effect."""
    name = rules.name(call, "BackendName")
    call.params.boolean("CreateSlr", False)
    if call.world.first(Backend, account=call.account, region=call.region, name=name):
        raise repeated("BackendName")
    made = call.world.put(
        Backend(
            id=call.ids.hexadecimal(32),
            account=call.account,
            region=call.region,
            created=call.now,
            modified=call.now,
            tags=rules.tags(call),
            name=name,
            type=call.params.choice("BackendType", TYPES),
            description=rules.description(call),
        )
    )
    return {"BackendId": made.id}


@service.action("ModifyBackend", required=("BackendId", "BackendName", "BackendType"))
def modify_backend(call: Call) -> None:
    """The type cannot change while there are models of it."""
    backend = rules.backend(call, call.params.text("BackendId"))
    name, type = rules.name(call, "BackendName"), call.params.choice("BackendType", TYPES)
    other = call.world.first(Backend, account=call.account, region=call.region, name=name)
    if other and other.id != backend.id:
        raise repeated("BackendName")
    if type != backend.type and call.world.first(BackendModel, backend_id=backend.id):
        raise in_use("BackendType", "BackendModel")
    text = rules.description(call, backend.description)
    call.world.change(backend, name=name, type=type, description=text, modified=call.now)


@service.action("DeleteBackend", required=("BackendId",))
def delete_backend(call: Call) -> None:
    """Refused while an API, draft or live, uses it. Its models go with it (choice)."""
    backend = rules.backend(call, call.params.text("BackendId"))
    users: tuple[Api | DeployedApi, ...] = (*call.world.all(Api), *call.world.all(DeployedApi))
    if any(user.definition.get("BackendId") == backend.id for user in users):
        raise in_use("Backend", "Api")
    for model in call.world.find(BackendModel, backend_id=backend.id):
        call.world.remove(model)
    call.world.remove(backend)


# --- models -----------------------------------------------------------------------------------------------


@service.action("CreateBackendModel", required=("BackendId", "BackendType", "StageName", "BackendModelData"))
def create_backend_model(call: Call) -> dict[str, Any]:
    backend, stage = rules.backend(call, call.params.text("BackendId")), rules.stage(call)
    if call.world.first(BackendModel, backend_id=backend.id, stage=stage):
        raise repeated("BackendModel")
    made = call.world.put(
        BackendModel(
            id=call.ids.hexadecimal(32),
            account=call.account,
            region=call.region,
            created=call.now,
            modified=call.now,
            backend_id=backend.id,
            stage=stage,
            type=_type(call, backend),
            data=_data(call, backend),
            description=rules.description(call),
        )
    )
    return {"BackendModelId": made.id}


@service.action("ModifyBackendModel", required=("BackendId", "BackendModelId", "BackendType", "BackendModelData"))
def modify_backend_model(call: Call) -> dict[str, Any]:
    """Live APIs that use it see the change at once; the task says which."""
    backend, model = _backend_and_model(call)
    _type(call, backend)
    text = rules.description(call, model.description)
    call.world.change(model, data=_data(call, backend), description=text, modified=call.now)
    return {"OperationId": _task(call, model, _users(call, model))}


@service.action("DeleteBackendModel", required=("BackendId", "BackendModelId"))
def delete_backend_model(call: Call) -> dict[str, Any]:
    """Live APIs that use it are unpublished (SDK); the task says which."""
    _, model = _backend_and_model(call)
    users = _users(call, model)
    for live in users:
        call.world.remove(live)
    call.world.remove(model)
    return {"OperationId": _task(call, model, users)}


@service.action("DescribeUpdateBackendTask", required=("OperationUid",))
def describe_update_backend_task(call: Call) -> dict[str, Any]:
    task = rules.own(call, BackendTask, call.params.text("OperationUid"))
    if task is None:
        raise not_found("OperationUid", call.params.text("OperationUid"))
    return {"ApiUpdateBackendResults": {"ApiUpdateBackendResult": [dict(row) for row in task.results]}}


def _backend_and_model(call: Call) -> tuple[Backend, BackendModel]:
    """Raises NotFoundBackend, NotFoundBackendModel, or NotFoundStageModel for a model of another stage."""
    backend = rules.backend(call, call.params.text("BackendId"))
    model = rules.own(call, BackendModel, call.params.text("BackendModelId"))
    if model is None or model.backend_id != backend.id:
        raise not_found("BackendModel", call.params.text("BackendModelId"))
    if "StageName" in call.params and rules.stage(call) != model.stage:
        raise not_found("StageModel", call.params.text("StageName"))
    return backend, model


def _type(call: Call, backend: Backend) -> str:
    type = call.params.choice("BackendType", TYPES)
    if type != backend.type:
        raise invalid("BackendType", type, f"The back end is of type {backend.type}.")
    return type


def _data(call: Call, backend: Backend) -> dict[str, Any]:
    """``BackendModelData``: JSON in any spelling, answered in PascalCase with ``FcRegionId`` and plain lists."""
    raw = call.params.document("BackendModelData")
    if not isinstance(raw, dict):
        raise invalid("BackendModelData", call.params.text("BackendModelData"), "It must be a JSON object.")
    data: dict[str, Any] = {**spell(raw, CONFIG), "Type": backend.type}
    need = NEEDS[backend.type]
    if not data.get(need):
        raise missing(need)
    if need != "ServiceAddress" and not isinstance(data[need], Mapping):
        raise invalid(need, str(data[need]))
    if need == "FunctionComputeConfig":
        data[need] = _function(data[need], "3.0" if backend.type.endswith("_V3") else "2.0")
    elif need == "VpcConfig":
        data[need] = _vpc(call, spell(data[need], fields.VPC_MODEL))
    elif need == "MockConfig":
        mock = definition.mock_answer(spell(data[need], fields.SERVICE))
        data[need] = {**mock, "MockStatusCode": str(mock["MockStatusCode"])}
    elif need == "OssConfig":
        data[need] = spell(data[need], ("OssRegionId", "BucketName"))
    elif need == "EventBridgeConfig":
        data[need] = spell(data[need], fields.EVENT_BRIDGE)
    if "ServiceTimeout" in data:
        data["ServiceTimeout"] = definition.number(data["ServiceTimeout"], "ServiceTimeout", 1, rules.TIMEOUT_DEDICATED)
    return data


def _function(raw: Mapping[str, Any], version: str) -> dict[str, Any]:
    checked = definition.function({"FcVersion": version, **raw})
    region = {"FcRegionId": checked["RegionId"]}
    return {k: v for k, v in {**checked, **region}.items() if k in FUNCTION}


def _vpc(call: Call, raw: Mapping[str, Any]) -> dict[str, Any]:
    """The authorisation that the model names, with the address that it stands for now. Raises NotFoundVpcAccess."""
    access = vpc_access_use.named(call, raw)
    return {"VpcAccessId": access.id, "VpcScheme": definition.vpc_scheme(raw), **vpc_access_use.address(access)}


def _users(call: Call, model: BackendModel) -> list[DeployedApi]:
    """The live APIs that reach the model: those of its stage that use its back end."""
    live = call.world.find(DeployedApi, stage=model.stage)
    return [d for d in live if d.definition.get("BackendId") == model.backend_id]


def _task(call: Call, model: BackendModel, users: list[DeployedApi]) -> str:
    rows = tuple(
        {
            "ApiUid": d.api_id,
            "ApiName": d.name,
            "GroupId": d.group_id,
            "GroupName": group_name(call.world, d.group_id),
            "BackendId": model.backend_id,
            "StageId": d.stage.lower(),
            "StageName": d.stage,
            "UpdateStatus": "success",
            "ErrorMsg": "",
        }
        for d in users
    )
    id = call.ids.hexadecimal(32)
    call.world.put(BackendTask(id=id, account=call.account, region=call.region, created=call.now, results=rows))
    return id


# --- describe ---------------------------------------------------------------------------------------------


@service.action("DescribeBackendInfo", required=("BackendId",))
def describe_backend_info(call: Call) -> dict[str, Any]:
    backend = rules.backend(call, call.params.text("BackendId"))
    models = [
        {
            "BackendModelId": m.id,
            "StageModeId": m.id,
            "StageName": m.stage,
            "Description": m.description,
            "GmtCreate": iso(m.created),
            "GmtModified": iso(m.modified or m.created),
            "BackendConfig": dict(m.data),
        }
        for m in call.world.find(BackendModel, backend_id=backend.id)
    ]
    return {"BackendInfo": {**_row(backend), "BackendModels": models}}


@service.action("DescribeBackendList")
def describe_backend_list(call: Call) -> dict[str, Any]:
    """``BackendName`` matches in part."""
    keyword, type = call.params.text("BackendName", ""), call.params.optional("BackendType")
    found = [
        b
        for b in tagged(rules.listed(call, Backend), call.params.tags())
        if keyword in b.name and type in (None, b.type)
    ]
    page, counts = call.page(found, most=100)
    rows = [{**_row(b), "Tags": [{"Key": k, "Value": v} for k, v in b.tags.items()]} for b in page]
    return {"BackendInfoList": rows, **counts}


def _row(backend: Backend) -> dict[str, Any]:
    return {
        "BackendId": backend.id,
        "BackendName": backend.name,
        "BackendType": backend.type,
        "Description": backend.description,
        "CreatedTime": iso(backend.created),
        "ModifiedTime": iso(backend.modified or backend.created),
    }
