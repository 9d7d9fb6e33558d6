"""Router interfaces: the two ends of a connection between a VBR and a VPC (or two VPCs) without a CEN."""

from __future__ import annotations

import dataclasses
from typing import Any

from gatespan.emulator import routes
from gatespan.emulator.call import Call, iso, tagged
from gatespan.emulator.services.vpc import checks, express_checks
from gatespan.emulator.services.vpc import express_rules as rules
from gatespan.emulator.services.vpc.errors import invalid, missing, refusal
from gatespan.emulator.services.vpc.models import RouterInterface, VirtualBorderRouter, Vpc
from gatespan.emulator.services.vpc.service import service
from gatespan.emulator.world import World

FILTERS = (
    *("RouterInterfaceId", "RouterId", "RouterType", "OppositeInterfaceId", "OppositeRouterId"),
    *("OppositeRouterType", "Status", "Name"),
)
ROUTER_TYPES = ("VRouter", "VBR")
INITIATING, ACCEPTING = "InitiatingSide", "AcceptingSide"
OPPOSITE = {
    "OppositeInterfaceId": "opposite_interface_id",
    "OppositeRouterId": "opposite_router_id",
    "OppositeRouterType": "opposite_router_type",
    "OppositeInterfaceOwnerId": "opposite_account",
}
TERMS = {"Month": (1, 9, 1), "Year": (1, 3, 12)}


@service.action(
    "CreateRouterInterface",
    required=("RegionId", "RouterType", "RouterId", "Role", "OppositeRegionId"),
    token="ClientToken",
)
def create_router_interface(call: Call) -> dict[str, Any]:
    """Starts Idle. In fast-link mode a VBR's initiator makes its opposite end in the VPC and connects both."""
    interface, params = _asked(call), call.params
    _require_room(call.world, interface.router_id)
    if not params.boolean("FastLinkMode", False):
        call.begin(interface, rules.INTERFACE_CREATE)
    else:
        opposite_id = _new_id(call, interface.opposite_region)
        here = dataclasses.replace(interface, fast_link=True, opposite_interface_id=opposite_id)
        _connect(call, here, call.world.put(_mirror(call, here)))
    return {"RouterInterfaceId": interface.id, "OrderId": int(call.ids.digits(15))}


@service.action("ModifyRouterInterfaceAttribute", required=("RegionId", "RouterInterfaceId"))
def modify_router_interface_attribute(call: Call) -> None:
    """What is opposite is set on both ends before they are connected, and cannot change after it."""
    interface, params = _need(call), call.params
    changes: dict[str, Any] = {**express_checks.labels(call), **_opposite(call), **_health_check(call)}
    if params.boolean("DeleteHealthCheckIp", False):
        changes |= {"health_check_source_ip": "", "health_check_target_ip": ""}
    if any(field in changes and changes[field] != getattr(interface, field) for field in OPPOSITE.values()):
        _require_state(interface, "Idle")
    call.world.change(interface, **changes)


@service.action("ModifyRouterInterfaceSpec", required=("RegionId", "RouterInterfaceId", "Spec"), token="ClientToken")
def modify_router_interface_spec(call: Call) -> dict[str, Any]:
    interface, spec = _need(call), call.params.choice("Spec", tuple(rules.INTERFACE_SPECS))
    _require_initiator(interface)
    _require_state(interface, "Idle", "Active", "Inactive")
    changed = call.world.change(interface, spec=spec)
    if interface.status == "Active":
        call.begin(changed, rules.INTERFACE_RESIZE)
    return {"Spec": spec}


@service.action("ConnectRouterInterface", required=("RegionId", "RouterInterfaceId"))
def connect_router_interface(call: Call) -> None:
    interface, world = _need(call), call.world
    _require_initiator(interface)
    _require_state(interface, "Idle")
    opposite = _opposite_of(world, interface)
    if opposite is None or not interface.opposite_router_id:
        raise refusal("IncorrectOppositeInterfaceInfo.NotSet", interface.id)
    if not opposite.opposite_interface_id:
        raise refusal("IncorrectOppositeInterfaceInfo.NotSet", opposite.id)
    back = (opposite.opposite_interface_id, opposite.opposite_router_id, opposite.router_id, opposite.role)
    if back != (interface.id, interface.router_id, interface.opposite_router_id, ACCEPTING):
        raise refusal("IncorrectOppositeInterfaceInfo", f"{interface.id} and {opposite.id}")
    _require_state(opposite, "Idle")
    for twin in world.find(RouterInterface, router_id=interface.router_id, opposite_router_id=opposite.router_id):
        if twin.connected:
            raise refusal("Forbidden.OnlyOneConnection", f"{twin.id} connects them")
    _connect(call, interface, opposite)


@service.action("ActivateRouterInterface", required=("RegionId", "RouterInterfaceId"))
def activate_router_interface(call: Call) -> None:
    interface = _need(call)
    _require_state(interface, "Inactive")
    call.begin(interface, rules.INTERFACE_ACTIVATE)


@service.action("DeactivateRouterInterface", required=("RegionId", "RouterInterfaceId"))
def deactivate_router_interface(call: Call) -> None:
    """This end alone; traffic needs both."""
    interface = _need(call)
    _require_state(interface, "Active")
    call.begin(interface, rules.INTERFACE_DEACTIVATE)


@service.action("DeleteRouterInterface", required=("RegionId", "RouterInterfaceId"), token="ClientToken")
def delete_router_interface(call: Call) -> None:
    interface = _need(call)
    if interface.charge_type == "PrePaid":
        raise refusal("InvalidRouterInterfaceChargeType.Malformed", interface.id)
    entry = express_checks.route_to(call.world, interface.id)
    if entry:
        raise refusal("DependencyViolation.RouterInterfaceReferedByRouteEntry", f"{entry.id} {entry.destination}")
    _require_state(interface, "Idle", "Inactive")
    call.begin(interface, rules.INTERFACE_DELETE)


@service.action("DescribeRouterInterfaces", required=("RegionId",))
def describe_router_interfaces(call: Call) -> dict[str, Any]:
    region, given = checks.region_of(call), express_checks.filters(call, FILTERS)
    group = call.params.optional("ResourceGroupId")
    among = tagged(call.listed(RouterInterface, lambda i: i.region == region), call.params.tags("Tags"))
    found = [_row(call.world, interface) for interface in among if group in (None, interface.resource_group_id)]
    rows, page = call.page([r for r in found if express_checks.passing(r, given)])
    listed = [{**r, "Ipv6Status": "Off"} for r in rows]
    return {"RouterInterfaceSet": {"RouterInterfaceType": listed}, **page}


@service.action("DescribeRouterInterfaceAttribute", required=("RegionId", "InstanceId"))
def describe_router_interface_attribute(call: Call) -> dict[str, Any]:
    interface = express_checks.need(call, RouterInterface, "InstanceId", "InvalidInstanceId.NotFound")
    row = _row(call.world, interface)
    return {
        **row,
        "FastLinkMode": str(row["FastLinkMode"]).lower(),
        "HealthCheckStatus": _health(call.world, interface),
        "GmtModified": row["CreationTime"],
        "Code": "200",
        "Message": "successful",
        "Success": True,
    }


# --- rules ----------------------------------------------------------------------------------------------------


def _need(call: Call) -> RouterInterface:
    return express_checks.need(call, RouterInterface, "RouterInterfaceId", "InvalidRouterInterfaceId.NotFound")


def _new_id(call: Call, region: str) -> str:
    return call.ids.regional("ri", region)


def _require_state(interface: RouterInterface, *states: str) -> None:
    if interface.status not in states or interface.pending:
        raise refusal("IncorrectStatus", f"{interface.id} is {interface.status}", 400)


def _require_initiator(interface: RouterInterface) -> None:
    if interface.role != INITIATING:
        raise refusal("IncorrectRole.NotInitiatingSide", interface.id)


def _require_room(world: World, router_id: str) -> None:
    if len(world.find(RouterInterface, router_id=router_id)) >= rules.INTERFACES_PER_ROUTER:
        raise refusal("QuotaExceeded.RouterInterface", f"{rules.INTERFACES_PER_ROUTER} on {router_id}")


def _router(world: World, account: str, region: str, router_type: str, router_id: str) -> Vpc | VirtualBorderRouter:
    """The router of an end: a border router, or the VPC of a vRouter. It must be at rest."""
    router: Vpc | VirtualBorderRouter | None
    if router_type == "VBR":
        router = world.get(VirtualBorderRouter, router_id)
    else:
        router = world.first(Vpc, vrouter_id=router_id)
    if router is None or (router.account, router.region) != (account, region):
        raise refusal("InvalidInstanceId.NotFound", router_id)
    if router.status not in ("Available", "active"):
        raise refusal("InvalidInstance.StatusError", f"{router.id} is {router.status}")
    for attachment in checks.attachments_of(world, router.id):
        if attachment.pending:
            raise refusal("IncorrectStatus.CenStatus", f"{attachment.id} is {attachment.status}")
    return router


def _asked(call: Call) -> RouterInterface:
    """The interface that CreateRouterInterface asks for."""
    region, params, world = checks.region_of(call), call.params, call.world
    kind = params.choice("RouterType", ROUTER_TYPES)
    role = params.choice("Role", (INITIATING, ACCEPTING))
    router = _router(world, call.account, region, kind, params.text("RouterId"))
    there = params.text("OppositeRegionId")
    if there not in checks.known_regions(world):
        raise refusal("InvalidRegionId.NotFound", there)
    if role == INITIATING:
        spec = params.choice("Spec", tuple(rules.INTERFACE_SPECS))
    else:
        spec = params.choice("Spec", (rules.ACCEPTOR_SPEC,), rules.ACCEPTOR_SPEC)
    prepaid = params.choice("InstanceChargeType", ("PrePaid", "PostPaid"), "PostPaid") == "PrePaid"
    least, most, months = TERMS[params.choice("PricingCycle", tuple(TERMS), "Month")]
    period = params.integer("Period", 1, least=least, most=most)
    fields = _opposite(call)
    fields.setdefault("opposite_account", call.account)
    fields.setdefault("opposite_router_type", "VRouter")
    if params.boolean("FastLinkMode", False):
        if (kind, fields["opposite_router_type"], role) != ("VBR", "VRouter", INITIATING):
            raise invalid("FastLinkMode", "only from a VBR to a VRouter, on the initiating side")
        if not fields.get("opposite_router_id"):
            raise missing("OppositeRouterId")
    return RouterInterface(
        id=_new_id(call, region),
        account=call.account,
        region=region,
        created=call.now,
        router_type=kind,
        router_id=params.text("RouterId"),
        role=role,
        spec=spec,
        opposite_region=there,
        access_point_id=_access_point(call, router),
        opposite_access_point_id=params.text("OppositeAccessPointId", ""),
        charge_type="PrePaid" if prepaid else "AfterPay",
        expires=rules.term_end(call.now, period * months) if prepaid else 0.0,
        vpc_id=router.id if isinstance(router, Vpc) else "",
        resource_group_id=params.text("ResourceGroupId", "rg-default"),
        tags=checks.new_tags(call, name="Tags"),
        **{**fields, **_health_check(call), **express_checks.labels(call)},
    )


def _access_point(call: Call, router: Vpc | VirtualBorderRouter) -> str:
    """A border router's is that of its circuit; another one is refused."""
    circuit = express_checks.circuit_of(call.world, router) if isinstance(router, VirtualBorderRouter) else None
    point = circuit.access_point_id if circuit else ""
    if call.params.text("AccessPointId", point) != point:
        raise invalid("AccessPointId", call.params.text("AccessPointId"))
    return point


def _opposite(call: Call) -> dict[str, str]:
    params = call.params
    if "OppositeRouterType" in params:
        params.choice("OppositeRouterType", ROUTER_TYPES)
    return {field: params.text(name) for name, field in OPPOSITE.items() if name in params}


def _health_check(call: Call) -> dict[str, Any]:
    """Source and target come together."""
    params = call.params
    fields: dict[str, Any] = {}
    if "HealthCheckSourceIp" in params or "HealthCheckTargetIp" in params:
        for name, field in (("Source", "health_check_source_ip"), ("Target", "health_check_target_ip")):
            fields[field] = params.text(f"HealthCheck{name}Ip")
            if rules.address(fields[field]) is None:
                raise invalid(f"HealthCheck{name}Ip", fields[field])
    if "HcRate" in params:
        fields["health_check_rate"] = params.integer("HcRate", least=1)
    if "HcThreshold" in params:
        fields["health_check_threshold"] = params.integer("HcThreshold", least=1)
    return fields


def _mirror(call: Call, here: RouterInterface) -> RouterInterface:
    """The VPC's end of a fast link."""
    there = _router(call.world, here.opposite_account, here.opposite_region, "VRouter", here.opposite_router_id)
    _require_room(call.world, here.opposite_router_id)
    for twin in call.world.find(RouterInterface, router_id=here.router_id, opposite_router_id=here.opposite_router_id):
        if twin.connected:
            raise refusal("Forbidden.OnlyOneConnection", f"{twin.id} connects them")
    return RouterInterface(
        id=here.opposite_interface_id,
        account=there.account,
        region=there.region,
        created=call.now,
        status="Idle",
        router_type="VRouter",
        router_id=here.opposite_router_id,
        role=ACCEPTING,
        spec=rules.ACCEPTOR_SPEC,
        name=here.name,
        opposite_region=here.region,
        opposite_router_type=here.router_type,
        opposite_router_id=here.router_id,
        opposite_interface_id=here.id,
        opposite_account=here.account,
        opposite_access_point_id=here.access_point_id,
        vpc_id=there.id,
        fast_link=True,
    )


def _connect(call: Call, initiator: RouterInterface, acceptor: RouterInterface) -> None:
    call.begin(dataclasses.replace(initiator, connected=call.now), rules.INTERFACE_CONNECT)
    call.begin(dataclasses.replace(acceptor, connected=call.now), rules.INTERFACE_ACCEPT)


def _opposite_of(world: World, interface: RouterInterface) -> RouterInterface | None:
    return world.get(RouterInterface, interface.opposite_interface_id)


# --- answers --------------------------------------------------------------------------------------------------


def _health(world: World, interface: RouterInterface) -> str:
    """Whether the probes come through is the route engine's to know: both ends up, and the site answers."""
    if not interface.health_check_source_ip:
        return "NoHealthCheckConfig"
    uplink = routes.engine(world).snapshot.uplinks.get(interface.id)
    return "Normal" if uplink and uplink.up else "Abnormal"


def _row(world: World, interface: RouterInterface) -> dict[str, Any]:
    opposite = _opposite_of(world, interface)
    initiator = interface if interface.role == INITIATING else opposite
    bandwidth = rules.INTERFACE_SPECS.get(initiator.spec, 0) if initiator else 0
    connected = bool(interface.connected)
    return {
        "RouterInterfaceId": interface.id,
        "RouterId": interface.router_id,
        "RouterType": interface.router_type,
        "Role": interface.role,
        "Spec": interface.spec,
        "Bandwidth": bandwidth,
        "Status": interface.status,
        "BusinessStatus": "Normal",
        "ChargeType": interface.charge_type,
        "Name": interface.name,
        "Description": interface.description,
        "AccessPointId": interface.access_point_id,
        "VpcInstanceId": interface.vpc_id,
        "OppositeRegionId": interface.opposite_region,
        "OppositeRouterType": interface.opposite_router_type,
        "OppositeRouterId": interface.opposite_router_id,
        "OppositeInterfaceId": interface.opposite_interface_id,
        "OppositeInterfaceOwnerId": interface.opposite_account,
        "OppositeInterfaceStatus": opposite.status if opposite else "",
        "OppositeInterfaceSpec": opposite.spec if opposite else "",
        "OppositeInterfaceBusinessStatus": "Normal" if opposite else "",
        "OppositeBandwidth": bandwidth if opposite else 0,
        "OppositeAccessPointId": interface.opposite_access_point_id,
        "OppositeVpcInstanceId": opposite.vpc_id if opposite else "",
        "CrossBorder": False,
        "FastLinkMode": interface.fast_link,
        "HealthCheckSourceIp": interface.health_check_source_ip,
        "HealthCheckTargetIp": interface.health_check_target_ip,
        "HcRate": interface.health_check_rate,
        "HcThreshold": interface.health_check_threshold,
        "CreationTime": iso(interface.created),
        "ConnectedTime": iso(interface.connected) if connected else "",
        "EndTime": iso(interface.expires) if interface.expires else "",
        "HasReservationData": "false",
        "ReservationActiveTime": "",
        "ReservationBandwidth": "",
        "ReservationInternetChargeType": "",
        "ReservationOrderType": "",
        "ResourceGroupId": interface.resource_group_id,
        "Tags": {"Tags": express_checks.pairs(interface)},
    }
