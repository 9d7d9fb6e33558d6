"""What only people can do, value by value, and which of a plan's blocks are theirs to lift."""

from __future__ import annotations

import json
import random
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ruamel.yaml import YAML

from gatespan.cloud import SystemClock
from gatespan.planning import Action, Change, Engine, Plan
from gatespan.planning.checklist import checklist, waits_for
from gatespan.report.markdown import checklist_markdown
from gatespan.report.words import checklist_summary
from gatespan.resources.base import Found
from gatespan.topology import Topology

CASES: list[dict[str, Any]] = YAML(typ="safe").load(Path(__file__).with_name("checklist.yaml"))
BASE = {
    "name": "shop",
    "gateway": {"region": "cn-hangzhou", "instance": {"name": "gateway-1"}},
    "hub": {
        "name": "vpc-1",
        "existing": True,
        "cidr": "10.1.0.0/16",
        "vswitches": [
            {"name": "vsw-h", "zone": "cn-hangzhou-h", "cidr": "10.1.1.0/24"},
            {"name": "vsw-i", "zone": "cn-hangzhou-i", "cidr": "10.1.2.0/24"},
        ],
    },
    "cen": {"name": "shared"},
    "groups": [
        {
            "name": "shop",
            "base_path": "/v1",
            "apis": [{"name": "orders", "path": "/orders", "auth": "anonymous", "backend": {"mock": {"body": "ok"}}}],
        }
    ],
    "verify": [{"name": "a till asks", "api": "orders", "from": "till-1"}],
}


class Known(Engine):
    """An engine that knows what it is told, and has no cloud."""

    def __init__(self, case: dict[str, Any]) -> None:
        design = Topology.model_validate({**BASE, "sites": case.get("sites", []), "grants": case.get("grants", [])})
        cloud: Any = SimpleNamespace(target=SimpleNamespace(name="no cloud at all"))
        super().__init__(design, cloud, base=Path(), clock=SystemClock(), random=random.Random(1))
        self.told = case.get("known", {})

    def found(self, ref: str) -> Found | None:
        told = self.told.get(ref)
        return Found(told["id"], told.get("status", "present"), row=told.get("row", {})) if told else None


@pytest.mark.parametrize("case", CASES, ids=[c["name"].replace(" ", "-") for c in CASES])
def test_the_checklist_has_every_value(case: dict[str, Any]) -> None:
    items = checklist(Known(case))
    said = [f"{i.state} | {i.where} | {i.what}: {'; '.join(i.values)}" for i in items]
    assert [line for line in said if line in case["items"]] == case["items"]
    whole = "when all is built" in case["name"] or "before anything" in case["name"]
    assert not whole or said == case["items"]


def test_without_a_site_nothing_is_left_for_people() -> None:
    items = checklist(Known({}))
    assert items == ()
    assert (
        checklist_summary(items) == checklist_markdown(items) == "Nothing is left for people to do outside the cloud."
    )


def test_a_key_is_never_shown() -> None:
    items = checklist(Known(next(c for c in CASES if "not established" in c["name"])))
    shown = json.dumps([i.to_json() for i in items]) + checklist_markdown(items)
    assert "DC2_BGP_KEY" in shown and "s3cret" not in shown


def test_the_summary_counts() -> None:
    items = checklist(Known(CASES[0]))
    assert checklist_summary(items) == "For people: 1 to do, 5 that cannot be seen from here, 0 done."


@pytest.mark.parametrize(
    ("status", "row", "waits"),
    [
        ("Allocated", {"LoaStatus": "Available"}, True),
        ("Initial", {}, True),
        ("Terminated", {}, False),
        ("Enabled", {"BusinessStatus": "FinancialLocked"}, False),
    ],
    ids=["allocated", "initial", "terminated", "locked"],
)
def test_only_what_people_outside_can_do_is_waited_for(status: str, row: dict[str, Any], waits: bool) -> None:
    """A circuit that will come up is waited for; one that never will must be settled in the file or the account."""
    key = "circuit.dc-1/pc-1"
    engine = Known({"sites": CASES[0]["sites"], "known": {key: {"id": "pc-bp1", "status": status, "row": row}}})
    blocked = [_blocked(engine, key, "it is not in service"), _blocked(engine, "vbr.dc-1/pc-1", "waits for circuit")]
    found = waits_for(engine, Plan("shop", "no cloud", tuple(blocked)))
    assert [c.key for c in found] == ([key] if waits else [])
    stranger = _blocked(engine, "group.shop", "belongs to somebody else")
    assert waits_for(engine, Plan("shop", "no cloud", (*blocked, stranger))) == ()


def _blocked(engine: Engine, key: str, why: str) -> Change:
    node = engine.graph[key]
    return Change(key, node.label, str(node.step), node.region, Action.BLOCKED, why=why)
