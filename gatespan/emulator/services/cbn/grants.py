"""Grants: the owner of a VPC or border router lets another account's transit router attach it."""

from __future__ import annotations

from typing import Any

from gatespan.emulator.call import Call, iso
from gatespan.emulator.services.cbn import attaching, rules
from gatespan.emulator.services.cbn.errors import refusal
from gatespan.emulator.services.cbn.models import Cen, ChildInstance, TransitRouterGrant
from gatespan.emulator.services.cbn.service import service
from gatespan.emulator.services.vpc.models import VirtualBorderRouter, Vpc
from gatespan.emulator.world import Thing

ASKED = ("CenId", "CenOwnerId", "InstanceId", "InstanceType")
TYPES = ("VPC", "ExpressConnect", "VPN", "ECR")
"""``ExpressConnect`` is a border router. The embedded cloud has no VPN connections nor ECRs: no such id exists."""
PAYERS = ("PayByCenOwner", "PayByResourceOwner")


@service.action("GrantInstanceToTransitRouter", required=ASKED)
def grant_instance_to_transit_router(call: Call) -> dict[str, Any]:
    """Called by the owner of the instance. Granting again changes who pays (choice)."""
    rules.service_open(call)
    params, instance = call.params, _own(call)
    cen = call.world.get(Cen, params.text("CenId"))
    if cen is None or cen.account != params.text("CenOwnerId"):
        raise refusal("IllegalParam.CenId", params.text("CenId"))
    rules.settled(instance, "OperationFailed.TaskConflict")
    id = f"{instance.id}:{cen.id}"
    held = call.world.get(TransitRouterGrant, id)
    grant = TransitRouterGrant(
        id=id,
        account=call.account,
        region=instance.region,
        created=held.created if held else call.now,
        cen_id=cen.id,
        cen_owner=cen.account,
        instance_id=instance.id,
        instance_type=params.text("InstanceType"),
        order_type=params.choice("OrderType", PAYERS, PAYERS[0]),
    )
    call.world.put(grant)
    return {}


@service.action("RevokeInstanceFromTransitRouter", required=ASKED)
def revoke_instance_from_transit_router(call: Call) -> dict[str, Any]:
    """Not while the instance is attached to that CEN through it."""
    instance, cen_id = _own(call), call.params.text("CenId")
    grant = call.world.get(TransitRouterGrant, f"{instance.id}:{cen_id}")
    if grant is None or grant.cen_owner != call.params.text("CenOwnerId"):
        raise refusal("InvalidInstanceId.NotFound", instance.id)
    tie = attaching.tie(call.world, cen_id, instance.id)
    if tie and not isinstance(tie, ChildInstance):
        raise refusal("IncorrectStatus.Cen", instance.id)
    call.world.remove(grant)
    return {}


@service.action("DescribeGrantRulesToResource", required=("ResourceId", "ProductType"))
def describe_grant_rules_to_resource(call: Call) -> dict[str, Any]:
    """As the owner of the instance sees it."""
    product, id = call.params.choice("ProductType", TYPES), call.params.text("ResourceId")
    found = call.listed(TransitRouterGrant, lambda g: g.instance_id == id and g.instance_type == product)
    rows, page = call.token_page(found)
    shown = [{**_terms(grant), "CreateTime": iso(grant.created, minutes=True)} for grant in rows]
    return {"GrantRules": shown, **page}


@service.action("DescribeGrantRulesToCen", required=("CenId", "ProductType"))
def describe_grant_rules_to_cen(call: Call) -> dict[str, Any]:
    """As the owner of the CEN sees it. The time is a number here: milliseconds (unit: choice)."""
    params = call.params
    cen = rules.cen_exists(call, params.text("CenId"))
    product, region = params.choice("ProductType", TYPES), params.optional("RegionId")
    child, owner = params.optional("ChildInstanceId"), params.optional("ChildInstanceOwnerId")
    found = [
        g
        for g in call.world.find(TransitRouterGrant, cen_id=cen.id, cen_owner=call.account, instance_type=product)
        if child in (None, g.instance_id) and owner in (None, g.account) and region in (None, g.region)
    ]
    rows, page = call.token_page(found)
    shown = [
        {
            **_terms(grant),
            "ChildInstanceId": grant.instance_id,
            "ChildInstanceType": grant.instance_type,
            "ChildInstanceRegionId": grant.region,
            "ChildInstanceOwnerId": int(grant.account),
            "CreateTime": int(grant.created * 1000),
        }
        for grant in rows
    ]
    return {"GrantRules": {"GrantRule": shown}, **page}


def _own(call: Call) -> Thing:
    """The caller's instance, in the region asked about."""
    id, kind = call.params.text("InstanceId"), call.params.choice("InstanceType", TYPES)
    call.params.integer("CenOwnerId")
    instance: Thing | None = None
    if kind in ("VPC", "ExpressConnect"):
        instance = call.mine(Vpc, id) if kind == "VPC" else call.mine(VirtualBorderRouter, id)
    if instance is None or call.params.optional("RegionId") not in (None, instance.region):
        raise refusal("InvalidVbr.NotFound" if kind == "ExpressConnect" else "InvalidInstanceId.NotFound", id)
    return instance


def _terms(grant: TransitRouterGrant) -> dict[str, Any]:
    return {
        "CenId": grant.cen_id,
        "CenOwnerId": int(grant.cen_owner),
        "OrderType": grant.order_type,
        "EffectiveOrderType": grant.order_type,
    }
