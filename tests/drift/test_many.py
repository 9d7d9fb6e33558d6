"""Many topologies of one account, compared in one run: the same findings as one by one, for far fewer calls."""

from __future__ import annotations

from random import Random

import pytest

from benchmarks.drift import shared_ground, topology
from gatespan.cloud import Cloud, Inventory
from gatespan.planning import Engine
from gatespan.planning.drift import drift, drift_many
from gatespan.topology import Loaded, load
from tests.planning.lab import EXAMPLES, KEYS, Lab, LabClock

MANY = 4


def engines(lab: Lab, files: list[Loaded], inventory: Inventory | None = None) -> list[Engine]:
    clock = LabClock(lab.url)
    door = Cloud(lab.target, KEYS, clock=clock, random=Random(1))
    shared = inventory or Inventory(door)
    return [Engine(f.topology, door, base=f.base, clock=clock, random=Random(1), inventory=shared) for f in files]


@pytest.fixture
def files(lab: Lab) -> list[Loaded]:
    cen = shared_ground(lab)
    files = [topology(n, cen) for n in range(MANY)]
    for one in files:
        engines(lab, [one])[0].converge()
    return files


def test_they_find_what_each_finds_by_itself(lab: Lab, files: list[Loaded]) -> None:
    cloud = lab.cloud()
    attachment = next(a for a in lab.things("vpc_attachment") if "tenant-1" in a["tags"].values())
    params = {"TransitRouterAttachmentId": attachment["id"], "AutoPublishRouteEnabled": False}
    cloud.call("cbn", "UpdateTransitRouterVpcAttachmentAttribute", params, region="cn-beijing")
    group = next(g for g in lab.things("api_group") if g["name"] == "tenant_2")
    cloud.call("cloudapi", "ModifyApiGroup", {"GroupId": group["id"], "BasePath": "/v2"}, region="cn-hangzhou")
    together = drift_many(engines(lab, files))
    alone = [drift(engines(lab, [one])[0]) for one in files]
    assert [[f.to_json() for f in r.findings] for r in together] == [[f.to_json() for f in r.findings] for r in alone]
    assert [[f.key for f in r.findings] for r in together] == [
        [],
        ["route_sync.clients-1"],
        ["group.tenant_2"],
        [],
    ]


def test_lists_are_read_once_for_all(lab: Lab, files: list[Loaded]) -> None:
    def calls(some: list[Loaded]) -> dict[str, int]:
        lab.control("log", method="DELETE")
        assert all(r.clean for r in drift_many(engines(lab, some)))
        made: dict[str, int] = {}
        for call in lab.log():
            made[call["action"]] = made.get(call["action"], 0) + 1
        return made

    two, all_four = calls(files[:2]), calls(files)
    per_object = {"DescribeApi", "DescribeDeployedApi", "DescribeApiGroup", "DescribeAuthorizedApps"}
    tables = {"DescribeRouteEntryList"}
    """One per route table of a VPC; four topologies have four client VPCs here."""
    for action, count in all_four.items():
        grows = action in per_object | tables
        assert count == two[action] + (2 if grows else 0), action


def test_whole_lists_hold_for_every_kind(lab: Lab) -> None:
    """The hub has every kind: read as one of two it is found as by itself."""
    lab.world("hub")
    hub = load(EXAMPLES / "hub.yaml")
    engines(lab, [hub])[0].converge()
    assert [r.clean for r in drift_many(engines(lab, [hub, hub]))] == [True, True]
