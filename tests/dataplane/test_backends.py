"""The back ends behind the gateway: functions, plain HTTP servers, mocks, and what a client gets when they fail."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from gatespan.emulator.services.cloudapi.models import ApiGroup, Backend, BackendModel, DeployedApi
from gatespan.emulator.services.fc.models import Function, Trigger
from tests.dataplane.conftest import Plane, api, code
from tests.emulator.fc.conftest import archive
from tests.routes.scenes import ACCOUNT, HERE, H

FUNCTION, TRIGGER = f"{ACCOUNT}/{H}/hello", f"{ACCOUNT}/{H}/hello/web"


def test_bodies_and_answers_of_the_back_end_pass(plane: Plane) -> None:
    plane.put(api("hello", "/hello", method="ANY"))
    said = plane.call("ecs-3", "PUT", "/hello", content=b"a body").json()
    assert (said["method"], said["body"]) == ("PUT", "a body")
    answer = plane.get("ecs-3", "/hello?status=418")
    assert answer.status_code == 418 and "X-Ca-Error-Code" not in answer.headers
    head = plane.call("ecs-3", "HEAD", "/hello?size=77")
    assert (head.status_code, head.content, head.headers["Content-Length"]) == (200, b"", "77")
    assert plane.get("ecs-1", "/hello?status=204&size=0").status_code == 204
    big = b"y" * 200_000
    assert plane.call("ecs-1", "POST", "/hello", content=big).json()["body"] == big.decode()


def test_a_mock_needs_nothing_behind_it(plane: Plane) -> None:
    headers = [{"HeaderName": "X-Mock", "HeaderValue": "1"}]
    plane.put(
        api(
            "hello",
            "/hello",
            service={"Mock": "TRUE", "MockResult": "ok", "MockStatusCode": 203, "MockHeaders": headers},
        )
    )
    answer = plane.get("ecs-3", "/hello")
    assert (answer.status_code, answer.text, answer.headers["X-Mock"]) == (203, "ok", "1")


def http_api(address: str, **service: Any) -> DeployedApi:
    config = {"ServiceProtocol": "HTTP", "ServiceAddress": address, "ServicePath": "/in/[id]", **service}
    return api("web", "/out/[id]", method="ANY", service=config)


@pytest.fixture
def web() -> Iterator[str]:
    """A plain HTTP server on a loopback address."""

    class Plain(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/in/hang"):
                self.connection.close()
                return
            raw = f"{self.command} {self.path} {self.headers['Host']}".encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(raw)

        do_DELETE = do_GET  # noqa: N815 - the library's way of naming

        def log_message(self, format: str, *args: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Plain)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_an_http_back_end_on_this_machine(plane: Plane, web: str) -> None:
    plane.put(http_api(web))
    assert plane.get("ecs-1", "/out/7?a=1").text == f"GET /in/7?a=1 {web.removeprefix('http://')}"
    plane.put(http_api(web, ServiceHttpMethod="DELETE"))
    assert plane.get("ecs-1", "/out/7").text.startswith("DELETE /in/7")


def test_back_ends_that_do_not_answer(plane: Plane, web: str) -> None:
    plane.put(http_api("http://127.0.0.1:9"))
    answer = plane.get("ecs-1", "/out/7")
    assert code(answer) == (504, "D504CO") and "Connection refused" in answer.headers["X-Ca-Error-Message"]
    plane.put(http_api(web))
    answer = plane.get("ecs-1", "/out/hang")
    assert code(answer) == (504, "D504CO") and "Connection is closed" in answer.headers["X-Ca-Error-Message"]


@pytest.mark.parametrize(
    "address", ["http://192.0.2.1:80", "https://127.0.0.1", "http://example.com", "http://0.0.0.0"]
)
def test_nothing_but_this_machine_is_ever_dialled(plane: Plane, address: str) -> None:
    plane.put(http_api(address))
    answer = plane.get("ecs-1", "/out/7")
    assert code(answer) == (504, "D504CO") and "Timeout connecting to" in answer.headers["X-Ca-Error-Message"]
    assert "loopback" in plane.log[-1]["reason"]


def test_too_late_an_answer(plane: Plane) -> None:
    plane.put(api("hello", "/hello", service={"ServiceTimeout": 100}))
    assert code(plane.get("ecs-1", "/hello?sleep=0.3")) == (504, "D504TO")
    plane.put(api("hello", "/hello"))
    plane.change(Function, FUNCTION, spec={**_function(plane).spec, "timeout": 0.1})
    assert code(plane.get("ecs-1", "/hello?sleep=0.3")) == (502, "D502FC")


def _function(plane: Plane) -> Function:
    function = plane.world.get(Function, FUNCTION)
    assert function is not None
    return function


BROKEN = archive({"s.py": "raise SystemExit(1)"})
FUNCTIONS: list[tuple[str, Any, tuple[int, str]]] = [
    ("trigger missing", lambda p: p.remove(Trigger, TRIGGER), (502, "D502FC")),
    ("function missing", lambda p: p.remove(Function, FUNCTION), (502, "D502FC")),
    ("function pending", lambda p: p.change(Function, FUNCTION, status="Pending"), (502, "D502FC")),
    ("does not start", lambda p: p.change(Function, FUNCTION, digest="2", code=BROKEN), (502, "D502FC")),
    ("other runtime", lambda p: p.change(Function, FUNCTION, digest="3", spec={"runtime": "java11"}), (502, "D502FC")),
    ("wants a caller", lambda p: p.change(Trigger, TRIGGER, config='{"authType":"function"}'), (403, "A403FC")),
    ("private URL elsewhere", lambda p: p.put(_to("https://hello-abc.cn-beijing-vpc.fcapp.run")), (504, "D504RE")),
    ("no such trigger", lambda p: p.put(_to("https://hello-xyz.cn-hangzhou-vpc.fcapp.run")), (502, "D502FC")),
    ("method not taken", lambda p: p.change(Trigger, TRIGGER, config='{"methods":["POST"]}'), (405, "")),
]  # fmt: skip


def _to(url: str) -> DeployedApi:
    return api("hello", "/hello", function={"FcBaseUrl": url})


@pytest.mark.parametrize(("spoil", "expected"), [f[1:] for f in FUNCTIONS], ids=[f[0] for f in FUNCTIONS])
def test_functions_that_cannot_be_called(plane: Plane, spoil: Any, expected: tuple[int, str]) -> None:
    spoil(plane)
    assert code(plane.get("ecs-1", "/hello")) == expected


def test_a_role_opens_a_trigger_that_wants_a_caller(plane: Plane) -> None:
    plane.change(Trigger, TRIGGER, config='{"authType":"function"}')
    plane.put(api("hello", "/hello", function={"RoleArn": "acs:ram::1:role/gateway"}))
    assert plane.get("ecs-1", "/hello").status_code == 200


def test_the_public_url_of_a_trigger(plane: Plane) -> None:
    plane.put(_to("https://hello-abc.cn-hangzhou.fcapp.run"))
    assert plane.get("ecs-1", "/hello").status_code == 200
    plane.change(Trigger, TRIGGER, config='{"disableURLInternet":true}')
    assert code(plane.get("ecs-1", "/hello")) == (403, "")


def test_the_trigger_by_name_and_the_path_it_sees(plane: Plane) -> None:
    named = {"FcBaseUrl": "", "FunctionName": "hello", "TriggerName": "web", "Path": ""}
    plane.change(ApiGroup, "group-1", base_path="/v1")
    plane.put(api("hello", "/hello", function=named))
    assert plane.get("ecs-1", "/v1/hello").json()["path"] == "/v1/hello"
    plane.put(api("hello", "/hello", function={**named, "OnlyBusinessPath": True}))
    assert plane.get("ecs-1", "/v1/hello").json()["path"] == "/hello"
    plane.put(api("hello", "/hello/[id]", function={**named, "Path": "/by/[id]", "Method": "POST"}))
    said = plane.get("ecs-1", "/v1/hello/7").json()
    assert (said["method"], said["path"]) == ("POST", "/by/7")


def test_an_event_function_gets_the_request_as_an_event(plane: Plane) -> None:
    event = {"FcType": "FCEvent", "FcBaseUrl": "", "FunctionName": "hello", "RoleArn": "acs:ram::1:role/gateway"}
    plane.put(api("hello", "/hello", method="ANY", function=event))
    answer = plane.call("ecs-1", "POST", "/hello", content=b"words")
    assert (answer.status_code, answer.text, answer.headers["X-Kind"]) == (201, "/hello words", "event")
    plane.put(api("hello", "/hello", method="ANY", function={**event, "RoleArn": ""}))
    assert code(plane.get("ecs-1", "/hello")) == (403, "A403FC")


def test_in_mapping_mode_only_declared_parameters_pass(plane: Plane) -> None:
    plane.put(
        api(
            "hello",
            "/hello",
            request={"RequestMode": "MAPPING"},
            RequestParameters=[{"ApiParameterName": "a", "Location": "QUERY"}],
            ServiceParametersMap=[{"RequestParameterName": "a", "ServiceParameterName": "b"}],
            ConstantParameters=[{"ServiceParameterName": "k", "ConstantValue": "9", "Location": "QUERY"}],
        )
    )
    assert plane.get("ecs-1", "/hello?a=1&x=2").json()["path"] == "/hello?b=1&k=9"


def test_a_reusable_back_end_is_looked_up_by_stage(plane: Plane, web: str) -> None:
    plane.put(
        api("hello", "/hello", BackendEnable=True, BackendId="b-1", service={"ServiceProtocol": "UN_SPECIFIED"}),
        Backend(id="b-1", name="web", type="HTTP", **HERE),
    )
    assert code(plane.get("ecs-1", "/hello")) == (500, "X500ED")
    model = {"Type": "HTTP", "ServiceAddress": web}
    plane.put(BackendModel(id="m-1", backend_id="b-1", stage="RELEASE", type="HTTP", data=model, **HERE))
    assert plane.get("ecs-1", "/hello").text.startswith("GET /hello")
