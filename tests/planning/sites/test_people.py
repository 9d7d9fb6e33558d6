"""What only people can do: the circuit, the site's router, the key. Each is said with the values that they need."""

from __future__ import annotations

import dataclasses

import pytest

from gatespan.cloud import CallRecord
from gatespan.planning import Failed
from gatespan.resources.base import Blocked, Waiting
from gatespan.topology import TopologyErrors
from tests.planning.sites.conftest import CIRCUIT, KEY, Plant, site

CIRCUIT_KEY, PEER = "circuit.dc-1/pc-1", "bgp_peer.dc-1/pc-1"

STATES = [
    ("Initial", "", "setup fee"),
    ("Allocating", "", "allocate a port"),
    ("Allocated", "", "ApplyPhysicalConnectionLOA"),
    ("Allocated", "Applying", "Wait"),
    ("Allocated", "Rejected", "SecondApplyPhysicalConnectionLOA"),
    ("Allocated", "Available", "carrier"),
    ("Confirmed", "Complete", "CreatePhysicalConnectionOccupancyOrder"),
]


def error(plant: Plant, key: str, kind: str = "static", edits: dict[str, str] | None = None) -> Exception:
    with pytest.raises(Failed) as failed:
        plant.engine(site(kind, edits)).converge()
    return failed.value.errors[key]


@pytest.mark.parametrize(("status", "loa", "todo"), STATES, ids=[f"{s}-{x or 'none'}" for s, x, _ in STATES])
def test_a_circuit_that_is_not_enabled(plant: Plant, status: str, loa: str, todo: str) -> None:
    plant.inner.put(dataclasses.replace(plant.circuit(), status=status, loa_status=loa))
    blocked = {c.key: c.why for c in plant.engine(site("bgp")).plan().blocked}
    assert f"is {status}, not Enabled" in blocked[CIRCUIT_KEY]
    assert todo in blocked[CIRCUIT_KEY]
    assert "vbr.dc-1/pc-1" in blocked
    assert isinstance(error(plant, CIRCUIT_KEY, "bgp"), Waiting)


@pytest.mark.parametrize(
    "values",
    [{"business_status": "FinancialLocked"}, {"status": "Canceled"}, {"status": "Terminated"}],
    ids=["locked", "canceled", "terminated"],
)
def test_a_circuit_that_no_waiting_helps(plant: Plant, values: dict[str, str]) -> None:
    plant.inner.put(dataclasses.replace(plant.circuit(), **values))
    raised = error(plant, CIRCUIT_KEY, "bgp")
    assert isinstance(raised, Blocked)
    assert not isinstance(raised, Waiting)
    assert next(iter(values.values())) in str(raised)


def test_a_circuit_that_is_not_there_or_there_twice(plant: Plant) -> None:
    edits = {CIRCUIT: CIRCUIT.replace("pc-1", "pc-9")}
    assert "does not exist" in str(error(plant, "circuit.dc-1/pc-9", "bgp", edits))
    plant.inner.put(dataclasses.replace(plant.circuit("pc-2"), name="pc-1"))
    assert "2 circuits have this name" in str(error(plant, CIRCUIT_KEY, "bgp"))


def test_a_circuit_by_its_id(plant: Plant) -> None:
    id = plant.circuit().id
    plant.engine(site("bgp", {CIRCUIT: CIRCUIT.replace("pc-1", id)})).converge()
    assert plant.engine(site("bgp", {CIRCUIT: CIRCUIT.replace("pc-1", id)})).plan().changing == ()


def test_what_hangs_on_a_circuit_that_went_down_can_still_be_removed(plant: Plant) -> None:
    before = plant.state()
    plant.engine(site("bgp")).converge()
    up = plant.circuit()
    plant.inner.put(dataclasses.replace(up, status="Confirmed"))
    plant.engine(site("bgp")).destroy()
    plant.inner.put(up)
    assert plant.state() == before


@pytest.mark.parametrize(
    ("values", "state"),
    [({"asn": 0}, "Connect"), ({"asn": 65011}, "Active"), ({"bgp_key": "other"}, "Connect")],
    ids=["no-speaker", "another-asn", "another-key"],
)
def test_a_session_that_does_not_come_up(plant: Plant, values: dict[str, object], state: str) -> None:
    plant.site(**values)
    start = plant.control("clock")["now"]
    raised = error(plant, PEER, "bgp")
    assert isinstance(raised, Waiting)
    assert 150 < plant.control("clock")["now"] - start < 240
    for value in (state, "10.255.0.1", "10.255.0.2/30", "VLAN 110", "45104", "65010", "DC1_BGP_KEY"):
        assert value in str(raised)
    assert KEY not in str(raised)
    plant.site()  # the site's people have done it: the next run goes on
    plant.engine(site("bgp")).converge()
    assert plant.engine(site("bgp")).plan().changing == ()


def test_the_key_of_a_variable_that_is_not_set(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DC1_BGP_KEY")
    raised = error(plant, "bgp_group.dc-1/pc-1", "bgp")
    assert isinstance(raised, Blocked)
    assert "DC1_BGP_KEY" in str(raised)


def test_the_key_shows_nowhere(plant: Plant) -> None:
    records: list[CallRecord] = []
    engine = plant.engine(site("bgp"), observer=records.append)
    plan = engine.plan()
    outcomes = engine.converge()
    again = plant.engine(site("bgp"))
    seen = [records, plan, outcomes, again.plan(), [again.found(k) for k in again.graph.order], again.graph.nodes]
    assert any(r.action == "CreateBgpGroup" for r in records)
    assert KEY not in repr(seen)


def test_a_health_check_without_a_cen_needs_its_source() -> None:
    with pytest.raises(TopologyErrors, match="source_ip"):
        site("interface", {"{source_ip: 10.1.1.200}": "{}"})


def test_labels_are_for_people(plant: Plant) -> None:
    labels = {c.key: c.label for c in plant.engine(site("bgp")).plan().changes}
    assert labels["vbr.dc-1/pc-1"] == "border router dc-1/pc-1 (cn-hangzhou)"
    assert labels["circuit.dc-1/pc-1"] == "circuit dc-1/pc-1 (cn-hangzhou)"
    assert labels[PEER] == "BGP session dc-1/pc-1 (cn-hangzhou)"
