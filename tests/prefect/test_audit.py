"""Audit records of the cloud as Prefect events."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from deployments.audit import EVENT, read

SAMPLE: dict[str, Any] = json.loads((Path(__file__).parents[2] / "deployments" / "audit" / "sample.json").read_text())
NOW = datetime(2026, 11, 20, 8, 18, tzinfo=UTC)


def changed(change: Callable[[dict[str, Any]], None]) -> str:
    record = copy.deepcopy(SAMPLE)
    change(record["data"])
    return json.dumps(record)


def test_a_record_becomes_one_event_that_names_the_things() -> None:
    (event,) = read(json.dumps(SAMPLE), NOW).events
    assert event["event"] == EVENT
    assert event["id"] == SAMPLE["data"]["eventId"]
    assert event["resource"]["prefect.resource.id"] == "alibaba-cloud.account.1000000000000001"
    assert [r["prefect.resource.id"] for r in event["related"]] == [
        "alibaba-cloud.tr-attach-gs0000000000000001",
        "alibaba-cloud.vtb-gs000000000000000001",
    ]
    assert event["payload"]["who"] == "alice"
    assert "LTAI" not in json.dumps(event)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda d: d.update(eventRW="Read"), "a read"),
        (lambda d: d.update(errorCode="Forbidden.RAM"), "refused by the cloud (Forbidden.RAM)"),
        (lambda d: d["requestParameters"].update(DryRun="true"), "a dry run"),
        (lambda d: d.update(userAgent="AlibabaCloud (linux) gatespan"), "Gatespan's own call"),
        (lambda d: d.update(eventTime="2026-11-20T06:00:00Z"), "older than 1:00:00"),
    ],
    ids=["read", "refused", "dry run", "ours", "old"],
)
def test_what_tells_nothing_is_left_out_with_the_reason(change: Callable[[dict[str, Any]], None], why: str) -> None:
    found = read(changed(change), NOW)
    assert found.events == () and found.left == ((SAMPLE["data"]["eventId"], why),)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda r: json.dumps(r),
        lambda r: json.dumps([r, r]),
        lambda r: json.dumps({"Records": [r["data"]]}),
        lambda r: json.dumps(r["data"]) + "\n" + json.dumps(r),
        lambda r: json.dumps({k[:1].upper() + k[1:]: v for k, v in r["data"].items()}),
    ],
    ids=["envelope", "twice", "records", "lines", "other casing"],
)
def test_every_way_of_delivery_gives_the_same_event_once(wrap: Callable[[dict[str, Any]], str]) -> None:
    (event,) = read(wrap(SAMPLE), NOW).events
    assert (event["id"], len(event["related"])) == (SAMPLE["data"]["eventId"], 2)


def test_an_id_that_is_no_uuid_is_made_one_and_stays_the_same() -> None:
    text = changed(lambda d: d.update(eventId="gs-1"))
    assert read(text, NOW).events[0]["id"] == read(text, NOW + timedelta(minutes=1)).events[0]["id"]


@pytest.mark.parametrize("text", ["nonsense", "7", '{"a": 1}', '{"eventName": "X", "eventTime": "soon"}'])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"JSON|no audit record|no time"):
        read(text, NOW)
