"""A real HTTP server that answers as told, and a door to it whose clock is turned by sleeping."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from gatespan.cloud import CallRecord, Cloud, Credentials, Target
from tests.cloud.clocks import TurnedClock


class Server(ThreadingHTTPServer):
    """Answers from a list, then repeats the last answer; remembers what it was asked.

    An answer is (status, body[, headers]), with a body that is made JSON unless it is bytes; a function of the query
    that returns one; or a function of the handler, marked by ``raw``.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.forget()

    def forget(self) -> None:
        self.answers: list[Any] = [(200, {"RequestId": "R-OK", "VpcId": "vpc-1"})]
        self.asked: list[dict[str, str]] = []
        self.lock = threading.Lock()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urlsplit(self.path)
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        with self.server.lock:
            headers = {k: v for k, v in self.headers.items() if k.lower().startswith("x-acs-")}
            self.server.asked.append(
                {**query, **headers, "(verb)": self.command, "(path)": url.path, "(body)": self.body.decode()}
            )
            answer = self.server.answers.pop(0) if len(self.server.answers) > 1 else self.server.answers[0]
        if getattr(answer, "raw", False):
            answer(self)
            return
        if callable(answer):
            answer = answer(query)
        status, body, *more = answer
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json;charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        for name, value in (more[0] if more else {}).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_PUT = do_DELETE = do_POST  # noqa: N815

    def hang_up(self) -> None:
        self.close_connection = True
        self.connection.close()

    def log_message(self, *args: object) -> None:
        pass


def raw(answer: Callable[[Handler], None]) -> Callable[[Handler], None]:
    """An answer that does what it likes with the connection."""
    answer.raw = True  # type: ignore[attr-defined]
    return answer


@pytest.fixture(scope="session")
def one_server() -> Iterator[Server]:
    """One for all tests: the SDK spends 40 ms on the first call to an address."""
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def server(one_server: Server) -> Server:
    one_server.forget()
    return one_server


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
def records() -> list[CallRecord]:
    return []


@pytest.fixture
def cloud(server: Server, clock: TurnedClock, records: list[CallRecord]) -> Cloud:
    return door(server.address, clock, records)


def door(address: str, clock: TurnedClock, records: list[CallRecord]) -> Cloud:
    target = Target("url", "test", central=address, regions={"cn-hangzhou": address})
    keys = Credentials("test", "test-secret")
    return Cloud(target, keys, clock=clock, random=random.Random(1), observer=records.append)
