"""The letter of authorisation with which a carrier may enter the data centre and patch the port of a circuit."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from gatespan.emulator.call import Call
from gatespan.emulator.services.vpc import express_checks
from gatespan.emulator.services.vpc import express_rules as rules
from gatespan.emulator.services.vpc.errors import invalid, refusal
from gatespan.emulator.services.vpc.models import PhysicalConnection
from gatespan.emulator.services.vpc.service import service

APPLIED = ("CompanyName", "LineType", "ConstructionTime", "Si", "PeerLocation", "Bandwidth")
COMPLETED = ("LineCode", "LineLabel", "LineServiceProvider", "LineSPContactInfo")
PERSON = ("PMName", "PMGender", "PMCertificateType", "PMCertificateNo", "PMContactInfo")
PEOPLE = 16


@service.action(
    "ApplyPhysicalConnectionLOA",
    required=("RegionId", "InstanceId", "CompanyName", "LineType", "ConstructionTime", "Si"),
    token="ClientToken",
)
def apply_physical_connection_loa(call: Call) -> None:
    """The staff's review follows by itself. Only for a circuit that has its port and no letter yet: choice."""
    circuit, params = _circuit(call), call.params
    params.choice("LineType", rules.LINE_TYPES)
    params.integer("Bandwidth", 0, least=2, most=10240)
    try:
        datetime.fromisoformat(params.text("ConstructionTime"))
    except ValueError:
        raise invalid("ConstructionTime", params.text("ConstructionTime")) from None
    people = params.structs("PMInfo")
    if len(people) > PEOPLE:
        raise invalid("PMInfo", f"{len(people)} people")
    _require(circuit, "", "Rejected")
    letter = {name: params.text(name) for name in APPLIED if name in params}
    for number, person in enumerate(people, 1):
        letter |= {f"PMInfo.{number}.{name}": person.get(name, "") for name in PERSON}
    call.begin(call.world.change(circuit, loa=letter, loa_status="Applying"), rules.LOA_REVIEW)


@service.action("DescribePhysicalConnectionLOA", required=("RegionId", "InstanceId"))
def describe_physical_connection_loa(call: Call) -> dict[str, Any]:
    circuit = _circuit(call)
    letter = circuit.loa
    people: dict[int, dict[str, str]] = {}
    for key, value in letter.items():
        if key.startswith("PMInfo."):
            _, number, name = key.split(".")
            people.setdefault(int(number), {})[name] = value
    return {
        "PhysicalConnectionLOAType": {
            "InstanceId": circuit.id,
            "Status": circuit.loa_status,
            "CompanyName": letter.get("CompanyName", ""),
            "CompanyLocalizedName": letter.get("CompanyName", ""),
            "Description": "",
            "SI": letter.get("Si", ""),
            "LineType": letter.get("LineType", ""),
            "ConstructionTime": letter.get("ConstructionTime", ""),
            "LoaUrl": "",
            **{name: letter.get(name, "") for name in COMPLETED},
            "PMInfo": {"PMInfo": list(people.values())},
        }
    }


@service.action("CompletePhysicalConnectionLOA", required=("RegionId", "InstanceId"), token="ClientToken")
def complete_physical_connection_loa(call: Call) -> None:
    """``FinishWork`` false only notes what is known of the line (the default true is a choice)."""
    circuit, params = _circuit(call), call.params
    finished = params.boolean("FinishWork", True)
    _require(circuit, "Accept", "Available")
    known = {name: params.text(name) for name in COMPLETED if name in params}
    changed = call.world.change(circuit, loa={**circuit.loa, **known})
    if finished:
        call.begin(call.world.change(changed, loa_status="Completing"), rules.LOA_REVIEW)


def _circuit(call: Call) -> PhysicalConnection:
    return express_checks.need_circuit(call, "InstanceId")


def _require(circuit: PhysicalConnection, *states: str) -> None:
    """The circuit is Allocated, and its letter in one of the states. No page names the code: choice."""
    if circuit.status != "Allocated" or express_checks.leaving(circuit) or circuit.loa_status not in states:
        letter = circuit.loa_status or "not applied for"
        raise refusal("Forbidden.NotAllowedInState", f"{circuit.id} is {circuit.status}, its letter {letter}")
