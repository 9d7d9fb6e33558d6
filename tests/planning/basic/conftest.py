"""Topologies with a CEN of the Basic edition: a client VPC in another region, and a data centre with back ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from gatespan.emulator.services.cbn.models import ChildInstance
from gatespan.topology import Loaded, loads
from tests.emulator.conftest import TestCloud, cloud, embedded_cloud
from tests.planning.grants.conftest import REGION, Backends
from tests.planning.lab import EXAMPLES

__all__ = ["REGION", "Basic", "basic", "cloud", "embedded_cloud"]

HUB = """
name: old-network
gateway:
  region: cn-hangzhou
  instance: {name: gateway-1}
hub:
  name: vpc-1
  existing: true
  cidr: 10.1.0.0/16
cen: {name: old-cen, edition: basic}
"""
CLIENTS = """
networks:
  - {name: vpc-3, region: cn-beijing, existing: true, cidr: 10.3.0.0/16}
bandwidth:
  - {between: [cn-hangzhou, cn-beijing], plan: {mbps: 10, months: 1}, share: 4}
groups:
  - name: hello_group
    apis: [{name: hello, path: /hello, auth: anonymous, backend: {mock: {body: hi}}}]
"""
SITE = """
sites:
  - name: dc-1
    region: cn-hangzhou
    prefixes: [10.200.0.0/16]
    circuits: [{circuit: pc-1, vlan: 110, cloud_ip: 10.255.0.1, site_ip: 10.255.0.2}]
    health_check: {interval_s: 2}
grants:
  - {name: orders_backend, address: 10.200.1.10, port: 8080}
groups:
  - name: orders_group
    apis: [{name: orders, path: /orders, auth: anonymous, backend: {grant: orders_backend}}]
"""
SCENES = {"clients": HUB + CLIENTS, "site": HUB + SITE}


def basic(scene: str, edits: Mapping[str, str] | None = None) -> Loaded:
    """The topology of a scene, with pieces of its text replaced."""
    text = SCENES[scene]
    for old, new in (edits or {}).items():
        assert old in text, f"{old!r} is not in the topology"
        text = text.replace(old, new)
    return loads(text, name=f"basic {scene}", base=EXAMPLES)


class Basic(Backends):
    """The lab, with the words of the Basic edition."""

    def cen(self, action: str, **params: Any) -> Mapping[str, Any]:
        """A call of the CEN product by hand."""
        return self.cloud().call("cbn", action, params, region=REGION)

    def vpc(self, name: str) -> str:
        return str(next(v["id"] for v in self.things("vpc") if v["name"] == name))

    def old_cen(self) -> str:
        """The CEN, made by somebody else long ago, with a VPC of each region in it that is no concern of ours."""
        cen = str(self.cen("CreateCen", Name="old-cen")["CenId"])
        for region in ("cn-hangzhou", "cn-beijing"):
            params = {"RegionId": region, "CidrBlock": "172.16.0.0/16", "VpcName": f"other-{region}"}
            vpc = self.cloud().call("vpc", "CreateVpc", params, region=region)["VpcId"]
            self.attach(cen, str(vpc), region)
        return cen

    def attach(self, cen: str, vpc: str, region: str) -> None:
        child = {"ChildInstanceId": vpc, "ChildInstanceType": "VPC", "ChildInstanceRegionId": region}
        self.cen("AttachCenChildInstance", CenId=cen, **child)

    def children(self) -> set[str]:
        return {c.instance_id for c in self.inner.world.all(ChildInstance)}


@pytest.fixture
def lab(cloud: TestCloud) -> Basic:
    lab = Basic(cloud)
    lab.world()
    return lab
