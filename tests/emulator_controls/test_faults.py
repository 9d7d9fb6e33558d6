"""Fault rules, set over HTTP and met by the official SDK."""

from __future__ import annotations

import http.client
import json
from typing import Any

import pytest
from alibabacloud_tea_openapi.exceptions import ThrottlingException
from alibabacloud_vpc20160428 import models as vpc
from darabonba.exceptions import UnretryableException
from Tea.exceptions import TeaException

from gatespan.emulator.lifecycle import Latency
from gatespan.emulator.services.vpc.models import Vpc
from tests.emulator.conftest import TestCloud
from tests.emulator_controls.helpers import control
from tests.timing import took, within
from tests.wire.by_hand import acs3, query, v1


def rule(cloud: TestCloud, **values: Any) -> None:
    said = control(cloud.base, "POST", "faults", values)
    assert said.status == 200, said


def create(cloud: TestCloud, name: str = "v", **extra: Any) -> str:
    request = vpc.CreateVpcRequest(region_id="cn-hangzhou", cidr_block="10.0.0.0/8", vpc_name=name, **extra)
    return str(cloud.vpc().create_vpc(request).body.vpc_id)


def names(cloud: TestCloud) -> list[str]:
    return [v.name for v in cloud.world.all(Vpc)]


@pytest.mark.parametrize(("when", "made"), [("before", []), ("after", ["v"])])
def test_an_error_before_or_after_the_effect(cloud: TestCloud, when: str, made: list[str]) -> None:
    rule(cloud, action="CreateVpc", kind="error", code="ServiceUnavailable", status=503, when=when)
    with pytest.raises(TeaException) as caught:
        create(cloud)
    assert (caught.value.code, caught.value.statusCode) == ("ServiceUnavailable", 503)
    assert names(cloud) == made
    assert create(cloud, "next").startswith("vpc-")


@pytest.mark.parametrize(("when", "made"), [("before", []), ("after", ["v"])])
def test_a_dropped_connection(cloud: TestCloud, when: str, made: list[str]) -> None:
    rule(cloud, action="CreateVpc", kind="drop", when=when)
    with pytest.raises(UnretryableException):
        create(cloud, client_token="t")
    assert names(cloud) == made
    entry = cloud.kernel.log.calls[-1]
    assert (entry.status, entry.changed) == (0, bool(made))
    assert create(cloud, client_token="t").startswith("vpc-")
    assert names(cloud) == ["v"], "the token finds what the lost answer made"


def test_a_drop_sends_not_a_single_byte(cloud: TestCloud) -> None:
    rule(cloud, kind="drop", when="after", count=None)
    connection = http.client.HTTPConnection(cloud.base.removeprefix("http://"), timeout=5)
    connection.request("POST", "/?RegionId=cn-hangzhou", headers=acs3("DescribeVpcs"))
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        connection.getresponse()
    connection.close()


def test_throttling_with_and_without_a_hint(cloud: TestCloud) -> None:
    rule(cloud, action="DescribeVpcs", kind="throttle", retry_after_ms=250)
    rule(cloud, action="DescribeVpcs", kind="throttle")
    request = vpc.DescribeVpcsRequest(region_id="cn-hangzhou")
    with pytest.raises(ThrottlingException) as throttled:
        cloud.vpc().describe_vpcs(request)
    assert throttled.value.retry_after == 250
    with pytest.raises(TeaException) as plain:
        cloud.vpc().describe_vpcs(request)
    assert (plain.value.code, plain.value.statusCode) == ("Throttling.User", 400)
    assert cloud.vpc().describe_vpcs(request).body.total_count == 0


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_delay(cloud: TestCloud, when: str) -> None:
    rule(cloud, action="CreateVpc", kind="delay", seconds=0.15, when=when)
    assert took(lambda: create(cloud)) >= 0.15
    within(0, 0.15, lambda: took(lambda: create(cloud)))


def test_a_truncated_answer(cloud: TestCloud) -> None:
    rule(cloud, action="DescribeVpcs", kind="truncate")
    connection = http.client.HTTPConnection(cloud.base.removeprefix("http://"), timeout=5)
    connection.request("GET", query(v1("GET", {"Action": "DescribeVpcs", "RegionId": "cn-hangzhou"})))
    text = connection.getresponse().read()
    connection.close()
    assert text.startswith(b"{")
    with pytest.raises(json.JSONDecodeError):
        json.loads(text)


def test_a_stuck_state(cloud: TestCloud) -> None:
    cloud.life.latency = Latency("realistic")
    rule(cloud, action="CreateVpc", kind="stuck")
    stuck, free = create(cloud), create(cloud)
    cloud.advance(10 * 24 * 3600)
    states = {v.id: v.status for v in cloud.world.all(Vpc)}
    assert states == {stuck: "Pending", free: "Available"}


AIMS: dict[str, tuple[dict[str, Any], list[bool]]] = {
    "the first call": ({}, [False, True, True]),
    "every call": ({"count": None}, [False, False, False]),
    "two calls": ({"count": 2}, [False, False, True]),
    "the second call": ({"skip": 1}, [True, False, True]),
    "a parameter": ({"match": {"VpcName": "v2"}}, [True, True, False]),
    "another region": ({"region": "cn-beijing"}, [True, True, True]),
    "another product": ({"product": "cbn"}, [True, True, True]),
    "any action": ({"action": "*"}, [False, True, True]),
    "another action": ({"action": "DeleteVpc"}, [True, True, True]),
}


@pytest.mark.parametrize(("values", "passed"), AIMS.values(), ids=AIMS)
def test_what_a_rule_aims_at(cloud: TestCloud, values: dict[str, Any], passed: list[bool]) -> None:
    rule(cloud, **{"action": "CreateVpc", "kind": "error", "code": "InternalError", **values})
    outcomes = []
    for i in range(3):
        try:
            create(cloud, f"v{i}")
            outcomes.append(True)
        except TeaException:
            outcomes.append(False)
    assert outcomes == passed


def test_rules_are_listed_and_removed(cloud: TestCloud) -> None:
    said = control(cloud.base, "POST", "faults", [{"kind": "drop"}, {"kind": "stuck", "id": "mine"}])
    assert [r["id"] for r in said.value["rules"]] == [said.value["rules"][0]["id"], "mine"]
    control(cloud.base, "DELETE", "faults?id=mine")
    left = control(cloud.base, "GET", "faults").value["rules"]
    assert [r["kind"] for r in left] == ["drop"]
    assert control(cloud.base, "DELETE", "faults?id=mine").status == 404
    assert control(cloud.base, "DELETE", "faults").value == {"rules": []}
    assert create(cloud).startswith("vpc-")


@pytest.mark.parametrize(
    ("bad", "text"),
    [
        ({"kind": "explode"}, "rule.kind: 'explode' is not one of error, drop"),
        ({"kind": "drop", "when": "during"}, "rule.when"),
        ({"kind": "error"}, "rule.code: an error rule needs the code"),
        ({"kind": "error", "code": "X", "status": 200}, "rule.status: 200"),
        ({"kind": "drop", "count": 0}, "count is at least 1"),
        ({"kind": "drop", "probability": 0.5}, "rule.probability: unknown key; known here: action"),
        ([{"kind": "drop"}, {"kind": "drop", "seconds": "1"}], "rules[1].seconds: expected a number"),
    ],
)
def test_bad_rules_are_refused_and_none_is_taken(cloud: TestCloud, bad: Any, text: str) -> None:
    said = control(cloud.base, "POST", "faults", bad)
    assert said.status == 400
    assert text in said.value["error"]
    assert cloud.faults.rules == []
