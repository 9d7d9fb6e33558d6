"""The HTTP below the calls: connections that stay, requests that are too large or no requests at all."""

from __future__ import annotations

import http.client
import json
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
from alibabacloud_vpc20160428 import models as vpc
from Tea.exceptions import TeaException

from gatespan.emulator import server as server_module
from gatespan.emulator.services.vpc.models import Vpc
from gatespan.emulator.wire import request as request_module
from tests.emulator.conftest import TestCloud
from tests.wire.by_hand import acs3, query, send, v1


@pytest.fixture
def address(cloud: TestCloud) -> str:
    return cloud.kernel.endpoints.central


def test_a_connection_serves_many_calls(address: str) -> None:
    connection = http.client.HTTPConnection(address, timeout=10)
    connection.connect()
    first = connection.sock.getsockname()
    codes = []
    for action in ("DescribeVpcs", "MakeCoffee", "DescribeVpcs", "DescribeVpcs"):
        connection.request("POST", "/?RegionId=cn-hangzhou", headers=acs3(action) | {"content-length": "0"})
        answer = connection.getresponse()
        body = answer.read()
        assert len(body) == int(answer.headers["content-length"])
        codes.append(json.loads(body).get("Code"))
        assert connection.sock.getsockname() == first
    connection.close()
    assert codes == [None, "InvalidApi.NotFound", None, None]


def test_many_threads_at_once(cloud: TestCloud) -> None:
    client = cloud.vpc()

    def create(i: int) -> str:
        request = vpc.CreateVpcRequest(region_id=f"cn-{('hangzhou', 'beijing')[i % 2]}", client_token=f"t-{i // 4}")
        try:
            return str(client.create_vpc(request).body.vpc_id)
        except TeaException as error:
            return str(error.code)

    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(create, range(32)))
    made = {v.id for v in cloud.world.all(Vpc)}
    assert made <= ids
    assert len(made) == 8
    assert ids - made <= {"IdempotentParameterMismatch"}


@pytest.mark.parametrize(
    "garbage",
    [b"\x16\x03\x01\x02\x00\x01\x00", b"GET\r\n\r\n", b"POST / HTTP/9.9\r\n\r\n", b"GET /\xff HTTP/1.1\r\n\r\n"],
    ids=["TLS hello", "no target", "no such version", "bytes in the target"],
)
def test_garbage_is_answered_and_harms_nobody(address: str, garbage: bytes) -> None:
    host, port = address.split(":")
    with socket.create_connection((host, int(port)), timeout=5) as plug:
        plug.sendall(garbage)
        plug.shutdown(socket.SHUT_WR)
        answer = plug.recv(4096)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400")
    assert send(address, "GET", query(v1("GET", {"Action": "DescribeVpcs", "RegionId": "cn-hangzhou"}))).status == 200


def test_a_head_without_end_is_cut_off(address: str) -> None:
    host, port = address.split(":")
    with socket.create_connection((host, int(port)), timeout=5) as plug:
        plug.sendall(b"GET / HTTP/1.1\r\n")
        answer = b""
        try:
            for i in range(2 * server_module.LARGEST_HEAD // 1000):
                plug.sendall(b"x-%d: " % i + b"y" * 1000 + b"\r\n")
            answer = plug.recv(4096)
        except (ConnectionResetError, BrokenPipeError):
            answer = b"HTTP/1.1 400 (reset)"
    assert answer.startswith(b"HTTP/1.1 400")


def test_a_body_that_is_too_large_is_refused_before_it_is_read(address: str) -> None:
    host, port = address.split(":")
    with socket.create_connection((host, int(port)), timeout=5) as plug:
        plug.sendall(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 999999999999\r\n\r\n")
        assert plug.recv(4096).startswith(b"HTTP/1.1 413")


def test_too_many_parameters(address: str) -> None:
    target = "/?" + "&".join(f"a{i}=" for i in range(request_module.MOST_FIELDS + 1))
    answer = send(address, "POST", target, acs3("DescribeVpcs"))
    assert (answer.status, answer.code) == (400, "InvalidParameter")


@pytest.mark.parametrize("body", [b"{", b"[1]", b'"text"', b"\xff"])
def test_bodies_that_are_not_a_json_object(cloud: TestCloud, body: bytes) -> None:
    cloud.authenticator.mode = "off"
    address = cloud.kernel.endpoints.regions["cn-hangzhou"]
    answer = send(address, "POST", "/2023-03-30/functions", {"content-type": "application/json"}, body)
    assert answer.status == 400
    assert set(answer.json) == {"RequestId", "Code", "Message"}
