"""The door and the embedded cloud, which share no code: what the one says, the other understands."""

from __future__ import annotations

import pytest

from gatespan.cloud import Cloud, Conflict, Inventory, NotFound, client_token, emulator_target
from gatespan.cloud.inventory import LISTINGS
from tests.planning.conftest import lab, lab_process
from tests.planning.lab import Lab

__all__ = ["lab", "lab_process"]

NEEDS_NOTHING = [
    "DescribeVpcs",
    "DescribeVSwitches",
    "DescribeCens",
    "ListTransitRouterAvailableResource",
    "DescribeCenBandwidthPackages",
    "DescribeInstances",
    "DescribeApiGroups",
    "DescribeApis",
    "DescribeDeployedApis",
    "DescribeAppAttributes",
    "ListFunctions",
]


def test_lists_that_need_no_parameters(lab: Lab) -> None:
    inventory = Inventory(lab.cloud())
    rows = {
        name: inventory.rows(
            name, region="cn-hangzhou", **({} if LISTINGS[name].product in ("cloudapi", "fc") else where(name))
        )
        for name in NEEDS_NOTHING
    }
    assert [row["VpcName"] for row in rows["DescribeVpcs"]] == ["vpc-1"]
    assert len(rows["DescribeVSwitches"]) == 2
    assert len(rows["DescribeInstances"]) == 1
    assert len(rows["ListTransitRouterAvailableResource"][0]["AvailableZones"]) >= 2


def where(name: str) -> dict[str, str]:
    return {} if name in ("DescribeCens", "DescribeCenBandwidthPackages") else {"RegionId": "cn-hangzhou"}


def make_vpc(cloud: Cloud, token: str) -> str:
    params = {"RegionId": "cn-hangzhou", "CidrBlock": "10.77.0.0/16"}
    return str(cloud.call("vpc", "CreateVpc", params, region="cn-hangzhou", token=token)["VpcId"])


def test_one_token_makes_one_thing_even_when_answers_are_lost(lab: Lab) -> None:
    token = client_token("shop", "vpc.hub", "create")
    lab.control("faults", {"product": "vpc", "action": "CreateVpc", "when": "after", "kind": "drop", "count": 2})
    assert make_vpc(lab.cloud(), token) == make_vpc(lab.cloud(), token)
    assert [c["code"] for c in lab.log() if c["action"] == "CreateVpc"] == ["(connection dropped)"] * 2 + [""] * 2


def test_absence_and_presence_are_known_by_their_codes(lab: Lab) -> None:
    cloud = lab.cloud()
    with pytest.raises(NotFound):
        cloud.call("fc", "GetFunction", {"functionName": "nobody"}, region="cn-hangzhou")
    cloud.call("cloudapi", "CreateApiGroup", {"GroupName": "orders"}, region="cn-hangzhou")
    with pytest.raises(Conflict):
        cloud.call("cloudapi", "CreateApiGroup", {"GroupName": "orders"}, region="cn-hangzhou")


def test_the_way_round_a_proxy_is_understood(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a proxy in the environment the request line holds a whole URL; the signature is over its path."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    lab.target = emulator_target(lab.url)
    cloud = lab.cloud()
    assert make_vpc(cloud, "T-1").startswith("vpc-")
    assert Inventory(cloud).rows("ListFunctions", region="cn-hangzhou") == ()
