"""Tags: set, overwritten, listed in pages, taken away; all or nothing."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Console


def pairs(console: Console, type: str, **filters: Any) -> list[tuple[str, str, str]]:
    rows = console("ListTagResources", ResourceType=type, **filters)["TagResources"]["TagResource"]
    assert all(row["ResourceType"] == type for row in rows)
    return [(row["ResourceId"], row["TagKey"], row["TagValue"]) for row in rows]


@pytest.mark.parametrize("type", ["apiGroup", "app"])
def test_tags_come_and_go(console: Console, type: str) -> None:
    make = {"apiGroup": console.group, "app": console.app}[type]
    one, two = make("number_one"), make("number_two", Tag=[{"Key": "a", "Value": "0"}])
    tags = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}]
    console("TagResources", ResourceType=type, ResourceId=[one, two], Tag=tags)
    assert pairs(console, type, ResourceId=[two, one]) == [
        (two, "a", "1"),
        (two, "b", ""),
        (one, "a", "1"),
        (one, "b", ""),
    ]
    assert pairs(console, type, Tag=[{"Key": "a", "Value": "1"}]) == pairs(console, type, ResourceId=[one, two])
    assert pairs(console, type, Tag=[{"Key": "a", "Value": "2"}]) == []
    console("UntagResources", ResourceType=type, ResourceId=[one], TagKey=["a", "c"])
    assert pairs(console, type, ResourceId=[one]) == [(one, "b", "")]
    assert pairs(console, type, Tag=[{"Key": "a"}]) == [(two, "a", "1"), (two, "b", "")]
    console("UntagResources", ResourceType=type, ResourceId=[one, two], All="TRUE")
    assert pairs(console, type, ResourceId=[one, two]) == []


def test_apis_are_tagged_when_made_and_listed(console: Console) -> None:
    api = console.api(console.group(), Tag=[{"Key": "a", "Value": "1"}])
    assert pairs(console, "api", ResourceId=[api]) == [(api, "a", "1")]
    tag = {"ResourceType": "api", "ResourceId": [api], "Tag": [{"Key": "b", "Value": "2"}]}
    assert console.refused("TagResources", **tag) == "InvalidResourceType"
    assert pairs(console, "plugin", Tag=[{"Key": "a"}]) == []


def test_pages_end_with_minus_one(console: Console) -> None:
    tags = [{"Key": f"k{n}", "Value": "v"} for n in range(20)]
    groups = [console.group(f"group_{n}", Tag=tags) for n in range(3)]
    first = console("ListTagResources", ResourceType="apiGroup", ResourceId=groups)
    assert len(first["TagResources"]["TagResource"]) == 50
    last = console("ListTagResources", ResourceType="apiGroup", ResourceId=groups, NextToken=first["NextToken"])
    assert (len(last["TagResources"]["TagResource"]), last["NextToken"]) == (10, "-1")
    refused = console.refused("ListTagResources", ResourceType="apiGroup", ResourceId=groups, NextToken="next")
    assert refused == "InvalidNextToken"


def test_a_new_thing_is_not_found_while_lists_lag(console: Console) -> None:
    console.cloud.kernel.list_lag = 3.0
    app = console.app(Tag=[{"Key": "a", "Value": "1"}])
    assert console.refused("ListTagResources", ResourceType="app", ResourceId=[app]) == "NotFoundResourceId"
    assert console("DescribeAppAttributes")["TotalCount"] == 0
    assert console("DescribeApp", AppId=int(app))["AppName"] == "caller_1"
    console.cloud.advance(3)
    assert pairs(console, "app", ResourceId=[app]) == [(app, "a", "1")]


@pytest.mark.parametrize(
    ("action", "parameters", "code"),
    [
        ("TagResources", {"ResourceType": None}, "MissingResourceType"),
        ("TagResources", {"ResourceType": "instance"}, "InvalidResourceType"),
        ("TagResources", {"ResourceId": None}, "MissingResourceId"),
        ("TagResources", {"ResourceId": ["{group}", "none"]}, "NotFoundResourceId"),
        ("TagResources", {"ResourceType": "plugin"}, "NotFoundResourceId"),
        ("TagResources", {"ResourceId": [str(n) for n in range(51)]}, "ExceedLimitResourceId"),
        ("TagResources", {"Tag": None}, "MissingTag"),
        ("TagResources", {"Tag": [{"Value": "v"}]}, "MissingTag"),
        ("TagResources", {"Tag": [{"Key": "aliyun-x", "Value": "v"}]}, "InvalidTagKey"),
        ("TagResources", {"Tag": [{"Key": "see http://x", "Value": "v"}]}, "InvalidTagKey"),
        ("TagResources", {"Tag": [{"Key": "k" * 129, "Value": "v"}]}, "InvalidTagKey"),
        ("TagResources", {"Tag": [{"Key": "k", "Value": "https://x"}]}, "InvalidTagValue"),
        ("TagResources", {"Tag": [{"Key": f"k{n}"} for n in range(21)]}, "ExceedLimitTag"),
        ("TagResources", {"Tag": [{"Key": f"k{n}"} for n in range(20)]}, "ExceedLimitTag"),
        ("UntagResources", {"Tag": None}, "MissingTagKey"),
        ("UntagResources", {"TagKey": ["a"], "ResourceId": ["none"]}, "NotFoundResourceId"),
        ("ListTagResources", {"ResourceId": None, "Tag": None}, "MissingResourceId"),
        ("ListTagResources", {"ResourceType": "instance"}, "InvalidResourceType"),
        ("ListTagResources", {"ResourceId": ["none"]}, "NotFoundResourceId"),
    ],
)
def test_tag_calls_that_are_refused(console: Console, action: str, parameters: dict[str, Any], code: str) -> None:
    group = console.group(Tag=[{"Key": "mine", "Value": "1"}])
    call = {"ResourceType": "apiGroup", "ResourceId": [group], "Tag": [{"Key": "a", "Value": "1"}], **parameters}
    if call["ResourceId"]:
        call["ResourceId"] = [id.format(group=group) for id in call["ResourceId"]]
    before = console.state()
    assert console.refused(action, **call) == code
    assert console.state() == before
