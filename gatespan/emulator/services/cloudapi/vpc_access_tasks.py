"""Changes of a VPC access authorisation that the live APIs follow: asked for by one call, told about by a task.

The call answers an OperationId, which the poll takes as OperationUid. A row that is OVER is finished, not
successful: ErrorMsg says what came of it (help page). The success text is the one that the help page shows.
"""

from __future__ import annotations

from typing import Any

from gatespan.emulator.call import Call
from gatespan.emulator.services.cloudapi import rules, vpc_access_use
from gatespan.emulator.services.cloudapi.answers import group_name
from gatespan.emulator.services.cloudapi.errors import not_found, repeated
from gatespan.emulator.services.cloudapi.models import DeployedApi, VpcAccess, VpcAccessTask
from gatespan.emulator.services.cloudapi.service import service
from gatespan.emulator.services.cloudapi.vpc_accesses import TARGET, idle, read_target, stage_id, to_remove
from gatespan.emulator.world import Thing, World

SUCCESS = "Success. Request Success."


@service.action("ModifyVpcAccessAndUpdateApis", required=("Name",), token="Token")
def modify_vpc_access_and_update_apis(call: Call) -> dict[str, Any]:
    """Point the authorisation elsewhere. It changes at once, the live APIs when the task ends (choice); they are
    updated whatever NeedBatchWork says (SDK), and also where nothing but Refresh is asked for."""
    name = call.params.text("Name")
    access = vpc_access_use.by_name(call.world, call.account, call.region, name)
    if access is None:
        raise not_found("VpcAccess", name)
    for switch in ("NeedBatchWork", "Refresh"):
        call.params.boolean(switch, False)
    vpc, instance, port = read_target(call, idle(call, access))
    other = vpc_access_use.by_target(call, vpc, instance, port)
    if other and other.id != access.id:
        raise repeated("VpcAccess")
    host = call.params.flat.get("VpcTargetHostName", access.host)
    access = call.world.change(access, vpc_id=vpc, instance_id=instance, port=port, host=host)
    return _begin(call, access, abolish=False)


@service.action("RemoveVpcAccessAndAbolishApis", required=TARGET)
def remove_vpc_access_and_abolish_apis(call: Call) -> dict[str, Any]:
    """Unpublish the APIs that use the authorisation, then remove it; both when the task ends (choice)."""
    return _begin(call, to_remove(call), abolish=True)


def _begin(call: Call, access: VpcAccess, *, abolish: bool) -> dict[str, Any]:
    rows = tuple(
        {
            "ApiUid": live.api_id,
            "ApiName": live.name,
            "GroupId": live.group_id,
            "GroupName": group_name(call.world, live.group_id),
            "StageId": stage_id(live),
            "StageName": live.stage,
        }
        for live in vpc_access_use.users(call.world, access)
    )
    task = VpcAccessTask(
        id=call.ids.hexadecimal(32),
        account=call.account,
        region=call.region,
        created=call.now,
        access_id=access.id,
        abolish=abolish,
        users=rows,
    )
    call.begin(task, rules.VPC_ACCESS_TASK)
    return {"OperationId": task.id}


@service.on_end(VpcAccessTask, rules.VPC_ACCESS_TASK.done)
def over(world: World, thing: Thing) -> None:
    """Let the live APIs follow. One that was unpublished meanwhile is noted as a failure."""
    if not isinstance(thing, VpcAccessTask):
        return
    access, failures = world.get(VpcAccess, thing.access_id), {}
    for row in thing.users:
        live = world.get(DeployedApi, f"{row['ApiUid']}:{row['StageName']}")
        if live is None:
            failures[f"{row['ApiUid']}:{row['StageName']}"] = str(not_found("Stage", row["StageName"]))
        elif thing.abolish:
            world.remove(live)
        elif access:
            vpc_access_use.follow(world, access, live)
    if access and thing.abolish:
        world.remove(access)
    elif access:
        vpc_access_use.models_follow(world, access)
    world.change(thing, failures=failures)


# --- polls ------------------------------------------------------------------------------------------------


@service.action("DescribeUpdateVpcInfoTask", required=("OperationUid",))
def describe_update_vpc_info_task(call: Call) -> dict[str, Any]:
    """UpdateStatus is ``success``, as the help page shows it; OVER for one that could not follow (choice)."""
    task = _task(call, abolish=False)
    rows = [{**row, "UpdateStatus": "success" if row["ErrorMsg"] == SUCCESS else task.status} for row in _results(task)]
    return {"ApiUpdateVpcInfoResults": {"ApiUpdateVpcInfoResult": rows}}


@service.action("DescribeAbolishApiTask", required=("OperationUid",))
def describe_abolish_api_task(call: Call) -> dict[str, Any]:
    task = _task(call, abolish=True)
    rows = [{**row, "AbolishStatus": task.status} for row in _results(task)]
    return {"ApiAbolishResults": {"ApiAbolishResult": rows}}


def _task(call: Call, *, abolish: bool) -> VpcAccessTask:
    id = call.params.text("OperationUid")
    task = rules.own(call, VpcAccessTask, id)
    if task is None or task.abolish != abolish:
        raise not_found("OperationUid", id)
    return task


def _results(task: VpcAccessTask) -> list[dict[str, str]]:
    """The live APIs concerned, each with what came of it: nothing yet, the success text, or a code and why."""
    done = task.status == rules.VPC_ACCESS_TASK.done
    return [
        {**row, "ErrorMsg": task.failures.get(f"{row['ApiUid']}:{row['StageName']}", SUCCESS) if done else ""}
        for row in task.users
    ]
