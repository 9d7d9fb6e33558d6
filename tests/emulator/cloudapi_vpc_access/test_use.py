"""APIs over authorisations: what drafts, live copies and histories answer, and how a live copy goes stale."""

from __future__ import annotations

import json

import pytest

from gatespan.emulator.services.cloudapi.models import Api, DeployedApi

from ..cloudapi.conftest import Row
from .conftest import PORT, SERVER, STAGE, Grants, asked, behind

OTHER = "10.200.0.11"


def test_a_draft_keeps_the_name_and_answers_the_address(grants: Grants) -> None:
    grants.grant(VpcTargetHostName="orders.idc.example")
    api = grants.api(grants.group(), service=behind(VpcScheme="https"))
    kept = grants.cloud.world.get(Api, api).definition["ServiceConfig"]
    assert kept["VpcConfig"] == {"Name": "idc", "VpcScheme": "HTTPS"}
    service = grants("DescribeApi", ApiId=api)["ServiceConfig"]
    assert service == {
        "ServiceProtocol": "HTTP",
        "ServiceVpcEnable": "TRUE",
        "ServicePath": "/back",
        "ServiceHttpMethod": "GET",
        "ServiceTimeout": 5000,
        "Mock": "FALSE",
        "ContentTypeCatagory": "DEFAULT",
        "VpcConfig": {"Name": "idc", "VpcScheme": "HTTPS", **grants.target()},
    }


@pytest.mark.parametrize("older", [False, True])
def test_spellings_of_a_back_end_in_a_vpc(grants: Grants, older: bool) -> None:
    grants.grant()
    service = {
        "serviceProtocol": "HTTP",
        "serviceVpcEnable": "true",
        "serviceTimeout": "1",
        "vpcConfig": {"vpcId": grants.vpc, "instanceId": SERVER, "port": str(PORT)} if older else {"name": "idc"},
    }
    api = grants("CreateApi", GroupId=grants.group(), **asked("hello_api", service))["ApiId"]
    answered = grants("DescribeApi", ApiId=api)["ServiceConfig"]
    assert answered["VpcConfig"] == {"Name": "idc", "VpcScheme": "HTTP", **grants.target()}
    assert (answered["ServicePath"], answered["ServiceHttpMethod"]) == ("", "GET")


REFUSALS: list[tuple[Row, str]] = [
    ({"VpcConfig": None}, "MissingVpcConfig"),
    ({"VpcConfig": "idc"}, "InvalidVpcConfig"),
    ({"VpcConfig": {"Name": "none"}}, "NotFoundVpcAccess"),
    ({"VpcConfig": {"VpcId": "vpc-1", "InstanceId": SERVER, "Port": PORT}}, "NotFoundVpcAccess"),
    ({"VpcConfig": {"VpcScheme": "HTTP"}}, "NotFoundVpcAccess"),
    ({"VpcConfig": {"Name": "idc", "VpcScheme": "FTP"}}, "InvalidVpcScheme"),
    ({"ServiceTimeout": 30001}, "InvalidServiceTimeout"),
]


@pytest.mark.parametrize(("change", "code"), REFUSALS)
def test_back_ends_that_are_refused(grants: Grants, change: Row, code: str) -> None:
    grants.grant()
    group = grants.group()
    api = grants.api(group, service=behind())
    before = grants.state()
    service = {**behind(), **change}
    assert grants.refused("CreateApi", GroupId=group, **asked("other_api", service)) == code
    assert grants.refused("ModifyApi", ApiId=api, **asked("hello_api", service)) == code
    assert grants.state() == before


def test_the_live_copy_as_answered_and_as_the_data_plane_reads_it(grants: Grants) -> None:
    grants.grant(VpcTargetHostName="orders.idc.example")
    api = grants.published(grants.group())
    assert grants.live(api) == {"Name": "idc", **grants.target()}
    live = grants.cloud.world.get(DeployedApi, f"{api}:RELEASE")
    assert live.definition["ServiceConfig"]["ServiceVpcEnable"] == "TRUE"
    assert live.definition["ServiceConfig"]["VpcConfig"] == {
        "Name": "idc",
        "VpcId": grants.vpc,
        "InstanceId": SERVER,
        "Port": PORT,
        "VpcScheme": "HTTP",
        "VpcTargetHostName": "orders.idc.example",
    }
    past = grants("DescribeApiHistory", ApiId=api, **STAGE, HistoryVersion=live.version)["ServiceConfig"]
    assert past["VpcConfig"] == {"Name": "idc", "VpcScheme": "HTTP", **grants.target()}
    assert past["VpcId"] == grants.vpc


def test_a_grant_made_anew_leaves_the_live_api_stale(grants: Grants) -> None:
    """Remove and set again under the same name, with another target: the draft is answered with the new address, the
    live API goes on calling the old one until it is deployed again."""
    grants.grant()
    group = grants.group()
    api = grants.published(group)
    removed = grants("RemoveVpcAccess", **grants.target())
    assert removed == {"Apis": {"Api": [{"ApiId": api, "GroupId": group, "StageId": "release"}]}}
    assert grants.live(api)["InstanceId"] == SERVER, "it stays live, without an authorisation"
    assert grants.draft(api) == {"Name": "idc", "VpcScheme": "HTTP"}
    assert grants.refused("DeployApi", ApiId=api, **STAGE, Description="d") == "NotFoundVpcAccess"

    grants.grant(server=OTHER, port=9090)
    assert grants.draft(api) == {"Name": "idc", "VpcScheme": "HTTP", **grants.target(OTHER, 9090)}
    assert grants.live(api) == {"Name": "idc", **grants.target()}, "stale"

    versions = grants("DescribeApiHistories", GroupId=group, ApiId=api)["ApiHisItems"]["ApiHisItem"]
    grants("DeployApi", ApiId=api, **STAGE, Description="again")
    assert grants.live(api) == {"Name": "idc", **grants.target(OTHER, 9090)}
    grants("SwitchApi", ApiId=api, **STAGE, HistoryVersion=versions[0]["HistoryVersion"], Description="back")
    assert grants.live(api)["InstanceId"] == SERVER, "a version of the past has the address of the past"


def test_who_uses_a_grant(grants: Grants) -> None:
    grants.grant()
    grants.grant("other", OTHER)
    group = grants.group()
    assert grants("DescribeApisByVpcAccess", VpcName="idc") == {
        "ApiVpcAccessInfos": {"ApiVpcAccessInfo": []},
        "TotalCount": 0,
        "PageNumber": 1,
        "PageSize": 10,
    }
    apis = [grants.published(group, f"api_{n}") for n in range(3)]
    grants("DeployApi", ApiId=apis[0], StageName="TEST", Description="d")
    grants.published(group, "api_other", "other")
    grants.api(group, "api_draft", service=behind())
    grants.api(group, "api_plain")
    answer = grants("DescribeApisByVpcAccess", VpcName="idc", PageSize=100)
    rows = answer["ApiVpcAccessInfos"]["ApiVpcAccessInfo"]
    assert [(row["ApiId"], row["StageName"]) for row in rows] == [
        *((api, "RELEASE") for api in apis),
        (apis[0], "TEST"),
    ]
    assert rows[0] == {
        "ApiId": apis[0],
        "ApiName": "api_0",
        "GroupId": group,
        "GroupName": "demo_group",
        "StageId": "release",
        "StageName": "RELEASE",
        "Method": "GET",
        "Path": "/api_0",
        "VpcName": "idc",
        **grants.target(),
        "RegionId": "cn-hangzhou",
        "Description": "",
    }
    page = grants("DescribeApisByVpcAccess", VpcName="idc", PageNumber=2, PageSize=3)
    assert (len(page["ApiVpcAccessInfos"]["ApiVpcAccessInfo"]), page["TotalCount"]) == (1, 4)
    assert grants.refused("DescribeApisByVpcAccess", VpcName="none") == "NotFoundVpcAccess"
    assert grants.refused("DescribeApisByVpcAccess") == "MissingVpcName"
    assert grants.refused("DescribeApisByVpcAccess", VpcName="idc", PageSize=101) == "InvalidPageSize"


# --- reusable back ends -----------------------------------------------------------------------------------


def reusable(grants: Grants, id: str) -> tuple[str, str]:
    """A back end with a model over the authorisation, and a live API that uses it."""
    backend = grants("CreateBackend", BackendName="back_end", BackendType="VPC")["BackendId"]
    data = json.dumps({"VpcConfig": {"VpcAccessId": id, "VpcScheme": "HTTP"}})
    model = {"BackendId": backend, "BackendType": "VPC", "BackendModelData": data}
    grants("CreateBackendModel", **model, **STAGE)
    use = {"BackendEnable": True, "BackendId": backend, "ServiceConfig": '{"ServicePath":"/x"}'}
    api = grants("CreateApi", GroupId=grants.group(), **{**asked("hello_api", {}), **use})["ApiId"]
    grants("DeployApi", ApiId=api, **STAGE, Description="d")
    return backend, api


def config(grants: Grants, backend: str) -> Row:
    (model,) = grants("DescribeBackendInfo", BackendId=backend)["BackendInfo"]["BackendModels"]
    assert model["BackendConfig"]["Type"] == "VPC"
    return dict(model["BackendConfig"]["VpcConfig"])


def test_a_model_over_a_grant(grants: Grants) -> None:
    id = grants.grant(VpcTargetHostName="orders.idc.example")
    backend, api = reusable(grants, id)
    known = {"Name": "idc", "VpcAccessId": id, "VpcScheme": "HTTP", "VpcTargetHostName": "orders.idc.example"}
    assert config(grants, backend) == {**known, **grants.target()}
    rows = grants("DescribeApisByVpcAccess", VpcName="idc")["ApiVpcAccessInfos"]["ApiVpcAccessInfo"]
    assert [row["ApiId"] for row in rows] == [api]
    (row,) = grants.updated(grants.update(Name="idc", InstanceId=OTHER))
    assert (row["ApiUid"], row["UpdateStatus"]) == (api, "success")
    assert config(grants, backend) == {**known, **grants.target(OTHER)}
    grants("RemoveVpcAccessAndAbolishApis", **grants.target(OTHER))
    assert grants.refused("DescribeDeployedApi", ApiId=api, **STAGE) == "NotFoundStage"
    model = {"BackendId": backend, "BackendType": "VPC", "StageName": "PRE"}
    for data, code in ({}, "MissingVpcConfig"), ({"VpcConfig": {"Name": "idc"}}, "NotFoundVpcAccess"):
        assert grants.refused("CreateBackendModel", **model, BackendModelData=json.dumps(data)) == code
