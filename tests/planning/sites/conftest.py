"""A world with data centres: two enabled circuits to the site ``plant``, one that waits for its carrier, and the hub.

The lab's embedded cloud runs in this process, so that a test can act as the site's people and the carrier do.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import pytest

from gatespan.emulator.models import Account, Site
from gatespan.emulator.services.vpc import lines
from gatespan.emulator.services.vpc.models import PhysicalConnection, VirtualBorderRouter
from gatespan.topology import Loaded, loads
from tests.emulator.conftest import TestCloud, cloud, embedded_cloud
from tests.planning.lab import EXAMPLES, Lab

__all__ = ["cloud", "embedded_cloud"]

REGION = "cn-hangzhou"
OWNER = "1000000000000001"
PARTNER = "1000000000000002"
KEY = "bgp-s3cret"


class Plant(Lab):
    """The lab, with circuits ``pc-1`` and ``pc-2`` (enabled) and ``pc-3`` (allocated) to the site ``plant``."""

    def __init__(self, cloud: TestCloud) -> None:
        super().__init__(cloud.base)
        self.inner = cloud

    def world(self, name: str = "cross-region", *, latency: str = "none", **settings: Any) -> None:
        super().world(name)
        self.site()
        world = self.inner.world
        for number, point in (("1", "A"), ("2", "B"), ("3", "A")):
            asked = lines.application(
                world, REGION, "plant", name=f"pc-{number}", access_point=f"ap-{REGION}-main-{point}", bandwidth=1000
            )
            id = str(self.ask(*asked)["PhysicalConnectionId"])
            for step in lines.until_enabled(REGION, id) if number != "3" else ():
                self.ask(*step)
        self.control("latency", {"mode": latency})
        self.control("settings", {"list_lag": 0, "keep_rates": False, **settings})
        self.control("log", method="DELETE")

    def site(self, **values: Any) -> None:
        """The data centre, as its people run it: a speaker with ASN 65010 and a key."""
        site = Site(id="site-1", account=OWNER, name="plant", prefixes=("10.200.0.0/16",), asn=65010, bgp_key=KEY)
        self.inner.put(dataclasses.replace(site, announces=("10.200.0.0/16",), **values))

    def ask(self, action: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        """A call of the VPC product by hand."""
        return self.cloud().call("vpc", action, {"RegionId": REGION, **params}, region=REGION)

    def circuit(self, name: str = "pc-1") -> PhysicalConnection:
        found = self.inner.world.first(PhysicalConnection, name=name)
        assert found is not None
        return found

    def vbr(self, **params: Any) -> str:
        """A border router on pc-1 that somebody else made."""
        ends = {
            "LocalGatewayIp": "10.255.0.1",
            "PeerGatewayIp": "10.255.0.2",
            "PeeringSubnetMask": "255.255.255.252",
        }
        asked = {"PhysicalConnectionId": self.circuit().id, "VlanId": 110, "Name": "theirs"}
        return str(self.ask("CreateVirtualBorderRouter", {**asked, **ends, **params})["VbrId"])

    def unconfirmed_vbr(self, *, keep_ends: bool) -> str:
        """One that a partner made for this account, with its addresses or without."""
        id = self.vbr()
        held = self.inner.world.get(VirtualBorderRouter, id)
        assert held is not None
        bare = dataclasses.replace(held.circuits[0], local_gateway_ip="", peer_gateway_ip="", peering_subnet_mask="")
        first = held.circuits[0] if keep_ends else bare
        self.inner.put(dataclasses.replace(held, status="unconfirmed", circuits=(first,)))
        return id

    def lend(self) -> None:
        """From now on pc-1 is a partner's; what stands on it stays this account's."""
        self.inner.put(Account(id=PARTNER, account=PARTNER, name="partner"))
        self.inner.put(dataclasses.replace(self.circuit(), account=PARTNER))
        for vbr in self.inner.world.all(VirtualBorderRouter):
            self.inner.put(dataclasses.replace(vbr, physical_connection_owner=PARTNER))

    def changes(self) -> list[str]:
        """The changing calls of the log."""
        return [call["action"] for call in self.log() if call["changed"]]


@pytest.fixture
def plant(cloud: TestCloud, monkeypatch: pytest.MonkeyPatch) -> Plant:
    monkeypatch.setenv("DC1_BGP_KEY", KEY)
    plant = Plant(cloud)
    plant.world()
    return plant


CIRCUIT = "{circuit: pc-1, vlan: 110, cloud_ip: 10.255.0.1, site_ip: 10.255.0.2}"
SECOND = "{circuit: pc-2, vlan: 120, cloud_ip: 10.255.0.5, site_ip: 10.255.0.6, bandwidth_mbps: 200}"
KINDS = {
    "static": f"circuits: [{CIRCUIT}, {SECOND}]",
    "bgp": f"circuits: [{CIRCUIT}]\n    routing: bgp\n    bgp: {{asn: 65010, key_env: DC1_BGP_KEY}}",
    "interface": f"circuits: [{CIRCUIT}]\n    connect: router-interface",
    "interface-bgp": f"circuits: [{CIRCUIT}]\n    connect: router-interface\n    routing: bgp\n"
    "    bgp: {asn: 65010, key_env: DC1_BGP_KEY}",
}
CHECKS = {
    "static": "{interval_s: 2, threshold: 5}",
    "bgp": "{source_ip: 10.254.0.1}",
    "interface": "{source_ip: 10.1.1.200}",
    "interface-bgp": "{source_ip: 10.1.1.200}",
}


def site(kind: str = "static", edits: Mapping[str, str] | None = None) -> Loaded:
    """A topology with one site: its circuits are joined as the kind says; pieces of its text replaced."""
    text = f"""
name: sites
gateway:
  region: cn-hangzhou
  instance: {{name: gateway-1}}
hub:
  name: vpc-1
  existing: true
  cidr: 10.1.0.0/16
  vswitches:
    - {{name: vsw-1-h, zone: cn-hangzhou-h}}
    - {{name: vsw-1-i, zone: cn-hangzhou-i}}
cen: {{name: plant-network}}
sites:
  - name: dc-1
    region: cn-hangzhou
    prefixes: [10.200.0.0/16, 10.201.0.0/16]
    {KINDS[kind]}
    health_check: {CHECKS[kind]}
"""
    for old, new in (edits or {}).items():
        assert old in text, f"{old!r} is not in the topology"
        text = text.replace(old, new)
    return loads(text, name=f"{kind} site", base=EXAMPLES)
