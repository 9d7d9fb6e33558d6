"""Circuits (physical connections): apply, read, change, confirm, pay, enable, cancel, terminate, delete."""

from __future__ import annotations

from typing import Any

from gatespan.emulator.call import Call, iso, tagged
from gatespan.emulator.lifecycle import Transition
from gatespan.emulator.models import Site
from gatespan.emulator.services.vpc import checks, express_checks
from gatespan.emulator.services.vpc import express_rules as rules
from gatespan.emulator.services.vpc.errors import refusal
from gatespan.emulator.services.vpc.models import PhysicalConnection
from gatespan.emulator.services.vpc.service import service
from gatespan.emulator.world import Thing, World

FILTERS = ("PhysicalConnectionId", "AccessPointId", "Type", "LineOperator", "Spec", "Status", "Name", "ProductType")
UNFINISHED = ("Initial", "Approved", "Allocating", "Allocated", "Confirmed")
DELETABLE = ("Allocated", "Confirmed", "Rejected", "Canceled", "Allocation Failed", "Terminated")
REDUNDANT = ("Allocated", "Confirmed", "Enabled")
TERMS = {"Month": (1, 9, 1), "Year": (1, 5, 12)}
"""By pricing cycle: the least and the most of its units that can be bought, and a unit in months."""


@service.action("DescribeAccessPoints", required=("RegionId",))
def describe_access_points(call: Call) -> dict[str, Any]:
    rows, page = call.page(rules.access_points(call.world, checks.region_of(call)))
    points = [
        {
            "AccessPointId": point.id,
            "Name": f"{point.region} {point.letter}",
            "Description": "",
            "Status": point.status,
            "Type": "VPC",
            "Location": f"{point.region}, data center {point.letter}",
            "HostOperator": "Other",
            "AttachedRegionNo": point.region,
            "AccessPointFeatureModels": {"AccessPointFeatureModel": []},
        }
        for point in rows
    ]
    return {"AccessPointSet": {"AccessPointType": points}, **page}


@service.action("CreatePhysicalConnection", required=("RegionId", "AccessPointId", "LineOperator"), token="ClientToken")
def create_physical_connection(call: Call) -> dict[str, Any]:
    region, params, world = checks.region_of(call), call.params, call.world
    waiting = [c for c in world.find(PhysicalConnection, account=call.account) if c.status in UNFINISHED]
    if len(waiting) >= rules.CIRCUITS_NOT_ENABLED:
        raise refusal("Invalid.Status", f"{len(waiting)} are not enabled yet, the first is {waiting[0].id}")
    point = params.text("AccessPointId")
    if not any(p.id == point and p.takes_lines for p in rules.access_points(world, region)):
        raise refusal("InvalidAccessPointId.NotEnabled", point)
    if params.text("Type", "VPC") != "VPC":
        raise refusal("InvalidType.Malformd", params.text("Type"))
    fields = {"port_type": "1000Base-LX", **_line(call), **express_checks.labels(call)}
    fields.setdefault("bandwidth", rules.PORT_SPEEDS[fields["port_type"]])
    circuit = PhysicalConnection(
        id=call.ids.regional("pc", region),
        account=call.account,
        region=region,
        created=call.now,
        access_point_id=point,
        resource_group_id=params.text("ResourceGroupId", "rg-default"),
        tags=checks.new_tags(call),
        **fields,
    )
    call.begin(circuit, rules.CIRCUIT_ALLOCATE)
    return {"PhysicalConnectionId": circuit.id}


@service.action("ModifyPhysicalConnectionAttribute", required=("RegionId", "PhysicalConnectionId"), token="ClientToken")
def modify_physical_connection_attribute(call: Call) -> None:
    circuit = express_checks.need_circuit(call)
    call.world.change(circuit, **{**_line(call), **express_checks.labels(call)})


@service.action("DescribePhysicalConnections", required=("RegionId",))
def describe_physical_connections(call: Call) -> dict[str, Any]:
    region, given = checks.region_of(call), express_checks.filters(call, FILTERS)
    group = call.params.optional("ResourceGroupId")
    among = tagged(call.listed(PhysicalConnection, lambda c: c.region == region), call.params.tags("Tags"))
    found = [row(call, circuit) for circuit in among if group in (None, circuit.resource_group_id)]
    rows, page = call.page([r for r in found if express_checks.passing(r, given)])
    return {"PhysicalConnectionSet": {"PhysicalConnectionType": list(rows)}, **page}


@service.action("ConfirmPhysicalConnection", required=("RegionId", "PhysicalConnectionId"), token="ClientToken")
def confirm_physical_connection(call: Call) -> None:
    """The line is built. A hosted connection for which the partner pays is enabled by it."""
    circuit = express_checks.need_circuit(call)
    _require_state(circuit, "Allocated", at_rest=True)
    if circuit.product_type != express_checks.HOSTED:
        loa = "Complete" if circuit.loa_status else ""
        call.begin(call.world.change(circuit, loa_status=loa), rules.CIRCUIT_CONFIRM)
        return
    paid = circuit.order_mode == "PayByPhysicalConnectionOwner"
    confirmed = call.world.change(circuit, vpconn_status="Confirmed", enabled=call.now if paid else 0.0)
    call.begin(confirmed, rules.HOSTED_CONFIRM if paid else rules.CIRCUIT_CONFIRM)


@service.action(
    "CreatePhysicalConnectionOccupancyOrder", required=("RegionId", "PhysicalConnectionId"), token="ClientToken"
)
def create_physical_connection_occupancy_order(call: Call) -> dict[str, Any]:
    """Without AutoPay the order stays unpaid and nothing changes."""
    circuit, params = express_checks.need_circuit(call), call.params
    params.choice("InstanceChargeType", ("PrePaid",), "PrePaid")
    least, most, months = TERMS[params.choice("PricingCycle", tuple(TERMS), "Month")]
    period = params.integer("Period", 1, least=least, most=most)
    _require_state(circuit, "Confirmed", at_rest=True)
    if params.boolean("AutoPay", False):
        ends = rules.term_end(call.now, period * months)
        call.begin(call.world.change(circuit, enabled=call.now, expires=ends), rules.CIRCUIT_ENABLE)
    return {"Data": {"OrderId": call.ids.digits(15)}}


@service.action("EnablePhysicalConnection", required=("RegionId", "PhysicalConnectionId"), token="ClientToken")
def enable_physical_connection(call: Call) -> None:
    circuit = express_checks.need_circuit(call)
    call.params.boolean("ByPassSp", False)
    _require_state(circuit, "Confirmed", at_rest=True)
    if circuit.business_status != "Normal":
        raise refusal("INSTANCE.STATUS.NOT.ALLOW", f"{circuit.id} is {circuit.business_status}")
    call.begin(call.world.change(circuit, enabled=call.now), rules.CIRCUIT_ENABLE)


@service.action("CancelPhysicalConnection", required=("RegionId", "PhysicalConnectionId"), token="ClientToken")
def cancel_physical_connection(call: Call) -> None:
    circuit = express_checks.need_circuit(call)
    _require_state(circuit, "Initial", "Approved", "Allocated", "Confirmed")
    call.begin(circuit, Transition(circuit.status, "Canceled", 5))


@service.action("TerminatePhysicalConnection", required=("RegionId", "PhysicalConnectionId"), token="ClientToken")
def terminate_physical_connection(call: Call) -> None:
    circuit, world = express_checks.need_circuit(call), call.world
    for vbr, _ in express_checks.vbrs_on(world, circuit.id):
        raise refusal("Forbidden.VbrAttached", f"{vbr.id} on {circuit.id}")
    for hosted in express_checks.hosted_on(world, circuit.id):
        raise refusal("OperationFailed.VpconnAttached", f"{hosted.id} on {circuit.id}")
    _require_state(circuit, "Enabled")
    call.begin(circuit, rules.CIRCUIT_TERMINATE)


@service.action("DeletePhysicalConnection", required=("RegionId", "PhysicalConnectionId"), token="ClientToken")
def delete_physical_connection(call: Call) -> None:
    """The record goes at once. The partner may take back a hosted connection until its tenant has confirmed it."""
    checks.region_of(call)
    circuit = call.world.get(PhysicalConnection, call.params.text("PhysicalConnectionId"))
    if circuit and circuit.account != call.account and circuit.parent_account == call.account:
        if circuit.vpconn_status != "UnConfirmed":
            raise refusal("OperationDenied.NeedVpconnOwner", f"{circuit.id} belongs to {circuit.account}")
    else:
        circuit = express_checks.need_circuit(call)
    for vbr, use in express_checks.vbrs_on(call.world, circuit.id):
        first = use is vbr.circuits[0]
        raise refusal("Forbidden.VBRExists" if first else "Forbidden.AssociateToVBR", f"{vbr.id} on {circuit.id}")
    for hosted in express_checks.hosted_on(call.world, circuit.id):
        raise refusal("OperationFailed.VpconnAttached", f"{hosted.id} on {circuit.id}")
    _require_state(circuit, *DELETABLE, at_rest=True)
    call.world.remove(circuit)


@service.on_end(PhysicalConnection, "Allocated")
def reviewed(world: World, circuit: Thing) -> None:
    """The staff are done with the letter of authorisation: they approve what they were given."""
    results = {"Applying": "Available", "Completing": "Complete"}
    if isinstance(circuit, PhysicalConnection) and circuit.loa_status in results:
        world.change(circuit, loa_status=results[circuit.loa_status])


# --- rules ----------------------------------------------------------------------------------------------------


def _require_state(circuit: PhysicalConnection, *states: str, at_rest: bool = False) -> None:
    """``at_rest``: and it is not on its way to another state (a review of its letter is no such way)."""
    if circuit.status not in states or (at_rest and express_checks.leaving(circuit)):
        raise refusal("Forbidden.NotAllowedInState", f"{circuit.id} is {circuit.status}")


def _line(call: Call) -> dict[str, Any]:
    """What the line is: the parameters that were given, as fields.

    A peer location that is the name of a site of the world is where the line leads: choice of the embedded cloud.
    """
    params, world = call.params, call.world
    fields: dict[str, Any] = {}
    if "LineOperator" in params:
        fields["line_operator"] = params.text("LineOperator")
        if fields["line_operator"] not in rules.LINE_OPERATORS:
            raise refusal("InvalidLineOperator.Malformd", fields["line_operator"])
    if "PortType" in params:
        fields["port_type"] = params.text("PortType")
        if fields["port_type"] not in rules.PORT_SPEEDS:
            raise refusal("InvalidPortType.Malformd", fields["port_type"])
    if "bandwidth" in params:
        fields["bandwidth"] = params.integer("bandwidth", least=2, most=10240)
    if params.given("PeerLocation"):
        fields["peer_location"] = place = params.text("PeerLocation", "")
        if len(place) > 256 or place.startswith(("http://", "https://")):
            raise refusal("InvalidPeerLocation.Malformd", place[:140])
        if world.first(Site, name=place):
            fields["site"] = place
    if params.given("CircuitCode"):
        fields["circuit_code"] = params.text("CircuitCode", "")
    if "RedundantPhysicalConnectionId" in params:
        other = express_checks.need_circuit(call, "RedundantPhysicalConnectionId")
        if other.status not in REDUNDANT:
            raise refusal("Invalid.Status", f"{other.id} is {other.status}")
        fields["redundant_id"] = other.id
    return fields


# --- answers --------------------------------------------------------------------------------------------------


def common_row(circuit: PhysicalConnection) -> dict[str, Any]:
    """What both lists answer alike."""
    used = circuit.status in ("Enabled", "Terminating", "Terminated")
    return {
        "PhysicalConnectionId": circuit.id,
        "Name": circuit.name,
        "Description": circuit.description,
        "Status": circuit.status,
        "BusinessStatus": circuit.business_status,
        "LoaStatus": circuit.loa_status,
        "AccessPointId": circuit.access_point_id,
        "AdLocation": circuit.access_point_id.replace("ap-", "", 1),
        "PortType": circuit.port_type,
        "PortNumber": "",
        "LineOperator": circuit.line_operator,
        "CircuitCode": circuit.circuit_code,
        "PeerLocation": circuit.peer_location,
        "Type": "VPC",
        "Spec": circuit.spec,
        "ChargeType": "Prepaid",
        "CreationTime": iso(circuit.created),
        "EnabledTime": iso(circuit.enabled) if circuit.enabled and used else "",
        "EndTime": iso(circuit.expires) if circuit.expires and used else "",
        "RedundantPhysicalConnectionId": circuit.redundant_id,
        "ProductType": circuit.product_type,
        "ParentPhysicalConnectionId": circuit.parent_id,
        "VlanId": circuit.vlan_id,
        "OrderMode": circuit.order_mode,
        "ExpectSpec": "",
        "ResourceGroupId": circuit.resource_group_id,
    }


def row(call: Call, circuit: PhysicalConnection) -> dict[str, Any]:
    return {
        **common_row(circuit),
        "ParentPhysicalConnectionAliUid": int(circuit.parent_account or 0),
        "AccessPointType": "VPC",
        "AdDetailLocation": circuit.access_point_id.replace("ap-", "", 1),
        "Bandwidth": circuit.bandwidth,
        "VirtualPhysicalConnectionCount": len(express_checks.hosted_on(call.world, circuit.id)),
        "VpconnStatus": circuit.vpconn_status,
        "HasReservationData": "false",
        "ReservationActiveTime": "",
        "ReservationInternetChargeType": "",
        "ReservationOrderType": "",
        "QosId": "",
        "MacsecKeys": {"MacsecKey": []},
        "OpticalModuleModel": "",
        "DeviceFeaturesSelected": "",
        "DownDelayTime": 0,
        "Tags": {"tags": express_checks.pairs(circuit)},
    }
