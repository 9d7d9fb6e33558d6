"""A file read from an account describes it: the first plan on it changes nothing, and its teardown removes nothing."""

from __future__ import annotations

import pytest

from gatespan.adoption import Adopted, NotAdoptable, adopt
from gatespan.planning import Action
from gatespan.topology import loads
from gatespan.trace.live import verify
from tests.planning.lab import EXAMPLES, Lab, edited

TRAFFIC = {"plan: {mbps: 2, months: 1}": "traffic: {cap_mbps: 100}"}
TWO_STAGES = {"path: /hello\n": "path: /hello\n        stages: [RELEASE, TEST]\n        description: says hello\n"}


def read(lab: Lab, **more: str) -> Adopted:
    given = {"name": "taken-over", "region": "cn-hangzhou", "gateway": "gateway-1", **more}
    return adopt(lab.cloud(), **given)


@pytest.mark.parametrize("edits", [{}, TRAFFIC, TWO_STAGES], ids=["as it is", "traffic", "two stages"])
def test_the_first_plan_shows_no_change(lab: Lab, edits: dict[str, str]) -> None:
    lab.engine(edited("cross-region", edits)).converge()
    adopted = read(lab)
    loaded = loads(adopted.text, name="adopted", base=EXAMPLES)
    engine = lab.engine(loaded)
    plan = engine.plan()
    assert [(c.label, c.action, c.why, c.fields) for c in plan.changes if c.action is not Action.KEEP] == []
    assert engine.plan_removal().changing == ()
    assert {n.name for n in loaded.topology.networks} == {"vpc-3"}
    assert {a.name for _, a in loaded.topology.apis} == {"hello", "whoami"}


def test_explicit_routes_and_every_kind_of_back_end_are_read(lab: Lab) -> None:
    lab.engine("from-scratch").converge()
    loaded = loads(read(lab).text, name="adopted", base=EXAMPLES)
    assert loaded.topology.hub.routes == "explicit"
    assert lab.engine(loaded).plan().changing == ()
    kinds = {api.name: next(iter(api.backend.model_dump(exclude_none=True))) for _, api in loaded.topology.apis}
    assert kinds == {"hello": "function", "get_order": "http", "ping": "mock"}


def test_what_drifted_after_it_was_read_is_seen_and_repaired(lab: Lab) -> None:
    lab.engine().converge()
    loaded = loads(read(lab).text, name="adopted", base=EXAMPLES)
    group = lab.things("api_group")[0]["id"]
    api = next(a["id"] for a in lab.things("api") if a["name"] == "hello")
    given = {"GroupId": group, "ApiId": api, "StageName": "RELEASE"}
    lab.cloud().call("cloudapi", "AbolishApi", given, region="cn-hangzhou")
    engine = lab.engine(loaded)
    assert [c.key for c in engine.plan().changing] == ["deployment.hello_group/hello@RELEASE"]
    engine.converge()
    original = lab.engine()
    results = verify(original.design, original.cloud, original.addresses())
    assert all(r.ok for r in results)


def test_what_cannot_be_told_is_marked_where_it_stands(lab: Lab) -> None:
    lab.engine().converge()
    adopted = read(lab)
    assert any("verify" in mark.path for mark in adopted.marks)
    assert adopted.text.count("CHECK: ") == len(adopted.marks)


def test_reading_changes_nothing(lab: Lab) -> None:
    lab.engine().converge()
    before = lab.state()
    read(lab)
    assert lab.state() == before


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"gateway": "gateway-9"}, "gateway-9 is not there in cn-hangzhou. There are: apigateway-hz-"),
        ({"name": "cross-region"}, "A topology named cross-region has made things here already"),
        ({"cen": "cen-nowhere"}, "There is no CEN cen-nowhere in this account; there are: cen-"),
    ],
    ids=["gateway", "name", "cen"],
)
def test_what_is_not_there_is_said(lab: Lab, more: dict[str, str], says: str) -> None:
    lab.engine().converge()
    with pytest.raises(NotAdoptable, match=says):
        read(lab, **more)


def test_an_unbound_gateway_has_no_hub(lab: Lab) -> None:
    with pytest.raises(NotAdoptable, match="bound to no VPC"):
        read(lab)
