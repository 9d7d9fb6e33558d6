"""What the request log keeps: no secrets, nothing long, the last entries only."""

from __future__ import annotations

from typing import Any

import pytest

from gatespan.emulator.requestlog import CAPACITY, LONGEST, RequestLog, shown


def note(log: RequestLog, **values: Any) -> None:
    row: dict[str, Any] = {
        "account": "a",
        "product": "Vpc",
        "action": "DescribeVpcs",
        "region": "r",
        "params": {},
        "status": 200,
        "code": "",
        "request_id": "id",
        "changed": False,
        "writes": False,
    }
    log.note(**{**row, **values})


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("VpcName", "v", "v"),
        ("AppSecret", "s", "(secret)"),
        ("SecurityToken", "s", "(secret)"),
        ("Password", "s", "(secret)"),
        (
            "code",
            {"zipFile": "x" * 1000, "checksum": "1"},
            {"zipFile": "x" * LONGEST + "… (1000 characters)", "checksum": "1"},
        ),
        ("environmentVariables", {"DB_PASSWORD": "p", "A": "b"}, {"DB_PASSWORD": "(secret)", "A": "b"}),
        ("list", ["a", {"accessKeySecret": "s"}], ["a", {"accessKeySecret": "(secret)"}]),
        ("ClientToken", "t-1", "t-1"),
    ],
)
def test_values_as_they_are_kept(name: str, value: Any, kept: Any) -> None:
    assert shown(name, value) == kept


def test_common_parameters_are_left_out() -> None:
    log = RequestLog()
    note(log, params={"Action": "X", "Signature": "s", "AccessKeyId": "k", "VpcId": "v"})
    assert log.calls[-1].params == {"VpcId": "v"}


def test_it_is_a_ring() -> None:
    log = RequestLog()
    for _ in range(CAPACITY + 10):
        note(log)
    assert (len(log.calls), log.calls[0].n, log.calls[-1].n) == (CAPACITY, 11, CAPACITY + 10)
    assert log.counts == {("Vpc", "DescribeVpcs"): CAPACITY + 10}


def test_walks_are_numbered_with_the_calls() -> None:
    log = RequestLog()
    note(log)
    log.note_walk({"seat": "ecs-3", "reason": ""})
    assert (log.walks[-1]["n"], log.walks[-1]["seat"]) == (2, "ecs-3")
    log.clear()
    assert (list(log.calls), list(log.walks)) == ([], [])
