"""Whole lists, read once: one read answers many questions, and callers at the same time share it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Literal

from gatespan.cloud.door import Cloud

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Listing:
    """A read action that lists: where the rows are in the answer, and how it pages."""

    product: str
    action: str
    path: tuple[str, ...]
    paging: Literal["page", "token", "none"] = "page"
    size: int = 50
    size_name: str = "PageSize"


def _table(*rows: Listing) -> Mapping[str, Listing]:
    return {row.action: row for row in rows}


LISTINGS = _table(
    Listing("vpc", "DescribeVpcs", ("Vpcs", "Vpc")),
    Listing("vpc", "DescribeVSwitches", ("VSwitches", "VSwitch")),
    Listing("vpc", "DescribeRouteTableList", ("RouterTableList", "RouterTableListType")),
    Listing("vpc", "DescribeRouteEntryList", ("RouteEntrys", "RouteEntry"), "token", 100, "MaxResult"),
    Listing("cbn", "DescribeCens", ("Cens", "Cen")),
    Listing("cbn", "ListTransitRouters", ("TransitRouters",)),
    Listing("cbn", "ListTransitRouterVpcAttachments", ("TransitRouterAttachments",), "token", 100, "MaxResults"),
    Listing("cbn", "ListTransitRouterPeerAttachments", ("TransitRouterAttachments",), "token", 100, "MaxResults"),
    Listing("cbn", "ListTransitRouterRouteTables", ("TransitRouterRouteTables",), "token", 100, "MaxResults"),
    Listing(
        "cbn", "ListTransitRouterRouteTableAssociations", ("TransitRouterAssociations",), "token", 50, "MaxResults"
    ),
    Listing(
        "cbn", "ListTransitRouterRouteTablePropagations", ("TransitRouterPropagations",), "token", 50, "MaxResults"
    ),
    Listing("cbn", "ListTransitRouterRouteEntries", ("TransitRouterRouteEntries",), "token", 100, "MaxResults"),
    Listing("cbn", "DescribeCenBandwidthPackages", ("CenBandwidthPackages", "CenBandwidthPackage")),
    Listing("cloudapi", "DescribeInstances", ("Instances", "InstanceAttribute")),
    Listing("cloudapi", "DescribeApiGroups", ("ApiGroupAttributes", "ApiGroupAttribute")),
    Listing("cloudapi", "DescribeApis", ("ApiSummarys", "ApiSummary")),
    Listing("cloudapi", "DescribeAppAttributes", ("Apps", "AppAttribute")),
    Listing("cloudapi", "DescribeAuthorizedApps", ("AuthorizedApps", "AuthorizedApp")),
)
"""The lists that the engine reads (shapes and page sizes: official SDKs and API metadata)."""


class Inventory:
    """Lists by action, region and parameters, each read once until forgotten. Thread-safe."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._held: dict[tuple[Any, ...], Future[tuple[Row, ...]]] = {}
        self._lock = threading.Lock()

    def rows(self, action: str, *, region: str, **params: Any) -> tuple[Row, ...]:
        """Every row of every page."""
        key = (action, region, *sorted(params.items()))
        with self._lock:
            held = self._held.get(key)
            mine = held is None
            if held is None:
                held = self._held[key] = Future()
        if not mine:
            return held.result()
        try:
            held.set_result(self._read(LISTINGS[action], region, params))
        except BaseException as error:  # noqa: BLE001 - whoever shares this read gets the same error
            with self._lock:
                if self._held.get(key) is held:
                    del self._held[key]
            held.set_exception(error)
        return held.result()

    def forget(self, *actions: str) -> None:
        """Drop what these read actions answered."""
        with self._lock:
            for key in [k for k in self._held if k[0] in actions]:
                del self._held[key]

    def refresh(self) -> None:
        """Drop everything."""
        with self._lock:
            self._held.clear()

    def _read(self, listing: Listing, region: str, params: Mapping[str, Any]) -> tuple[Row, ...]:
        rows: list[Row] = []
        number, token = 1, None
        while True:
            asked = {**params, listing.size_name: listing.size}
            if listing.paging == "page":
                asked["PageNumber"] = number
            elif token:
                asked["NextToken"] = token
            answer = self._cloud.call(listing.product, listing.action, asked, region=region)
            got: Any = answer
            for name in listing.path:
                got = (got or {}).get(name)
            rows.extend(got or ())
            number += 1
            token = answer.get("NextToken")
            if listing.paging == "page" and (len(rows) >= int(answer.get("TotalCount") or 0) or not got):
                return tuple(rows)
            if listing.paging == "token" and not token:
                return tuple(rows)
