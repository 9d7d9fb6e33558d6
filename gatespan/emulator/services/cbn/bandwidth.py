"""Bandwidth plans (CEN bandwidth packages) and the geographic areas that they join.

A plan costs money and cannot be given back during its term; it serves one CEN at a time, and a CEN takes one plan
per pair of areas.
"""

from __future__ import annotations

import re
from typing import Any

from gatespan.emulator import regions
from gatespan.emulator.call import Call, iso, tagged
from gatespan.emulator.lifecycle import Transition
from gatespan.emulator.services.cbn import rules
from gatespan.emulator.services.cbn.errors import refusal
from gatespan.emulator.services.cbn.models import BandwidthPackage, InterRegionBandwidthLimit, PeerAttachment
from gatespan.emulator.services.cbn.service import service
from gatespan.emulator.world import Thing, World

NAME = re.compile(r"[A-Za-z\u4e00-\u9fff][\w-]{1,127}")
LEAST, MOST = 2, 10_000
"""Mbit/s that a plan may have (help page)."""
TERMS = {"Month": {1: 1, 2: 2, 3: 3, 6: 6}, "Year": {1: 12, 2: 24, 3: 36}}
"""Months by pricing cycle and period."""


@service.action(
    "CreateCenBandwidthPackage",
    required=("Bandwidth", "GeographicRegionAId", "GeographicRegionBId"),
    token="ClientToken",
)
def create_cen_bandwidth_package(call: Call) -> dict[str, Any]:
    """Without ``AutoPay`` only an order exists: no plan until a person pays it, so no id is answered."""
    params = call.params
    bandwidth = _bandwidth(call)
    areas = [params.text(name).lower() for name in ("GeographicRegionAId", "GeographicRegionBId")]
    for area in areas:
        if area not in rules.AREAS:
            raise refusal("ParameterIllegal.BandwidthPackage", f"no such area as {area}")
    charge_type = params.text("BandwidthPackageChargeType", "PREPAY")
    if charge_type not in ("PREPAY", "POSTPAY"):
        raise refusal("UnSupported.ChargeType", charge_type)
    months = _term(call) if charge_type == "PREPAY" else 0
    renews = params.integer("AutoRenewDuration", 1, least=1) if params.boolean("AutoRenew", False) else 0
    fields, tags = _names(call), rules.new_tags(call)
    order = {"CenBandwidthPackageOrderId": call.ids.digits(15)}
    if not params.boolean("AutoPay", False):
        return order
    plan = BandwidthPackage(
        id=call.ids.plain("cenbwp"),
        account=call.account,
        created=call.now,
        bandwidth=bandwidth,
        area_a=areas[0],
        area_b=areas[1],
        charge_type=charge_type,
        expires=rules.months_later(call.now, months) if months else 0.0,
        renew_months=renews,
        tags=tags,
        **fields,
    )
    call.begin(plan, rules.PLAN_CREATE)
    return {"CenBandwidthPackageId": plan.id, **order}


@service.action("ModifyCenBandwidthPackageAttribute", required=("CenBandwidthPackageId",))
def modify_cen_bandwidth_package_attribute(call: Call) -> dict[str, Any]:
    call.world.change(_existing(call), **_names(call))
    return {}


@service.action("ModifyCenBandwidthPackageSpec", required=("CenBandwidthPackageId", "Bandwidth"))
def modify_cen_bandwidth_package_spec(call: Call) -> dict[str, Any]:
    """The new bandwidth shows when the change has ended. Never below what the connections take (code: choice)."""
    plan, bandwidth = _existing(call), _bandwidth(call)
    rules.settled(plan, "InvalidStatus.Resource")
    if bandwidth == plan.bandwidth:
        raise refusal("Operation.Failed", bandwidth)
    used = rules.plan_use(call.world, plan.id)
    if bandwidth < used:
        raise refusal("InvalidOperation.BwpBandwidthExceeded", f"connections take {used} Mbit/s")
    resize = Transition(plan.status, plan.status, rules.PLAN_RESIZE_SECONDS)
    call.begin(call.world.change(plan, ordered=bandwidth), resize)
    return {}


@service.action("AssociateCenBandwidthPackage", required=("CenId", "CenBandwidthPackageId"))
def associate_cen_bandwidth_package(call: Call) -> dict[str, Any]:
    plan = _existing(call)
    cen = rules.cen_exists(call, call.params.text("CenId"))
    if plan.status != "Idle" or plan.pending:
        raise refusal("InvalidOperation.BwpInstanceStatus", plan.id)
    if rules.business_status(plan, call.now) != "Normal":
        raise refusal("InvalidOperation.BwpBusinessStatus", plan.id)
    for other in call.world.find(BandwidthPackage, cen_id=cen.id):
        if _span(other) == _span(plan):
            raise refusal("OperationInvalid.UserCanNotUseBwp", other.id)
    rules.cen_settled(call, cen)
    call.begin(call.world.change(plan, cen_id=cen.id), rules.PLAN_ASSOCIATE)
    return {}


@service.action("UnassociateCenBandwidthPackage", required=("CenId", "CenBandwidthPackageId"))
def unassociate_cen_bandwidth_package(call: Call) -> dict[str, Any]:
    plan = _existing(call)
    cen = rules.cen_exists(call, call.params.text("CenId"))
    if plan.status != "InUse" or plan.pending or plan.cen_id != cen.id:
        raise refusal("InvalidOperation.BwpInstanceStatus", plan.id)
    if rules.plan_use(call.world, plan.id) or call.world.first(PeerAttachment, package_id=plan.id):
        raise refusal("InvalidOperation.CenBandwidthLimitsNotZero", plan.id)
    rules.cen_settled(call, cen)
    call.begin(plan, rules.PLAN_UNASSOCIATE)
    return {}


@service.on_end(BandwidthPackage, "InUse")
def plan_is_in_use(world: World, plan: Thing) -> None:
    assert isinstance(plan, BandwidthPackage)
    world.change(plan, bandwidth=plan.ordered or plan.bandwidth, ordered=0)


@service.on_end(BandwidthPackage, "Idle")
def plan_is_idle(world: World, plan: Thing) -> None:
    assert isinstance(plan, BandwidthPackage)
    world.change(plan, bandwidth=plan.ordered or plan.bandwidth, ordered=0, cen_id="")


@service.action("DeleteCenBandwidthPackage", required=("CenBandwidthPackageId",))
def delete_cen_bandwidth_package(call: Call) -> dict[str, Any]:
    plan = _existing(call)
    if plan.status != "Idle" or plan.pending:
        raise refusal("InvalidOperation.BwpInstanceStatus", plan.id)
    if rules.expiry(plan, call.now) > call.now:
        raise refusal("Forbidden.Release", plan.id)
    call.world.remove(plan)
    return {}


@service.action("DescribeCenBandwidthPackages")
def describe_cen_bandwidth_packages(call: Call) -> dict[str, Any]:
    filters = call.params.filters()
    any_or_all = any if filters and call.params.boolean("IsOrKey", False) else all
    fields = {"CenId": "cen_id", "Status": "status", "CenBandwidthPackageId": "id", "Name": "name"}
    for key in filters.keys() - fields.keys():
        raise call.params.codes.invalid("Filter", key)
    plans = call.listed(
        BandwidthPackage, lambda p: any_or_all(getattr(p, fields[k]) in values for k, values in filters.items())
    )
    rows, page = call.page(tagged(plans, call.params.tags()))
    return {"CenBandwidthPackages": {"CenBandwidthPackage": [_row(call, plan) for plan in rows]}, **page}


# --- areas --------------------------------------------------------------------------------------------


@service.action("DescribeCenGeographicSpans")
def describe_cen_geographic_spans(call: Call) -> dict[str, Any]:
    wanted = call.params.optional("GeographicSpanId")
    pairs = [(a, b) for i, a in enumerate(rules.AREAS) for b in rules.AREAS[i:]]
    spans = [
        {"GeographicSpanId": rules.span(a, b), "LocalGeoRegionId": a, "OppositeGeoRegionId": b}
        for a, b in pairs
        if wanted in (None, rules.span(a, b))
    ]
    rows, page = call.page(spans)
    return {"GeographicSpanModels": {"GeographicSpanModel": list(rows)}, **page}


@service.action("DescribeGeographicRegionMembership", required=("GeographicRegionId",))
def describe_geographic_region_membership(call: Call) -> dict[str, Any]:
    area = call.params.text("GeographicRegionId").lower()
    if area not in rules.AREAS:
        raise call.params.codes.invalid("GeographicRegionId", area)
    rows, page = call.page([r for r in regions.regions(call.world) if rules.area_of(r) == area])
    return {"RegionIds": {"RegionId": [{"RegionId": region} for region in rows]}, **page}


@service.action(
    "DescribeCenGeographicSpanRemainingBandwidth", required=("CenId", "GeographicRegionAId", "GeographicRegionBId")
)
def describe_cen_geographic_span_remaining_bandwidth(call: Call) -> dict[str, Any]:
    cen = rules.cen_exists(call, call.params.text("CenId"))
    areas = [call.params.text(name).lower() for name in ("GeographicRegionAId", "GeographicRegionBId")]
    for area in areas:
        if area not in rules.AREAS:
            raise call.params.codes.invalid("GeographicRegionId", area)
    left = [
        plan.bandwidth - rules.plan_use(call.world, plan.id)
        for plan in call.world.find(BandwidthPackage, cen_id=cen.id, status="InUse")
        if _span(plan) == rules.span(*areas)
    ]
    return {"RemainingBandwidth": sum(left)}


# --- checks and rows ----------------------------------------------------------------------------------


def _existing(call: Call) -> BandwidthPackage:
    plan = call.mine(BandwidthPackage, call.params.text("CenBandwidthPackageId"))
    if plan is None:
        raise refusal("ParameterBwpInstanceId", call.params.text("CenBandwidthPackageId"))
    return plan


def _bandwidth(call: Call) -> int:
    bandwidth = call.params.integer("Bandwidth")
    if not LEAST <= bandwidth <= MOST:
        raise refusal("ParameterIllegal.BandwidthPackage", f"{bandwidth} is not {LEAST} to {MOST} Mbit/s")
    return bandwidth


def _term(call: Call) -> int:
    cycle, period = call.params.text("PricingCycle", "Month"), call.params.integer("Period", 1)
    months = TERMS.get(cycle, {}).get(period)
    if months is None:
        raise refusal("ParameterIllegal.BandwidthPackage", f"no term of {period} {cycle}")
    return months


def _names(call: Call) -> dict[str, Any]:
    """Stricter than elsewhere: 2 to 128 letters, digits, ``_`` or ``-``, a letter in front."""
    fields = rules.names(call, "Name", "Description")
    if fields.get("name") and not NAME.fullmatch(fields["name"]):
        raise refusal("InvalidName")
    return fields


def _span(plan: BandwidthPackage) -> str:
    return rules.span(plan.area_a, plan.area_b)


def _row(call: Call, plan: BandwidthPackage) -> dict[str, Any]:
    ends = rules.expiry(plan, call.now)
    taken = [
        *((p.region, p.peer_region, p.bandwidth) for p in call.world.find(PeerAttachment, package_id=plan.id)),
        *(
            (limit.local_region, limit.opposite_region, limit.bandwidth)
            for limit in call.world.find(InterRegionBandwidthLimit, package_id=plan.id)
        ),
    ]
    limits = [
        {
            "LocalRegionId": local,
            "OppositeRegionId": opposite,
            "BandwidthLimit": str(bandwidth),
            "GeographicSpanId": _span(plan),
        }
        for local, opposite, bandwidth in taken
    ]
    return {
        "CenBandwidthPackageId": plan.id,
        "Name": plan.name,
        "Description": plan.description,
        "Bandwidth": plan.bandwidth,
        "Status": plan.status,
        "BusinessStatus": rules.business_status(plan, call.now),
        "BandwidthPackageChargeType": plan.charge_type,
        "GeographicRegionAId": plan.area_a,
        "GeographicRegionBId": plan.area_b,
        "GeographicSpanId": _span(plan),
        "CenIds": {"CenId": [plan.cen_id] if plan.cen_id else []},
        "OrginInterRegionBandwidthLimits": {"OrginInterRegionBandwidthLimit": limits},
        "CreationTime": iso(plan.created, minutes=True),
        "ExpiredTime": iso(ends, minutes=True) if ends else "",
        "IsCrossBorder": plan.area_a != plan.area_b and "china" in (plan.area_a, plan.area_b),
        "HasReservationData": "false",
        "ResourceGroupId": rules.RESOURCE_GROUP,
        "Tags": {"Tag": rules.tag_rows(plan)},
    }
