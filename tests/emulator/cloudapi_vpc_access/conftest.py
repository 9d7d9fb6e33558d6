"""The gateway's console with VPC access authorisations at hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gatespan.emulator.models import Machine
from gatespan.emulator.services.vpc.models import VSwitch

from ..cloudapi.conftest import ACCOUNT, REGION, Console, Network, Row, definition

SERVER, PORT = "10.200.0.10", 8080
"""A back end on premises: outside of the VPC's own range."""
STAGE = {"StageName": "RELEASE"}


class Grants(Console):
    """Adds the words of authorisations, over a VPC of its own."""

    def __init__(self, cloud: Any) -> None:
        super().__init__(cloud)
        self.network = Network(cloud)
        self.vpc = self.network.vpc

    def grant(self, name: str = "idc", server: str = SERVER, port: int = PORT, **parameters: Any) -> str:
        asked = {"Name": name, "VpcId": self.vpc, "InstanceId": server, "Port": port, **parameters}
        return str(self("SetVpcAccess", **asked)["VpcAccessId"])

    def target(self, server: str = SERVER, port: int = PORT) -> Row:
        return {"VpcId": self.vpc, "InstanceId": server, "Port": port}

    def grants(self, **filters: Any) -> list[str]:
        """The names that a list shows."""
        rows = self("DescribeVpcAccesses", **filters)["VpcAccessAttributes"]["VpcAccessAttribute"]
        return [row["Name"] for row in rows]

    def live(self, api: str, stage: str = "RELEASE") -> Row:
        """The VpcConfig that the gateway really uses."""
        service = self("DescribeDeployedApi", ApiId=api, StageName=stage)["ServiceConfig"]
        assert service["VpcId"] == service["VpcConfig"]["VpcId"]
        return dict(service["VpcConfig"])

    def draft(self, api: str) -> Row:
        return dict(self("DescribeApi", ApiId=api)["ServiceConfig"]["VpcConfig"])

    def published(self, group: str, name: str = "hello_api", grant: str = "idc") -> str:
        api = self.api(group, name, service=behind(grant))
        self("DeployApi", ApiId=api, **STAGE, Description="d")
        return api

    def machine(self, name: str = "ecs-1", vswitch: int = 0) -> Machine:
        """An ECS instance in a vSwitch of the VPC."""
        held = self.cloud.world.get(VSwitch, self.network.vswitches[vswitch])
        machine = Machine(
            id=f"i-bp1{name}",
            account=ACCOUNT,
            region=REGION,
            name=name,
            vpc_id=held.vpc_id,
            vswitch_id=held.id,
            ip=held.cidr.replace(".0/24", ".7"),
        )
        self.cloud.put(machine)
        return machine

    def update(self, **parameters: Any) -> str:
        return str(self("ModifyVpcAccessAndUpdateApis", **parameters)["OperationId"])

    def updated(self, task: str) -> list[Row]:
        answer = self("DescribeUpdateVpcInfoTask", OperationUid=task)
        return list(answer["ApiUpdateVpcInfoResults"]["ApiUpdateVpcInfoResult"])

    def abolished(self, task: str) -> list[Row]:
        answer = self("DescribeAbolishApiTask", OperationUid=task)
        return list(answer["ApiAbolishResults"]["ApiAbolishResult"])


def behind(grant: str = "idc", **more: Any) -> Row:
    """The service configuration of an API over an authorisation."""
    return {
        "ServiceProtocol": "HTTP",
        "ServiceVpcEnable": "TRUE",
        "VpcConfig": {"Name": grant, **more},
        "ServicePath": "/back",
        "ServiceHttpMethod": "GET",
        "ServiceTimeout": 5000,
    }


def asked(name: str, service: Row) -> Row:
    """The parameters of CreateApi and ModifyApi over that service."""
    return {**definition(name), "ServiceConfig": json.dumps(service)}


@pytest.fixture
def grants(cloud: Any) -> Grants:
    return Grants(cloud)


@pytest.fixture
def console(cloud: Any) -> Console:
    return Console(cloud)
