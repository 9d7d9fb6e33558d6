"""Lists are read whole, once, in whatever way they page; and every row of the table is right about the real SDK."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from gatespan.cloud import Cloud, Inventory, NotFound
from gatespan.cloud.inventory import LISTINGS, Listing
from tests.cloud.conftest import Server


def pages(query: dict[str, str]) -> tuple[int, dict[str, Any]]:
    number, size = int(query["PageNumber"]), int(query["PageSize"])
    rows = [{"VpcId": f"vpc-{i}"} for i in range(120)][(number - 1) * size : number * size]
    body = {"RequestId": "R", "TotalCount": 120, "PageNumber": number, "PageSize": size, "Vpcs": {"Vpc": rows}}
    return 200, body


def tokens(query: dict[str, str]) -> tuple[int, dict[str, Any]]:
    start, size = int(query.get("NextToken", 0)), int(query["MaxResults"])
    rows = [{"TransitRouterAttachmentId": f"a-{i}"} for i in range(230)][start : start + size]
    more = str(start + size) if start + size < 230 else ""
    return 200, {"RequestId": "R", "NextToken": more, "TotalCount": 230, "TransitRouterAttachments": rows}


def test_lists_are_read_whole_by_page_number(cloud: Cloud, server: Server) -> None:
    server.answers = [pages]
    rows = Inventory(cloud).rows("DescribeVpcs", region="cn-hangzhou", RegionId="cn-hangzhou")
    assert [r["VpcId"] for r in rows] == [f"vpc-{i}" for i in range(120)]
    assert len(server.asked) == 3


def test_lists_are_read_whole_by_token(cloud: Cloud, server: Server) -> None:
    server.answers = [tokens]
    rows = Inventory(cloud).rows("ListTransitRouterVpcAttachments", region="cn-hangzhou", CenId="cen-1")
    assert len(rows) == 230
    assert len(server.asked) == 3


def test_a_list_is_read_once_until_it_is_forgotten(cloud: Cloud, server: Server) -> None:
    server.answers = [pages]
    inventory = Inventory(cloud)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: inventory.rows("DescribeVpcs", region="r", RegionId="r"), range(8)))
    assert len(server.asked) == 3
    inventory.forget("DescribeVpcs")
    inventory.rows("DescribeVpcs", region="r", RegionId="r")
    assert len(server.asked) == 6


def test_a_failed_read_is_not_remembered(cloud: Cloud, server: Server) -> None:
    server.answers = [(404, {"RequestId": "R", "Code": "InvalidRegionId.NotFound", "Message": "no"}), pages]
    inventory = Inventory(cloud)
    with pytest.raises(NotFound):
        inventory.rows("DescribeVpcs", region="r", RegionId="r")
    assert len(inventory.rows("DescribeVpcs", region="r", RegionId="r")) == 120


def two_pages(listing: Listing) -> Any:
    """A full page, then one row more, in the listing's own wrappers and manner."""

    def answer(query: dict[str, str]) -> tuple[int, dict[str, Any]]:
        second = query.get(listing.token_name) == "more" or query.get("PageNumber") == "2"
        assert query.get(listing.size_name, str(listing.size)) == str(listing.size)
        if not listing.path:
            return 200, {"RequestId": "R"}
        body: Any = [{}] * (1 if second else listing.size)
        for name in reversed(listing.path):
            body = {name: body}
        if listing.paging == "page":
            body |= {"PageNumber": int(query["PageNumber"]), "TotalCount": listing.size + 1}
        elif not second:
            body[listing.token_name] = "more"
        elif listing.product == "cloudapi":
            body[listing.token_name] = "-1"
        return 200, {"RequestId": "R", **body}

    return answer


@pytest.mark.parametrize("name", LISTINGS)
def test_every_list_of_the_table_fits_the_official_sdk(cloud: Cloud, server: Server, name: str) -> None:
    """Its parameters are known to the request model, and its rows and its paging come through the answer's model."""
    listing = LISTINGS[name]
    server.answers = [two_pages(listing)]
    params = {"functionName": "f"} if listing.action == "ListTriggers" else {}
    rows = Inventory(cloud).rows(listing.action, region="cn-hangzhou", product=listing.product, **params)
    assert len(rows) == (listing.size + 1 if listing.path else 1)
    assert len(server.asked) == (2 if listing.path else 1)


def test_an_action_of_several_products_is_held_apart(cloud: Cloud, server: Server) -> None:
    tag = {"ResourceId": "x"}
    server.answers = [(200, {"RequestId": "R", "TagResources": {"TagResource": [tag]}})]
    inventory = Inventory(cloud)
    for product in ("vpc", "cbn", "cloudapi", "vpc"):
        rows = inventory.rows("ListTagResources", region="cn-hangzhou", product=product, ResourceType="x")
        assert rows == (tag,)
    assert len(server.asked) == 3
    inventory.forget("ListTagResources")
    inventory.rows("ListTagResources", region="cn-hangzhou", product="cbn", ResourceType="x")
    assert len(server.asked) == 4


def test_parameters_may_be_lists(cloud: Cloud, server: Server) -> None:
    server.answers = [(200, {"RequestId": "R", "TotalCount": 0, "Vpcs": {"Vpc": []}})]
    inventory = Inventory(cloud)
    for value in ("a", "a", "b"):
        inventory.rows("DescribeVpcs", region="r", RegionId="r", Tag=[{"Key": "k", "Value": value}])
    assert [a["Tag.1.Value"] for a in server.asked] == ["a", "b"]


def test_a_list_without_a_total_ends_with_a_page_that_is_not_full(cloud: Cloud, server: Server) -> None:
    def answer(query: dict[str, str]) -> tuple[int, dict[str, Any]]:
        return 200, {"RequestId": "R", "Vpcs": {"Vpc": [{"VpcId": "v"}] * (50 if query["PageNumber"] == "1" else 7)}}

    server.answers = [answer]
    assert len(Inventory(cloud).rows("DescribeVpcs", region="r", RegionId="r")) == 57


def test_who_forgets_while_another_reads_gets_a_fresh_answer(cloud: Cloud, server: Server) -> None:
    inventory = Inventory(cloud)
    later: list[int] = []

    def answer(query: dict[str, str]) -> tuple[int, dict[str, Any]]:
        if len(server.asked) == 1:  # a change happens while the first read is on its way
            inventory.forget("DescribeVpcs")
            later.append(len(inventory.rows("DescribeVpcs", region="r", RegionId="r")))
            return 200, {"RequestId": "R", "TotalCount": 0, "Vpcs": {"Vpc": []}}
        return 200, {"RequestId": "R", "TotalCount": 1, "Vpcs": {"Vpc": [{"VpcId": "v"}]}}

    server.answers = [answer]
    assert inventory.rows("DescribeVpcs", region="r", RegionId="r") == ()
    assert later == [1]
    assert len(inventory.rows("DescribeVpcs", region="r", RegionId="r")) == 1
