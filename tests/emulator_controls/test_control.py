"""The control API: what it shows, what it changes, whom it refuses."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_vpc20160428 import models as vpc
from Tea.exceptions import TeaException

from gatespan.emulator.lifecycle import Latency
from gatespan.emulator.services.vpc.models import Vpc
from tests.emulator.conftest import ACCOUNT, TestCloud
from tests.emulator_controls.helpers import control

SECOND_WORLD = """
name: second
seed: 7
regions: [{id: cn-test, zones: [cn-test-a]}]
accounts: [{id: 2000000000000002, name: b, keys: [{id: kb, secret: sb}]}]
vpcs: [{name: v, region: cn-test, cidr: 10.9.0.0/16, vswitches: [{name: s, zone: cn-test-a, cidr: 10.9.1.0/24}]}]
"""


def ask(cloud: TestCloud, method: str, path: str, body: Any = None) -> Any:
    said = control(cloud.base, method, path, body)
    assert said.status == 200, said
    return said.value


def create(cloud: TestCloud, name: str = "v") -> str:
    request = vpc.CreateVpcRequest(region_id="cn-hangzhou", cidr_block="10.0.0.0/8", vpc_name=name)
    return str(cloud.vpc().create_vpc(request).body.vpc_id)


def status(cloud: TestCloud, id: str) -> str:
    request = vpc.DescribeVpcAttributeRequest(region_id="cn-hangzhou", vpc_id=id)
    return str(cloud.vpc().describe_vpc_attribute(request).body.status)


# --- looking ----------------------------------------------------------------------------------------------


def test_health(cloud: TestCloud) -> None:
    health = ask(cloud, "GET", "health")
    assert (health["name"], health["pid"], health["world"]) == ("gatespan-embedded-cloud", os.getpid(), "test")
    assert health["endpoints"]["central"] == cloud.base.removeprefix("http://")
    assert list(health["endpoints"]["regions"])[:2] == ["cn-beijing", "cn-hangzhou"]
    assert health["latency"] == {"mode": "none"}
    assert health["clock"]["frozen"] is True


def test_equal_worlds_have_equal_states_byte_for_byte(cloud: TestCloud) -> None:
    before = control(cloud.base, "GET", "state")
    assert set(before.value) == {"access_key", "account"}
    id = create(cloud)
    during = control(cloud.base, "GET", "state")
    assert [v["id"] for v in during.value["vpc"]] == [id]
    cloud.vpc().delete_vpc(vpc.DeleteVpcRequest(region_id="cn-hangzhou", vpc_id=id))
    after = control(cloud.base, "GET", "state")
    assert after.raw == before.raw != during.raw


def test_state_leaves_out_kinds(cloud: TestCloud) -> None:
    assert set(ask(cloud, "GET", "state?exclude=access_key,vpc")) == {"account"}


def test_the_request_log(cloud: TestCloud) -> None:
    id = create(cloud)
    status(cloud, id)
    with pytest.raises(TeaException):
        cloud.vpc().delete_vpc(vpc.DeleteVpcRequest(region_id="cn-hangzhou", vpc_id="vpc-nothing"))
    calls = ask(cloud, "GET", "log")["calls"]
    assert [(c["action"], c["status"], c["changed"]) for c in calls] == [
        ("CreateVpc", 200, True),
        ("DescribeVpcAttribute", 200, False),
        ("DeleteVpc", calls[2]["status"], False),
    ]
    assert calls[2]["status"] >= 400
    assert calls[2]["code"]
    assert calls[0]["params"]["CidrBlock"] == "10.0.0.0/8"
    assert (calls[0]["account"], calls[0]["region"]) == (ACCOUNT, "cn-hangzhou")
    assert [c["action"] for c in ask(cloud, "GET", "log?writes=1")["calls"]] == ["CreateVpc", "DeleteVpc"]
    assert [c["action"] for c in ask(cloud, "GET", f"log?since={calls[1]['n']}")["calls"]] == ["DeleteVpc"]
    assert len(ask(cloud, "GET", "log?action=CreateVpc")["calls"]) == 1
    assert ask(cloud, "GET", "log?product=nothing")["calls"] == []
    ask(cloud, "DELETE", "log")
    assert ask(cloud, "GET", "log")["calls"] == []


def test_coverage_is_made_from_the_code(cloud: TestCloud) -> None:
    create(cloud)
    with pytest.raises(TeaException):
        cloud.vpc().describe_vpn_gateways(vpc.DescribeVpnGatewaysRequest(region_id="cn-hangzhou"))
    said = ask(cloud, "GET", "coverage")
    by_version = {p["version"]: p for p in said["products"]}
    calls = {a["name"]: a["calls"] for a in by_version["2016-04-28"]["actions"]}
    assert (calls["CreateVpc"], calls["DeleteVpc"]) == (1, 0)
    assert said["total"] == sum(len(p["actions"]) for p in said["products"])
    assert list(said["missing"].values()) == [1]


# --- the world --------------------------------------------------------------------------------------------


def test_reset_goes_back_to_the_beginning(cloud: TestCloud) -> None:
    before = control(cloud.base, "GET", "state").raw
    first = create(cloud)
    ask(cloud, "POST", "reset")
    assert control(cloud.base, "GET", "state").raw == before
    assert create(cloud) == first, "ids repeat after a reset"


def test_seed_puts_another_world_in_place_and_opens_its_regions(cloud: TestCloud) -> None:
    assert ask(cloud, "POST", "seed", SECOND_WORLD) == {"world": "second"}
    assert ask(cloud, "GET", "health")["world"] == "second"
    assert "cn-test" in ask(cloud, "GET", "health")["endpoints"]["regions"]
    client = cloud.vpc(key=("kb", "sb"))
    assert client.describe_vpcs(vpc.DescribeVpcsRequest(region_id="cn-test")).body.total_count == 1
    groups = cloud.cloudapi("cn-test", key=("kb", "sb"))
    assert groups is not None
    state = control(cloud.base, "GET", "state").raw
    client.create_vpc(vpc.CreateVpcRequest(region_id="cn-test", cidr_block="10.0.0.0/8"))
    ask(cloud, "POST", "reset")
    assert control(cloud.base, "GET", "state").raw == state


def test_seed_by_name_and_by_path(cloud: TestCloud, tmp_path: Path) -> None:
    assert ask(cloud, "POST", "seed", {"world": "empty"}) == {"world": "empty"}
    file = tmp_path / "w.yaml"
    file.write_text(SECOND_WORLD)
    assert ask(cloud, "POST", "seed", {"path": str(file)}) == {"world": "second"}


def test_a_bad_seed_changes_nothing(cloud: TestCloud) -> None:
    create(cloud)
    before = control(cloud.base, "GET", "state").raw
    said = control(cloud.base, "POST", "seed", SECOND_WORLD.replace("10.9.1.0/24", "10.8.1.0/24"))
    assert said.status == 400
    assert "vpcs[0] (v)" in said.value["error"]
    assert control(cloud.base, "GET", "state").raw == before


@pytest.mark.parametrize("in_memory", [True, False])
def test_snapshot_and_restore(cloud: TestCloud, in_memory: bool) -> None:
    cloud.life.latency = Latency("realistic")
    create(cloud, "one")
    kept = ask(cloud, "POST", "snapshot", {"name": "s"} if in_memory else None)
    before = control(cloud.base, "GET", "state").raw
    create(cloud, "two")
    assert control(cloud.base, "GET", "state").raw != before
    ask(cloud, "POST", "restore", {"name": "s"} if in_memory else kept)
    assert control(cloud.base, "GET", "state").raw == before
    assert ask(cloud, "GET", "snapshot") == {"names": ["s"] if in_memory else []}
    cloud.advance(100)
    assert cloud.world.find(Vpc)[0].status == "Available", "what was in motion goes on"


def test_a_world_from_a_cloud_whose_clock_was_ahead(cloud: TestCloud) -> None:
    cloud.advance(3600)
    create(cloud)
    kept, then = ask(cloud, "POST", "snapshot"), cloud.clock.now()
    cloud.clean()
    assert cloud.clock.now() < then
    ask(cloud, "POST", "restore", kept)
    found = cloud.vpc().describe_vpcs(vpc.DescribeVpcsRequest(region_id="cn-hangzhou")).body
    assert (found.total_count, cloud.clock.now()) == (1, then)


# --- time -------------------------------------------------------------------------------------------------


def test_the_clock_jumps_to_the_next_change(cloud: TestCloud) -> None:
    assert ask(cloud, "POST", "latency", {"mode": "realistic"}) == {"mode": "realistic"}
    id = create(cloud)
    assert status(cloud, id) == "Pending"
    before = ask(cloud, "GET", "clock")
    assert before["next_due"] > before["now"]
    after = ask(cloud, "POST", "clock", {"advance_to_next": True})
    assert (after["now"], after["next_due"]) == (before["next_due"], None)
    assert status(cloud, id) == "Available"
    assert ask(cloud, "POST", "clock", {"advance_to_next": True})["now"] == after["now"], "nothing is due"
    assert ask(cloud, "POST", "clock", {"advance": 60})["now"] == after["now"] + 60


def test_the_clock_runs_and_freezes(cloud: TestCloud) -> None:
    assert ask(cloud, "POST", "clock", {"run": True})["frozen"] is False
    assert ask(cloud, "POST", "clock", {"freeze": True})["frozen"] is True


def test_latency_by_reads(cloud: TestCloud) -> None:
    assert ask(cloud, "POST", "latency", {"mode": "reads", "reads": 2}) == {"mode": "reads", "reads": 2}
    id = create(cloud)
    assert [status(cloud, id), status(cloud, id)] == ["Pending", "Available"]


def test_settings(cloud: TestCloud) -> None:
    switched = {"list_lag": 5, "keep_rates": True, "signatures": "off", "connect_timeout": 0.5}
    assert ask(cloud, "POST", "settings", switched) == ask(cloud, "GET", "settings") == switched
    id = create(cloud)
    client, request = cloud.vpc(key=("test", "wrong")), vpc.DescribeVpcsRequest(region_id="cn-hangzhou")
    assert client.describe_vpcs(request).body.total_count == 0
    assert status(cloud, id) == "Available"
    cloud.advance(6)
    assert client.describe_vpcs(request).body.total_count == 1


# --- refusals ---------------------------------------------------------------------------------------------

REFUSED: dict[str, tuple[str, str, Any, int, str]] = {
    "no such page": ("GET", "nothing", None, 404, "there is no /_cloud/nothing; known: circuits"),
    "wrong verb": ("GET", "reset", None, 405, "takes POST, not GET"),
    "not JSON": ("POST", "clock", "{", 400, "not valid JSON"),
    "not an object": ("POST", "clock", [1], 400, "must be a JSON object"),
    "unknown key": ("POST", "clock", {"forward": 1}, 400, "unknown key 'forward'; known: advance"),
    "back in time": ("POST", "clock", {"advance": -1}, 400, "not negative"),
    "no number": ("POST", "clock", {"advance": "1"}, 400, "number of seconds"),
    "both": ("POST", "clock", {"freeze": True, "run": True}, 400, "exclude"),
    "no such latency": ("POST", "latency", {"mode": "slow"}, 400, "none, fast, realistic, reads"),
    "no such mode": ("POST", "settings", {"signatures": "maybe"}, 400, "strict, warn or off"),
    "no such snapshot": ("POST", "restore", {"name": "x"}, 404, "no snapshot 'x'"),
    "broken snapshot": ("POST", "restore", {"things": [{"kind": "vpc"}]}, 400, "things[0]"),
    "unknown kind": ("POST", "restore", {"things": [{"kind": "spoon"}]}, 400, "unknown kind of object 'spoon'"),
    "no such file": ("POST", "seed", {"path": "/nowhere.yaml"}, 400, "/nowhere.yaml cannot be read"),
    "no world": ("POST", "seed", "- 1", 400, "must hold keys and values"),
    "no number of log": ("GET", "log?since=x", None, 400, "whole number"),
    "not text": ("POST", "seed", b"\xff\xfe", 400, "UTF-8"),
}


@pytest.mark.parametrize(("method", "path", "body", "code", "text"), REFUSED.values(), ids=REFUSED)
def test_refusals(cloud: TestCloud, method: str, path: str, body: Any, code: int, text: str) -> None:
    said = control(cloud.base, method, path, body)
    assert said.status == code
    assert text in said.value["error"]


GUARDED: dict[str, tuple[dict[str, str], int]] = {
    "a name that was rebound": ({"Host": "evil.example:8750"}, 403),
    "no name": ({"Host": ""}, 403),
    "a page of another origin": ({"Origin": "http://evil.example"}, 403),
    "a page without origin": ({"Origin": "null"}, 403),
    "localhost": ({"Host": "localhost:1"}, 200),
    "IPv6": ({"Host": "[::1]:1"}, 200),
    "its own page": ({"Host": "localhost:1", "Origin": "http://localhost:1"}, 200),
    "a forwarded address": ({"X-Forwarded-For": "203.0.113.9"}, 200),
}


@pytest.mark.parametrize(("headers", "status"), GUARDED.values(), ids=GUARDED)
@pytest.mark.parametrize(("method", "path"), [("POST", "reset"), ("GET", "state")])
def test_only_this_machine_may_ask(
    cloud: TestCloud, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    assert control(cloud.base, method, path, headers=headers).status == status


def test_callers_from_other_machines_are_refused(cloud: TestCloud) -> None:
    import asyncio

    scope = {"method": "GET", "query_string": b"", "client": ("203.0.113.9", 1)}
    control_api = cloud.running.server.app.control
    said = asyncio.run(control_api.answer(scope, "/_cloud/health", {"host": "127.0.0.1"}, b""))
    assert said.status == 403
    assert b"this machine only" in said.body
