"""What there is one task run for: every kind of resource has its part, and none is in two."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from gatespan.planning import Graph
from gatespan.resources.base import Ref, Resource, Step
from tasks.parts import parts_of

CASES: list[dict[str, Any]] = YAML(typ="safe").load(Path(__file__).with_name("parts.yaml"))


@dataclass(frozen=True, kw_only=True)
class Thing(Resource):
    """A resource of any kind that only refers to others."""

    needs: tuple[Ref, ...]


def graph_of(rows: dict[str, list[str]]) -> Graph:
    made = []
    for key, needs in rows.items():
        kind, _, name = key.partition(".")
        thing = type(kind, (Thing,), {"KIND": kind, "TITLE": kind})
        refs = tuple(map(Ref, needs))
        made.append(thing(name=name, region="cn-hangzhou", step=Step.CONNECT_SITE, needs=refs))
    return Graph(made)


@pytest.mark.parametrize("case", CASES, ids=[c["name"].replace(" ", "-") for c in CASES])
def test_every_kind_has_its_part(case: dict[str, Any]) -> None:
    parts = parts_of(graph_of(case["graph"]))
    found = {f.name: [list(part.keys) for part in getattr(parts, f.name)] for f in fields(parts)}
    assert {name: sorted(map(sorted, keys)) for name, keys in found.items() if keys} == {
        name: sorted(map(sorted, keys)) for name, keys in case["parts"].items()
    }


def test_a_part_rests_on_everything_near_and_far() -> None:
    parts = parts_of(graph_of(CASES[0]["graph"]))
    [api] = parts.apis
    assert {"grant.orders", "vpc.vpc-1", "group.shop", "gateway.gateway"} == api.needs
    [grant] = parts.grants
    assert grant.users == {"api.shop/orders"}


def test_a_kind_without_a_part_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"no task makes moon\.cheese"):
        parts_of(graph_of({"moon.cheese": []}))
