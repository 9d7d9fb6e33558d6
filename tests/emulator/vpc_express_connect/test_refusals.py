"""Every refusal of Express Connect is reached, with its own code and status, and changes nothing; quotas; tokens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from gatespan.emulator.models import Account
from gatespan.emulator.services.cbn.models import VbrAttachment
from gatespan.emulator.services.vpc import express_errors
from gatespan.emulator.services.vpc.models import RouterInterface
from gatespan.emulator.world import Pending

from ..vpc.conftest import ACCOUNT, REGION
from ..vpc.test_refusals import filled, named
from .conftest import ENDS, POINT, TENANT, Carrier

CASES: list[dict[str, Any]] = YAML(typ="safe").load(Path(__file__).with_name("refusals.yaml"))


def tie_to_cen(console: Carrier, scene: dict[str, str]) -> None:
    common: dict[str, Any] = {"account": ACCOUNT, "region": REGION, "status": "Attached"}
    console.put(
        VbrAttachment(id="tr-attach-1", cen_id="cen-1", transit_router_id="tr-1", vbr_id=scene["vbr"], **common)
    )


@pytest.mark.parametrize("case", CASES, ids=named)
def test_refusal(case: dict[str, Any], console: Carrier, scene: dict[str, str]) -> None:
    names = {**scene, "tenant_uid": TENANT}
    console.put(Account(id=TENANT, account=TENANT))
    if case.get("lock"):
        console.change_circuit(scene["circuit"], business_status="FinancialLocked")
    if case.get("attach") == "moving":
        console.attachment(scene["vpc"], status="Attaching", pending=Pending("Attached", float("inf")))
    elif case.get("attach"):
        tie_to_cen(console, scene)
    for action, parameters in case.get("before", ()):
        names.update(console(action, **filled(parameters, names)))
    with console.slow("fast"):
        for action, parameters in case.get("moving", ()):
            names.update(console(action, **filled(parameters, names)))
        before = list(console.cloud.world)
        refused = console.refused(case["call"], **filled(case["with"], names))
    assert (refused.code, refused.status_code) == (case["code"], case.get("status", 400))
    assert list(console.cloud.world) == before


def test_every_code_is_reached() -> None:
    """In the table, or by name in a test of this folder that needs more than one account or many objects."""
    named_in_tests = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    reached = {case["code"] for case in CASES}
    left = set(express_errors.MESSAGES) - reached
    assert [code for code in sorted(left) if f'"{code}"' not in named_in_tests] == []


# --- quotas -------------------------------------------------------------------------------------------------------


def test_circuits_that_are_not_enabled(console: Carrier) -> None:
    for _ in range(5):
        console.circuit()
    assert console.refused("CreatePhysicalConnection", AccessPointId=POINT, LineOperator="CT").code == "Invalid.Status"


def test_locked_circuit_is_not_enabled(console: Carrier) -> None:
    id = console.circuit()
    console("ConfirmPhysicalConnection", PhysicalConnectionId=id)
    console.change_circuit(id, business_status="SecurityLocked")
    assert console.refused("EnablePhysicalConnection", PhysicalConnectionId=id).code == "INSTANCE.STATUS.NOT.ALLOW"


def test_border_routers_per_circuit(console: Carrier) -> None:
    circuit = console.enabled()
    for vlan in range(1, 6):
        console.border_router(circuit, vlan)
    refused = console.refused("CreateVirtualBorderRouter", PhysicalConnectionId=circuit, VlanId=6, **ENDS)
    assert refused.code == "QuotaExceeded.vbrPerpConn"


def test_idle_border_routers(console: Carrier) -> None:
    one, two = console.enabled(), console.enabled()
    for vlan in range(1, 6):
        console("TerminateVirtualBorderRouter", VbrId=console.border_router(one, vlan))
    refused = console.refused("CreateVirtualBorderRouter", PhysicalConnectionId=two, VlanId=1, **ENDS)
    assert refused.code == "QuotaExceeded.freevbr"


def test_circuits_per_border_router(console: Carrier, scene: dict[str, str]) -> None:
    asked = {"VbrId": scene["vbr"], "VlanId": "1", **ENDS}
    for _ in range(3):
        console("AssociatePhysicalConnectionToVirtualBorderRouter", PhysicalConnectionId=console.enabled(), **asked)
    refused = console.refused(
        "AssociatePhysicalConnectionToVirtualBorderRouter", PhysicalConnectionId=scene["spare"], **asked
    )
    assert refused.code == "EXCEED_ASSOCIATE_MAX_NUM"


def test_peers_and_networks(console: Carrier, scene: dict[str, str]) -> None:
    group = console("CreateBgpGroup", RouterId=scene["vbr"], PeerAsn=65001)["BgpGroupId"]
    for number in range(8):
        console("CreateBgpPeer", BgpGroupId=group, PeerIpAddress=f"10.255.0.{number + 2}")
    refused = console.refused("CreateBgpPeer", BgpGroupId=group, PeerIpAddress="10.255.0.99")
    assert refused.code == "QuotaExceeded.Bgp"
    for number in range(20):
        console("AddBgpNetwork", RouterId=scene["vbr"], DstCidrBlock=f"10.{number}.0.0/16")
    refused = console.refused("AddBgpNetwork", RouterId=scene["vbr"], DstCidrBlock="10.99.0.0/16")
    assert refused.code == "QuotaExceeded.BgpNetwork"


def test_interfaces_per_router(console: Carrier, scene: dict[str, str]) -> None:
    asked = {"RouterType": "VRouter", "RouterId": scene["vrouter"], "Role": "AcceptingSide", "OppositeRegionId": REGION}
    for _ in range(10):
        console("CreateRouterInterface", **asked)
    assert console.refused("CreateRouterInterface", **asked).code == "QuotaExceeded.RouterInterface"
    assert len(list(console.cloud.world.all(RouterInterface))) == 10


# --- tokens -------------------------------------------------------------------------------------------------------


def test_tokens_make_creations_repeatable(console: Carrier, scene: dict[str, str]) -> None:
    group = console("CreateBgpGroup", RouterId=scene["vbr"], PeerAsn=65001)["BgpGroupId"]
    line = {"PhysicalConnectionId": scene["spare"], "VlanId": 3, **ENDS}
    interface = {"RouterType": "VBR", "RouterId": scene["vbr"], "Role": "InitiatingSide", "Spec": "Small.1"}
    for action, asked, changed in (
        ("CreatePhysicalConnection", {"AccessPointId": POINT, "LineOperator": "CT"}, {"LineOperator": "CU"}),
        ("CreateVirtualBorderRouter", line, {"VlanId": 4}),
        ("CreateBgpGroup", {"RouterId": scene["vbr"], "PeerAsn": 65001}, {"PeerAsn": 65002}),
        ("CreateBgpPeer", {"BgpGroupId": group}, {"PeerIpAddress": "10.255.0.3"}),
        ("AddBgpNetwork", {"RouterId": scene["vbr"], "DstCidrBlock": "10.0.0.0/16"}, {"DstCidrBlock": "10.1.0.0/16"}),
        ("CreateRouterInterface", {**interface, "OppositeRegionId": REGION}, {"Spec": "Small.2"}),
    ):
        first = console(action, **asked, ClientToken="t-1")
        again = console(action, **asked, ClientToken="t-1")
        assert first | {"RequestId": ""} == again | {"RequestId": ""}, action
        refused = console.refused(action, **{**asked, **changed}, ClientToken="t-1")
        assert refused.code == "IdempotentParameterMismatch", action
