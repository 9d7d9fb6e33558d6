"""A border router that is there: a partner's that nobody confirmed, one that was terminated, one of somebody else."""

from __future__ import annotations

import dataclasses

import pytest

from gatespan.emulator.services.vpc.models import VirtualBorderRouter
from gatespan.planning import Action, Failed
from gatespan.resources.base import Blocked, Waiting
from tests.planning.sites.conftest import CIRCUIT, PARTNER, SECOND, Plant, site

KEY = "vbr.dc-1/pc-1"
ONE = {f"[{CIRCUIT}, {SECOND}]": f"[{CIRCUIT}]"}
THEIRS = {f"[{CIRCUIT}, {SECOND}]": f"[{CIRCUIT}]".replace("{circuit: pc-1", "{circuit: pc-1, vbr: theirs")}


def why(plant: Plant, edits: dict[str, str] = THEIRS) -> dict[str, str]:
    return {c.key: c.why for c in plant.engine(site(edits=edits)).plan().blocked}


def lent(plant: Plant) -> dict[str, str]:
    """The border router that was taken over, on a circuit that only its id tells."""
    circuit = CIRCUIT.replace("pc-1", f"{plant.circuit().id}, vbr: theirs")
    return {CIRCUIT: circuit, f", {SECOND}": ""}


def test_one_that_is_at_work_is_used_and_stays(plant: Plant) -> None:
    plant.vbr()
    before = plant.state()
    plant.engine(site(edits=THEIRS)).converge()
    assert plant.engine(site(edits=THEIRS)).plan().changing == ()
    plant.engine(site(edits=THEIRS)).destroy()
    assert plant.state() == before


@pytest.mark.parametrize(
    "ends", [{}, {"LocalGatewayIp": "10.255.0.1", "PeerGatewayIp": "10.255.0.2"}], ids=["bare", "with-ends"]
)
def test_one_that_a_partner_made_is_completed(plant: Plant, ends: dict[str, str]) -> None:
    id = plant.unconfirmed_vbr(keep_ends=bool(ends))
    plan = plant.engine(site(edits=THEIRS)).plan()
    (change,) = (c for c in plan.of(Action.UPDATE) if c.key == KEY)
    assert ("state", "unconfirmed", "active") in [(f.name, f.old, f.new) for f in change.fields]
    plant.engine(site(edits=THEIRS)).converge()
    (vbr,) = (v for v in plant.things("vbr") if v["id"] == id)
    assert vbr["status"] == "active"
    assert (vbr["circuits"][0]["local_gateway_ip"], vbr["circuits"][0]["peer_gateway_ip"]) == (
        "10.255.0.1",
        "10.255.0.2",
    )
    assert plant.engine(site(edits=THEIRS)).plan().changing == ()


def test_the_circuit_of_a_partner_is_known_by_its_border_router(plant: Plant) -> None:
    plant.unconfirmed_vbr(keep_ends=False)
    plant.lend()
    edits = lent(plant)
    plant.engine(site(edits=edits)).converge()
    assert plant.engine(site(edits=edits)).plan().changing == ()
    up = plant.circuit()
    plant.inner.put(dataclasses.replace(up, business_status="FinancialLocked"))
    assert "FinancialLocked" in why(plant, edits)[f"circuit.dc-1/{up.id}"]


@pytest.mark.parametrize("latency", ["none", "realistic"])
@pytest.mark.parametrize("edits", [ONE, THEIRS], ids=["ours", "theirs"])
def test_one_that_was_terminated_is_recovered(plant: Plant, edits: dict[str, str], latency: str) -> None:
    if edits is THEIRS:
        plant.vbr()
    plant.engine(site(edits=edits)).converge()
    (vbr,) = plant.things("vbr")
    plant.ask("TerminateVirtualBorderRouter", {"VbrId": vbr["id"]})
    plant.control("clock", {"advance": 60})
    plant.control("latency", {"mode": latency})
    plant.engine(site(edits=edits)).converge([KEY])
    assert plant.things("vbr")[0]["status"] == "active"
    assert plant.engine(site(edits=edits)).plan().changing == ()


def test_a_vlan_that_was_taken_meanwhile_is_named(plant: Plant) -> None:
    id = plant.vbr()
    plant.ask("TerminateVirtualBorderRouter", {"VbrId": id})
    plant.control("clock", {"advance": 8 * 86_400})
    other = plant.vbr(Name="newcomer")
    with pytest.raises(Failed) as failed:
        plant.engine(site(edits=THEIRS)).converge()
    error = failed.value.errors[KEY]
    assert isinstance(error, Blocked)
    assert "VLAN 110" in str(error)
    assert other in str(error)


def test_only_the_owner_of_the_circuit_can_recover_it(plant: Plant) -> None:
    id = plant.vbr()
    plant.ask("TerminateVirtualBorderRouter", {"VbrId": id})
    plant.lend()
    with pytest.raises(Failed) as failed:
        plant.engine(site(edits=lent(plant))).converge()
    error = failed.value.errors[f"vbr.dc-1/{plant.circuit().id}"]
    assert isinstance(error, Waiting)
    assert PARTNER in str(error)


def test_what_differs_in_one_that_is_not_ours_is_never_changed(plant: Plant) -> None:
    plant.vbr(LocalGatewayIp="10.255.0.5", PeerGatewayIp="10.255.0.6")
    assert "cloud_ip is 10.255.0.5, wanted 10.255.0.1" in why(plant)[KEY]


def test_one_on_another_vlan_or_circuit(plant: Plant) -> None:
    plant.vbr(VlanId=111)
    assert "vlan is 111, wanted 110" in why(plant)[KEY]


def test_one_that_is_not_there(plant: Plant) -> None:
    assert "does not exist in cn-hangzhou" in why(plant)[KEY]


def test_two_of_the_name(plant: Plant) -> None:
    plant.vbr()
    plant.vbr(VlanId=111)
    assert "2 border routers are named theirs" in why(plant)[KEY]


def test_a_stranger_on_our_vlan_is_named_and_left_alone(plant: Plant) -> None:
    id = plant.vbr()
    assert f"`vbr: {id}`" in why(plant, ONE)[KEY]
    plant.engine(site(edits=ONE)).destroy()
    assert [v["id"] for v in plant.things("vbr")] == [id]


def test_one_in_another_cen(plant: Plant) -> None:
    id = plant.vbr()
    cloud = plant.cloud()
    cloud.call("cbn", "OpenTransitRouterService", {}, region="cn-hangzhou")
    cen = cloud.call("cbn", "CreateCen", {"Name": "elsewhere"}, region="cn-hangzhou")["CenId"]
    cloud.call("cbn", "CreateTransitRouter", {"CenId": cen, "RegionId": "cn-hangzhou"}, region="cn-hangzhou")
    cloud.call(
        "cbn",
        "CreateTransitRouterVbrAttachment",
        {"CenId": cen, "RegionId": "cn-hangzhou", "VbrId": id},
        region="cn-hangzhou",
    )
    plant.engine(site(edits=THEIRS)).converge(
        ["transit_router_service.account", "cen.cen", "transit_router.cn-hangzhou"]
    )
    assert cen in why(plant)["vbr_attachment.dc-1/pc-1"]


def test_routes_of_others_in_it_stay(plant: Plant) -> None:
    id = plant.vbr()
    (held,) = (v for v in plant.inner.world.all(VirtualBorderRouter) if v.id == id)
    for destination in ("10.200.0.0/16", "10.250.0.0/16"):
        plant.ask(
            "CreateRouteEntry",
            {
                "RouteTableId": held.route_table_id,
                "DestinationCidrBlock": destination,
                "NextHopType": "RouterInterface",
                "NextHopId": held.circuits[0].vlan_interface_id,
            },
        )
    before = plant.state()
    plant.engine(site(edits=THEIRS)).converge()
    plant.engine(site(edits=THEIRS)).destroy()
    assert plant.state() == before


def test_a_hosted_circuits_bandwidth_is_its_own(plant: Plant) -> None:
    plant.inner.put(dataclasses.replace(plant.circuit(), product_type="VirtualPhysicalConnection", vlan_id="110"))
    edits = {CIRCUIT: CIRCUIT.replace("}", ", bandwidth_mbps: 50}"), f", {SECOND}": ""}
    plant.engine(site(edits=edits)).converge()
    assert plant.things("vbr")[0]["bandwidth"] == 1000
    assert plant.engine(site(edits=edits)).plan().changing == ()
