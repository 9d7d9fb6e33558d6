"""Grants: the owner of a VPC or border router lets another account's CEN attach it."""

from __future__ import annotations

from typing import Any

from gatespan.emulator.call import Call, iso
from gatespan.emulator.services.vpc import checks
from gatespan.emulator.services.vpc.errors import refusal
from gatespan.emulator.services.vpc.models import CenGrant, VirtualBorderRouter, Vpc
from gatespan.emulator.services.vpc.service import service
from gatespan.emulator.world import Thing

KINDS: dict[str, type[Thing] | None] = {"VPC": Vpc, "VBR": VirtualBorderRouter, "CCN": None}
"""The embedded cloud has no cloud connect networks: no such id exists."""
ASKED = ("RegionId", "CenId", "CenOwnerId", "InstanceId", "InstanceType")


@service.action("GrantInstanceToCen", required=ASKED, token="ClientToken")
def grant_instance_to_cen(call: Call) -> None:
    """The CEN need not exist yet, nor is it looked up: it is another account's. Granting again is no error: choice."""
    instance, params = _instance(call), call.params
    grant = CenGrant(
        id=f"{instance.id}:{params.text('CenId')}",
        account=call.account,
        region=instance.region,
        created=call.now,
        instance_id=instance.id,
        instance_type=params.text("InstanceType"),
        cen_id=params.text("CenId"),
        cen_owner=params.text("CenOwnerId"),
    )
    if call.world.get(CenGrant, grant.id) is None:
        call.world.put(grant)


@service.action("RevokeInstanceFromCen", required=ASKED, token="ClientToken")
def revoke_instance_from_cen(call: Call) -> None:
    """An attachment that stands is not touched by it."""
    instance, params = _instance(call), call.params
    grant = call.world.get(CenGrant, f"{instance.id}:{params.text('CenId')}")
    if grant is None or grant.cen_owner != params.text("CenOwnerId"):
        raise refusal("InvalidInstanceId.NotFound", f"{instance.id} is not granted to {params.text('CenId')}")
    call.world.remove(grant)


@service.action("DescribeGrantRulesToCen", required=("RegionId", "InstanceId", "InstanceType"))
def describe_grant_rules_to_cen(call: Call) -> dict[str, Any]:
    instance = _instance(call)
    rows, page = call.page(call.listed(CenGrant, lambda grant: grant.instance_id == instance.id))
    rules = [{"CenInstanceId": g.cen_id, "CenOwnerId": int(g.cen_owner), "CreationTime": iso(g.created)} for g in rows]
    return {"CenGrantRules": {"CbnGrantRule": rules}, **page}


def _instance(call: Call) -> Thing:
    checks.region_of(call)
    call.params.integer("CenOwnerId", 0)
    kind, id = KINDS[call.params.choice("InstanceType", tuple(KINDS))], call.params.text("InstanceId")
    instance = checks.here(call, kind, id) if kind else None
    if instance is None:
        raise refusal("InvalidInstanceId.NotFound", id)
    return instance
