"""Scenario 3 with one thing missing: it fails as the cloud documents it, and another apply mends what is ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from gatespan.cloud import Cloud
from gatespan.planning import Engine
from gatespan.topology import Loaded
from gatespan.trace.live import CallResult, verify
from tests.planning.lab import Lab, edited

CASES: list[dict[str, Any]] = YAML(typ="safe").load(Path(__file__).with_name("faults.yaml"))
EXAMPLE = "on-premises-backend"
CHANGEABLE = ("routes", "firewall", "hosts", "answers_health_checks")


@pytest.fixture(scope="module")
def built(lab_process: Lab) -> Lab:
    """Scenario 3, built and proven once; each test starts from its snapshot."""
    lab = lab_process
    lab.world(EXAMPLE, connect_timeout=0.1)
    engine = lab.engine(EXAMPLE)
    engine.converge()
    assert all(r.ok for r in calls(engine))
    lab.control("snapshot", {"name": "scenario 3"})
    return lab


def calls(engine: Engine) -> tuple[CallResult, ...]:
    return tuple(verify(engine.design, engine.cloud, engine.addresses()))


@pytest.mark.parametrize("case", CASES, ids=[c["name"] for c in CASES])
def test_what_is_missing_is_seen_as_documented_and_mended(built: Lab, case: dict[str, Any]) -> None:
    lab = built
    lab.control("restore", {"name": "scenario 3"})
    (before,) = lab.control("sites")["sites"]
    topology = told(case)
    by_hand(lab, case)
    if "site" in case:
        lab.control("sites/dc-1", case["site"], method="PATCH")
    if "moved" in case:
        move(lab, before, case["moved"])

    seen = calls(lab.engine(topology))
    assert [(r.ok, r.status, r.error_code) for r in seen] == [(False, 504, case["sees"])] * len(seen)
    assert all(case["says"] in r.why for r in seen), [r.why for r in seen]

    engine = lab.engine(topology)
    assert sorted(c.key for c in engine.plan().changing) == sorted(case.get("plan", []))
    if case["mended_by"] == "site":
        assert lab.engine(topology).plan().changing == ()
        lab.control("sites/dc-1", {k: v for k, v in before.items() if k in CHANGEABLE}, method="PATCH")
    else:
        engine.converge()
    mended = calls(lab.engine(topology))
    assert [(r.ok, r.why) for r in mended] == [(True, "")] * len(mended)
    assert lab.engine(topology).plan().changing == ()


def told(case: dict[str, Any]) -> Loaded:
    """The file: the example, with the back end's new address where it moved."""
    edits = {"address: 10.200.1.10 ": f"address: {case['moved']} "} if "moved" in case else {}
    edits |= {"port: 8080": "port: 8080\n    adopt: true"} if case.get("adopt") else {}
    return edited(EXAMPLE, edits)


def by_hand(lab: Lab, case: dict[str, Any]) -> None:
    engine, cloud = lab.engine(EXAMPLE), lab.cloud()
    for product, action, params in case.get("do", ()):
        filled = {k: fill(engine, v) for k, v in params.items()}
        cloud.call(product, action, filled, region="cn-hangzhou")


def fill(engine: Engine, value: Any) -> Any:
    if value == "{egress route}":
        return egress_route(engine.cloud, engine)
    if isinstance(value, str) and value.startswith("{"):
        found = engine.found(value.strip("{}"))
        assert found is not None, f"{value} is not in the cloud"
        return found.id
    return value


def egress_route(cloud: Cloud, engine: Engine) -> str:
    """The id of the one static route to the gateway's block in the hub's transit router."""
    router = engine.found("transit_router.cn-hangzhou")
    assert router
    tables = engine.inventory.rows("ListTransitRouterRouteTables", region="cn-hangzhou", TransitRouterId=router.id)
    table = tables[0]["TransitRouterRouteTableId"]
    params = {"TransitRouterRouteTableId": table, "TransitRouterRouteEntryType": "Static"}
    answer = cloud.call("cbn", "ListTransitRouterRouteEntries", params, region="cn-hangzhou")
    (entry,) = answer["TransitRouterRouteEntries"]
    return str(entry["TransitRouterRouteEntryId"])


def move(lab: Lab, site: dict[str, Any], address: str) -> None:
    """The back end moves on site, and its firewall with it."""
    hosts = [{**h, "ip": address} if h["name"] == "orders-1" else h for h in site["hosts"]]
    firewall = [{**r, "destination": f"{address}/32"} for r in site["firewall"]]
    lab.control("sites/dc-1", {"hosts": hosts, "firewall": firewall}, method="PATCH")
