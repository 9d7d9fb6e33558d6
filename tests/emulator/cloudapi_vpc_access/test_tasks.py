"""Changes that the live APIs follow: re-pointing and removal, each told about by a task that is polled."""

from __future__ import annotations

from typing import Any

import pytest

from gatespan.emulator.faults import Rule
from gatespan.emulator.services.cloudapi.models import DeployedApi
from gatespan.emulator.services.cloudapi.vpc_access_tasks import SUCCESS

from ..cloudapi.conftest import Row
from .conftest import SERVER, STAGE, Grants

OTHER = "10.200.0.11"


def published(grants: Grants) -> tuple[str, str]:
    grants.grant()
    group = grants.group()
    return group, grants.published(group)


def row(group: str, api: str, **more: str) -> Row:
    return {
        "ApiUid": api,
        "ApiName": "hello_api",
        "GroupId": group,
        "GroupName": "demo_group",
        "StageId": "release",
        "StageName": "RELEASE",
        **more,
    }


def test_live_apis_follow_a_change_when_its_task_ends(grants: Grants) -> None:
    group, api = published(grants)
    deployed = grants("DescribeDeployedApi", ApiId=api, **STAGE)["DeployedTime"]
    grants.cloud.advance(60)
    with grants.slow():
        task = grants.update(Name="idc", InstanceId=OTHER, Port=9090, VpcTargetHostName="h", NeedBatchWork=True)
        assert grants.grants(InstanceId=OTHER, Port="9090", AccurateQuery=True) == ["idc"], "the grant itself, at once"
        assert grants.live(api)["InstanceId"] == SERVER, "not yet"
        assert grants.updated(task) == [row(group, api, UpdateStatus="RUNNING", ErrorMsg="")]
        grants.cloud.advance(10)
    assert grants.updated(task) == [row(group, api, UpdateStatus="success", ErrorMsg=SUCCESS)]
    assert grants.live(api) == {"Name": "idc", **grants.target(OTHER, 9090)}
    held = grants.cloud.world.get(DeployedApi, f"{api}:RELEASE").definition["ServiceConfig"]["VpcConfig"]
    assert (held["VpcTargetHostName"], held["VpcScheme"]) == ("h", "HTTP")
    assert grants("DescribeDeployedApi", ApiId=api, **STAGE)["DeployedTime"] == deployed, "nothing was republished"


@pytest.mark.parametrize("batch", [None, False, True])
def test_what_is_not_given_stays(grants: Grants, batch: bool | None) -> None:
    _, api = published(grants)
    grants.update(Name="idc", Port=81, NeedBatchWork=batch)
    assert grants.live(api) == {"Name": "idc", **grants.target(port=81)}, "updated whatever NeedBatchWork says"
    grants.update(Name="idc", Refresh=True)
    assert grants.live(api) == {"Name": "idc", **grants.target(port=81)}


def test_a_stale_live_api_is_repaired_by_a_refresh(grants: Grants) -> None:
    _, api = published(grants)
    grants("RemoveVpcAccess", **grants.target())
    grants.grant(server=OTHER)
    assert grants.live(api)["InstanceId"] == SERVER
    grants.update(Name="idc", Refresh=True)
    assert grants.live(api)["InstanceId"] == OTHER


def test_over_is_not_success(grants: Grants) -> None:
    group, api = published(grants)
    with grants.slow():
        task = grants.update(Name="idc", InstanceId=OTHER)
        grants("AbolishApi", ApiId=api, **STAGE)
        grants.cloud.advance(10)
    (result,) = grants.updated(task)
    assert result == row(group, api, UpdateStatus="OVER", ErrorMsg=result["ErrorMsg"])
    assert result["ErrorMsg"].startswith("NotFoundStage")


def test_a_token_changes_once(grants: Grants) -> None:
    _, api = published(grants)
    first = grants.update(Name="idc", InstanceId=OTHER, Token="t-1")
    grants.update(Name="idc", InstanceId=SERVER)
    assert grants.update(Name="idc", InstanceId=OTHER, Token="t-1") == first
    assert grants.live(api)["InstanceId"] == SERVER
    change = {"Name": "idc", "InstanceId": "10.200.0.12", "Token": "t-1"}
    assert grants.refused("ModifyVpcAccessAndUpdateApis", **change) == "IdempotentParameterMismatch"


REFUSALS: list[tuple[Row, str]] = [
    ({"Name": None}, "MissingName"),
    ({"Name": "none"}, "NotFoundVpcAccess"),
    ({"VpcId": "vpc-none"}, "NotFoundVpc"),
    ({"InstanceId": "i-none"}, "NotFoundInstanceId"),
    ({"InstanceId": "not an address"}, "InvalidInstanceId"),
    ({"Port": 70000}, "InvalidPort"),
    ({"InstanceId": OTHER}, "RepeatedVpcAccess"),
    ({"Refresh": "perhaps"}, "InvalidRefresh"),
    ({"NeedBatchWork": "perhaps"}, "InvalidNeedBatchWork"),
]


@pytest.mark.parametrize(("change", "code"), REFUSALS)
def test_changes_that_are_refused(grants: Grants, change: Row, code: str) -> None:
    grants.grant()
    grants.grant("other", OTHER)
    before = grants.state()
    assert grants.refused("ModifyVpcAccessAndUpdateApis", **{"Name": "idc", **change}) == code
    assert grants.state() == before


def test_one_change_at_a_time(grants: Grants) -> None:
    published(grants)
    with grants.slow():
        grants.update(Name="idc", InstanceId=OTHER)
        for action in ("RemoveVpcAccess", "RemoveVpcAccessAndAbolishApis"):
            assert grants.refused(action, **grants.target(OTHER)) == "ConcurrencyLockTimeout"
        assert grants.refused("ModifyVpcAccessAndUpdateApis", Name="idc", Port=1) == "ConcurrencyLockTimeout"
        grants.cloud.advance(10)
    grants("RemoveVpcAccess", **grants.target(OTHER))


def test_a_stuck_task_never_ends(grants: Grants, cloud: Any) -> None:
    _, api = published(grants)
    cloud.faults.add(Rule(action="ModifyVpcAccessAndUpdateApis", kind="stuck"))
    task = grants.update(Name="idc", InstanceId=OTHER)
    cloud.advance(24 * 3600)
    assert grants.updated(task)[0]["UpdateStatus"] == "RUNNING"
    assert grants.live(api)["InstanceId"] == SERVER


# --- removal with its APIs --------------------------------------------------------------------------------


def test_removal_unpublishes_first(grants: Grants) -> None:
    group, api = published(grants)
    with grants.slow():
        task = grants("RemoveVpcAccessAndAbolishApis", **grants.target(), NeedBatchWork=True)["OperationId"]
        assert grants.abolished(task) == [row(group, api, AbolishStatus="RUNNING", ErrorMsg="")]
        assert grants.grants() == ["idc"]
        assert grants.live(api)["InstanceId"] == SERVER
        grants.cloud.advance(10)
    assert grants.abolished(task) == [row(group, api, AbolishStatus="OVER", ErrorMsg=SUCCESS)]
    assert grants.grants() == []
    assert grants.refused("DescribeDeployedApi", ApiId=api, **STAGE) == "NotFoundStage"
    assert grants.draft(api) == {"Name": "idc", "VpcScheme": "HTTP"}, "the draft stays"


def test_removal_of_what_was_unpublished_meanwhile(grants: Grants) -> None:
    _, api = published(grants)
    with grants.slow():
        task = grants("RemoveVpcAccessAndAbolishApis", **grants.target())["OperationId"]
        grants("AbolishApi", ApiId=api, **STAGE)
        grants.cloud.advance(10)
    (result,) = grants.abolished(task)
    assert result["AbolishStatus"] == "OVER"
    assert result["ErrorMsg"].startswith("NotFoundStage")
    assert grants.grants() == []


def test_tasks_without_users_and_tasks_that_are_not_there(grants: Grants) -> None:
    grants.grant()
    update = grants.update(Name="idc", Port=81)
    assert grants.updated(update) == []
    abolish = grants("RemoveVpcAccessAndAbolishApis", **grants.target(port=81))["OperationId"]
    assert grants.abolished(abolish) == []
    assert grants.refused("RemoveVpcAccessAndAbolishApis", **grants.target()) == "NotFoundVpcAccess"
    assert grants.refused("RemoveVpcAccessAndAbolishApis", **{**grants.target(), "Port": None}) == "MissingPort"
    for poll, id in ("DescribeUpdateVpcInfoTask", abolish), ("DescribeAbolishApiTask", update):
        assert grants.refused(poll, OperationUid=id) == "NotFoundOperationUid", "a task of the other kind"
        assert grants.refused(poll, OperationUid="none") == "NotFoundOperationUid"
        assert grants.refused(poll) == "MissingOperationUid"
