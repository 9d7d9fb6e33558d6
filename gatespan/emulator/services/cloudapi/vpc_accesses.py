"""VPC access authorisations: which addresses behind which VPC the gateway may call.

They open one address and port each and change nothing in the VPC: no route, interface or rule (help page). What they
mean for APIs is in ``vpc_access_use``; the changes that live APIs follow are in ``vpc_access_tasks``.
"""

from __future__ import annotations

import ipaddress
from typing import Any

from gatespan.emulator.call import Call, iso, tagged
from gatespan.emulator.models import Machine
from gatespan.emulator.services.cloudapi import rules, vpc_access_use
from gatespan.emulator.services.cloudapi.answers import group_name
from gatespan.emulator.services.cloudapi.errors import invalid, locked, not_found, repeated
from gatespan.emulator.services.cloudapi.models import DeployedApi, VpcAccess, VpcAccessTask
from gatespan.emulator.services.cloudapi.service import service
from gatespan.emulator.services.vpc.models import Vpc

TARGET = ("VpcId", "InstanceId", "Port")


@service.action("SetVpcAccess", required=("Name", *TARGET))
def set_vpc_access(call: Call) -> dict[str, Any]:
    """There is no token: after a lost answer the same call is refused as repeated. (That the VPC, instance and port
    together are unique: choice, as they are the key of the removal.)"""
    name = rules.name(call, "Name")
    vpc, instance, port = read_target(call)
    if vpc_access_use.by_name(call.world, call.account, call.region, name):
        raise repeated("VpcAccessName")
    if vpc_access_use.by_target(call, vpc, instance, port):
        raise repeated("VpcAccess")
    made = call.world.put(
        VpcAccess(
            id=call.ids.hexadecimal(32),
            account=call.account,
            region=call.region,
            created=call.now,
            tags=rules.tags(call),
            name=name,
            vpc_id=vpc,
            instance_id=instance,
            port=port,
            host=call.params.text("VpcTargetHostName", ""),
            description=rules.description(call),
        )
    )
    return {"VpcAccessId": made.id}


def read_target(call: Call, old: VpcAccess | None = None) -> tuple[str, str, int]:
    """VpcId, InstanceId and Port of the call, or where not given of the old authorisation, checked.

    Raises NotFoundVpc (not of this account and region), InvalidVpcStatus, NotFoundInstanceId, InvalidInstanceId,
    InvalidPort.
    """
    vpc_id = call.params.text("VpcId", old.vpc_id if old else None)
    vpc = call.world.get(Vpc, vpc_id)
    if vpc is None or vpc.account != call.account or vpc.region != call.region:
        raise not_found("Vpc", vpc_id)
    if vpc.status != "Available":
        raise invalid("VpcStatus", vpc.status, f"{vpc.id} must be Available.")
    port = call.params.integer("Port", old.port if old else None, least=1, most=65535)
    return vpc.id, _instance(call, vpc, call.params.text("InstanceId", old.instance_id if old else None)), port


def _instance(call: Call, vpc: Vpc, id: str) -> str:
    """An ECS instance of the VPC, or an address. An address may lie anywhere: on premises it is outside of the VPC
    (hybrid scenario of the help page). An internal CLB would be taken by its id, but none exists in this cloud, so
    every ``lb-`` id is refused as absent (choice)."""
    if id.startswith(("i-", "lb-")):
        machine = call.world.get(Machine, id)
        if machine is None or machine.account != call.account or machine.vpc_id != vpc.id:
            raise not_found("InstanceId", f"{id} in {vpc.id}")
        return id
    try:
        address = ipaddress.IPv4Address(id)
    except ValueError:
        raise invalid("InstanceId", id, "It must be the id of an instance, or an IPv4 address.") from None
    if address.is_multicast or address.is_unspecified or address.is_loopback or address.is_link_local:
        raise invalid("InstanceId", id, "It must be the address of a host.")
    return id


@service.action("DescribeVpcAccesses")
def describe_vpc_accesses(call: Call) -> dict[str, Any]:
    """By default names, ids and ports match in part, with AccurateQuery exactly (which of them do: choice).
    ``VpcAccessId`` always matches exactly."""
    params = call.params
    exact, id = params.boolean("AccurateQuery", False), params.optional("VpcAccessId")
    asked = {key: params.flat[key] for key in ("Name", *TARGET) if key in params}

    def shown(access: VpcAccess) -> bool:
        row = vpc_access_use.address(access)
        fits = all(str(row[k]) == v if exact else v in str(row[k]) for k, v in asked.items())
        return fits and id in (None, access.id)

    found = [a for a in tagged(rules.listed(call, VpcAccess), params.tags()) if shown(a)]
    page, counts = call.page(found, most=100)
    return {"VpcAccessAttributes": {"VpcAccessAttribute": [_row(a) for a in page]}, **counts}


def _row(access: VpcAccess) -> dict[str, Any]:
    return {
        **vpc_access_use.address(access),
        "VpcAccessId": access.id,
        "RegionId": access.region,
        "Description": access.description,
        "CreatedTime": iso(access.created),
        "Tags": {"TagInfo": [{"Key": k, "Value": v} for k, v in access.tags.items()]},
    }


@service.action("RemoveVpcAccess", required=TARGET)
def remove_vpc_access(call: Call) -> dict[str, Any]:
    """Live APIs that use it stay live and break; they are named in the answer. NeedBatchWork changes nothing
    (choice)."""
    access = to_remove(call)
    rows = [
        {"ApiId": live.api_id, "GroupId": live.group_id, "StageId": stage_id(live)}
        for live in vpc_access_use.users(call.world, access)
    ]
    call.world.remove(access)
    return {"Apis": {"Api": rows}}


def to_remove(call: Call) -> VpcAccess:
    """The authorisation of VpcId, InstanceId and Port. Raises NotFoundVpcAccess, ConcurrencyLockTimeout."""
    call.params.boolean("NeedBatchWork", False)
    vpc, instance, port = call.params.text("VpcId"), call.params.text("InstanceId"), call.params.integer("Port")
    access = vpc_access_use.by_target(call, vpc, instance, port)
    if access is None:
        raise not_found("VpcAccess", f"of {instance}:{port} in {vpc}")
    return idle(call, access)


def idle(call: Call, access: VpcAccess) -> VpcAccess:
    """The authorisation, unless live APIs still follow its last change (choice)."""
    if any(task.pending for task in call.world.find(VpcAccessTask, access_id=access.id)):
        raise locked(f"the VPC access {access.name}")
    return access


def stage_id(live: DeployedApi) -> str:
    return live.stage.lower()


@service.action("DescribeApisByVpcAccess", required=("VpcName",))
def describe_apis_by_vpc_access(call: Call) -> dict[str, Any]:
    """The live APIs that use it, with the address that it stands for now (which may be another than theirs: choice).
    An absent one is refused (choice)."""
    name = call.params.text("VpcName")
    access = vpc_access_use.by_name(call.world, call.account, call.region, name)
    if access is None:
        raise not_found("VpcAccess", name)
    page, counts = call.page(vpc_access_use.users(call.world, access), most=100)
    rows = [
        {
            "ApiId": live.api_id,
            "ApiName": live.name,
            "GroupId": live.group_id,
            "GroupName": group_name(call.world, live.group_id),
            "StageId": stage_id(live),
            "StageName": live.stage,
            "Method": live.definition["RequestConfig"]["RequestHttpMethod"],
            "Path": live.definition["RequestConfig"]["RequestPath"],
            "VpcName": access.name,
            "VpcId": access.vpc_id,
            "InstanceId": access.instance_id,
            "Port": access.port,
            "RegionId": live.region,
            "Description": live.definition["Description"],
        }
        for live in page
    ]
    return {"ApiVpcAccessInfos": {"ApiVpcAccessInfo": rows}, **counts}
