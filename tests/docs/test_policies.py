"""The RAM policies in docs/ram allow exactly what the engine calls: read from its source, and seen while it runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gatespan.cloud import CallRecord
from gatespan.cloud.inventory import LISTINGS
from gatespan.planning.preflight import preflight
from gatespan.trace import verify
from tests.docs.actions import PREFIX, called
from tests.planning.conftest import lab, lab_process
from tests.planning.lab import Lab, edited

__all__ = ["lab", "lab_process"]

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "ram"
FILES = {"read-only": "read", "build": "build", "teardown": "teardown", "spending": "spending"}
IN_OUR_NAME = {
    "build": {"ram:CreateServiceLinkedRole", "apigateway:TagResources", "vpc:TagResources"},
    "read-only": {"fc:ListFunctions", "fc:ListTriggers"},
}
"""Not seen in the source as calls: the cloud asks for the role on the first VPC attachment and the first binding; the
others are named in tables (drift sets marks again and looks for leftovers, `adopt` reads functions)."""
LONGEST = 6144
"""Characters of a custom policy (help page of CreatePolicy)."""


def policy(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return document


def allowed(*names: str) -> set[str]:
    return {action for name in names for statement in policy(name)["Statement"] for action in statement["Action"]}


def test_there_is_one_file_for_each_purpose() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(FILES)
    assert {one.purpose for one in called()} == set(FILES.values())


@pytest.mark.parametrize("name", FILES)
def test_allows_what_the_source_calls_and_nothing_else(name: str) -> None:
    assert allowed(name) - IN_OUR_NAME.get(name, set()) == {c.action for c in called() if c.purpose == FILES[name]}


@pytest.mark.parametrize("name", FILES)
def test_is_a_policy_document(name: str) -> None:
    document = policy(name)
    assert set(document) == {"Version", "Statement"}
    assert document["Version"] == "1"
    for statement in document["Statement"]:
        assert {"Effect", "Action", "Resource"} <= set(statement) <= {"Effect", "Action", "Resource", "Condition"}
        assert statement["Effect"] == "Allow"
        assert statement["Action"] == sorted(set(statement["Action"]))
        assert not any("*" in action for action in statement["Action"])
    assert len(json.dumps(document, separators=(",", ":"))) <= LONGEST


def test_the_source_reads_no_list_without_a_row_in_the_inventory() -> None:
    """What the policies know as a list is a list of the inventory: the reading of the source misses none of them."""
    names = {one.action.partition(":")[2] for one in called()}
    assert len(names & set(LISTINGS)) >= 15
    assert {f"{PREFIX[LISTINGS[name].product]}:{name}" for name in names & set(LISTINGS)} <= allowed("read-only")


@pytest.mark.parametrize("scenario", ["cross-region", "from-scratch"])
def test_a_whole_life_needs_no_more(lab: Lab, scenario: str) -> None:
    """check, plan, apply, verify, destroy on the embedded cloud: each calls only what its policies allow."""
    seen: set[str] = set()

    def watch(record: CallRecord) -> None:
        seen.add(f"{PREFIX[record.product]}:{record.action}")

    def calls(work: Any) -> set[str]:
        seen.clear()
        work()
        return set(seen)

    topology = edited(scenario, {})
    engine = lab.engine(topology, observer=watch)
    assert calls(lambda: preflight(engine)) <= allowed("read-only")
    building = calls(engine.converge)
    assert building <= allowed("read-only", "build", "spending")
    assert building & allowed("build")
    if scenario == "from-scratch":
        assert not building & allowed("spending")  # by traffic, on an adopted instance: nothing is bought
    addresses = lab.engine(topology, observer=watch).addresses()
    proving = calls(lambda: verify(topology.topology, lab.engine(topology, observer=watch).cloud, addresses))
    assert proving <= allowed("read-only")
    assert scenario != "cross-region" or "apigateway:DescribeAppSecurity" in proving
    removing = calls(lab.engine(topology, observer=watch).destroy)
    assert removing <= allowed("read-only", "teardown")
    assert removing & allowed("teardown")
