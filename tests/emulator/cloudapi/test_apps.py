"""Apps, their credentials, and who may call what in which stage."""

from __future__ import annotations

from typing import Any

import pytest

from gatespan.emulator.services.cloudapi.models import Authorization

from .conftest import ACCOUNT, REGION, Console

OWN = {"AppKey": "my-key-1", "AppSecret": "my-secret-1", "AppCode": "my-code-1"}


def security(console: Console, app: str) -> dict[str, str]:
    row = console("DescribeAppSecurity", AppId=int(app))
    return {k: row[k] for k in ("AppKey", "AppSecret", "AppCode")}


def test_a_new_app_has_minted_credentials(console: Console) -> None:
    made = console("CreateApp", AppName="caller_1", Description="who", Extend="more", Tag=[{"Key": "k", "Value": "v"}])
    assert isinstance(made["AppId"], int)
    assert made["TagStatus"] is True
    app = str(made["AppId"])
    minted = security(console, app)
    assert minted["AppKey"].isdigit()
    assert len(minted["AppSecret"]) == len(minted["AppCode"]) == 32
    assert len(set(minted.values())) == 3
    row = console("DescribeApp", AppId=int(app))
    wanted = {"AppId": int(app), "AppName": "caller_1", "Description": "who", "Extend": "more", "Disabled": False}
    assert {k: row[k] for k in wanted} == wanted


def test_credentials_of_ones_own(console: Console) -> None:
    assert security(console, console.app(**OWN)) == OWN
    for name in ("AppKey", "AppCode"):
        assert console.refused("CreateApp", AppName="caller_2", **{name: OWN[name]}) == f"Repeated{name}"
    for name in OWN:
        assert console.refused("CreateApp", AppName="caller_2", **{name: "a b"}) == f"Invalid{name}"
    console.app("caller_2", AppSecret=OWN["AppSecret"])


def test_credentials_are_reset(console: Console) -> None:
    app = console.app()
    first = security(console, app)
    console("ResetAppSecret", AppKey=first["AppKey"])
    second = security(console, app)
    assert (second["AppKey"], second["AppCode"]) == (first["AppKey"], first["AppCode"])
    assert second["AppSecret"] != first["AppSecret"]
    console("ResetAppSecret", AppKey=first["AppKey"], NewAppKey="another-key", NewAppSecret="another-secret")
    console("ResetAppCode", AppCode=first["AppCode"])
    third = security(console, app)
    assert (third["AppKey"], third["AppSecret"]) == ("another-key", "another-secret")
    assert third["AppCode"] != first["AppCode"]
    console("ResetAppCode", AppCode=third["AppCode"], NewAppCode="another-code")
    assert security(console, app)["AppCode"] == "another-code"
    assert console.refused("ResetAppCode", AppCode=first["AppCode"]) == "NotFoundApp"
    assert console.refused("ResetAppSecret", AppKey=first["AppKey"]) == "NotFoundApp"


def test_a_code_is_reset_once_a_minute(console: Console) -> None:
    app = console.app()
    console.cloud.kernel.keep_rates = True
    console("ResetAppCode", AppCode=security(console, app)["AppCode"])
    code = security(console, app)["AppCode"]
    assert console.refused("ResetAppCode", AppCode=code) == "Throttling.User"
    console.cloud.advance(60)
    console("ResetAppCode", AppCode=code)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"AppName": None}, "MissingAppName"),
        ({"AppName": "abc"}, "InvalidAppName"),
        ({"AppName": "1abc"}, "InvalidAppName"),
        ({"AppName": "a-hyphen"}, "InvalidAppName"),
        ({"AppName": "a" * 27}, "InvalidAppName"),
        ({"Description": "d" * 181}, "InvalidDescription"),
    ],
)
def test_apps_that_are_refused(console: Console, change: dict[str, Any], code: str) -> None:
    assert console.refused("CreateApp", **{"AppName": "caller_1", **change}) == code


def test_an_app_changes_and_goes(console: Console) -> None:
    before = console.state()
    app = int(console.app(Description="old"))
    console.cloud.advance(60)
    console("ModifyApp", AppId=app, AppName="renamed_1", Disabled="true")
    row = console("DescribeApp", AppId=app)
    assert (row["AppName"], row["Description"], row["Disabled"]) == ("renamed_1", "old", True)
    assert row["ModifiedTime"] > row["CreatedTime"]
    console("ModifyApp", AppId=app, Description="", Extend="x")
    row = console("DescribeApp", AppId=app)
    assert (row["AppName"], row["Description"], row["Extend"]) == ("renamed_1", "", "x")
    console("DeleteApp", AppId=app)
    for action in ("DescribeApp", "DescribeAppSecurity", "ModifyApp", "DeleteApp", "DescribeAuthorizedApis"):
        assert console.refused(action, AppId=app) == "NotFoundApp"
    assert console.state() == before


def test_lists_are_paged_filtered_and_regional(console: Console) -> None:
    ids = [int(console.app(f"caller_{n}", Tag=[{"Key": "n", "Value": str(n % 2)}])) for n in range(5)]
    keys = security(console, str(ids[2]))
    Console(console.cloud, "cn-beijing").app("caller_away")

    def found(**filters: Any) -> list[int]:
        return [row["AppId"] for row in console("DescribeAppAttributes", Sort="asc", **filters)["Apps"]["AppAttribute"]]

    assert found() == ids
    assert found(PageNumber=3, PageSize=2) == ids[4:]
    assert found(AppName="caller_") == ids
    assert found(AppName="caller_2") == found(AppId=ids[2]) == [ids[2]]
    assert found(AppKey=keys["AppKey"]) == found(AppCode=keys["AppCode"]) == [ids[2]]
    assert found(Tag=[{"Key": "n", "Value": "0"}]) == ids[::2]
    assert found(AppId=1) == []
    newest = console("DescribeAppAttributes", PageSize=1)["Apps"]["AppAttribute"][0]
    assert newest["AppId"] == ids[4]
    assert newest["Tags"] == {"TagInfo": [{"Key": "n", "Value": "0"}]}
    by_owner = console("DescribeApps", AppOwner=int(ACCOUNT), PageSize=3)
    assert (len(by_owner["Apps"]["AppItem"]), by_owner["TotalCount"]) == (3, 5)
    assert console("DescribeApps", AppId=ids[1])["Apps"]["AppItem"] == [
        {"AppId": ids[1], "AppName": "caller_1", "Description": ""}
    ]
    assert console.refused("DescribeApps") == "MissingAppIdOrAppOwner"
    assert console.refused("DescribeAppAttributes", PageSize=101) == "InvalidPageSize"


# --- authorisations ---------------------------------------------------------------------------------------


@pytest.fixture
def scene(console: Console) -> dict[str, Any]:
    group = console.group()
    apis = [console.api(group, f"api_number_{n}") for n in range(2)]
    apps = [int(console.app(f"caller_{n}", Description="who")) for n in range(2)]
    return {"group": group, "apis": apis, "apps": apps}


def apps_of(console: Console, api: str, **filters: Any) -> list[tuple[int, str]]:
    rows = console("DescribeAuthorizedApps", ApiId=api, **filters)["AuthorizedApps"]["AuthorizedApp"]
    return [(row["AppId"], row["StageName"]) for row in rows]


def apis_of(console: Console, app: int) -> list[tuple[str, str]]:
    rows = console("DescribeAuthorizedApis", AppId=app)["AuthorizedApis"]["AuthorizedApi"]
    return [(row["ApiId"], row["StageName"]) for row in rows]


def joined(ids: list[Any]) -> str:
    return ",".join(map(str, ids))


def test_many_apps_for_one_api(console: Console, scene: dict[str, Any]) -> None:
    (api, other), (first, second) = scene["apis"], scene["apps"]
    grant = {"ApiId": api, "GroupId": scene["group"], "AppIds": joined(scene["apps"]), "StageName": "RELEASE"}
    console("SetAppsAuthorities", **grant, Description="may call", AuthValidTime="2030-01-02T03:04:05Z")
    assert apps_of(console, api) == [(first, "RELEASE"), (second, "RELEASE")]
    assert apps_of(console, other) == []
    row = console("DescribeAuthorizedApps", ApiId=api)["AuthorizedApps"]["AuthorizedApp"][0]
    wanted = {
        "AppName": "caller_0",
        "AppDescription": "who",
        "Description": "may call",
        "StageName": "RELEASE",
        "AuthVaildTime": "2030-01-02T03:04:05Z",
        "Operator": "PROVIDER",
    }
    assert {k: row[k] for k in wanted} == wanted
    console("SetAppsAuthorities", **{**grant, "AppIds": str(first), "StageName": "PRE"})
    console("SetAppsAuthorities", **grant)
    assert console("DescribeAuthorizedApps", ApiId=api)["TotalCount"] == 3, "granting again changes no count"
    assert row["AuthorizedTime"]
    assert apps_of(console, api, StageName="PRE") == [(first, "PRE")]
    assert apps_of(console, api, AppId=second) == apps_of(console, api, AppName="_1") == [(second, "RELEASE")]
    assert apps_of(console, api, AppOwnerId=1) == []
    assert apps_of(console, api, PageNumber=2, PageSize=2) == [(first, "PRE")]
    console("RemoveAppsAuthorities", **{**grant, "AppIds": str(first)})
    assert apps_of(console, api) == [(second, "RELEASE"), (first, "PRE")]
    refused = console.refused("RemoveAppsAuthorities", **grant)
    assert refused == "NotFoundAuthorization"
    assert len(apps_of(console, api)) == 2, "all or nothing"


def test_many_apis_for_one_app(console: Console, scene: dict[str, Any]) -> None:
    apis, app = scene["apis"], scene["apps"][0]
    grant = {"AppId": app, "ApiIds": joined(apis), "GroupId": scene["group"], "StageName": "TEST"}
    console("SetApisAuthorities", **grant)
    assert apis_of(console, app) == [(apis[0], "TEST"), (apis[1], "TEST")]
    row = console("DescribeAuthorizedApis", AppId=app)["AuthorizedApis"]["AuthorizedApi"][1]
    wanted = {
        "ApiName": "api_number_1",
        "GroupId": scene["group"],
        "GroupName": "demo_group",
        "RegionId": REGION,
        "AuthVaildTime": "",
    }
    assert {k: row[k] for k in wanted} == wanted
    console("RemoveApisAuthorities", **grant)
    assert apis_of(console, app) == []
    assert console.refused("RemoveApisAuthorities", **grant) == "NotFoundAuthorization"


def test_rights_go_with_the_api_or_the_app(console: Console, scene: dict[str, Any]) -> None:
    for api in scene["apis"]:
        console("SetAppsAuthorities", ApiId=api, AppIds=joined(scene["apps"]), StageName="RELEASE")
    console("DeleteApi", ApiId=scene["apis"][0])
    console("DeleteApp", AppId=scene["apps"][0])
    (left,) = console.cloud.world.all(Authorization)
    assert (left.api_id, left.app_id) == (scene["apis"][1], str(scene["apps"][1]))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ApiId": None}, "MissingApiId"),
        ({"AppIds": None}, "MissingAppIds"),
        ({"AppIds": ","}, "MissingAppIds"),
        ({"StageName": None}, "MissingStageName"),
        ({"StageName": "PROD"}, "InvalidStageName"),
        ({"ApiId": "none"}, "NotFoundApi"),
        ({"GroupId": "none"}, "NotFoundApiGroup"),
        ({"AppIds": "1"}, "NotFoundApp"),
        ({"AuthValidTime": "tomorrow"}, "InvalidAuthValidTime"),
        ({"AppIds": ",".join(map(str, range(101)))}, "ExceedLimitAppIds"),
    ],
)
def test_grants_that_are_refused(console: Console, scene: dict[str, Any], change: dict[str, Any], code: str) -> None:
    grant = {"ApiId": scene["apis"][0], "AppIds": str(scene["apps"][0]), "StageName": "RELEASE", **change}
    assert console.refused("SetAppsAuthorities", **grant) == code
    assert not list(console.cloud.world.all(Authorization))
