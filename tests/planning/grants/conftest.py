"""A topology whose back ends stand in a data centre, over the world of the site tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from gatespan.emulator.services.cloudapi.models import DeployedApi, VpcAccess
from gatespan.topology import Loaded, loads
from tests.emulator.conftest import TestCloud, cloud, embedded_cloud
from tests.planning.lab import EXAMPLES
from tests.planning.sites.conftest import REGION, Plant

__all__ = ["REGION", "Backends", "behind_grants", "cloud", "embedded_cloud"]

TEXT = """
name: orders
gateway:
  region: cn-hangzhou
  instance: {name: gateway-1}
hub:
  name: vpc-1
  existing: true
  cidr: 10.1.0.0/16
  vswitches:
    - {name: vsw-1-h, zone: cn-hangzhou-h}
    - {name: vsw-1-i, zone: cn-hangzhou-i}
cen: {name: plant-network}
sites:
  - name: dc-1
    region: cn-hangzhou
    prefixes: [10.200.0.0/16]
    circuits: [{circuit: pc-1, vlan: 110, cloud_ip: 10.255.0.1, site_ip: 10.255.0.2}]
grants:
  - {name: orders_backend, address: 10.200.1.10, port: 8080, host: orders.corp.example}
groups:
  - name: orders_group
    apis:
      - {name: orders, path: /orders, auth: anonymous, backend: {grant: orders_backend}}
      - name: stock
        path: /stock
        auth: anonymous
        stages: [RELEASE, TEST]
        backend: {grant: {name: orders_backend, path: /v1/stock, method: GET, scheme: https}}
"""


def behind_grants(edits: Mapping[str, str] | None = None) -> Loaded:
    """The topology, with pieces of its text replaced."""
    text = TEXT
    for old, new in (edits or {}).items():
        assert old in text, f"{old!r} is not in the topology"
        text = text.replace(old, new)
    return loads(text, name="orders", base=EXAMPLES)


class Backends(Plant):
    """The lab, with the words of grants for what a test does by hand."""

    def gateway(self, action: str, **params: Any) -> Mapping[str, Any]:
        """A call of the gateway product by hand."""
        return self.cloud().call("cloudapi", action, params, region=REGION)

    def grant(self) -> VpcAccess:
        """The one that there is."""
        (found,) = self.inner.world.all(VpcAccess)
        return found

    def foreign(self, name: str = "orders_backend", server: str = "10.200.9.9", port: int = 80) -> None:
        """A grant that somebody else made."""
        vpc = next(v["id"] for v in self.things("vpc") if v["name"] == "vpc-1")
        self.gateway("SetVpcAccess", Name=name, VpcId=vpc, InstanceId=server, Port=port)

    def live(self) -> dict[str, str]:
        """Where the published APIs call, as the gateway tells it: address by api@stage."""
        found = {}
        for one in self.inner.world.all(DeployedApi):
            row = self.gateway("DescribeDeployedApi", GroupId=one.group_id, ApiId=one.api_id, StageName=one.stage)
            config = row["ServiceConfig"]["VpcConfig"]
            found[f"{one.name}@{one.stage}"] = f"{config['InstanceId']}:{config['Port']}"
        return found

    def everywhere(self, address: str) -> dict[str, str]:
        """What ``live`` says when all call the same address."""
        return dict.fromkeys(("orders@RELEASE", "stock@RELEASE", "stock@TEST"), address)


@pytest.fixture
def backends(cloud: TestCloud) -> Backends:
    lab = Backends(cloud)
    lab.world()
    return lab
