"""The planner as a table: observed + desired -> expected actions (cases/*.yaml)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from gatespan.planning import Action, Engine
from gatespan.resources.cen.transit_router import system_table
from tests.planning.lab import Lab, edited

CASES = [
    case
    for file in sorted(Path(__file__).parent.glob("cases/*.yaml"))
    for case in YAML(typ="safe").load(file.read_text())
]


@pytest.mark.parametrize("case", CASES, ids=[c["name"] for c in CASES])
def test_case(lab: Lab, case: dict[str, Any]) -> None:
    if case.get("built", True):
        lab.engine().converge()
    by_hand = Hand(lab)
    for product, region, action, params in case.get("do", ()):
        by_hand.call(product, region, action, params)
    engine = lab.engine(edited("cross-region", case.get("edit", {})))
    plan = engine.plan()
    expect = case["expect"]
    created = [c.key for c in plan.of(Action.CREATE)]
    if "create_count" in expect:
        assert len(created) == expect["create_count"], created
    elif "blocked" not in expect:
        assert sorted(created) == sorted(expect.get("create", []))
    updated = {c.key: {f.name: [f.old, f.new] for f in c.fields} for c in plan.of(Action.UPDATE)}
    if "update_keys" in expect:
        assert sorted(updated) == sorted(expect["update_keys"])
    else:
        assert updated == by_hand.fill(expect.get("update", {}))
    blocked = {c.key: c.why for c in plan.blocked if not c.why.startswith("waits for ")}
    assert sorted(blocked) == sorted(expect.get("blocked", {}))
    for key, words in expect.get("blocked", {}).items():
        assert words in blocked[key]
    if expect and not expect.get("blocked"):
        engine.converge()
        assert lab.engine(edited("cross-region", case.get("edit", {}))).plan().changing == ()


class Hand:
    """Calls made by hand, with placeholders for ids."""

    def __init__(self, lab: Lab) -> None:
        self.cloud = lab.cloud()
        self.engine: Engine = lab.engine()
        self.last: dict[str, Any] = {}

    def call(self, product: str, region: str, action: str, params: dict[str, Any]) -> None:
        answer = self.cloud.call(product, action, self.fill(params), region=region)
        self.last |= answer

    def fill(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {k: self.fill(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self.fill(v) for v in value]
        if not isinstance(value, str) or not re.fullmatch(r"\{[^{}\"]+\}", value):
            return value
        name = value[1:-1]
        if name.startswith("last "):
            return self.last[name[5:]]
        if name.startswith("table "):
            region = name[6:]
            router = self.engine.found(f"transit_router.{region}")
            assert router is not None
            return system_table(self.engine, router, region)
        found = self.engine.found(name)
        assert found is not None, f"{name} is not in the cloud"
        return found.id
