"""Life cycles, limits and shared checks of CEN.

Seconds: about 10 for a CEN, 45 for attachments, as seen in published acceptance runs of the Terraform provider; the
others are choices of the embedded cloud between the provider's first poll and its ceilings.

Concurrency, as the provider's retry lists show it and as the embedded cloud chooses to model it:

* An object in motion refuses writes to itself (``IncorrectStatus.*``).
* A CEN shows ``Modifying`` while a router, an attachment or a plan of it is in motion. Writes to the CEN itself, and
  associating or unassociating a plan, are refused meanwhile (``InvalidOperation.CenInstanceStatus``); writes to its
  routers and attachments are not, so several may be made at the same time. A router is not deleted while a plan is
  associated or unassociated (``IncorrectStatus.CenInstance``).
* While a vSwitch or route of a VPC is in motion, the VPC is neither attached nor detached (``IncorrectStatus.Vpc*``).
* Associations, propagations, static routes: one write at a time per attachment and one per route table; the second
  is refused (``Operation.Blocking``).
* Basic edition: children are attached and detached, limits are set one after the other per CEN
  (``InvalidOperation.CenInstanceStatus``); a route service waits for whatever is in motion (``Operation.Blocking``).
* While a border router or a route of its table is in motion, it is neither attached nor detached
  (``InstanceStatus.NotSupport``).
* Changed attributes hold at once; the object is ``Modifying`` for a while after it.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from gatespan.emulator import regions
from gatespan.emulator.call import Call
from gatespan.emulator.lifecycle import GONE, Transition
from gatespan.emulator.services.cbn.errors import refusal
from gatespan.emulator.services.cbn.models import (
    Association,
    BandwidthPackage,
    Cen,
    ChildInstance,
    InterRegionBandwidthLimit,
    PeerAttachment,
    Propagation,
    RouteService,
    TransitRouter,
    TransitRouterRouteEntry,
    TransitRouterRouteTable,
    TransitRouterService,
    VbrAttachment,
    VpcAttachment,
)
from gatespan.emulator.world import Thing, World

CEN_CREATE = Transition("Creating", "Active", 10)
CEN_UPDATE = Transition("Modifying", "Active", 5)
CEN_DELETE = Transition("Deleting", GONE, 10)
ROUTER_CREATE = Transition("Creating", "Active", 10)
ROUTER_UPDATE = Transition("Modifying", "Active", 5)
ROUTER_DELETE = Transition("Deleting", GONE, 10)
ATTACH = Transition("Attaching", "Attached", 45)
ATTACH_WITH_ROUTER = Transition("Attaching", "Attached", ROUTER_CREATE.seconds + ATTACH.seconds)
ATTACHMENT_UPDATE = Transition("Modifying", "Attached", 5)
DETACH = Transition("Detaching", GONE, 45)
TABLE_CREATE = Transition("Creating", "Active", 5)
TABLE_DELETE = Transition("Deleting", GONE, 5)
ASSOCIATE = Transition("Associating", "Active", 5)
REPLACE = Transition("Replacing", "Active", 5)
DISSOCIATE = Transition("Dissociating", GONE, 5)
ENABLE = Transition("Enabling", "Active", 5)
DISABLE = Transition("Disabling", GONE, 5)
ROUTE_CREATE = Transition("Creating", "Active", 3)
ROUTE_DELETE = Transition("Deleting", GONE, 3)
PLAN_CREATE = Transition("Idle", "Idle", 5)
PLAN_ASSOCIATE = Transition("Idle", "InUse", 5)
PLAN_UNASSOCIATE = Transition("InUse", "Idle", 5)
PLAN_RESIZE_SECONDS = 5.0
CHILD_ATTACH = Transition("Attaching", "Attached", 30)
CHILD_DETACH = Transition("Detaching", GONE, 30)
LIMIT_SET = Transition("Modifying", "Active", 5)
LIMIT_REMOVE = Transition("Modifying", GONE, 5)
SERVICE_CREATE = Transition("Creating", "Active", 10)
SERVICE_DELETE = Transition("Deleting", GONE, 10)
CHECK_ENABLE = Transition("Enabling", "Enabled", 5)
CHECK_DISABLE = Transition("Disabling", GONE, 5)
POLICY_CREATE = Transition("Creating", "Active", 5)
POLICY_UPDATE = Transition("Modifying", "Active", 5)
POLICY_DELETE = Transition("Deleting", GONE, 5)

ENFORCE_TWO_ZONES = True
"""In a region of several zones a VPC attachment needs vSwitches in two. The help page says so, the API page does not;
whether the service insists is not known: a choice, on the strict side."""
ZONE_MAPPINGS = 10
VPCS_PER_ROUTER = 1000
SYNCHRONISED_VPCS_PER_ROUTER = 50
CENS_PER_VPC = 5
"""A quota exists, its value is not published: choice."""
VBRS_PER_ROUTER = 100
CENS_PER_VBR = 1
"""Quotas exist, their values are not published: choices."""
CHILDREN_PER_BASIC_ROUTER = 10
"""Network instances of a Basic router by default (help page of the Cloud Firewall)."""
TEST_BANDWIDTH_KBITS = 1
"""Basic edition: kbit/s between two regions without a bandwidth limit, for tests (help page)."""
TAGS_PER_CALL = 20
RESOURCE_GROUP = "rg-default"

Attachment = VpcAttachment | VbrAttachment | PeerAttachment

AREAS = ("north-america", "europe", "asia-pacific", "china")
"""The geographic areas of bandwidth plans, in the order in which a span names them (``north-america_china``)."""


def area_of(region: str) -> str:
    """The area of a region: mainland regions are ``china``; Hong Kong counts to ``asia-pacific``."""
    if region.startswith("cn-") and region != "cn-hongkong":
        return "china"
    return {"us": "north-america", "eu": "europe"}.get(region.partition("-")[0], "asia-pacific")


def span(area_a: str, area_b: str) -> str:
    """The id of the pair of areas, the same in both directions."""
    return "_".join(sorted((area_a, area_b), key=AREAS.index))


def months_later(moment: float, months: int) -> float:
    """The same day and time some calendar months on (the month's last day where there is no such day)."""
    start = datetime.fromtimestamp(moment, UTC)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    day = min(start.day, calendar.monthrange(year, month + 1)[1])
    return start.replace(year=year, month=month + 1, day=day).timestamp()


def expiry(plan: BandwidthPackage, now: float) -> float:
    """When the plan ends; a plan that renews itself never has, it moves on by its term."""
    ends = plan.expires
    while plan.renew_months and ends and ends <= now:
        ends = months_later(ends, plan.renew_months)
    return ends


def business_status(plan: BandwidthPackage, now: float) -> str:
    """``FinancialLocked`` once the term is over (which word the service uses then is a choice)."""
    ends = expiry(plan, now)
    return "FinancialLocked" if ends and ends <= now else plan.business_status


# --- names and tags -----------------------------------------------------------------------------------


def names(call: Call, name: str, description: str) -> dict[str, Any]:
    """The name and description parameters that were given, checked, as fields of the model."""
    fields: dict[str, Any] = {}
    for field, parameter, longest, code in (
        ("name", name, 128, "InvalidName"),
        ("description", description, 256, "InvalidDescription"),
    ):
        if call.params.given(parameter):
            text = call.params.text(parameter, "")
            if len(text) > longest or text.startswith(("http://", "https://")):
                raise refusal(code)
            fields[field] = text
    return fields


def new_tags(call: Call) -> dict[str, str]:
    """``Tag.N`` of the call, checked: at most 20, keys of 64 and values of 128 characters, no reserved prefix."""
    tags = call.params.tags()
    if len(call.params.structs("Tag")) > TAGS_PER_CALL:
        raise refusal("NumberExceed.Tags")
    for key, value in tags.items():
        if len(key) > 64 or key.startswith(("aliyun", "acs:", "http://", "https://")):
            raise refusal("InvalidTagKey", key)
        if len(value) > 128 or value.startswith(("http://", "https://")):
            raise refusal("InvalidTagValue", value)
    return tags


def tag_rows(thing: Thing) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in thing.tags.items()]


# --- states -------------------------------------------------------------------------------------------


def service_open(call: Call) -> None:
    service = call.world.get(TransitRouterService, call.account)
    if service is None or not service.enabled:
        raise refusal("Forbbiden.TransitRouterServiceNotOpen")


def in_motion(world: World, cen_id: str) -> list[Thing]:
    """The routers, attachments, children, limits, route services and plans of the CEN that are in transition."""
    index: dict[str, list[Thing]] = world.derived("cbn.moving", _moving)
    return index.get(cen_id, [])


def _moving(world: World) -> dict[str, list[Thing]]:
    children: Iterable[
        TransitRouter | Attachment | BandwidthPackage | ChildInstance | InterRegionBandwidthLimit | RouteService
    ] = (
        *world.all(TransitRouter),
        *world.all(VpcAttachment),
        *world.all(VbrAttachment),
        *world.all(PeerAttachment),
        *world.all(BandwidthPackage),
        *world.all(ChildInstance),
        *world.all(InterRegionBandwidthLimit),
        *world.all(RouteService),
    )
    index: dict[str, list[Thing]] = {}
    for child in children:
        if child.pending and child.cen_id:
            index.setdefault(child.cen_id, []).append(child)
    return index


def cen_status(world: World, cen: Cen) -> str:
    """The status shown: ``Modifying`` while a child is in motion."""
    return "Modifying" if cen.status == "Active" and in_motion(world, cen.id) else cen.status


def cen_exists(call: Call, cen_id: str | None, missing: str = "ParameterCenInstanceId") -> Cen:
    cen = call.mine(Cen, cen_id)
    if cen is None:
        raise refusal(missing, cen_id)
    return cen


def cen_settled(call: Call, cen: Cen) -> None:
    """For writes to the CEN itself: nothing of it may be in motion."""
    if cen_status(call.world, cen) != "Active":
        raise refusal("InvalidOperation.CenInstanceStatus", cen.id)


def cen_alive(cen: Cen) -> None:
    """For writes to its routers and attachments: it must be neither creating nor deleting."""
    if cen.status not in ("Active", "Modifying"):
        raise refusal("InvalidOperation.CenInstanceStatus", cen.id)


def settled(thing: Thing, code: str = "IncorrectStatus.Status") -> None:
    if thing.pending:
        raise refusal(code, thing.id)


def blocking(call: Call, attachment_id: str, table_id: str) -> None:
    """Refuse while an association, propagation or static route of the attachment or the table is in motion."""
    moving: Iterable[Association | Propagation] = (*call.world.all(Association), *call.world.all(Propagation))
    for link in moving:
        if link.pending and (link.table_id == table_id or link.attachment_id == attachment_id):
            raise refusal("Operation.Blocking", table_id if link.table_id == table_id else attachment_id)
    for entry in call.world.all(TransitRouterRouteEntry):
        if entry.pending and entry.table_id == table_id:
            raise refusal("Operation.Blocking", table_id)


# --- attachments and tables ---------------------------------------------------------------------------


def find_attachment(call: Call, id: str | None) -> Attachment | None:
    return call.mine(VpcAttachment, id) or call.mine(VbrAttachment, id) or call.mine(PeerAttachment, id)


def ends(attachment: Attachment) -> tuple[str, ...]:
    """The routers the attachment belongs to: one, or both ends of an inter-region connection."""
    if isinstance(attachment, PeerAttachment):
        return (attachment.transit_router_id, attachment.peer_transit_router_id)
    return (attachment.transit_router_id,)


def resource_behind(attachment: Attachment, router_id: str) -> tuple[str, str]:
    """Id and type of what is behind the attachment as seen from a router."""
    if isinstance(attachment, VpcAttachment):
        return attachment.vpc_id, "VPC"
    if isinstance(attachment, VbrAttachment):
        return attachment.vbr_id, "VBR"
    near, far = attachment.transit_router_id, attachment.peer_transit_router_id
    return (far if router_id == near else near), "TR"


def make_system_table(call: Call, router: TransitRouter) -> None:
    """The route table that is made with its router and dies with it."""
    call.begin(
        TransitRouterRouteTable(
            id=call.ids.regional("vtb", router.region),
            account=router.account,
            region=router.region,
            created=call.now,
            transit_router_id=router.id,
        ),
        TABLE_CREATE,
    )


def make_router(call: Call, cen: Cen, region: str, **fields: Any) -> TransitRouter:
    """Start a transit router and its system table: after all checks that the ways of making one share."""
    cen_alive(cen)
    if not regions.zones(call.world, region):
        raise refusal("OperationUnsupported.RegionId", region)
    existing = call.world.first(TransitRouter, cen_id=cen.id, region=region)
    if existing:
        raise refusal("InstanceExist.TransitRouterInstance", existing.id)
    router = TransitRouter(
        id=call.ids.regional("tr", region),
        account=call.account,
        region=region,
        created=call.now,
        cen_id=cen.id,
        **fields,
    )
    make_system_table(call, router)
    return call.begin(router, ROUTER_CREATE)


def plan_use(world: World, plan_id: str, *, without: str = "") -> int:
    """Mbit/s that the plan's connections and limits take, one of them left aside."""
    users: tuple[PeerAttachment | InterRegionBandwidthLimit, ...] = (
        *world.find(PeerAttachment, package_id=plan_id),
        *world.find(InterRegionBandwidthLimit, package_id=plan_id),
    )
    return sum(user.bandwidth for user in users if user.id != without)


def plan_of(call: Call, cen_id: str, areas: str) -> BandwidthPackage | None:
    """The plan of the CEN for the pair of areas (a CEN has one per pair)."""
    plans = call.world.find(BandwidthPackage, cen_id=cen_id)
    return next((p for p in plans if span(p.area_a, p.area_b) == areas), None)


def basic_kbits(world: World, cen_id: str, region_a: str, region_b: str) -> int:
    """Basic edition: kbit/s between two regions of the CEN: the limit that is set, else the test bandwidth."""
    limit = world.get(InterRegionBandwidthLimit, limit_id(cen_id, region_a, region_b))
    return limit.bandwidth * 1000 if limit else TEST_BANDWIDTH_KBITS


def limit_id(cen_id: str, region_a: str, region_b: str) -> str:
    return ":".join((cen_id, *sorted((region_a, region_b))))


def drop_dependants(world: World, attachment: Attachment) -> None:
    """What ``Force`` removes with an attachment: associations, propagations, static routes of the routers."""
    dependants: list[Thing] = [
        *world.find(Association, attachment_id=attachment.id),
        *world.find(Propagation, attachment_id=attachment.id),
        *world.find(TransitRouterRouteEntry, next_hop_id=attachment.id),
    ]
    for thing in dependants:
        world.remove(thing)


def no_dependants(world: World, attachment: Attachment) -> None:
    """Refuse to detach while a router's table still knows the attachment."""
    association = world.first(Association, attachment_id=attachment.id)
    if association:
        raise refusal("OperationFailed.RouteTableAssociationExist", association.table_id)
    propagation = world.first(Propagation, attachment_id=attachment.id)
    if propagation:
        raise refusal("OperationFailed.RouteTablePropagationExist", propagation.table_id)
    entry = world.first(TransitRouterRouteEntry, next_hop_id=attachment.id)
    if entry:
        raise refusal("OperationFailed.RouteEntryExist", entry.id)
