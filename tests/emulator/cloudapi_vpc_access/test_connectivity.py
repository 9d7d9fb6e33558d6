"""ValidateVpcConnectivity: what the data plane is asked, and how its word is answered."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from gatespan.emulator.services.cloudapi import rules

from ..cloudapi.conftest import ZONE, Row
from .conftest import PORT, SERVER, Grants

Asked = list[tuple[str, str, str, int]]


@pytest.fixture
def walks(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """The walks asked for; those to the server on premises arrive. The walk itself has tests of its own."""
    asked: Asked = []

    def from_gateway(world: Any, instance: Any, vpc_id: str, address: str, port: int) -> tuple[bool, str]:
        asked.append((instance.id, vpc_id, address, port))
        return address == SERVER, "as the test says"

    monkeypatch.setitem(sys.modules, "gatespan.emulator.dataplane.reach", SimpleNamespace(from_gateway=from_gateway))
    return asked


def test_targets_and_their_types(grants: Grants, walks: Asked) -> None:
    machine, gateway = grants.machine(), grants.buy()
    table: list[tuple[str, str, Row]] = [
        (SERVER, SERVER, {"Connected": True, "IpType": "INVALID"}),
        (machine.ip, machine.ip, {"Connected": False, "IpType": "ECS"}),
        (machine.id, machine.ip, {"Connected": False}),
    ]
    for n, (server, address, answer) in enumerate(table):
        id = grants.grant(f"grant-{n}", server)
        assert grants("ValidateVpcConnectivity", InstanceId=gateway, VpcAccessId=id) == answer
        assert walks[-1] == (gateway, grants.vpc, address, PORT)


def test_an_instance_that_is_gone_is_not_reached(grants: Grants, walks: Asked, cloud: Any) -> None:
    machine, gateway = grants.machine(), grants.buy()
    id = grants.grant("ecs", machine.id)

    def delete() -> None:
        with cloud.world.transaction():
            cloud.world.remove(machine)

    cloud.running.do(delete)
    assert grants("ValidateVpcConnectivity", InstanceId=gateway, VpcAccessId=id) == {"Connected": False}
    assert walks == []


def test_a_change_of_the_instance_does_not_hinder_the_probe(grants: Grants, walks: Asked) -> None:
    gateway, id = grants.buy(), grants.grant()
    grants("ModifyInstanceSpec", InstanceId=gateway, InstanceSpec="api.s2.large", Token="s")
    assert grants.instance(gateway)["Status"] == "WAIT_SWITCH"
    assert grants("ValidateVpcConnectivity", InstanceId=gateway, VpcAccessId=id)["Connected"] is True


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"InstanceId": None}, "MissingInstanceId"),
        ({"VpcAccessId": None}, "MissingVpcAccessId"),
        ({"InstanceId": "apigateway-hz-none"}, "NotFoundInstance"),
        ({"InstanceId": rules.SHARED_INSTANCE}, "NotFoundInstance"),
        ({"VpcAccessId": "none"}, "NotFoundVpcAccess"),
    ],
)
def test_probes_that_are_refused(grants: Grants, walks: Asked, change: Row, code: str) -> None:
    asked = {"InstanceId": grants.buy(ZoneId=ZONE), "VpcAccessId": grants.grant(), **change}
    assert grants.refused("ValidateVpcConnectivity", **asked) == code
    assert walks == []
