"""The door against a real HTTP server that answers as told: what is tried again, with which token, and what is not."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from gatespan.cloud import (
    CallRecord,
    Cloud,
    CloudError,
    Credentials,
    Fatal,
    Inventory,
    NotFound,
    Target,
    Throttled,
    UnknownOutcome,
)
from tests.cloud.clocks import TurnedClock

OK = (200, {"RequestId": "R-OK", "VpcId": "vpc-1"})
DROP = None


def refuse(code: str, status: int = 400, **headers: str) -> tuple[int, dict[str, Any], dict[str, str]]:
    return status, {"RequestId": "R-NO", "Code": code, "Message": f"about {code}"}, headers


class Server(ThreadingHTTPServer):
    """Answers from a list, then repeats the last answer; remembers what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[Any] = [OK]
        self.asked: list[dict[str, str]] = []
        self.lock = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        query = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        with self.server.lock:
            headers = {k: v for k, v in self.headers.items() if k.lower().startswith("x-acs-")}
            self.server.asked.append({**query, **headers})
            answer = self.server.answers.pop(0) if len(self.server.answers) > 1 else self.server.answers[0]
        if callable(answer):
            answer = answer(query)
        if answer is DROP:
            self.close_connection = True
            self.connection.close()
            return
        status, body, *more = answer
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json;charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        for name, value in (more[0] if more else {}).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
def records() -> list[CallRecord]:
    return []


@pytest.fixture
def cloud(server: Server, clock: TurnedClock, records: list[CallRecord]) -> Cloud:
    address = f"127.0.0.1:{server.server_address[1]}"
    target = Target("url", "test", central=address, regions={"cn-hangzhou": address})
    keys = Credentials("test", "test-secret")
    return Cloud(target, keys, clock=clock, random=random.Random(1), observer=records.append)


def create(cloud: Cloud, token: str | None = "T-1", **more: Any) -> Any:
    params = {"RegionId": "cn-hangzhou", "CidrBlock": "10.0.0.0/16"}
    return cloud.call("vpc", "CreateVpc", params, region="cn-hangzhou", token=token, **more)


def test_an_answer_has_the_names_of_the_wire(cloud: Cloud, server: Server) -> None:
    assert create(cloud)["VpcId"] == "vpc-1"
    assert server.asked[0]["x-acs-action"] == "CreateVpc"
    assert server.asked[0]["ClientToken"] == "T-1"


@pytest.mark.parametrize("code", ["Throttling.User", "OperationConflict", "TaskConflict", "ServiceUnavailable"])
def test_what_is_temporary_is_tried_again_with_the_same_token(cloud: Cloud, server: Server, code: str) -> None:
    server.answers = [refuse(code), refuse(code), OK]
    assert create(cloud)["VpcId"] == "vpc-1"
    assert [a["ClientToken"] for a in server.asked] == ["T-1"] * 3
    assert len({a["x-acs-signature-nonce"] for a in server.asked}) == 3


def test_pauses_grow(cloud: Cloud, server: Server, clock: TurnedClock) -> None:
    server.answers = [*[refuse("OperationConflict")] * 8, OK]
    create(cloud)
    assert clock.slept == sorted(clock.slept)
    assert clock.slept[0] < 0.1
    assert clock.slept[-1] > 1.0


def test_patience_ends(cloud: Cloud, server: Server, clock: TurnedClock) -> None:
    server.answers = [refuse("OperationConflict")]
    start = clock.now()
    with pytest.raises(CloudError, match="OperationConflict"):
        create(cloud, patience=60)
    assert 40 < clock.now() - start <= 60


def test_throttling_obeys_the_servers_word(cloud: Cloud, server: Server, clock: TurnedClock) -> None:
    server.answers = [refuse("Throttling.Api", x_acs_retry_after="7000"), OK]
    create(cloud)
    assert clock.slept[0] >= 7.0


def test_throttling_for_ever_is_said(cloud: Cloud, server: Server) -> None:
    server.answers = [refuse("Throttling.User")]
    with pytest.raises(Throttled):
        create(cloud, patience=5)


def test_what_is_final_is_not_tried_again(cloud: Cloud, server: Server) -> None:
    server.answers = [refuse("InvalidVpcId.NotFound", 404)]
    with pytest.raises(NotFound) as caught:
        cloud.call("vpc", "DeleteVpc", {"VpcId": "vpc-9"}, region="cn-hangzhou", subject="vpc-9")
    assert len(server.asked) == 1
    assert caught.value.request_id == "R-NO"
    assert "vpc-9" in str(caught.value)


def test_a_lost_answer_is_asked_again_with_a_token(cloud: Cloud, server: Server) -> None:
    server.answers = [DROP, DROP, OK]
    assert create(cloud)["VpcId"] == "vpc-1"
    assert [a["ClientToken"] for a in server.asked] == ["T-1"] * 3


def test_a_lost_answer_without_a_token_is_for_the_caller_to_look_into(cloud: Cloud, server: Server) -> None:
    server.answers = [DROP, OK]
    with pytest.raises(UnknownOutcome):
        create(cloud, token=None)
    assert len(server.asked) == 1


def test_a_read_is_asked_again(cloud: Cloud, server: Server) -> None:
    server.answers = [DROP, (200, {"RequestId": "R", "TotalCount": 0, "Vpcs": {"Vpc": []}})]
    cloud.call("vpc", "DescribeVpcs", {"RegionId": "cn-hangzhou"}, region="cn-hangzhou")
    assert len(server.asked) == 2


def test_an_unknown_parameter_is_a_defect_and_said_by_name(cloud: Cloud, server: Server) -> None:
    with pytest.raises(TypeError, match="CidrBlok"):
        cloud.call("vpc", "CreateVpc", {"CidrBlok": "x"}, region="cn-hangzhou")
    assert server.asked == []


def test_a_token_where_none_is_taken_is_a_defect(cloud: Cloud) -> None:
    with pytest.raises(TypeError, match="no client token"):
        cloud.call("cbn", "DeleteCen", {"CenId": "cen-1"}, region="cn-hangzhou", token="T")


def test_an_answer_of_the_wrong_shape_is_said(cloud: Cloud, server: Server) -> None:
    server.answers = [(200, {"RequestId": "R", "Vpcs": ["not", "a", "mapping"]})]
    with pytest.raises(Fatal, match="could not read"):
        cloud.call("vpc", "DescribeVpcs", {"RegionId": "cn-hangzhou"}, region="cn-hangzhou")


def test_records_hide_secrets(cloud: Cloud, records: list[CallRecord]) -> None:
    params = {"AppName": "demo", "AppSecret": "very-secret", "AppCode": "hush"}
    cloud.call("cloudapi", "CreateApp", params, region="cn-hangzhou")
    assert records[0].params["AppSecret"] == "(hidden)"
    assert "very-secret" not in repr(records)
    assert "hush" not in repr(records)


def test_published_limits_are_kept(cloud: Cloud, clock: TurnedClock, server: Server) -> None:
    server.answers = [(200, {"RequestId": "R", "TransitRouterId": "tr-1"})]
    start = clock.now()
    for i in range(50):
        params = {"CenId": "cen-1", "RegionId": "cn-hangzhou"}
        cloud.call("cbn", "CreateTransitRouter", params, region="cn-hangzhou", token=f"T{i}")
    assert clock.now() - start == pytest.approx((50 - 20) / 3.0, rel=0.1)


def test_many_threads_share_one_door(cloud: Cloud, server: Server) -> None:
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda i: create(cloud, token=f"T{i}"), range(64)))
    assert all(a["VpcId"] == "vpc-1" for a in answers)
    assert len({a["ClientToken"] for a in server.asked}) == 64


def pages(query: dict[str, str]) -> tuple[int, dict[str, Any]]:
    number, size = int(query["PageNumber"]), int(query["PageSize"])
    rows = [{"VpcId": f"vpc-{i}"} for i in range(120)][(number - 1) * size : number * size]
    body = {"RequestId": "R", "TotalCount": 120, "PageNumber": number, "PageSize": size, "Vpcs": {"Vpc": rows}}
    return 200, body


def tokens(query: dict[str, str]) -> tuple[int, dict[str, Any]]:
    start, size = int(query.get("NextToken", 0)), int(query["MaxResults"])
    rows = [{"TransitRouterAttachmentId": f"a-{i}"} for i in range(230)][start : start + size]
    more = str(start + size) if start + size < 230 else ""
    return 200, {"RequestId": "R", "NextToken": more, "TotalCount": 230, "TransitRouterAttachments": rows}


def test_lists_are_read_whole_by_page_number(cloud: Cloud, server: Server) -> None:
    server.answers = [pages]
    rows = Inventory(cloud).rows("DescribeVpcs", region="cn-hangzhou", RegionId="cn-hangzhou")
    assert [r["VpcId"] for r in rows] == [f"vpc-{i}" for i in range(120)]
    assert len(server.asked) == 3


def test_lists_are_read_whole_by_token(cloud: Cloud, server: Server) -> None:
    server.answers = [tokens]
    rows = Inventory(cloud).rows("ListTransitRouterVpcAttachments", region="cn-hangzhou", CenId="cen-1")
    assert len(rows) == 230
    assert len(server.asked) == 3


def test_a_list_is_read_once_until_it_is_forgotten(cloud: Cloud, server: Server) -> None:
    server.answers = [pages]
    inventory = Inventory(cloud)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: inventory.rows("DescribeVpcs", region="r", RegionId="r"), range(8)))
    assert len(server.asked) == 3
    inventory.forget("DescribeVpcs")
    inventory.rows("DescribeVpcs", region="r", RegionId="r")
    assert len(server.asked) == 6


def test_a_failed_read_is_not_remembered(cloud: Cloud, server: Server) -> None:
    server.answers = [refuse("InvalidRegionId.NotFound", 404), pages]
    inventory = Inventory(cloud)
    with pytest.raises(NotFound):
        inventory.rows("DescribeVpcs", region="r", RegionId="r")
    assert len(inventory.rows("DescribeVpcs", region="r", RegionId="r")) == 120
