"""A real client in a machine calls an API: what arrives, and what a client sees when the network does not carry it."""

from __future__ import annotations

import socket
import time
from typing import Any

import httpx
import pytest

from gatespan.emulator.models import Machine
from gatespan.emulator.services.cbn.models import Association, PeerAttachment, VpcAttachment
from gatespan.emulator.services.cloudapi.models import ApiGroup, GatewayInstance
from tests.dataplane.conftest import DOMAIN, PUBLIC, Plane, code
from tests.routes.scenes import B, H, machine


def test_a_machine_in_another_region_calls_the_function(plane: Plane) -> None:
    answer = plane.get("ecs-3", "/hello?name=you", headers={"X-Mine": "yes"})
    assert answer.status_code == 200 and answer.headers["X-Backend"] == "hello"
    said = answer.json()
    assert (said["method"], said["path"]) == ("GET", "/hello?name=you")
    assert said["headers"]["X-Mine"] == "yes" and said["headers"]["X-Forwarded-For"] == "10.3.1.5"
    assert said["headers"]["Host"] == "hello-abc.cn-hangzhou-vpc.fcapp.run"
    assert "Proxy-Authorization" not in said["headers"] and "X-Ca-Error-Code" not in answer.headers
    (entry,) = plane.log
    assert answer.headers["X-Ca-Request-Id"] == entry["request_id"] == said["headers"]["X-Ca-Request-Id"]
    assert entry["there"]["links"] == entry["back"]["links"] == ["peer-1"] and entry["api"] == "hello"
    assert (entry["seat"], entry["status"], entry["address"]) == ("ecs-3", 200, "10.1.1.20")


def test_a_machine_in_the_bound_vpc_needs_no_cen(plane: Plane) -> None:
    plane.remove(PeerAttachment, "peer-1")
    assert plane.get("ecs-1", "/hello").status_code == 200


def test_several_requests_over_one_connection(plane: Plane) -> None:
    with plane.client("ecs-1") as client:
        answers = [client.get(f"http://{DOMAIN}/hello?n={n}") for n in range(3)]
    assert [a.json()["path"] for a in answers] == [f"/hello?n={n}" for n in range(3)]


def test_an_answer_without_a_length_is_passed_on(plane: Plane) -> None:
    answer = plane.get("ecs-1", "/hello?chunked=1&size=30000")
    assert answer.content == b"x" * 30000 and "Content-Length" not in answer.headers


NO_WAY: list[tuple[str, Any, str]] = [
    ("no way there", lambda p: p.change(VpcAttachment, "att-3", auto_publish=False), "vpc.no_route"),
    ("no way back", lambda p: p.change(VpcAttachment, "att-1", auto_publish=False), "return: vpc.no_route"),
    ("back not associated", lambda p: p.remove(Association, "att-1:table-tr-h"), "return: vpc.no_route"),
    ("no bandwidth", lambda p: p.change(PeerAttachment, "peer-1", bandwidth=0), "peer.bandwidth_zero"),
    ("instance not running", lambda p: p.change(GatewayInstance, "apigateway-1", status="MODIFYING"),
     "gateway.not_running: apigateway-1 is MODIFYING"),
]  # fmt: skip


@pytest.mark.parametrize(("spoil", "reason"), [n[1:] for n in NO_WAY], ids=[n[0] for n in NO_WAY])
def test_where_packets_are_lost_the_client_waits_and_learns_nothing(plane: Plane, spoil: Any, reason: str) -> None:
    spoil(plane)
    began = time.monotonic()
    answer = plane.get("ecs-3", "/hello")
    assert (answer.status_code, answer.content) == (504, b"") and time.monotonic() - began >= 0.05
    assert not [h for h in answer.headers if h.startswith("x-")], "no reason in the client's answer"
    assert plane.log[-1]["reason"] == reason


def test_names_that_do_not_resolve(plane: Plane) -> None:
    answer = plane.get("ecs-3", "http://no-such-name.example/")
    assert answer.status_code == 502 and answer.headers["X-Gatespan-Error"] == "dns"
    plane.change(GatewayInstance, "apigateway-1", user_vpc_id="", user_vswitch_id="", entry_ip="")
    assert plane.get("ecs-3", "/hello").headers["X-Gatespan-Error"] == "dns"
    assert plane.log[-1]["reason"] == "client.dns_unresolvable"


def test_a_disabled_vpc_domain_is_no_name_at_all(plane: Plane) -> None:
    plane.change(ApiGroup, "group-1", vpc_domain="")
    assert plane.get("ecs-3", "/hello").headers["X-Gatespan-Error"] == "dns"


def test_a_machine_whose_dns_knows_nothing_uses_its_hosts_or_the_address(plane: Plane) -> None:
    plane.change(Machine, "i-ecs-3", resolves=False)
    assert plane.get("ecs-3", "/hello").headers["X-Gatespan-Error"] == "dns"
    assert plane.get("ecs-3", "http://10.1.1.20/hello", headers={"Host": DOMAIN}).status_code == 200
    plane.change(Machine, "i-ecs-3", hosts={DOMAIN: "10.1.1.20"})
    assert plane.get("ecs-3", "/hello").status_code == 200
    plane.change(Machine, "i-ecs-3", hosts={DOMAIN: "10.1.1.99"})
    assert plane.get("ecs-3", "/hello").status_code == 504
    assert plane.log[-1]["reason"] == "vpc.no_such_address"


def test_another_accounts_machine_does_not_know_the_name(plane: Plane) -> None:
    plane.put(machine("ecs-9", "vpc-1", "vsw-1", "10.1.1.9", H, resolves=True))
    plane.change(Machine, "i-ecs-9", account="2000000000000002")
    assert plane.get("ecs-9", "/hello").headers["X-Gatespan-Error"] == "dns"


def test_where_no_gateway_is_the_connection_is_refused(plane: Plane) -> None:
    for url in ("http://10.1.1.5/", "http://10.1.1.20:8080/hello"):
        answer = plane.get("ecs-3", url)
        assert (answer.status_code, answer.headers["X-Gatespan-Error"]) == (502, "refused")


def test_the_internet_reaches_public_domains_only(plane: Plane) -> None:
    assert plane.get("internet", f"http://{PUBLIC}/hello").status_code == 200
    assert plane.get("internet", "/hello").headers["X-Gatespan-Error"] == "dns"
    assert plane.get("ecs-3", f"http://{PUBLIC}/hello").status_code == 504  # no way out of the VPC
    plane.change(ApiGroup, "group-1", internet_enabled=False)
    assert code(plane.get("internet", f"http://{PUBLIC}/hello")) == (403, "A403IN")
    assert plane.get("ecs-3", "/hello").status_code == 200


def test_a_machine_that_moved_is_asked_where_it_is_now(plane: Plane) -> None:
    plane.change(Machine, "i-ecs-3", vswitch_id="vsw-gone")
    assert plane.get("ecs-3", "/hello").status_code == 504
    assert plane.log[-1]["reason"] == "client.vswitch_unknown"
    plane.put(machine("ecs-4", "vpc-3", "vsw-3b", "10.3.2.9", B))
    assert plane.get("ecs-4", "/hello").json()["headers"]["X-Forwarded-For"] == "10.3.2.9"


# --- the proxy itself -------------------------------------------------------------------------------------


def test_seats_are_named_when_the_seat_is_missing_or_unknown(plane: Plane) -> None:
    with httpx.Client(proxy=f"http://{plane.address}", trust_env=False) as client:
        answer = client.get(f"http://{DOMAIN}/hello")
    assert answer.status_code == 407 and "ecs-1, ecs-3, internet" in answer.text
    assert answer.headers["Proxy-Authenticate"].startswith("Basic")
    answer = plane.get("ecs-77", "/hello")
    assert answer.status_code == 403 and "'ecs-77'" in answer.text and "ecs-1, ecs-3, internet" in answer.text


def raw(plane: Plane, message: bytes) -> bytes:
    host, _, port = plane.address.partition(":")
    with socket.create_connection((host, int(port)), 5) as s:
        s.sendall(message)
        s.shutdown(socket.SHUT_WR)
        got = b""
        while piece := s.recv(65536):
            got += piece
    return got


RAW = [
    (b"CONNECT x:443 HTTP/1.1\r\n\r\n", b"501", b"plain http only"),
    (b"GET https://x/ HTTP/1.1\r\n\r\n", b"501", b"plain http only"),
    (b"GET /hello HTTP/1.1\r\nHost: x\r\n\r\n", b"400", b"absolute URL"),
    (b"GET http://x:99999/ HTTP/1.1\r\nProxy-Authorization: Basic ZWNzLTM6eA==\r\n\r\n", b"400", b"port"),
    (b"nonsense\r\n\r\n", b"400", b"not a line of HTTP"),
    (b"GET http://x/ HTTP/1.1\r\nbad header\r\n\r\n", b"400", b"not a header"),
    (b"GET http://x/ HTTP/1.1\r\nA: " + b"a" * 70000 + b"\r\n\r\n", b"431", b"larger than"),
    (b"POST http://x/ HTTP/1.1\r\nContent-Length: -4\r\n\r\n", b"400", b"content length"),
    (b"POST http://x/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"400", b"chunk"),
]


@pytest.mark.parametrize(("message", "status", "text"), RAW, ids=[r[0][:25] for r in RAW])
def test_what_the_proxy_does_not_take_is_said_clearly(plane: Plane, message: bytes, status: bytes, text: bytes) -> None:
    answer = raw(plane, message)
    assert answer.startswith(b"HTTP/1.1 " + status) and text in answer


def test_a_client_that_goes_away_breaks_nothing(plane: Plane) -> None:
    assert raw(plane, b"GET http://x/ HT").startswith(b"HTTP/1.1 400")
    host, _, port = plane.address.partition(":")
    with socket.create_connection((host, int(port)), 5) as s:
        s.sendall(f"GET http://{DOMAIN}/hello HTTP/1.1\r\nProxy-Authorization: Basic ZWNzLTM6eA==\r\n\r\n".encode())
    assert plane.get("ecs-1", "/hello").status_code == 200
