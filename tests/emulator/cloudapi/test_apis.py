"""APIs: drafts and live copies, versions, lists, and the order in which they may go."""

from __future__ import annotations

import re
from typing import Any

import pytest

from .conftest import HTTP, Console, definition


def deploy(console: Console, api: str, stage: str = "RELEASE", description: str = "d") -> None:
    console("DeployApi", ApiId=api, StageName=stage, Description=description)


def stages(console: Console, api: str) -> dict[str, str]:
    infos = console("DescribeApi", ApiId=api)["DeployedInfos"]["DeployedInfo"]
    return {row["StageName"]: row["EffectiveVersion"] for row in infos if row["DeployedStatus"] == "DEPLOYED"}


def address(console: Console, api: str, stage: str = "RELEASE") -> str:
    live = console("DescribeDeployedApi", ApiId=api, StageName=stage)
    return str(live["ServiceConfig"]["ServiceAddress"])


def test_names_and_routes_are_unique_in_a_group(console: Console) -> None:
    group, other = console.group(), console.group("other_group")
    api = console.api(group, request={"RequestPath": "/users/[id]"})
    console.api(other, request={"RequestPath": "/users/[id]"})
    assert console.refused("CreateApi", GroupId=group, **definition("hello_api")) == "RepeatedApiName"
    same_route = definition("another_api", {"RequestPath": "/users/[name]"})
    assert console.refused("CreateApi", GroupId=group, **same_route) == "RepeatedApiPath"
    post = console.api(group, "another_api", request={"RequestPath": "/users/[name]", "RequestHttpMethod": "POST"})
    assert console.refused("ModifyApi", ApiId=post, **definition("hello_api")) == "RepeatedApiName"
    assert console.refused("ModifyApi", ApiId=post, **same_route) == "RepeatedApiPath"
    console("ModifyApi", ApiId=api, **definition("hello_api", {"RequestPath": "/users/[id]"}))
    assert console.refused("CreateApi", GroupId="none", **definition("hello_api")) == "NotFoundApiGroup"


def test_the_draft_changes_alone_until_it_is_deployed(console: Console) -> None:
    group = console.group()
    api = console.api(group, Description="first", AuthType="ANONYMOUS")
    deploy(console, api, description="one")
    console.cloud.advance(60)
    moved = {**HTTP, "ServiceAddress": "http://192.0.2.99"}
    console("ModifyApi", ApiId=api, GroupId=group, **definition("renamed_api", service=moved))
    draft = console("DescribeApi", ApiId=api)
    assert (draft["ApiName"], draft["ServiceConfig"]["ServiceAddress"]) == ("renamed_api", "http://192.0.2.99")
    assert (draft["Description"], draft["AuthType"]) == ("", "APP"), "the whole definition is replaced"
    assert draft["ModifiedTime"] > draft["CreatedTime"]
    live = console("DescribeDeployedApi", ApiId=api, StageName="RELEASE", GroupId=group)
    assert (live["ApiName"], live["AuthType"], live["Description"]) == ("hello_api", "ANONYMOUS", "first")
    deploy(console, api, description="two")
    assert address(console, api) == "http://192.0.2.99"


def test_versions_are_kept_and_can_be_put_back(console: Console) -> None:
    group = console.group()
    api = console.api(group)
    for number in range(3):
        console(
            "ModifyApi", ApiId=api, **definition("hello_api", service={**HTTP, "ServiceAddress": f"http://b{number}"})
        )
        deploy(console, api, description=f"v{number}")
    deploy(console, api, "TEST")
    rows = console("DescribeApiHistories", GroupId=group, ApiId=api, StageName="RELEASE")["ApiHisItems"]["ApiHisItem"]
    assert [row["Description"] for row in rows] == ["v2", "v1", "v0"]
    assert [row["Status"] for row in rows] == ["ONLINE", "OFFLINE", "OFFLINE"]
    versions = [row["HistoryVersion"] for row in rows]
    assert all(re.fullmatch(r"\d{17}", version) for version in versions)
    assert len(set(versions)) == 3
    assert stages(console, api) == {"RELEASE": versions[0], "TEST": stages(console, api)["TEST"]}
    old = console("DescribeApiHistory", ApiId=api, StageName="RELEASE", HistoryVersion=versions[2])
    assert (old["Status"], old["ServiceConfig"]["ServiceAddress"]) == ("OFFLINE", "http://b0")
    assert (old["HistoryVersion"], old["AppCodeAuthType"], old["GroupName"]) == (versions[2], "DEFAULT", "demo_group")
    console("SwitchApi", ApiId=api, StageName="RELEASE", HistoryVersion=versions[2], Description="back")
    assert (address(console, api), address(console, api, "TEST")) == ("http://b0", "http://b2")
    assert stages(console, api)["RELEASE"] == versions[2]
    everything = console("DescribeApiHistories", GroupId=group)
    assert everything["TotalCount"] == 4
    page = console("DescribeApiHistories", GroupId=group, PageNumber=2, PageSize=3)["ApiHisItems"]["ApiHisItem"]
    assert len(page) == 1
    gone = {"ApiId": api, "StageName": "RELEASE", "HistoryVersion": "20200101000000000"}
    assert console.refused("SwitchApi", **gone, Description="d") == "NotFoundHistoryVersion"
    assert console.refused("DescribeApiHistory", **gone) == "NotFoundHistoryVersion"


def test_deploying_again_is_harmless(console: Console) -> None:
    api = console.api(console.group())
    deploy(console, api)
    first = stages(console, api)["RELEASE"]
    deploy(console, api)
    assert stages(console, api)["RELEASE"] != first


def test_an_api_goes_only_when_it_is_live_nowhere(console: Console) -> None:
    group = console.group()
    before = console.state()
    api = console.api(group)
    deploy(console, api)
    deploy(console, api, "PRE")
    for stage in ("RELEASE", "PRE"):
        assert console.refused("DeleteApi", ApiId=api, GroupId=group) == "DependencyViolationApi"
        console("AbolishApi", ApiId=api, StageName=stage, GroupId=group)
        assert console.refused("DescribeDeployedApi", ApiId=api, StageName=stage) == "NotFoundStage"
        assert console.refused("AbolishApi", ApiId=api, StageName=stage) == "NotFoundStage"
    rows = console("DescribeApiHistories", GroupId=group)["ApiHisItems"]["ApiHisItem"]
    assert {row["Status"] for row in rows} == {"OFFLINE"}
    console("DeleteApi", ApiId=api, GroupId=group)
    assert console.refused("DescribeApi", ApiId=api, GroupId=group) == "NotFoundApi"
    assert console.refused("DeleteApi", ApiId=api) == "NotFoundApi"
    assert console.state() == before


ABSENT: list[tuple[str, dict[str, Any]]] = [
    ("DescribeApi", {}),
    ("ModifyApi", definition("hello_api")),
    ("DeleteApi", {}),
    ("DeployApi", {"StageName": "RELEASE", "Description": "d"}),
    ("AbolishApi", {"StageName": "RELEASE"}),
    ("DescribeDeployedApi", {"StageName": "RELEASE"}),
    ("SwitchApi", {"StageName": "RELEASE", "HistoryVersion": "1", "Description": "d"}),
    ("DescribeApiHistory", {"StageName": "RELEASE", "HistoryVersion": "1"}),
]


@pytest.mark.parametrize(("action", "parameters"), ABSENT)
def test_what_is_absent(console: Console, action: str, parameters: dict[str, Any]) -> None:
    group, other = console.group(), console.group("other_group")
    api = console.api(group)
    assert console.refused(action, **parameters) == "MissingApiId"
    assert console.refused(action, ApiId="none", **parameters) == "NotFoundApi"
    assert console.refused(action, ApiId=api, GroupId="none", **parameters) == "NotFoundApiGroup"
    assert console.refused(action, ApiId=api, GroupId=other, **parameters) == "NotFoundApi"
    away = Console(console.cloud, "cn-beijing")
    assert away.refused(action, ApiId=api, **parameters) == "NotFoundApi"


@pytest.mark.parametrize("action", ["DeployApi", "AbolishApi", "DescribeDeployedApi"])
def test_stage_names(console: Console, action: str) -> None:
    api = console.api(console.group())
    assert console.refused(action, ApiId=api, Description="d") == "MissingStageName"
    assert console.refused(action, ApiId=api, Description="d", StageName="PROD") == "InvalidStageName"


def test_deploying_needs_a_description(console: Console) -> None:
    api = console.api(console.group())
    assert console.refused("DeployApi", ApiId=api, StageName="RELEASE") == "MissingDescription"


def test_lists_are_paged_filtered_and_regional(console: Console) -> None:
    group, other = console.group(), console.group("other_group")
    ids = [console.api(group, f"api_number_{n}", Tag=[{"Key": "n", "Value": str(n % 2)}]) for n in range(5)]
    post = console.api(other, "post_orders", request={"RequestHttpMethod": "POST"}, Visibility="PUBLIC")
    deploy(console, ids[0])
    deploy(console, ids[1], "TEST")

    def found(**filters: Any) -> list[str]:
        return [row["ApiId"] for row in console("DescribeApis", **filters)["ApiSummarys"]["ApiSummary"]]

    assert found() == [*ids, post]
    assert found(GroupId=group, PageNumber=2, PageSize=3) == ids[3:]
    assert found(ApiName="number") == ids
    assert found(ApiId=ids[2]) == found(ApiName="number_2") == found(ApiPath="/api_number_2") == [ids[2]]
    assert found(ApiMethod="POST") == found(Visibility="PUBLIC") == found(GroupId=other) == [post]
    assert found(Tag=[{"Key": "n", "Value": "1"}]) == ids[1::2]
    assert found(StageName="RELEASE") == [ids[0]]
    assert found(GroupId=group, UnDeployed="true") == ids[2:]
    assert found(GroupId=group, StageName="TEST", UnDeployed=True) == [ids[0], *ids[2:]]
    assert found(GroupId="none") == []
    assert Console(console.cloud, "cn-beijing")("DescribeApis")["TotalCount"] == 0
    assert console.refused("DescribeApis", PageSize=101) == "InvalidPageSize"
    (row,) = console("DescribeApis", ApiId=post)["ApiSummarys"]["ApiSummary"]
    wanted = {"ApiName": "post_orders", "ApiMethod": "POST", "ApiPath": "/post_orders", "GroupName": "other_group"}
    assert {k: row[k] for k in wanted} == wanted


def test_lists_of_live_apis(console: Console) -> None:
    group = console.group()
    tag = [{"Key": "team", "Value": "net"}]
    ids = [console.api(group, f"api_number_{n}", Tag=tag if n == 0 else None) for n in range(3)]
    for id in ids:
        deploy(console, id, description="live")
    deploy(console, ids[0], "PRE")

    def found(**filters: Any) -> list[tuple[str, str]]:
        rows = console("DescribeDeployedApis", **filters)["DeployedApis"]["DeployedApiItem"]
        return [(row["ApiId"], row["StageName"]) for row in rows]

    assert found() == [*((id, "RELEASE") for id in ids), (ids[0], "PRE")]
    assert found(PageNumber=2, PageSize=3) == [(ids[0], "PRE")]
    assert found(StageName="PRE") == [(ids[0], "PRE")]
    assert found(ApiId=ids[1]) == found(ApiName="number_1") == found(ApiPath="/api_number_1") == [(ids[1], "RELEASE")]
    assert found(ApiMethod="POST") == found(GroupId="none") == []
    assert len(found(Tag=tag)) == 2
    row = console("DescribeDeployedApis", ApiId=ids[1])["DeployedApis"]["DeployedApiItem"][0]
    wanted = {"Description": "live", "ApiMethod": "GET", "Visibility": "PRIVATE", "GroupName": "demo_group"}
    assert {k: row[k] for k in wanted} == wanted
    assert console.refused("DescribeDeployedApis", PageSize=101) == "InvalidPageSize"
    assert console.refused("DescribeApiHistories") == "MissingGroupId"
    assert console.refused("DescribeApiHistories", GroupId="none") == "NotFoundApiGroup"
