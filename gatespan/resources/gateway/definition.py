"""The definition of an API: from the topology's words to the gateway's JSON, and back from what is read.

Both directions are here, side by side, so that a plan compares like with like. The draft (``api``) and the live copy
of a stage (``deployment``) are compared by the same function.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from gatespan.resources.base import UNKNOWN, Ref, Scope
from gatespan.resources.gateway.grant import Grant, address
from gatespan.topology import Api

NOWHERE = "http://127.0.0.1"
"""Service address of a mock API: the create call wants one, nothing ever calls it."""


@dataclass(frozen=True)
class Definition:
    """One API as the topology describes it; ``trigger`` and ``same_region`` are for a function back end, ``grant`` for
    one behind a VPC grant."""

    api: Api
    trigger: Ref | None = None
    function_region: str = ""
    same_region: bool = True
    grant: Grant | None = None

    def wanted(self, scope: Scope) -> dict[str, Any]:
        """The owned fields, by our names."""
        api = self.api
        return {
            "path": api.path,
            "method": api.method,
            "protocols": ",".join(sorted(api.protocols)),
            "auth": api.auth,
            "description": api.description,
            "backend": self._backend(scope),
        }

    def wanted_live(self, scope: Scope) -> dict[str, Any]:
        """The same of a published API, which does not tell how an app proves itself (AppCodeAuthType) nor whether the
        back end behind a grant speaks HTTPS (VpcScheme; SDK). It keeps the address that its grant had when it was
        published: ``calls`` is where it shall go."""
        wanted = {**self.wanted(scope), "auth": "ANONYMOUS" if self.api.auth == "anonymous" else "APP"}
        if self.grant is not None:
            del wanted["backend"]["scheme"]
            wanted["calls"] = self.grant.wants(scope)["target"]
        return wanted

    def parameters(self, scope: Scope) -> dict[str, Any]:
        """The parameters of CreateApi and ModifyApi, JSON text where the API wants JSON text."""
        api = self.api
        request: dict[str, Any] = {
            "RequestProtocol": ",".join(sorted(api.protocols)),
            "RequestHttpMethod": api.method,
            "RequestPath": api.path,
            "RequestMode": "PASSTHROUGH",
        }
        if api.method in ("POST", "PUT", "PATCH", "ANY"):
            request["BodyFormat"] = "STREAM"
        return {
            "ApiName": api.name,
            "Description": api.description or None,
            "Visibility": "PRIVATE",
            **_AUTH[api.auth],
            "RequestConfig": json.dumps(request),
            "ServiceConfig": json.dumps(self._service(scope)),
            "ResultType": "PASSTHROUGH",
        }

    def _backend(self, scope: Scope) -> Any:
        """The back end, by our names; ``UNKNOWN`` while the function's trigger has no URL yet."""
        api, backend = self.api, self.api.backend
        if self.trigger is not None:
            url = self._trigger_url(scope)
            if url is UNKNOWN:
                return UNKNOWN
            return {"function": url, "path": api.path, "method": api.method, "timeout_ms": api.timeout_ms}
        if backend.http is not None:
            parts = urlsplit(backend.http.url)
            return {
                "http": f"{parts.scheme}://{parts.netloc}",
                "path": parts.path or "/",
                "method": backend.http.method or api.method,
                "timeout_ms": backend.http.timeout_ms or api.timeout_ms,
            }
        if backend.grant is not None:
            return {
                "grant": backend.grant.name,
                "scheme": backend.grant.scheme,
                "path": backend.grant.path or api.path,
                "method": backend.grant.method or api.method,
                "timeout_ms": backend.grant.timeout_ms or api.timeout_ms,
            }
        assert backend.mock is not None
        mock = backend.mock
        return {"mock": mock.body, "status": mock.status, "headers": dict(sorted(mock.headers.items()))}

    def _trigger_url(self, scope: Scope) -> Any:
        found = scope.found(self.trigger) if self.trigger else None
        urls = (found.row.get("httpTrigger") or {}) if found else {}
        return urls.get("urlIntranet" if self.same_region else "urlInternet") or UNKNOWN

    def _service(self, scope: Scope) -> dict[str, Any]:
        want = self._backend(scope)
        if "function" in want:
            config = {
                "FcVersion": "3.0",
                "FcType": "HttpTrigger",
                "FcRegionId": self.function_region,
                "FcBaseUrl": want["function"],
                "Path": want["path"],
                "Method": want["method"],
                "OnlyBusinessPath": False,
            }
            return {
                "ServiceProtocol": "FunctionCompute",
                "ServiceTimeout": want["timeout_ms"],
                "FunctionComputeConfig": config,
            }
        if "http" in want:
            return {
                "ServiceProtocol": "HTTP",
                "ServiceAddress": want["http"],
                "ServicePath": want["path"],
                "ServiceHttpMethod": want["method"],
                "ServiceTimeout": want["timeout_ms"],
                "ServiceVpcEnable": "FALSE",
            }
        if "grant" in want:
            return {
                "ServiceProtocol": "HTTP",
                "ServicePath": want["path"],
                "ServiceHttpMethod": want["method"],
                "ServiceTimeout": want["timeout_ms"],
                "ServiceVpcEnable": "TRUE",
                "VpcConfig": {"Name": want["grant"], "VpcScheme": want["scheme"].upper()},
            }
        return {
            "ServiceProtocol": "HTTP",
            "ServiceAddress": NOWHERE,
            "ServiceTimeout": self.api.timeout_ms,
            "Mock": "TRUE",
            "MockResult": want["mock"],
            "MockStatusCode": want["status"],
            "MockHeaders": [{"HeaderName": k, "HeaderValue": v} for k, v in want["headers"].items()],
        }


_AUTH: Mapping[str, Mapping[str, str]] = {
    "anonymous": {"AuthType": "ANONYMOUS"},
    "app_code": {"AuthType": "APP", "AppCodeAuthType": "HEADER"},
    "signature": {"AuthType": "APP", "AppCodeAuthType": "DISABLE", "AllowSignatureMethod": "HmacSHA256"},
}


def read(row: Mapping[str, Any]) -> dict[str, Any]:
    """The owned fields of a draft (DescribeApi) or a live copy (DescribeDeployedApi), by our names."""
    request = row.get("RequestConfig") or {}
    protocols = sorted(p.strip().upper() for p in (request.get("RequestProtocol") or "").split(",") if p.strip())
    return {
        "path": request.get("RequestPath"),
        "method": request.get("RequestHttpMethod"),
        "protocols": ",".join(protocols),
        "auth": _read_auth(row),
        "description": row.get("Description") or "",
        "backend": _read_backend(row.get("ServiceConfig") or {}),
    }


def read_live(row: Mapping[str, Any]) -> dict[str, Any]:
    """The owned fields of a live copy, as ``Definition.wanted_live`` wants them."""
    fields = {**read(row), "auth": str(row.get("AuthType"))}
    if "grant" in fields["backend"]:
        fields["backend"].pop("scheme")
        fields["calls"] = address(row["ServiceConfig"]["VpcConfig"])
    return fields


def _read_auth(row: Mapping[str, Any]) -> str:
    kind = row.get("AuthType")
    if kind == "ANONYMOUS":
        return "anonymous"
    if kind != "APP":
        return str(kind)
    return "signature" if row.get("AppCodeAuthType") in (None, "", "DISABLE", "DEFAULT") else "app_code"


def _read_backend(service: Mapping[str, Any]) -> dict[str, Any]:
    if str(service.get("Mock") or "").upper() == "TRUE":
        rows = (service.get("MockHeaders") or {}).get("MockHeader") or ()
        headers = {h["HeaderName"]: h["HeaderValue"] for h in rows}
        status = int(service.get("MockStatusCode") or 200)
        return {"mock": service.get("MockResult") or "", "status": status, "headers": dict(sorted(headers.items()))}
    timeout = int(service.get("ServiceTimeout") or 0)
    if service.get("ServiceProtocol") == "FunctionCompute":
        config = service.get("FunctionComputeConfig") or {}
        return {
            "function": config.get("FcBaseUrl"),
            "path": config.get("Path"),
            "method": config.get("Method"),
            "timeout_ms": timeout,
        }
    if str(service.get("ServiceVpcEnable") or "").upper() == "TRUE":
        config = service.get("VpcConfig") or {}
        return {
            "grant": config.get("Name"),
            "scheme": str(config.get("VpcScheme") or "HTTP").lower(),
            "path": service.get("ServicePath") or "/",
            "method": service.get("ServiceHttpMethod"),
            "timeout_ms": timeout,
        }
    return {
        "http": service.get("ServiceAddress"),
        "path": service.get("ServicePath") or "/",
        "method": service.get("ServiceHttpMethod"),
        "timeout_ms": timeout,
    }
