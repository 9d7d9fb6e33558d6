"""More than the cloud takes is refused before any call: the number, the reason, and where to take something away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from gatespan.topology import facts, rules
from gatespan.topology.errors import path_text

Data = dict[str, Any]
REGION = "cn-hangzhou"
BGP: Data = {"routing": "bgp", "bgp": {"asn": 65010}}


def topology(sites: Sequence[Data] = (), networks: Sequence[Data] = (), edition: str = "enterprise") -> Data:
    zones = [{"name": f"vsw-{letter}", "zone": f"{REGION}-{letter}"} for letter in "hi"]
    return {
        "name": "many",
        "gateway": {"region": REGION, "instance": {"name": "gateway-1"}},
        "hub": {"name": "hub", "existing": True, "cidr": "10.1.0.0/16", "vswitches": zones},
        "cen": {"name": "many-cen", "edition": edition},
        "sites": list(sites),
        "networks": list(networks),
    }


def site(number: int, prefixes: int = 1, circuit: str = "", **given: Any) -> Data:
    """Each has its own circuit unless one is named."""
    link = f"10.255.{number}"
    ends = {"cloud_ip": f"{link}.1", "site_ip": f"{link}.2"}
    return {
        "name": f"dc-{number}",
        "region": REGION,
        "prefixes": [f"172.{16 + number}.{third}.0/24" for third in range(prefixes)],
        "circuits": [{"circuit": circuit or f"pc-{number}", "vlan": number, **ends}],
        **given,
    }


def network(number: int, **given: Any) -> Data:
    return {"name": f"vpc-{number}", "region": REGION, "existing": True, "cidr": f"192.168.{number}.0/24", **given}


# What is counted -> the quota, a topology that holds so many, and the place of the first that is too many.
CASES: dict[str, tuple[facts.Quota, Callable[[int], Data], str]] = {
    "border routers of a circuit": (
        facts.VBRS_PER_CIRCUIT,
        lambda n: topology([site(i, circuit="pc-shared") for i in range(1, n + 1)]),
        "sites[5].circuits[0].circuit",
    ),
    "router interfaces of the hub": (
        facts.INTERFACES_PER_ROUTER,
        lambda n: topology([site(i, connect="router-interface") for i in range(n)]),
        "sites[10].connect",
    ),
    "static routes of a border router": (
        facts.ROUTES_PER_VBR,
        lambda n: topology([site(0, prefixes=n)]),
        "sites[0].prefixes[200]",
    ),
    "routes of a BGP peer": (
        facts.ROUTES_PER_BGP_PEER,
        lambda n: topology([site(0, prefixes=n, **BGP)]),
        "sites[0].prefixes[110]",
    ),
    "routes of the hub": (
        facts.ROUTES_PER_VPC_TABLE,
        lambda n: topology([site(i, 40) for i in range(4)] + [site(4, n - 170)], [network(i) for i in range(10)]),
        "sites[4].prefixes[30]",
    ),
    "VPCs that a router writes into": (
        facts.PUBLISHED_VPCS_PER_ROUTER,
        lambda n: topology(networks=[network(i) for i in range(n - 1)]),
        "networks[49].name",
    ),
    "networks of a Basic router": (
        facts.CHILDREN_PER_BASIC_ROUTER,
        lambda n: topology([site(i) for i in range(4)], [network(i) for i in range(n - 5)], edition="basic"),
        "sites[3].circuits[0].circuit",
    ),
}


def told(data: Data) -> list[tuple[str, str]]:
    """Where and what."""
    return [(path_text(one.path), one.message) for one in rules.check(data)]


@pytest.mark.parametrize("name", CASES)
def test_as_many_as_the_cloud_takes_and_one_more(name: str) -> None:
    quota, holding, place = CASES[name]
    assert told(holding(quota.most)) == []
    ((where, message),) = told(holding(quota.most + 1))
    assert where == place
    assert f"There are {quota.most + 1} " in message
    assert f"the cloud takes {quota.most} ({quota.source})" in message


def test_a_router_serves_more_vpcs_than_it_writes_into() -> None:
    networks = [network(i) for i in range(49)] + [network(i, routes="explicit") for i in range(49, 80)]
    assert told(topology(networks=networks)) == []


def test_a_site_without_a_cen_is_no_network_of_a_basic_router() -> None:
    sites = [site(i, connect="router-interface") for i in range(10)]
    assert told(topology(sites, [network(i) for i in range(9)], edition="basic")) == []
