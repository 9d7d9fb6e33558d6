"""Reusable back ends and their models, and the APIs that use them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gatespan.emulator.services.cloudapi.models import DeployedApi

from .conftest import FUNCTION_URL, REGION, Console, Row, definition

TRIGGER = {"FcRegionId": REGION, "FcBaseUrl": FUNCTION_URL, "TriggerName": "http", "OnlyBusinessPath": False}
ROLE = "acs:ram::1000000000000001:role/aliyunserviceroleforapigateway"

DATA: dict[str, tuple[Row, Row]] = {
    "HTTP": ({"ServiceAddress": "http://b:80", "ServiceTimeout": "900"},
             {"ServiceAddress": "http://b:80", "ServiceTimeout": 900}),
    "FC_HTTP_V3": ({"functionComputeConfig": TRIGGER},
                   {"FunctionComputeConfig": {**TRIGGER, "FcType": "HttpTrigger"}}),
    "FC_EVENT_V3": ({"FunctionComputeConfig": {"FcRegionId": REGION, "FunctionName": "f", "RoleArn": ROLE}},
                    {"FunctionComputeConfig": {"FcRegionId": REGION, "FunctionName": "f", "RoleArn": ROLE,
                                               "FcType": "FCEvent", "OnlyBusinessPath": False}}),
    "MOCK": ({"MockConfig": {"MockResult": "hi", "MockStatusCode": 201,
                             "MockHeaders": [{"HeaderName": "X-A", "HeaderValue": "1"}]}},
             {"MockConfig": {"MockResult": "hi", "MockStatusCode": "201",
                             "MockHeaders": [{"HeaderName": "X-A", "HeaderValue": "1"}]}}),
    "OSS": ({"OssConfig": {"ossRegionId": REGION, "bucketName": "b"}},
            {"OssConfig": {"OssRegionId": REGION, "BucketName": "b"}}),
    "EVENTBRIDGE": ({"EventBridgeConfig": {"EventBridgeRegionId": REGION, "EventBus": "bus"}},
                    {"EventBridgeConfig": {"EventBridgeRegionId": REGION, "EventBus": "bus"}}),
}  # fmt: skip


def backend(console: Console, type: str = "HTTP", name: str = "back_end", **parameters: Any) -> str:
    return str(console("CreateBackend", BackendName=name, BackendType=type, **parameters)["BackendId"])


def model(console: Console, id: str, type: str = "HTTP", stage: str = "RELEASE", data: Row | None = None) -> str:
    text = json.dumps(DATA[type][0] if data is None else data)
    parameters = {"BackendId": id, "BackendType": type, "StageName": stage, "BackendModelData": text}
    return str(console("CreateBackendModel", **parameters, Description="m")["BackendModelId"])


def models_of(console: Console, id: str) -> list[Row]:
    return list(console("DescribeBackendInfo", BackendId=id)["BackendInfo"]["BackendModels"])


@pytest.mark.parametrize("type", DATA)
def test_models_are_answered_in_pascal_case(console: Console, type: str) -> None:
    id = backend(console, type, Description="d", CreateSlr="true")
    model_id = model(console, id, type)
    info = console("DescribeBackendInfo", BackendId=id)["BackendInfo"]
    assert (info["BackendName"], info["BackendType"], info["Description"]) == ("back_end", type, "d")
    (row,) = info["BackendModels"]
    assert (row["BackendModelId"], row["StageName"], row["Description"]) == (model_id, "RELEASE", "m")
    assert row["BackendConfig"] == {**DATA[type][1], "Type": type}


def test_lists_are_paged_and_filtered(console: Console) -> None:
    tag = [{"Key": "team", "Value": "net"}]
    ids = [backend(console, name=f"back_end_{n}", Tag=tag if n == 0 else None) for n in range(3)]
    mock = backend(console, "MOCK", "nothing_real")

    def found(**filters: Any) -> list[str]:
        return [row["BackendId"] for row in console("DescribeBackendList", **filters)["BackendInfoList"]]

    assert found() == [*ids, mock]
    assert found(PageNumber=2, PageSize=3) == [mock]
    assert found(BackendName="back_end") == found(BackendType="HTTP") == ids
    assert found(Tag=tag) == ids[:1]
    row = console("DescribeBackendList")["BackendInfoList"][0]
    assert (row["BackendName"], row["Tags"]) == ("back_end_0", tag)


def test_a_back_end_changes_and_goes(console: Console) -> None:
    before = console.state()
    id = backend(console, Description="old")
    backend_2 = backend(console, name="back_end_2")
    change = {"BackendId": id, "BackendName": "renamed", "BackendType": "MOCK"}
    console("ModifyBackend", **change)
    info = console("DescribeBackendInfo", BackendId=id)["BackendInfo"]
    assert (info["BackendName"], info["BackendType"], info["Description"]) == ("renamed", "MOCK", "old")
    assert console.refused("ModifyBackend", **{**change, "BackendName": "back_end_2"}) == "RepeatedBackendName"
    assert console.refused("CreateBackend", BackendName="renamed", BackendType="HTTP") == "RepeatedBackendName"
    model(console, id, "MOCK")
    assert console.refused("ModifyBackend", **{**change, "BackendType": "HTTP"}) == "DependencyViolationBackendType"
    for gone in (id, backend_2):
        console("DeleteBackend", BackendId=gone)
        assert console.refused("DescribeBackendInfo", BackendId=gone) == "NotFoundBackend"
    assert console.refused("DeleteBackend", BackendId=id) == "NotFoundBackend"
    assert console.state() == before


def test_an_api_over_a_back_end(console: Console) -> None:
    id = backend(console)
    model_id = model(console, id)
    group = console.group()
    use = {"BackendEnable": "True", "BackendId": id, "ServiceConfig": json.dumps({"ServicePath": "/x"})}
    api = console("CreateApi", GroupId=group, **{**definition("hello_api"), **use})["ApiId"]
    row = console("DescribeApi", ApiId=api)
    assert row["BackendEnable"] is True
    assert row["BackendConfig"] == {"BackendId": id, "BackendName": "back_end", "BackendType": "HTTP"}
    assert row["ServiceConfig"]["ServicePath"] == "/x"
    console("DeployApi", ApiId=api, StageName="RELEASE", Description="d")
    assert console.refused("DeleteBackend", BackendId=id) == "DependencyViolationBackend"
    change = {"BackendId": id, "BackendModelId": model_id, "BackendType": "HTTP"}
    data = json.dumps({"ServiceAddress": "http://other"})
    task = console("ModifyBackendModel", **change, BackendModelData=data)["OperationId"]
    (result,) = console("DescribeUpdateBackendTask", OperationUid=task)["ApiUpdateBackendResults"][
        "ApiUpdateBackendResult"
    ]
    assert (result["ApiUid"], result["StageName"], result["UpdateStatus"]) == (api, "RELEASE", "success")
    assert models_of(console, id)[0]["BackendConfig"]["ServiceAddress"] == "http://other"
    gone = {"BackendId": id, "BackendModelId": model_id}
    assert console.refused("DeleteBackendModel", **gone, StageName="PRE") == "NotFoundStageModel"
    task = console("DeleteBackendModel", **gone, StageName="RELEASE")["OperationId"]
    assert console("DescribeUpdateBackendTask", OperationUid=task)["ApiUpdateBackendResults"] != {}
    assert not list(console.cloud.world.all(DeployedApi)), "the live APIs that used it are unpublished"
    assert models_of(console, id) == []
    assert console.refused("DeleteBackendModel", **gone) == "NotFoundBackendModel"
    assert console.refused("DescribeUpdateBackendTask", OperationUid="none") == "NotFoundOperationUid"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"BackendId": "none"}, "NotFoundBackend"),
        ({"BackendType": "MOCK"}, "InvalidBackendType"),
        ({"BackendType": "TCP"}, "InvalidBackendType"),
        ({"StageName": "PROD"}, "InvalidStageName"),
        ({"StageName": None}, "MissingStageName"),
        ({"StageName": "TEST"}, "RepeatedBackendModel"),
        ({"BackendModelData": None}, "MissingBackendModelData"),
        ({"BackendModelData": "[]"}, "InvalidBackendModelData"),
        ({"BackendModelData": "{}"}, "MissingServiceAddress"),
        ({"BackendModelData": '{"ServiceAddress":"http://b","ServiceTimeout":0}'}, "InvalidServiceTimeout"),
    ],
)
def test_models_that_are_refused(console: Console, change: Row, code: str) -> None:
    id = backend(console)
    model(console, id, stage="TEST")
    wanted = {"BackendId": id, "BackendType": "HTTP", "StageName": "RELEASE"}
    data = json.dumps(DATA["HTTP"][0])
    assert console.refused("CreateBackendModel", **{**wanted, "BackendModelData": data, **change}) == code


def test_a_model_in_a_vpc_needs_an_authorisation(console: Console) -> None:
    id = backend(console, "VPC")
    text = json.dumps({"VpcConfig": {"VpcAccessId": "none"}})
    wanted = {"BackendId": id, "BackendType": "VPC", "StageName": "RELEASE", "BackendModelData": text}
    assert console.refused("CreateBackendModel", **wanted) == "NotFoundVpcAccess"
    id = backend(console, "MOCK", "mock_end")
    wanted = {"BackendId": id, "BackendType": "MOCK", "StageName": "RELEASE", "BackendModelData": '{"MockConfig":"x"}'}
    assert console.refused("CreateBackendModel", **wanted) == "InvalidMockConfig"
