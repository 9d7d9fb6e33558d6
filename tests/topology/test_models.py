"""What the models answer beyond their fields."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatespan.topology import Plan, Topology, load, loads

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def scenario() -> Topology:
    return load(EXAMPLES / "cross-region.yaml").topology


@pytest.fixture(scope="module")
def scratch() -> Topology:
    return load(EXAMPLES / "from-scratch.yaml").topology


def test_regions_come_once_and_the_hubs_first(scenario: Topology) -> None:
    assert scenario.region == "cn-hangzhou"
    assert scenario.regions == ("cn-hangzhou", "cn-beijing")


def test_what_is_made_and_what_is_found(scenario: Topology, scratch: Topology) -> None:
    assert not scenario.hub.made
    assert not scenario.network("vpc-3").made
    assert scratch.hub.made
    assert scratch.network("made-client").made


def test_the_entry_vswitch_is_the_first_unless_another_is_named(scenario: Topology, scratch: Topology) -> None:
    assert [scenario.hub.entry_vswitch, scratch.hub.entry_vswitch] == [
        scenario.hub.vswitches[0],
        scratch.hub.vswitches[1],
    ]


@pytest.mark.parametrize(
    ("months", "term"), [(1, (1, "Month")), (6, (6, "Month")), (12, (1, "Year")), (36, (3, "Year"))]
)
def test_terms_of_a_plan_as_the_cloud_counts_them(months: int, term: tuple[int, str]) -> None:
    assert Plan.model_validate({"mbps": 2, "months": months}).term == term


def test_bandwidth_of_a_pair_in_either_order(scenario: Topology, scratch: Topology) -> None:
    pair = scenario.between("cn-beijing", "cn-hangzhou")
    assert pair is not None
    assert (pair.mbps, pair.areas) == (2, ("China", "China"))
    assert scenario.between("cn-beijing", "cn-shanghai") is None
    assert scenario.plans == {("China", "China"): Plan(mbps=2)}
    assert (scratch.bandwidth[0].mbps, scratch.plans) == (100, {})


def test_two_pairs_share_one_plan() -> None:
    text = (EXAMPLES / "cross-region.yaml").read_text("utf-8")
    text = text.replace(
        "    plan: {mbps: 2, months: 1} ",
        "    plan: &plan {mbps: 8}\n    share: 6\n  - {between: [cn-shanghai, cn-hangzhou], plan: *plan, share: 2}",
    ).replace("\ncen:", "\n  - {name: vpc-4, region: cn-shanghai, existing: true, cidr: 10.4.0.0/16}\ncen:")
    topology = loads(text).topology
    assert topology.plans == {("China", "China"): Plan(mbps=8)}
    assert [pair.mbps for pair in topology.bandwidth] == [6, 2]


def test_areas_of_a_plan_across_an_ocean(scenario: Topology) -> None:
    pair = scenario.bandwidth[0].model_copy(update={"between": ("eu-central-1", "cn-hongkong")})
    assert pair.areas == ("Europe", "Asia-Pacific")


def test_apis_by_full_and_by_short_name(scenario: Topology) -> None:
    group, api = scenario.api("hello_group/whoami")
    assert (group.name, api.apps) == ("hello_group", ("demo_caller",))
    assert scenario.api("whoami") == (group, api)
    assert [api.name for _, api in scenario.apis] == ["hello", "whoami"]
    for wrong in ("nobody", "other_group/whoami"):
        with pytest.raises(KeyError):
            scenario.api(wrong)


def test_look_ups_by_name(scenario: Topology) -> None:
    assert scenario.function("hello").source == "functions/hello"
    assert scenario.app("demo_caller").existing is False
    assert scenario.group("hello_group").base_path == "/"
    with pytest.raises(KeyError):
        scenario.network("vpc-4")


@pytest.mark.parametrize(
    ("file", "flow", "regions"),
    [
        ("cross-region", "cross-region", ("cn-hangzhou", "cn-beijing")),
        ("on-premises-clients", "on-premises-clients", ("cn-hangzhou",)),
        ("on-premises-backend", "on-premises-backend", ("cn-hangzhou",)),
        ("hub", "hub", ("cn-hangzhou", "cn-beijing", "cn-shanghai")),
        ("basic", "hub", ("cn-hangzhou", "cn-beijing")),
    ],
)
def test_the_flow_and_the_regions_follow_from_what_is_in_the_file(
    file: str, flow: str, regions: tuple[str, ...]
) -> None:
    topology = load(EXAMPLES / f"{file}.yaml").topology
    assert (topology.flow, topology.regions) == (flow, regions)


def test_numbers_in_a_query_become_text(scratch: Topology) -> None:
    assert scratch.verify[1].query == {"size": "1000"}
