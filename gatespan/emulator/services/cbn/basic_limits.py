"""Basic edition: bandwidth between two regions, taken out of the plan of their areas.

Without a limit two regions have the test bandwidth of 1 kbit/s (``rules.basic_kbits``) and no row here.
"""

from __future__ import annotations

from typing import Any

from gatespan.emulator.call import Call
from gatespan.emulator.services.cbn import rules
from gatespan.emulator.services.cbn.errors import refusal
from gatespan.emulator.services.cbn.models import (
    BandwidthPackage,
    Cen,
    ChildInstance,
    InterRegionBandwidthLimit,
    TransitRouter,
)
from gatespan.emulator.services.cbn.service import service


@service.action(
    "SetCenInterRegionBandwidthLimit", required=("CenId", "LocalRegionId", "OppositeRegionId", "BandwidthLimit")
)
def set_cen_inter_region_bandwidth_limit(call: Call) -> dict[str, Any]:
    """Makes, changes and, with 0, removes the limit; removing one that is not there is no error (choice)."""
    params = call.params
    cen = rules.cen_exists(call, params.text("CenId"))
    near, far = params.text("LocalRegionId"), params.text("OppositeRegionId")
    bandwidth = params.integer("BandwidthLimit")
    if bandwidth < 0:
        raise refusal("IllegalParam.Bandwidth", bandwidth)
    if params.text("BandwidthType", "BandwidthPackage") != "BandwidthPackage":
        raise refusal("OperationUnsupported.BandwidthType", params.text("BandwidthType"))
    _require_basic(call, cen, near, far)
    rules.cen_settled(call, cen)
    limit = call.world.get(InterRegionBandwidthLimit, rules.limit_id(cen.id, near, far))
    if not bandwidth:
        if limit:
            call.begin(limit, rules.LIMIT_REMOVE)
        return {}
    plan = _plan(call, cen, near, far, bandwidth, limit)
    wanted = InterRegionBandwidthLimit(
        id=rules.limit_id(cen.id, near, far),
        account=call.account,
        created=limit.created if limit else call.now,
        cen_id=cen.id,
        local_region=limit.local_region if limit else near,
        opposite_region=limit.opposite_region if limit else far,
        bandwidth=bandwidth,
        package_id=plan.id,
    )
    call.begin(wanted, rules.LIMIT_SET)
    return {}


@service.action("DescribeCenInterRegionBandwidthLimits")
def describe_cen_inter_region_bandwidth_limits(call: Call) -> dict[str, Any]:
    """Limits belong to Basic Edition; with Enterprise Edition the bandwidth is the connection's."""
    cen_id, region = call.params.optional("CenId"), call.params.optional("TrRegionId")
    if cen_id:
        rules.cen_exists(call, cen_id)
    found = call.listed(
        InterRegionBandwidthLimit,
        lambda limit: cen_id in (None, limit.cen_id) and region in (None, limit.local_region, limit.opposite_region),
    )
    rows, page = call.page(found)
    limits = [
        {
            "CenId": limit.cen_id,
            "LocalRegionId": limit.local_region,
            "OppositeRegionId": limit.opposite_region,
            "BandwidthLimit": limit.bandwidth,
            "BandwidthType": "BandwidthPackage",
            "BandwidthPackageId": limit.package_id,
            "GeographicSpanId": _areas(limit.local_region, limit.opposite_region),
            "Status": limit.status,
        }
        for limit in rows
    ]
    return {"CenInterRegionBandwidthLimits": {"CenInterRegionBandwidthLimit": limits}, **page}


def _require_basic(call: Call, cen: Cen, near: str, far: str) -> None:
    """Two regions with instances attached the Basic way."""
    if near == far:
        raise refusal("OperationFailed.InvalidOperation", f"{near} twice")
    for region in (near, far):
        router = call.world.first(TransitRouter, cen_id=cen.id, region=region)
        if router and router.type != "Basic":
            raise refusal("OperationUnsupported.Attachment", router.id)
        if call.world.first(ChildInstance, cen_id=cen.id, region=region) is None:
            raise refusal("OperationFailed.InvalidOperation", f"nothing is attached in {region}")


def _plan(
    call: Call, cen: Cen, near: str, far: str, bandwidth: int, before: InterRegionBandwidthLimit | None
) -> BandwidthPackage:
    """The plan of the two areas, with room for the limit (codes as for an inter-region connection: choice)."""
    areas = _areas(near, far)
    plan = rules.plan_of(call, cen.id, areas)
    if plan is None:
        raise refusal("InvalidOperation.BwpNotAssociated", areas)
    if rules.business_status(plan, call.now) != "Normal":
        raise refusal("InvalidOperation.BwpBusinessStatus", plan.id)
    left = plan.bandwidth - rules.plan_use(call.world, plan.id, without=before.id if before else "")
    if bandwidth > left:
        raise refusal("InvalidOperation.BwpBandwidthExceeded", f"{left} of {plan.bandwidth} Mbit/s are left")
    return plan


def _areas(near: str, far: str) -> str:
    return rules.span(rules.area_of(near), rules.area_of(far))
