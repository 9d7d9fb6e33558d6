"""The gateway's checks, one at a time, with the codes that a client gets."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

import pytest

from gatespan.emulator.services.cloudapi.models import (
    ApiGroup,
    Authorization,
    DeployedApi,
    GatewayInstance,
)
from tests.dataplane.conftest import DOMAIN, NOW, PUBLIC, Plane, api, code, grant
from tests.routes.scenes import HERE, H

# --- which API --------------------------------------------------------------------------------------------


REFUSED: list[tuple[str, dict[str, Any], tuple[int, str]]] = [
    ("other path", {"url": "/other"}, (404, "I404NF")),
    ("other method", {"method": "POST", "url": "/hello"}, (404, "I404NF")),
    ("deeper path", {"url": "/hello/you"}, (404, "I404NF")),
    ("stage without it", {"url": "/hello", "headers": {"X-Ca-Stage": "TEST"}}, (404, "I404NF")),
    ("no such stage", {"url": "/hello", "headers": {"X-Ca-Stage": "LIVE"}}, (400, "I400SG")),
    ("no such method", {"method": "TRACE", "url": "/hello"}, (405, "I405UM")),
    ("unknown host", {"url": "http://10.1.1.20/hello"}, (404, "I404DO")),
    ("public domain inside", {"url": "http://10.1.1.20/hello", "headers": {"Host": PUBLIC}}, (404, "I404DO")),
    ("long URL", {"url": "/hello?a=" + "a" * 9000}, (413, "I413UL")),
]


@pytest.mark.parametrize(("call", "expected"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_requests_for_nothing_that_is_live(plane: Plane, call: dict[str, Any], expected: tuple[int, str]) -> None:
    answer = plane.call("ecs-1", **{"method": "GET", **call})
    assert code(answer) == expected
    assert answer.headers["X-Ca-Request-Id"] and answer.headers["X-Ca-Error-Message"] and answer.content == b""
    assert plane.log[-1]["code"] == expected[1]


def test_a_withdrawn_api_is_not_found(plane: Plane) -> None:
    plane.remove(DeployedApi, "hello:RELEASE")
    assert code(plane.get("ecs-1", "/hello")) == (404, "I404NF")


def test_stages_are_apart_and_the_base_path_comes_first(plane: Plane) -> None:
    plane.put(api("hello", "/hello", stage="TEST", service={"Mock": "TRUE", "MockResult": "test"}))
    plane.change(ApiGroup, "group-1", base_path="/v1")
    assert code(plane.get("ecs-1", "/hello")) == (404, "I404NF")
    assert plane.get("ecs-1", "/v1/hello").json()["path"] == "/hello"
    assert plane.get("ecs-1", "/v1/hello", headers={"X-Ca-Stage": "test"}).text == "test"


PATHS = [
    ("/users/[id]", "/users/7", "/users/7"),
    ("/users/[id]/of/[team]", "/users/7/of/b", "/users/7/of/b"),
    ("/files/*", "/files/a/b%20c", "/files/a/b%20c"),
    ("/", "/", "/"),
]


@pytest.mark.parametrize(("template", "path", "seen"), PATHS)
def test_parameters_of_the_path(plane: Plane, template: str, path: str, seen: str) -> None:
    plane.put(api("one", template))
    assert plane.get("ecs-1", path).json()["path"] == seen


def test_the_nearest_of_several_apis_answers(plane: Plane) -> None:
    for name, path, method in (
        ("a", "/x/*", "ANY"),
        ("b", "/x/[id]", "ANY"),
        ("c", "/x/1", "ANY"),
        ("d", "/x/1", "PUT"),
    ):
        plane.put(api(name, path, method=method, service={"Mock": "TRUE", "MockResult": name}))
    asked = (("GET", "/x/1"), ("PUT", "/x/1"), ("GET", "/x/2"), ("GET", "/x/2/3"), ("GET", "/x"))
    assert [plane.call("ecs-1", m, p).text for m, p in asked] == ["c", "d", "b", "a", "a"]


def test_a_protocol_that_the_api_does_not_take(plane: Plane) -> None:
    plane.put(api("hello", "/hello", request={"RequestProtocol": "HTTPS"}))
    assert code(plane.get("ecs-1", "/hello")) == (403, "I403PT")


def test_private_apis_and_whitelists(plane: Plane) -> None:
    plane.put(api("hello", "/hello", DisableInternet=True))
    assert code(plane.get("internet", f"http://{PUBLIC}/hello")) == (403, "A403IN")
    plane.change(ApiGroup, "group-1", vpc_whitelist=("vpc-1",))
    assert plane.get("ecs-1", "/hello").status_code == 200
    assert code(plane.get("ecs-3", "/hello")) == (403, "A403VN")


def test_a_group_of_another_instance_is_unknown_here(plane: Plane) -> None:
    plane.put(GatewayInstance(id="apigateway-2", region=H, name="two", **HERE))
    plane.change(ApiGroup, "group-1", instance_id="apigateway-2")
    assert code(plane.get("ecs-1", "http://10.1.1.20/hello", headers={"Host": DOMAIN})) == (404, "I404DO")


# --- who calls --------------------------------------------------------------------------------------------


def protect(plane: Plane, kind: str = "HEADER", **more: Any) -> None:
    plane.put(api("hello", "/hello", method="ANY", AuthType="APP", AppCodeAuthType=kind, **more), grant("hello"))


CODES: list[tuple[str, str, dict[str, Any], tuple[int, str]]] = [
    ("in the header", "HEADER", {"headers": {"Authorization": "APPCODE code-7"}}, (200, "")),
    ("in the query", "HEADER_QUERY", {"params": {"AppCode": "code-7"}}, (200, "")),
    ("query not allowed", "HEADER", {"params": {"AppCode": "code-7"}}, (400, "A400MA")),
    ("nothing", "HEADER", {}, (400, "A400MA")),
    ("another scheme", "HEADER", {"headers": {"Authorization": "Bearer code-7"}}, (400, "A400MA")),
    ("nobody's", "HEADER", {"headers": {"Authorization": "APPCODE other"}}, (401, "A401AC")),
    ("switched off", "DISABLE", {"headers": {"Authorization": "APPCODE code-7"}}, (400, "A400AC")),
    ("off by default", "DEFAULT", {"headers": {"Authorization": "APPCODE code-7"}}, (400, "A400AC")),
]


@pytest.mark.parametrize(("kind", "call", "expected"), [c[1:] for c in CODES], ids=[c[0] for c in CODES])
def test_app_codes(plane: Plane, kind: str, call: dict[str, Any], expected: tuple[int, str]) -> None:
    protect(plane, kind)
    assert code(plane.get("ecs-1", "/hello", **call)) == expected


def test_an_app_code_is_neither_passed_on_nor_logged(plane: Plane) -> None:
    protect(plane, "HEADER_QUERY")
    said = plane.get("ecs-1", "/hello", headers={"Authorization": "APPCODE code-7"}).json()
    assert "Authorization" not in said["headers"]
    plane.get("ecs-1", "/hello?AppCode=code-7")
    assert plane.log[-1]["app"] == "caller" and "code-7" not in str(plane.log)


def test_grants_are_per_stage_and_expire(plane: Plane) -> None:
    protect(plane)
    with_code = {"Authorization": "APPCODE code-7"}
    plane.put(grant("hello", expires=NOW + 60))
    assert plane.get("ecs-1", "/hello", headers=with_code).status_code == 200
    plane.clock.advance(61)
    assert code(plane.get("ecs-1", "/hello", headers=with_code)) == (403, "A403EP")
    plane.remove(Authorization, "hello:7:RELEASE")
    plane.put(grant("hello", stage="TEST"))
    assert code(plane.get("ecs-1", "/hello", headers=with_code)) == (403, "I403AA")


def signed(
    method: str = "GET",
    path: str = "/hello",
    body: bytes = b"",
    *,
    key: str = "key-7",
    secret: str = "secret-7",
    kind: str = "HmacSHA256",
    at: float = NOW,
    **extra: str,
) -> dict[str, str]:
    """Headers of a signed call, after the vendor's signing rules."""
    headers = {
        "Accept": "application/json",
        "X-Ca-Key": key,
        "X-Ca-Timestamp": str(int(at * 1000)),
        "X-Ca-Signature-Method": kind,
        "X-Ca-Signature-Headers": "X-Ca-Key,X-Ca-Timestamp",
        **extra,
    }
    if body and "Content-MD5" not in headers:
        headers["Content-MD5"] = base64.b64encode(hashlib.md5(body).digest()).decode()
    lines = [method, *(headers.get(n, "") for n in ("Accept", "Content-MD5", "Content-Type", "Date"))]
    lines += [f"{n}:{headers[n]}" for n in ("X-Ca-Key", "X-Ca-Timestamp")]
    digest = hashlib.sha256 if kind == "HmacSHA256" else hashlib.sha1
    mac = hmac.new(secret.encode(), "\n".join([*lines, path]).encode(), digest)
    return {**headers, "X-Ca-Signature": base64.b64encode(mac.digest()).decode()}


def test_a_signed_call_passes(plane: Plane) -> None:
    protect(plane, "DISABLE")
    assert plane.get("ecs-1", "/hello", headers=signed()).status_code == 200
    assert plane.get("ecs-1", "/hello?b=2&a=1&c=", headers=signed(path="/hello?a=1&b=2&c")).status_code == 200
    headers = signed("POST", body=b"{}", **{"Content-Type": "application/json"})
    assert plane.call("ecs-1", "POST", "/hello", content=b"{}", headers=headers).json()["body"] == "{}"
    form = signed("POST", "/hello?a=1&z=9", **{"Content-Type": "application/x-www-form-urlencoded"})
    assert plane.call("ecs-1", "POST", "/hello?z=9", content=b"a=1", headers=form).status_code == 200
    assert plane.get("ecs-1", "/hello", headers=signed(kind="HmacSHA1")).status_code == 200


WRONGLY: list[tuple[str, dict[str, str], tuple[int, str]]] = [
    ("wrong secret", signed(secret="other"), (403, "A403IS")),
    ("wrong key", signed(key="nobody"), (400, "A400IK")),
    ("too old", signed(at=NOW - 901), (403, "S403TE")),
    ("no time at all", {**signed(), "X-Ca-Timestamp": "soon"}, (403, "S403TE")),
    ("unsigned", {k: v for k, v in signed().items() if k != "X-Ca-Signature"}, (400, "I400MH")),
    ("unknown method", {**signed(), "X-Ca-Signature-Method": "HmacMD5"}, (403, "A403IS")),
    ("another path", signed(path="/other"), (403, "A403IS")),
    ("wrong digest", signed(**{"Content-MD5": "bm8="}), (400, "I400I5")),
]


@pytest.mark.parametrize(("headers", "expected"), [w[1:] for w in WRONGLY], ids=[w[0] for w in WRONGLY])
def test_wrongly_signed_calls(plane: Plane, headers: dict[str, str], expected: tuple[int, str]) -> None:
    protect(plane, "DISABLE")
    assert code(plane.get("ecs-1", "/hello", headers=headers)) == expected


def test_the_servers_string_to_sign_is_shown(plane: Plane) -> None:
    protect(plane, "DISABLE")
    message = plane.get("ecs-1", "/hello", headers=signed(secret="x")).headers["X-Ca-Error-Message"]
    assert "Server StringToSign:`GET#application/json####X-Ca-Key:key-7#" in message and message.endswith("#/hello`")


def test_a_nonce_is_good_once_and_may_be_demanded(plane: Plane) -> None:
    protect(plane, "DISABLE", ForceNonceCheck=True)
    assert code(plane.get("ecs-1", "/hello", headers=signed())) == (400, "I400MH")
    once = {**signed(), "X-Ca-Nonce": "n-1"}
    assert plane.get("ecs-1", "/hello", headers=once).status_code == 200
    assert code(plane.get("ecs-1", "/hello", headers=once)) == (403, "S403NU")


def test_only_the_signature_methods_that_the_api_allows(plane: Plane) -> None:
    protect(plane, "DISABLE", AllowSignatureMethod="HmacSHA256")
    assert code(plane.get("ecs-1", "/hello", headers=signed(kind="HmacSHA1"))) == (403, "A403IS")
