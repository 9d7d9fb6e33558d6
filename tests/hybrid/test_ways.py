"""Every way between a data center and the gateway, built by the engine and gone by real calls: both kinds of egress,
both editions, static routes and BGP, transit router and router interfaces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from gatespan.trace.live import verify
from tests.planning.lab import Lab, edited

BGP = {"routing: static ": "routing: bgp\n    bgp: {asn: 65010}"}
INTERFACES = {
    "connect: cen": "connect: router-interface",
    "cen:\n  name: gatespan-on-premises-clients    # made, since no `id` is given\n": "",
    "source_ip: 10.255.254.1": "source_ip: 10.1.1.200",
}
SPEAKER = {"asn": 65010, "announces": ["10.200.0.0/16"], "routes": []}
CLIENTS, BACKEND = "on-premises-clients", "on-premises-backend"

# example, edits of it, what differs on site; kinds of cloud things that the way consists of, and that it does without
WAYS: Mapping[str, tuple[str, Mapping[str, str], Mapping[str, Any], set[str], set[str]]] = {
    "static over the CEN": (CLIENTS, {}, {}, {"vbr_attachment"}, {"bgp_peer", "router_interface"}),
    "BGP over the CEN": (CLIENTS, BGP, SPEAKER, {"vbr_attachment", "bgp_peer"}, {"router_interface"}),
    "static over router interfaces": (CLIENTS, INTERFACES, {}, {"router_interface"}, {"vbr_attachment", "cen"}),
    "BGP over router interfaces": (
        CLIENTS,
        INTERFACES | BGP,
        SPEAKER,
        {"router_interface", "bgp_peer"},
        {"vbr_attachment"},
    ),
    "Basic edition": ("basic", {}, {}, {"child_instance", "route_service"}, {"vbr_attachment"}),
    "conventional egress": (BACKEND, {}, {}, {"vpc_access", "transit_router_route_entry"}, set()),
}


@pytest.fixture
def lab(lab_process: Lab) -> Lab:
    return lab_process


@pytest.mark.parametrize("way", WAYS)
def test_the_calls_go_this_way(lab: Lab, way: str) -> None:
    example, edits, site, with_these, without_these = WAYS[way]
    lab.world(example)
    if site:
        lab.control("sites/dc-1", dict(site), method="PATCH")
    proven(lab, edited(example, edits))
    there = {kind for kind, things in lab.control("state").items() if things}
    assert with_these <= there and not without_these & there


def test_a_gateway_with_vpc_integration_calls_from_its_vswitch(lab: Lab) -> None:
    lab.world(BACKEND)
    let_in = [{"source": "10.1.1.0/24", "destination": "10.200.1.10/32", "port": 8080}]
    lab.control("sites/dc-1", {"firewall": let_in}, method="PATCH")
    [vpc] = lab.things("vpc")
    vswitch = next(v for v in lab.things("vswitch") if v["name"] == "vsw-1-h")
    params = {
        "InstanceName": "gateway-2",
        "InstanceSpec": "api.s1.small",
        "InstanceType": "vpc_connect",
        "InstanceCidr": "172.16.0.0/12",
        "ChargeType": "PostPaid",
        "HttpsPolicy": "HTTPS2_TLS1_2",
        "UserVpcId": vpc["id"],
        "ZoneVSwitchSecurityGroup": [{"VSwitchId": vswitch["id"], "CidrBlock": vswitch["cidr"], "ZoneId": ""}],
        "Token": "a-token",
    }
    id = lab.cloud().call("cloudapi", "CreateInstance", params, region="cn-hangzhou")["InstanceId"]
    reach = {"InstanceId": id, "Token": "another", "ToConnectVpcIpBlock": {"CidrBlock": "10.200.0.0/16"}}
    lab.control("clock", {"advance": 3600})
    lab.cloud().call("cloudapi", "ModifyInstanceAttribute", reach, region="cn-hangzhou")
    lab.control("clock", {"advance": 3600})
    proven(lab, edited(BACKEND, {"{name: gateway-1}": "{name: gateway-2}"}))
    assert not [e for e in lab.things("transit_router_route_entry") if e["cidr"].startswith("100.")]


def proven(lab: Lab, topology: Any) -> None:
    engine = lab.engine(topology)
    engine.converge()
    results = verify(engine.design, engine.cloud, engine.addresses())
    assert results and [(r.name, r.why) for r in results if not r.ok] == []
