"""API definitions: both JSON spellings, every kind of back end, the exact answer, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gatespan.emulator.services.cloudapi.models import DeployedApi

from .conftest import FUNCTION, FUNCTION_URL, HTTP, REGION, REQUEST, Console, Row, definition


def camel(value: Any) -> Any:
    """The same JSON with the first letter of each key in lower case, as Terraform writes it."""
    if isinstance(value, dict):
        return {k[0].lower() + k[1:]: camel(v) for k, v in value.items()}
    return [camel(v) for v in value] if isinstance(value, list) else value


def same(value: Any) -> Any:
    return value


SERVICE = {"ServiceVpcEnable": "FALSE", "Mock": "FALSE", "ContentTypeCatagory": "DEFAULT"}
FC_ROLE = "acs:ram::1000000000000001:role/aliyunserviceroleforapigateway"
EVENT = {"FcVersion": "3.0", "FcRegionId": REGION, "FunctionName": "hello", "RoleArn": FC_ROLE}
FC2 = {"FcRegionId": REGION, "FcType": "FCEvent", "ServiceName": "s", "FunctionName": "f", "RoleArn": FC_ROLE}
OSS = {"OssRegionId": REGION, "BucketName": "b", "Key": "k", "Action": "GetObject"}
BUS = {"EventBridgeRegionId": REGION, "EventBus": "bus", "EventSource": "src", "RoleArn": FC_ROLE}


def plain(row: Row) -> Row:
    """A function configuration as answered: FcRegionId became RegionId."""
    return {("RegionId" if k == "FcRegionId" else k): v for k, v in row.items()}


BACKENDS: dict[str, tuple[Row, Row]] = {
    "http": (HTTP, {**HTTP, **SERVICE, "ServiceTimeout": 5000}),
    "http without a method of its own": (
        {
            "ServiceProtocol": "HTTP",
            "ServiceAddress": "https://192.0.2.9",
            "ServiceTimeout": 1,
            "ServiceVpcEnable": False,
        },
        {
            **SERVICE,
            "ServiceProtocol": "HTTP",
            "ServiceAddress": "https://192.0.2.9",
            "ServiceTimeout": 1,
            "ServicePath": "",
            "ServiceHttpMethod": "GET",
        },
    ),
    "function by trigger": (
        FUNCTION,
        {**SERVICE, **FUNCTION, "FunctionComputeConfig": plain(FUNCTION["FunctionComputeConfig"])},
    ),
    "function by event, type left out": (
        {"ServiceProtocol": "FunctionCompute", "ServiceTimeout": 3000, "FunctionComputeConfig": EVENT},
        {
            **SERVICE,
            "ServiceProtocol": "FunctionCompute",
            "ServiceTimeout": 3000,
            "FunctionComputeConfig": {**plain(EVENT), "FcType": "FCEvent", "OnlyBusinessPath": False},
        },
    ),
    "function of the second generation": (
        {"ServiceProtocol": "FunctionCompute", "ServiceTimeout": 3000, "FunctionComputeConfig": FC2},
        {
            **SERVICE,
            "ServiceProtocol": "FunctionCompute",
            "ServiceTimeout": 3000,
            "FunctionComputeConfig": {**plain(FC2), "FcVersion": "2.0", "OnlyBusinessPath": False},
        },
    ),
    "mock": (
        {
            "ServiceProtocol": "HTTP",
            "ServiceAddress": "http://unused",
            "ServiceTimeout": 30,
            "Mock": "TRUE",
            "MockResult": "hello",
            "MockStatusCode": 201,
            "MockHeaders": [{"HeaderName": "X-A", "HeaderValue": "1"}],
        },
        {
            **SERVICE,
            "ServiceProtocol": "HTTP",
            "ServiceAddress": "http://unused",
            "ServiceTimeout": 30,
            "Mock": "TRUE",
            "MockResult": "hello",
            "MockStatusCode": 201,
            "MockHeaders": {"MockHeader": [{"HeaderName": "X-A", "HeaderValue": "1"}]},
        },
    ),
    "oss": (
        {"ServiceProtocol": "OSS", "ServiceTimeout": 3000, "OssConfig": OSS},
        {**SERVICE, "ServiceProtocol": "OSS", "ServiceTimeout": 3000, "OssConfig": OSS},
    ),
    "event bridge": (
        {"ServiceProtocol": "EventBridge", "ServiceTimeout": 3000, "EventBridgeConfig": BUS},
        {**SERVICE, "ServiceProtocol": "EventBridge", "ServiceTimeout": 3000, "EventBridgeConfig": BUS},
    ),
}


@pytest.mark.parametrize("spelling", [same, camel])
@pytest.mark.parametrize("kind", BACKENDS)
def test_back_ends_are_answered_in_pascal_case(console: Console, kind: str, spelling: Any) -> None:
    sent, answered = BACKENDS[kind]
    parameters = definition("hello_api", service=spelling(sent))
    parameters["RequestConfig"] = json.dumps(spelling({**REQUEST, "BodyFormat": "STREAM", "EscapePathParam": "true"}))
    api = console("CreateApi", GroupId=console.group(), **parameters)["ApiId"]
    row = console("DescribeApi", ApiId=api)
    assert row["ServiceConfig"] == answered
    assert row["Mock"] == ("OPEN" if kind == "mock" else "CLOSED")
    assert row["MockResult"] == answered.get("MockResult", "")
    assert row["RequestConfig"] == {**REQUEST, "BodyFormat": "STREAM", "EscapePathParam": True}
    console("DeployApi", ApiId=api, StageName="RELEASE", Description="d")
    live = console("DescribeDeployedApi", ApiId=api, StageName="RELEASE")
    assert live["RequestConfig"] == {**REQUEST, "BodyFormat": "STREAM"}
    for key in ("ServiceProtocol", "ServiceTimeout", "Mock"):
        assert live["ServiceConfig"][key] == answered[key]
    if "FunctionComputeConfig" in answered:
        assert live["ServiceConfig"]["FunctionComputeConfig"]["RegionId"] == REGION


ARRAYS: dict[str, list[Row]] = {
    "RequestParameters": [
        {"ApiParameterName": "id", "Location": "PATH", "ParameterType": "Int", "Required": "REQUIRED", "DocOrder": 1},
        {
            "ApiParameterName": "q",
            "Location": "QUERY",
            "ParameterType": "String",
            "Required": "OPTIONAL",
            "DefaultValue": "x",
            "MaxLength": 20,
            "RegularExpression": "^[a-z]*$",
        },
    ],
    "ServiceParameters": [{"ServiceParameterName": "sid", "Location": "QUERY", "ParameterType": "STRING"}],
    "ServiceParametersMap": [{"ServiceParameterName": "sid", "RequestParameterName": "id"}],
    "ConstantParameters": [
        {"ServiceParameterName": "c", "ConstantValue": "1", "Location": "HEAD", "Description": "constant"}
    ],
    "SystemParameters": [
        {
            "ParameterName": "CaClientIp",
            "ServiceParameterName": "ip",
            "Location": "HEAD",
            "DemoValue": "192.0.2.1",
            "Description": "caller",
        }
    ],
    "ErrorCodeSamples": [{"Code": "400", "Message": "bad", "Description": "d", "Model": "m"}],
}
WRAPPED = {
    "RequestParameters": "RequestParameter",
    "ServiceParameters": "ServiceParameter",
    "ServiceParametersMap": "ServiceParameterMap",
    "ConstantParameters": "ConstantParameter",
    "SystemParameters": "SystemParameter",
    "ErrorCodeSamples": "ErrorCodeSample",
}
RESULT = [{"Id": "0", "Pid": "", "HasChild": False, "Key": "k", "Name": "n", "Mandatory": True, "Type": "t"}]


@pytest.mark.parametrize("spelling", [same, camel])
def test_a_complete_definition(console: Console, spelling: Any) -> None:
    group = console.group()
    texts = {
        "Description": "all of it",
        "AuthType": "APP",
        "AppCodeAuthType": "HEADER_QUERY",
        "AllowSignatureMethod": "HmacSHA256",
        "ResultType": "PASSTHROUGH",
        "ResultSample": "ok",
        "FailResultSample": "not ok",
        "ResultBodyModel": "model",
        "WebSocketApiType": "COMMON",
    }
    openid = {"IdTokenParamName": "t", "OpenIdApiType": "IDTOKEN", "PublicKey": "k", "PublicKeyId": "i"}
    api = console.api(
        group,
        request={"RequestPath": "/users/[id]", "RequestMode": "MAPPING"},
        **texts,
        DisableInternet="True",
        ForceNonceCheck="FALSE",
        OpenIdConnectConfig=json.dumps(spelling(openid)),
        ResultDescriptions=json.dumps(spelling(RESULT)),
        **{name: json.dumps(spelling(rows)) for name, rows in ARRAYS.items()},
        Tag=[{"Key": "team", "Value": "net"}],
    )
    row = console("DescribeApi", ApiId=api, GroupId=group)
    assert {k: row[k] for k in texts} == texts
    assert (row["DisableInternet"], row["ForceNonceCheck"], row["BackendEnable"]) == (True, False, False)
    assert (row["RegionId"], row["GroupName"], row["ApiName"]) == (REGION, "demo_group", "hello_api")
    assert {name: row[name][inner] for name, inner in WRAPPED.items()} == ARRAYS
    assert row["OpenIdConnectConfig"] == openid
    assert row["TagList"] == {"Tag": [{"TagKey": "team", "TagValue": "net"}]}
    assert [i["DeployedStatus"] for i in row["DeployedInfos"]["DeployedInfo"]] == ["NONDEPLOYED"] * 3
    console("DeployApi", ApiId=api, StageName="PRE", Description="first")
    live = console("DescribeDeployedApi", ApiId=api, StageName="PRE")
    kept = texts.keys() - {"AppCodeAuthType", "WebSocketApiType"}
    assert {k: live[k] for k in kept} == {k: texts[k] for k in kept}
    assert live["RequestParameters"]["RequestParameter"] == ARRAYS["RequestParameters"]
    assert live["ResultDescriptions"] == {"ResultDescription": RESULT}


def test_folded_constants_and_system_parameters_are_listed_apart(console: Console) -> None:
    asked = [
        {"apiParameterName": "id", "location": "QUERY", "parameterType": "String", "required": "REQUIRED"},
        {"apiParameterName": "k", "location": "HEAD", "defaultValue": "v", "apiParameterDescription": "why"},
        {"apiParameterName": "CaClientIp", "location": "HEAD"},
    ]
    passed = [
        {"serviceParameterName": "id", "location": "QUERY", "parameterCatalog": "REQUEST"},
        {"serviceParameterName": "k", "location": "HEAD", "parameterCatalog": "CONSTANT"},
        {"serviceParameterName": "ip", "location": "HEAD", "parameterCatalog": "SYSTEM"},
    ]
    mapped = [("id", "id"), ("k", "k"), ("ip", "CaClientIp")]
    api = console.api(
        console.group(),
        RequestParameters=json.dumps(asked),
        ServiceParameters=json.dumps(passed),
        ServiceParametersMap=json.dumps([{"serviceParameterName": s, "requestParameterName": r} for s, r in mapped]),
    )
    row = console("DescribeApi", ApiId=api)
    assert [p["ApiParameterName"] for p in row["RequestParameters"]["RequestParameter"]] == ["id"]
    assert row["ServiceParameters"]["ServiceParameter"] == [{"ServiceParameterName": "id", "Location": "QUERY"}]
    assert row["ConstantParameters"]["ConstantParameter"] == [
        {"ServiceParameterName": "k", "ConstantValue": "v", "Location": "HEAD", "Description": "why"}
    ]
    assert row["SystemParameters"]["SystemParameter"] == [
        {"ParameterName": "CaClientIp", "ServiceParameterName": "ip", "Location": "HEAD"}
    ]


REQUESTS: list[tuple[Row, str]] = [
    ({"RequestPath": None}, "MissingRequestPath"),
    ({"RequestHttpMethod": None}, "MissingRequestHttpMethod"),
    ({"RequestProtocol": ""}, "MissingRequestProtocol"),
    ({"RequestProtocol": "HTTP,FTP"}, "InvalidRequestProtocol"),
    ({"RequestHttpMethod": "FETCH"}, "InvalidRequestHttpMethod"),
    ({"RequestPath": "hello"}, "InvalidRequestPath"),
    ({"RequestPath": "/users/{id}"}, "InvalidRequestPath"),
    ({"RequestPath": "/a/*/b"}, "InvalidRequestPath"),
    ({"RequestPath": "/a?b=c"}, "InvalidRequestPath"),
    ({"RequestMode": "GUESS"}, "InvalidRequestMode"),
    ({"BodyFormat": "XML"}, "InvalidBodyFormat"),
    ({"RequestPath": "/users/[id]", "RequestMode": "MAPPING"}, "InvalidRequestParameters"),
]


@pytest.mark.parametrize(("change", "code"), REQUESTS)
def test_requests_that_are_refused(console: Console, change: Row, code: str) -> None:
    group = console.group()
    assert console.refused("CreateApi", GroupId=group, **definition("hello_api", change)) == code


@pytest.mark.parametrize(("method", "answered"), [("HEADER", "HEAD"), ("HEAD", "HEAD"), ("get", "GET"), ("ANY", "ANY")])
def test_methods(console: Console, method: str, answered: str) -> None:
    api = console.api(console.group(), request={"RequestHttpMethod": method})
    assert console("DescribeApi", ApiId=api)["RequestConfig"]["RequestHttpMethod"] == answered


@pytest.mark.parametrize("path", ["/", "/a", "/a/b-c", "/files/*", "/users/[id]/orders/[order]", "/*"])
def test_paths(console: Console, path: str) -> None:
    api = console.api(console.group(), request={"RequestPath": path})
    assert console("DescribeApi", ApiId=api)["RequestConfig"]["RequestPath"] == path


def fc(**change: Any) -> Row:
    return {**FUNCTION, "FunctionComputeConfig": {**FUNCTION["FunctionComputeConfig"], **change}}


SERVICES: list[tuple[Row, str]] = [
    ({**HTTP, "ServiceProtocol": None}, "MissingServiceProtocol"),
    ({**HTTP, "ServiceProtocol": "Dubbo"}, "InvalidServiceProtocol"),
    ({**HTTP, "ServiceTimeout": None}, "MissingServiceTimeout"),
    ({**HTTP, "ServiceTimeout": 0}, "InvalidServiceTimeout"),
    ({**HTTP, "ServiceTimeout": "soon"}, "InvalidServiceTimeout"),
    ({**HTTP, "ServiceTimeout": 30001}, "InvalidServiceTimeout"),
    ({**HTTP, "ServiceAddress": None}, "MissingServiceAddress"),
    ({**HTTP, "ServiceAddress": "192.0.2.1:80"}, "InvalidServiceAddress"),
    ({**HTTP, "ServiceAddress": "http://192.0.2.1:port"}, "InvalidServiceAddress"),
    ({**HTTP, "ServiceHttpMethod": "FETCH"}, "InvalidServiceHttpMethod"),
    ({**HTTP, "ServiceVpcEnable": "perhaps"}, "InvalidServiceVpcEnable"),
    ({**HTTP, "ServiceVpcEnable": "TRUE"}, "MissingVpcConfig"),
    ({**HTTP, "ServiceVpcEnable": "TRUE", "VpcConfig": {"Name": "idc"}}, "NotFoundVpcAccess"),
    ({**HTTP, "Mock": "TRUE", "MockStatusCode": 99}, "InvalidMockStatusCode"),
    ({**HTTP, "Mock": "TRUE", "MockHeaders": {"a": "b"}}, "InvalidMockHeaders"),
    ({"ServiceProtocol": "FunctionCompute", "ServiceTimeout": 1}, "MissingFunctionComputeConfig"),
    ({"ServiceProtocol": "OSS", "ServiceTimeout": 1}, "MissingOssConfig"),
    (fc(FcRegionId=""), "MissingFcRegionId"),
    (fc(FcBaseUrl=""), "MissingFcBaseUrl"),
    (fc(FcVersion="4.0"), "InvalidFcVersion"),
    (fc(FcType="Timer"), "InvalidFcType"),
    (fc(FcType="FCEvent"), "MissingFunctionName"),
    (fc(FcType="FCEvent", FunctionName="f"), "MissingRoleArn"),
    (fc(FcType="FCEvent", FunctionName="f", RoleArn="r", FcVersion="2.0"), "MissingServiceName"),
    (fc(OnlyBusinessPath="perhaps"), "InvalidOnlyBusinessPath"),
]


@pytest.mark.parametrize(("service", "code"), SERVICES)
def test_back_ends_that_are_refused(console: Console, service: Row, code: str) -> None:
    assert console.refused("CreateApi", GroupId=console.group(), **definition("hello_api", service=service)) == code


def test_dedicated_instances_allow_longer_calls(console: Console) -> None:
    group = console.group(InstanceId=console.buy())
    console.api(group, service={**HTTP, "ServiceTimeout": 120000})
    refused = console.refused(
        "CreateApi", GroupId=group, **definition("slow_api", service={**HTTP, "ServiceTimeout": 120001})
    )
    assert refused == "InvalidServiceTimeout"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ApiName": "abc"}, "InvalidApiName"),
        ({"ApiName": "with-hyphen"}, "InvalidApiName"),
        ({"ApiName": "1234"}, "InvalidApiName"),
        ({"ApiName": "a" * 51}, "InvalidApiName"),
        ({"Visibility": "SECRET"}, "InvalidVisibility"),
        ({"Visibility": None}, "MissingVisibility"),
        ({"Description": "d" * 181}, "InvalidDescription"),
        ({"AuthType": "PASSWORD"}, "InvalidAuthType"),
        ({"AppCodeAuthType": "BODY"}, "InvalidAppCodeAuthType"),
        ({"AllowSignatureMethod": "MD5"}, "InvalidAllowSignatureMethod"),
        ({"DisableInternet": "perhaps"}, "InvalidDisableInternet"),
        ({"ResultType": "YAML"}, "InvalidResultType"),
        ({"ResultSample": "x" * (32 * 1024 + 1)}, "InvalidResultSample"),
        ({"RequestConfig": None}, "MissingRequestConfig"),
        ({"RequestConfig": "{not json"}, "InvalidRequestConfig"),
        ({"RequestConfig": "[]"}, "InvalidRequestConfig"),
        ({"ServiceConfig": None}, "MissingServiceConfig"),
        ({"ServiceConfig": '"text"'}, "InvalidServiceConfig"),
        ({"RequestParameters": "{}"}, "InvalidRequestParameters"),
        ({"RequestParameters": '[{"Location":"QUERY"}]'}, "MissingApiParameterName"),
        ({"RequestParameters": '[{"ApiParameterName":"a","Location":"COOKIE"}]'}, "InvalidLocation"),
        ({"RequestParameters": '[{"ApiParameterName":"a","Required":"MAYBE"}]'}, "InvalidRequired"),
        ({"RequestParameters": '[{"ApiParameterName":"a","MaxLength":"long"}]'}, "InvalidMaxLength"),
        ({"BackendEnable": True}, "MissingBackendId"),
        ({"BackendEnable": True, "BackendId": "none"}, "NotFoundBackend"),
        ({"Tag": [{"Key": "aliyun", "Value": ""}]}, "InvalidTagKey"),
    ],
)
def test_definitions_that_are_refused(console: Console, change: Row, code: str) -> None:
    group = console.group()
    before = console.state()
    assert console.refused("CreateApi", GroupId=group, **{**definition("hello_api"), **change}) == code
    assert console.state() == before


def test_the_definition_as_the_data_plane_reads_it(console: Console) -> None:
    api = console.api(console.group(), service=camel(FUNCTION), AuthType="ANONYMOUS")
    console("DeployApi", ApiId=api, StageName="RELEASE", Description="d")
    live = console.cloud.world.get(DeployedApi, f"{api}:RELEASE")
    config = live.definition["ServiceConfig"]["FunctionComputeConfig"]
    assert (config["FcVersion"], config["RegionId"], config["FcBaseUrl"]) == ("3.0", REGION, FUNCTION_URL)
    assert config["OnlyBusinessPath"] is False
    assert live.definition["AuthType"] == "ANONYMOUS"
    assert live.definition["AppCodeAuthType"] == "DEFAULT"
    assert live.definition["DisableInternet"] is False
    assert live.definition["ServiceConfig"]["ServiceTimeout"] == 10000
