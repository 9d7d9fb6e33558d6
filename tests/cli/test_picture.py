"""The pictures show what a person looks for in a topology: places, circuits, routers, grants, what answers."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from gatespan.report.drawing import svg
from gatespan.report.picture import mermaid, text
from gatespan.topology import load
from tests.planning.lab import EXAMPLES

SHOWN = {
    "cross-region": ["vpc-1", "vpc-3", "ecs-3", "2 Mbit/s plan", "transit router", "GET /whoami", "hello", "gateway"],
    "on-premises-clients": ["dc-1", "10.200.0.0/16", "dc1-desk", "pc-dc1, VLAN 110", "border router", "vpc-1"],
    "on-premises-backend": ["ecs-1", "10.200.1.10:8080", "orders_backend", "border router", "GET /newest"],
    "hub": [
        *("vpc-3", "vpc-4", "vpc-5", "dc-1", "dc-2", "pc-dc1, VLAN 110", "pc-dc2, VLAN 120", "ecs-4", "dc2-desk"),
        *("10.200.1.10:8080", "10.201.1.10:8080", "stock_backend", "same region", "GET /quote", "cn-shanghai"),
    ],
}
SEATS = {"ecs-1", "ecs-3", "ecs-4", "dc1-desk", "dc2-desk"}
NAMES = {"orders_backend", "stock_backend"}


@pytest.mark.parametrize("name", list(SHOWN))
def test_all_three_show_the_same(name: str) -> None:
    topology = load(EXAMPLES / f"{name}.yaml").topology
    drawn = svg(topology)
    words = " ".join(ElementTree.fromstring(drawn).itertext())
    for wanted in SHOWN[name]:
        assert wanted in words
        assert wanted in text(topology)
        assert wanted in mermaid(topology) or wanted in SEATS | NAMES | {"gateway"}


def test_router_interfaces_lead_to_the_vpc_and_not_to_a_transit_router(tmp_path: Path) -> None:
    classic = (EXAMPLES / "on-premises-clients.yaml").read_text()
    classic = classic.replace("connect: cen ", "connect: router-interface ").replace("10.255.254.1", "10.1.1.250")
    file = tmp_path / "classic.yaml"
    file.write_text(classic.replace("source: functions", f"source: {EXAMPLES}/functions"))
    topology = load(file).topology
    assert topology.sites[0].connect == "router-interface"
    for picture in (text(topology), mermaid(topology), svg(topology)):
        assert "router interfaces" in picture
        assert "transit router" not in picture
