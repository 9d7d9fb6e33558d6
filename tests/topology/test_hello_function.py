"""The example's function is a real web server: it starts from its folder, says hello, and answers N bytes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

FOLDER = Path(__file__).parents[2] / "examples/functions/hello"


@pytest.fixture(scope="module")
def function() -> Iterator[httpx.Client]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "FC_SERVER_PORT": str(port), "FC_REGION": "cn-hangzhou"}
    process = subprocess.Popen([sys.executable, "server.py"], cwd=FOLDER, env=environment, stderr=subprocess.PIPE)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=5) as client:
            for _ in range(500):
                try:
                    client.get("/ready")
                    break
                except httpx.ConnectError:
                    time.sleep(0.01)
            yield client
    finally:
        process.terminate()
        _, said = process.communicate(timeout=5)
    assert said == b""  # nothing noisy


def test_it_says_hello(function: httpx.Client) -> None:
    answer = function.get("/any/path?x=1", headers={"X-Forwarded-For": "10.3.0.7"})
    assert answer.status_code == 200
    assert answer.json() == {
        "message": "hello from the function",
        "path": "/any/path",
        "region": "cn-hangzhou",
        "caller": "10.3.0.7",
    }
    assert function.get("/").json()["caller"] == "127.0.0.1"


@pytest.mark.parametrize("size", [0, 1, 64, 1000, 1 << 20])
def test_it_answers_as_many_bytes_as_asked(function: httpx.Client, size: int) -> None:
    answer = function.get("/hello", params={"size": size})
    assert (answer.status_code, len(answer.content)) == (200, size)


@pytest.mark.parametrize("size", ["-1", "many", "1e3", "99999999999"])
def test_it_refuses_other_sizes(function: httpx.Client, size: str) -> None:
    assert function.get("/hello", params={"size": size}).status_code == 400
