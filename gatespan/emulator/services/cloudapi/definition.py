"""The definition of an API: read from the parameters of CreateApi and ModifyApi, checked, spelt as answers spell it.

JSON keys come in camelCase (Terraform) and PascalCase (help pages): they are matched without regard to case, and
unknown keys are dropped. Answers are PascalCase, with the differences that the service has: ``FcRegionId`` becomes
``RegionId``, switches inside the service configuration are the texts ``TRUE``/``FALSE``, numbers are numbers.
Which nested name an error code carries is a choice; the scheme (``Missing<X>``, ``Invalid<X>``) is the product's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from gatespan.emulator.call import Call
from gatespan.emulator.services.cloudapi import fields, rules, vpc_access_use
from gatespan.emulator.services.cloudapi.errors import invalid, missing
from gatespan.emulator.services.cloudapi.fields import spell
from gatespan.emulator.services.cloudapi.models import ApiGroup
from gatespan.emulator.services.cloudapi.parameters import parameters

Definition = dict[str, Any]

AUTH_TYPES = ("APP", "ANONYMOUS", "APPOPENID")
APP_CODE_TYPES = ("DEFAULT", "DISABLE", "HEADER", "HEADER_QUERY")
SIGNATURE_METHODS = ("HmacSHA256", "HmacSHA1,HmacSHA256", "HmacSHA256,HmacSHA1")
RESULT_TYPES = ("JSON", "TEXT", "BINARY", "XML", "HTML", "PASSTHROUGH")
WEBSOCKET_TYPES = ("COMMON", "REGISTER", "UNREGISTER", "NOTIFY")
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "ANY")
MODES = ("MAPPING", "PASSTHROUGH", "MAPPING_PASSTHROUGH")
PROTOCOLS = {"HTTP": "HTTP", "HTTPS": "HTTPS", "WEBSOCKET": "WebSocket"}
OTHER_CONFIGS = {"OSS": ("OssConfig", fields.OSS), "EventBridge": ("EventBridgeConfig", fields.EVENT_BRIDGE)}
SERVICES = ("HTTP", "FunctionCompute", "OSS", "EventBridge", "UN_SPECIFIED")

_SEGMENT = re.compile(r"\[[A-Za-z0-9_-]+\]|[^\[\]{}<>?#\s]+")


def read(call: Call, group: ApiGroup) -> Definition:
    """The definition in the parameters of the call. Raises Missing…, Invalid… or NotFound… refusals."""
    params = call.params
    request = _request(_object(call, "RequestConfig"))
    by_backend = params.boolean("BackendEnable", False)
    definition: Definition = {
        "Visibility": params.choice("Visibility", ("PUBLIC", "PRIVATE")),
        "Description": rules.description(call),
        "AuthType": params.choice("AuthType", AUTH_TYPES, "APP"),
        "AppCodeAuthType": params.choice("AppCodeAuthType", APP_CODE_TYPES, "DEFAULT"),
        "AllowSignatureMethod": params.choice("AllowSignatureMethod", SIGNATURE_METHODS, "HmacSHA256"),
        "ForceNonceCheck": params.boolean("ForceNonceCheck", False),
        "DisableInternet": params.boolean("DisableInternet", False),
        "WebSocketApiType": params.choice("WebSocketApiType", WEBSOCKET_TYPES, "COMMON"),
        "ResultType": params.choice("ResultType", RESULT_TYPES, "JSON"),
        "ResultSample": _sample(call, "ResultSample", 32),
        "FailResultSample": _sample(call, "FailResultSample", 16),
        "ResultBodyModel": params.flat.get("ResultBodyModel", ""),
        "OpenIdConnectConfig": spell(_object(call, "OpenIdConnectConfig", {}), fields.OPEN_ID),
        "BackendEnable": by_backend,
        "BackendId": rules.backend(call, params.text("BackendId")).id if by_backend else "",
        "RequestConfig": request,
        "ServiceConfig": _service(call, group, request, by_backend),
        **parameters(params),
    }
    _path_parameters_known(definition)
    return definition


# --- small readers ----------------------------------------------------------------------------------------


def _object(call: Call, name: str, default: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
    found = call.params.document(name, default)
    if found is None:
        raise missing(name)
    if not isinstance(found, dict):
        raise invalid(name, call.params.flat.get(name, ""), "It must be a JSON object.")
    return found


def _sample(call: Call, name: str, kilobytes: int) -> str:
    text = call.params.flat.get(name, "")
    if len(text.encode()) > kilobytes * 1024:
        raise invalid(name, "", f"At most {kilobytes} KB.")
    return text


def flag(value: object, name: str) -> bool:
    """A switch inside JSON: a boolean, or its text in any case."""
    text = str(value).lower()
    if text not in ("true", "false"):
        raise invalid(name, str(value))
    return text == "true"


def _switch(value: object, name: str) -> str:
    return "TRUE" if flag(value, name) else "FALSE"


def number(value: object, name: str, least: int, most: int) -> int:
    if not re.fullmatch(r"\d{1,9}", str(value)) or not least <= int(str(value)) <= most:
        raise invalid(name, str(value), f"It must be from {least} to {most}.")
    return int(str(value))


def _one_of(value: object, allowed: tuple[str, ...], name: str) -> str:
    """The allowed text that equals the value but for case."""
    found = next((a for a in allowed if a.lower() == str(value).lower()), None)
    if found is None:
        raise invalid(name, str(value))
    return found


# --- the request side -------------------------------------------------------------------------------------


def _request(raw: Mapping[str, Any]) -> Definition:
    config = spell(raw, fields.REQUEST)
    for name in ("RequestProtocol", "RequestHttpMethod", "RequestPath"):
        if not config.get(name):
            raise missing(name)
    protocols = [p.strip() for p in str(config["RequestProtocol"]).split(",")]
    if bad := next((p for p in protocols if p.upper() not in PROTOCOLS), None):
        raise invalid("RequestProtocol", bad)
    config["RequestProtocol"] = ",".join(PROTOCOLS[p.upper()] for p in protocols)
    config["RequestHttpMethod"] = method(config["RequestHttpMethod"], "RequestHttpMethod")
    config["RequestPath"] = _path(str(config["RequestPath"]))
    config["RequestMode"] = _one_of(config.get("RequestMode", "MAPPING"), MODES, "RequestMode")
    if config.get("BodyFormat"):
        config["BodyFormat"] = _one_of(config["BodyFormat"], ("FORM", "STREAM"), "BodyFormat")
    if "EscapePathParam" in config:
        config["EscapePathParam"] = flag(config["EscapePathParam"], "EscapePathParam")
    return config


def method(value: object, name: str) -> str:
    """A method; older pages spell HEAD as HEADER."""
    text = str(value).upper()
    return _one_of("HEAD" if text == "HEADER" else text, METHODS, name)


def _path(path: str) -> str:
    """``/users/[id]``, with ``/*`` at the end at most. Raises InvalidRequestPath."""
    segments = path[1:].split("/")
    fits = all(_SEGMENT.fullmatch(s) and ("*" not in s or (s == "*" and s is segments[-1])) for s in segments)
    if not path.startswith("/") or (path != "/" and not fits):
        raise invalid("RequestPath", path)
    return path


def route(definition: Mapping[str, Any]) -> tuple[str, str]:
    """What must be unique in a group: the method, and the path without the names of its parameters."""
    request = definition["RequestConfig"]
    return request["RequestHttpMethod"], re.sub(r"\[[^\]]*\]", "[]", request["RequestPath"])


def _path_parameters_known(definition: Definition) -> None:
    """In MAPPING mode every bracketed name of the path needs a PATH parameter (help page)."""
    request = definition["RequestConfig"]
    if request["RequestMode"] != "MAPPING":
        return
    declared = {p["ApiParameterName"] for p in definition["RequestParameters"] if p["Location"] == "PATH"}
    for name in re.findall(r"\[([^\]]+)\]", request["RequestPath"]):
        if name not in declared:
            raise invalid("RequestParameters", name, "A path parameter is not declared.")


# --- the service side -------------------------------------------------------------------------------------


def _service(call: Call, group: ApiGroup, request: Definition, by_backend: bool) -> Definition:
    raw = spell(_object(call, "ServiceConfig", {} if by_backend else None), fields.SERVICE)
    mock = flag(raw.get("Mock", False) or False, "Mock")
    if not by_backend:
        for name in ("ServiceProtocol", "ServiceTimeout"):
            if raw.get(name) in (None, ""):
                raise missing(name)
    shared = group.instance_id in ("", rules.SHARED_INSTANCE)
    longest = rules.TIMEOUT_SHARED if shared else rules.TIMEOUT_DEDICATED
    protocol = _one_of(raw.get("ServiceProtocol") or "UN_SPECIFIED", SERVICES, "ServiceProtocol")
    config: Definition = {
        "ServiceProtocol": protocol,
        "ServiceTimeout": number(raw.get("ServiceTimeout", 10_000), "ServiceTimeout", 1, longest),
        "ServiceVpcEnable": _switch(raw.get("ServiceVpcEnable") or False, "ServiceVpcEnable"),
        "Mock": "TRUE" if mock else "FALSE",
        "ContentTypeCatagory": raw.get("ContentTypeCatagory") or "DEFAULT",
        **{k: str(raw[k]) for k in ("ContentTypeValue", "AoneAppName", "ServicePath", "ServiceAddress") if raw.get(k)},
    }
    if raw.get("ServiceHttpMethod"):
        config["ServiceHttpMethod"] = method(raw["ServiceHttpMethod"], "ServiceHttpMethod")
    if mock:
        return {**config, **mock_answer(raw)}
    if by_backend:
        return config
    if protocol == "HTTP":
        if config["ServiceVpcEnable"] == "TRUE":
            config["VpcConfig"] = _vpc(call, raw)
        else:
            _check_address(config.get("ServiceAddress"))
        return {"ServicePath": "", "ServiceHttpMethod": request["RequestHttpMethod"], **config}
    if protocol == "FunctionCompute":
        return {**config, "FunctionComputeConfig": function(raw.get("FunctionComputeConfig"))}
    if protocol in OTHER_CONFIGS:
        name, keys = OTHER_CONFIGS[protocol]
        config[name] = spell(_sub_object(raw.get(name), name), keys)
    return config


def _sub_object(value: object, name: str) -> Mapping[str, Any]:
    if not value:
        raise missing(name)
    if not isinstance(value, dict):
        raise invalid(name, str(value))
    return value


def _vpc(call: Call, raw: Definition) -> Definition:
    """A back end behind an authorisation, of which the draft keeps no more than the name. Raises NotFoundVpcAccess."""
    config = spell(_sub_object(raw.get("VpcConfig"), "VpcConfig"), fields.VPC)
    return {"Name": vpc_access_use.named(call, config).name, "VpcScheme": vpc_scheme(config)}


def vpc_scheme(config: Mapping[str, Any]) -> str:
    """The default is a choice."""
    return _one_of(config.get("VpcScheme") or "HTTP", ("HTTP", "HTTPS"), "VpcScheme")


def _check_address(address: str | None) -> None:
    """Refuse what a plain HTTP back end cannot be called by."""
    if not address:
        raise missing("ServiceAddress")
    try:
        parts = urlsplit(address)
        fits = parts.scheme in ("http", "https", "ws", "wss") and bool(parts.hostname) and (parts.port or 80) > 0
    except ValueError:
        fits = False
    if not fits:
        raise invalid("ServiceAddress", address)


def mock_answer(raw: Mapping[str, Any]) -> Definition:
    """What a mock answers: text, status, headers."""
    headers = raw.get("MockHeaders") or []
    if not isinstance(headers, list) or not all(isinstance(h, dict) for h in headers):
        raise invalid("MockHeaders", str(headers))
    return {
        "MockResult": str(raw.get("MockResult", "")),
        "MockStatusCode": number(raw.get("MockStatusCode") or 200, "MockStatusCode", 100, 599),
        "MockHeaders": [spell(h, fields.MOCK_HEADER) for h in headers],
    }


def function(value: object) -> Definition:
    """A function back end. Whether the function exists is found out by the first call (choice: no page says)."""
    config = spell(_sub_object(value, "FunctionComputeConfig"), fields.FUNCTION)
    version = _one_of(config.get("FcVersion") or "2.0", ("2.0", "3.0"), "FcVersion")
    kind = "HttpTrigger" if config.get("FcBaseUrl") else "FCEvent"
    kind = _one_of(config.get("FcType") or kind, ("HttpTrigger", "FCEvent"), "FcType")
    needs = ["RegionId", "FcBaseUrl"] if kind == "HttpTrigger" else ["RegionId", "FunctionName", "RoleArn"]
    if kind == "FCEvent" and version == "2.0":
        needs.append("ServiceName")
    for name in needs:
        if not config.get(name):
            raise missing("FcRegionId" if name == "RegionId" else name)
    if config.get("Method"):
        config["Method"] = method(config["Method"], "Method")
    config["OnlyBusinessPath"] = flag(config.get("OnlyBusinessPath") or False, "OnlyBusinessPath")
    return {**config, "FcVersion": version, "FcType": kind}
