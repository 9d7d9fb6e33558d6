"""Quotas and rates: the last that fits, the first that does not; and names at their edges."""

from __future__ import annotations

from typing import Any

import pytest

from gatespan.emulator.services.cloudapi import rules, service
from gatespan.emulator.services.cloudapi.models import Api, ApiGroup, App, Authorization

from .conftest import ACCOUNT, REGION, Console, definition


def many(cls: Any, count: int, **values: Any) -> list[Any]:
    common = {"account": ACCOUNT, "region": REGION, "name": "filler"}
    return [cls(id=f"filler-{n}", **{**common, **values}) for n in range(count)]


def test_groups_per_region(console: Console) -> None:
    console.cloud.put(*many(ApiGroup, rules.GROUPS_PER_REGION - 1))
    console.group()
    assert console.refused("CreateApiGroup", GroupName="one_more") == "ExceedLimitApiGroup"
    Console(console.cloud, "cn-beijing").group()


def test_apis_per_group(console: Console) -> None:
    group = console.group()
    read = {"RequestConfig": {"RequestHttpMethod": "PUT", "RequestPath": "/filler"}}
    console.cloud.put(*many(Api, rules.APIS_PER_GROUP - 1, group_id=group, definition=read))
    console.api(group)
    assert console.refused("CreateApi", GroupId=group, **definition("one_more")) == "ExceedLimitApi"


def test_apps_per_account(console: Console) -> None:
    console.cloud.put(*many(App, rules.APPS_PER_ACCOUNT - 1))
    console.app()
    assert console.refused("CreateApp", AppName="one_more") == "ExceedLimitApp"


def test_apps_per_api(console: Console) -> None:
    api, apps = console.api(console.group()), [console.app("caller_1"), console.app("caller_2")]
    rights = [
        Authorization(id=f"filler-{n}", account=ACCOUNT, region=REGION, api_id=api, app_id=f"{n}", stage="RELEASE")
        for n in range(rules.APPS_PER_API - 1)
    ]
    console.cloud.put(*rights)
    grant = {"ApiId": api, "StageName": "RELEASE"}
    assert console.refused("SetAppsAuthorities", **grant, AppIds=",".join(apps)) == "ExceedLimitAuthorization"
    console("SetAppsAuthorities", **grant, AppIds=apps[0])
    console("SetAppsAuthorities", **grant, AppIds=apps[0])


@pytest.mark.parametrize("name", ["demo", "a" * 50, "with-hyphen", "with_underscore", "网关网关"])
def test_group_names_that_fit(console: Console, name: str) -> None:
    assert console("DescribeApiGroup", GroupId=console.group(name))["GroupName"] == name


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"GroupName": None}, "MissingGroupName"),
        ({"GroupName": "abc"}, "InvalidGroupName"),
        ({"GroupName": "a" * 51}, "InvalidGroupName"),
        ({"GroupName": "1group"}, "InvalidGroupName"),
        ({"GroupName": "a group"}, "InvalidGroupName"),
        ({"GroupName": "taken_name"}, "RepeatedApiGroup"),
        ({"Description": "d" * 181}, "InvalidDescription"),
        ({"BasePath": "v1"}, "InvalidBasePath"),
        ({"InstanceId": "apigateway-hz-none"}, "NotFoundInstance"),
    ],
)
def test_groups_that_are_refused(console: Console, change: dict[str, Any], code: str) -> None:
    console.group("taken_name")
    mine = console.group("mine_alone")
    assert console.refused("CreateApiGroup", **{"GroupName": "demo_group", **change}) == code
    if code.startswith(("Invalid", "Repeated")):
        assert console.refused("ModifyApiGroup", GroupId=mine, **change) == code


def test_fifty_writes_a_second(console: Console) -> None:
    console.cloud.kernel.keep_rates = True
    for n in range(50):
        console.app(f"caller_{n}")
    assert console.refused("CreateApp", AppName="one_more") == "Throttling.User"
    console.cloud.advance(1)
    console.app("one_more")


def test_published_rates_are_declared() -> None:
    rated = {name for name, action in service.actions.items() if action.rate == (50, 1.0)}
    assert {"CreateApi", "ModifyApi", "DeleteApi", "DeployApi", "ModifyApiGroup", "DeleteApiGroup"} <= rated
    assert service.actions["DescribeApps"].rate == (200, 86400.0)
