"""Basic edition: VPCs and border routers attached to a CEN itself, and the list of all that is attached to it.

The first one in a region brings the region's Basic transit router into being. Whether the service still lets that
happen is not known (Basic is no longer sold in ordinary regions since March 2022, existing ones go on); here it does
unless the account's ``TransitRouterService.basic`` says no. Where the CEN has an Enterprise router, attaching this
way is refused.
"""

from __future__ import annotations

from typing import Any

from gatespan.emulator.call import Call, iso
from gatespan.emulator.lifecycle import GONE
from gatespan.emulator.services.cbn import attaching, rules
from gatespan.emulator.services.cbn.errors import refusal
from gatespan.emulator.services.cbn.models import (
    Cen,
    ChildInstance,
    RouteService,
    TransitRouter,
    TransitRouterService,
    VbrAttachment,
    VbrHealthCheck,
    VpcAttachment,
)
from gatespan.emulator.services.cbn.service import service
from gatespan.emulator.services.vpc import checks  # the module: vpc and cbn know each other
from gatespan.emulator.services.vpc.models import CenGrant, RouterInterface, VirtualBorderRouter, Vpc
from gatespan.emulator.world import Thing, World

CHILD = ("CenId", "ChildInstanceId", "ChildInstanceType", "ChildInstanceRegionId")
Instance = Vpc | VirtualBorderRouter


@service.action("AttachCenChildInstance", required=CHILD)
def attach_cen_child_instance(call: Call) -> dict[str, Any]:
    cen = rules.cen_exists(call, call.params.text("CenId"))
    instance = _instance(call)
    region = instance.region
    rules.cen_settled(call, cen)
    _require_grant(call, instance, cen)
    if attaching.tie(call.world, cen.id, instance.id):
        raise refusal("InvalidOperation.ChildInstanceAlreadyAttached", instance.id)
    _require_basic_router(call, cen, region)
    if len(call.world.find(ChildInstance, cen_id=cen.id, region=region)) >= rules.CHILDREN_PER_BASIC_ROUTER:
        raise refusal("Forbidden.AttachChildInstance", region)
    _require_room(call, instance)
    child = ChildInstance(
        id=f"{cen.id}:{instance.id}",
        account=call.account,
        region=region,
        created=call.now,
        cen_id=cen.id,
        instance_id=instance.id,
        type=_type(instance),
        owner=instance.account,
    )
    call.begin(child, rules.CHILD_ATTACH)
    return {}


@service.action("DetachCenChildInstance", required=CHILD)
def detach_cen_child_instance(call: Call) -> dict[str, Any]:
    """The Basic router stays when the last one leaves it (choice)."""
    cen = rules.cen_exists(call, call.params.text("CenId"))
    child = _tie(call, cen)
    if not isinstance(child, ChildInstance):
        raise refusal("Forbidden.TypeInvalid", call.params.text("ChildInstanceId"))
    rules.cen_settled(call, cen)
    instance = attaching.instance_of(call.world, child)
    if isinstance(instance, Vpc):
        _quiet(call.world, instance.id)
    else:
        attaching.quiet(call.world, instance)
    check = call.world.get(VbrHealthCheck, f"{cen.id}:{child.instance_id}")
    if check:
        raise refusal("OperationFailed.StatusNotSupport", check.id)
    for route in call.world.find(RouteService, cen_id=cen.id):
        if _carries(call.world, route, child):
            raise refusal("InvalidOperation.CustomRegionDomainRouteEntryExist", route.host)
    call.begin(child, rules.CHILD_DETACH)
    return {}


@service.on_end(ChildInstance, GONE)
def child_is_gone(world: World, child: Thing) -> None:
    assert isinstance(child, ChildInstance)
    attaching.withdraw_all(world, child.cen_id, child.instance_id)


@service.action("DescribeCenAttachedChildInstances", required=("CenId",))
def describe_cen_attached_child_instances(call: Call) -> dict[str, Any]:
    """Connections of Enterprise routers are listed too: whether the service does so is not known (choice)."""
    cen = rules.cen_exists(call, call.params.text("CenId"))
    kind, region = call.params.optional("ChildInstanceType"), call.params.optional("ChildInstanceRegionId")
    tied: list[attaching.Tie] = [
        *call.listed(VpcAttachment, lambda a: a.cen_id == cen.id),
        *call.listed(VbrAttachment, lambda a: a.cen_id == cen.id),
        *call.listed(ChildInstance, lambda c: c.cen_id == cen.id),
    ]
    found = [_row(t) for t in tied if region in (None, t.region)]
    rows, page = call.page([row for row in found if kind in (None, row["ChildInstanceType"])])
    return {"ChildInstances": {"ChildInstance": list(rows)}, **page}


@service.action("DescribeCenAttachedChildInstanceAttribute", required=CHILD)
def describe_cen_attached_child_instance_attribute(call: Call) -> dict[str, Any]:
    cen = rules.cen_exists(call, call.params.text("CenId"))
    tie = _tie(call, cen)
    instance = attaching.instance_of(call.world, tie)
    vpc = instance if isinstance(instance, Vpc) else None
    return {
        **_row(tie),
        "ChildInstanceName": instance.name if instance else "",
        "ChildInstanceAttributes": {
            "CidrBlock": vpc.cidr if vpc else "",
            "Ipv6CidrBlock": "",
            "Ipv6CidrBlocks": {"ipv6CidrBlock": []},
            "SecondaryCidrBlocks": {"secondaryCidrBlock": list(vpc.secondary_cidrs) if vpc else []},
        },
    }


# --- checks -------------------------------------------------------------------------------------------


def _instance(call: Call) -> Instance:
    """The instance to attach: in its region, of the account that is named, at rest."""
    _, id, kind, region = (call.params.text(name) for name in CHILD)
    owner = call.params.text("ChildInstanceOwnerId", call.account)
    if kind not in ("VPC", "VBR"):
        raise refusal("ParameterIllegal.ChildInstanceType", kind)
    instance: Instance | None = call.world.get(Vpc, id) if kind == "VPC" else call.world.get(VirtualBorderRouter, id)
    if instance is None or instance.account != owner:
        raise refusal("ParameterInstanceId", id)
    if instance.region != region:
        raise refusal("ParameterIllegal.ChildInstanceRegionId", region)
    if isinstance(instance, VirtualBorderRouter):
        if instance.status != "active" or instance.pending:
            raise refusal("InvalidOperation.ChildInstanceStatus", f"{id} ({instance.status})")
        return instance
    rules.settled(instance, "OperationFailed.InvalidVpcStatus")
    _quiet(call.world, id)
    return instance


def _quiet(world: World, vpc_id: str) -> None:
    """While a vSwitch or a route of the VPC is in motion, it is neither attached nor detached."""
    for vswitch in checks.vswitches_of(world, vpc_id):
        rules.settled(vswitch, "IncorrectStatus.VpcSwitch")
    for entry in checks.entries_of(world, vpc_id):
        rules.settled(entry, "IncorrectStatus.VpcRouteTable")


def _require_grant(call: Call, instance: Instance, cen: Cen) -> None:
    """The owner of another account's instance grants it with the VPC product's GrantInstanceToCen."""
    if instance.account == call.account:
        return
    grant = call.world.get(CenGrant, f"{instance.id}:{cen.id}")
    if grant is None or grant.cen_owner != call.account:
        raise refusal("Forbbiden.AttachChildInstanceAcrossUid", instance.id)


def _require_basic_router(call: Call, cen: Cen, region: str) -> None:
    router = call.world.first(TransitRouter, cen_id=cen.id, region=region)
    if router is None:
        account = call.world.get(TransitRouterService, call.account)
        if account and not account.basic:
            raise refusal("OperationFailed.InvalidTransitRouter", region)
        rules.make_router(call, cen, region, type="Basic")
    elif router.type != "Basic":
        raise refusal("OperationFailed.InvalidTransitRouter", f"{router.id} is {router.type}")


def _require_room(call: Call, instance: Instance) -> None:
    """What else the instance is tied to must go together with a Basic router, which writes its routes into it."""
    most = rules.CENS_PER_VPC if isinstance(instance, Vpc) else rules.CENS_PER_VBR
    if len(attaching.ties(call.world, instance.id)) >= most:
        raise refusal("QuotaFull.ChildInstanceRelatedCen", instance.id)
    if isinstance(instance, Vpc) and call.world.first(VpcAttachment, vpc_id=instance.id, auto_publish=True):
        raise refusal("InvalidOperation.CenAlreadyAutoPubilshRouteToInstance", instance.id)
    if isinstance(instance, VirtualBorderRouter):
        interface = call.world.first(RouterInterface, router_id=instance.id)
        if interface:
            raise refusal("InvalidOperation.ChildInstanceRIAlreadyExist", interface.id)


def _tie(call: Call, cen: Cen) -> attaching.Tie:
    """What ties the named instance to the CEN."""
    _, id, kind, region = (call.params.text(name) for name in CHILD)
    tie = attaching.tie(call.world, cen.id, id)
    if tie is None or tie.region != region or _row(tie)["ChildInstanceType"] != kind:
        raise refusal("ParameterInstanceId", id)
    call.life.seen(tie)
    again = attaching.tie(call.world, cen.id, id)
    if again is None:
        raise refusal("ParameterInstanceId", id)
    return again


def _carries(world: World, route: RouteService, child: ChildInstance) -> bool:
    """Whether the route service needs the child: its host VPC, or the last border router of its access region."""
    if route.host_vpc_id == child.instance_id:
        return True
    routers = world.find(ChildInstance, cen_id=child.cen_id, type="VBR", region=child.region)
    return child.type == "VBR" and route.access_region == child.region and len(routers) == 1


# --- rows ---------------------------------------------------------------------------------------------


def _type(instance: Instance) -> str:
    return "VPC" if isinstance(instance, Vpc) else "VBR"


def _row(tie: attaching.Tie) -> dict[str, Any]:
    if isinstance(tie, ChildInstance):
        id, kind, owner = tie.instance_id, tie.type, tie.owner
    elif isinstance(tie, VbrAttachment):
        id, kind, owner = tie.vbr_id, "VBR", tie.vbr_owner
    else:
        id, kind, owner = tie.vpc_id, "VPC", tie.vpc_owner
    return {
        "CenId": tie.cen_id,
        "ChildInstanceId": id,
        "ChildInstanceType": kind,
        "ChildInstanceRegionId": tie.region,
        "ChildInstanceOwnerId": int(owner or tie.account),
        "ChildInstanceAttachTime": iso(tie.created, minutes=True),
        "Status": tie.status,
    }
