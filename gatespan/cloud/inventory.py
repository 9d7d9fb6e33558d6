"""Whole lists, read once: one read answers many questions, and callers at the same time share it."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Literal

from gatespan.cloud.door import Cloud

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Listing:
    """A read action that lists.

    ``path``: where the rows are in the answer; empty when the answer is itself the one row. ``paging``: by ``page``
    number, by ``token`` (NextToken; absent, empty or -1 at the end), or none. ``size``: rows per page, the most that
    the action gives, under the name ``size_name`` (empty: it takes no size).
    """

    product: str
    action: str
    path: tuple[str, ...]
    paging: Literal["page", "token", "none"] = "page"
    size: int = 50
    size_name: str = "PageSize"
    token_name: str = "NextToken"

    def rows(self, answer: Mapping[str, Any]) -> list[Row]:
        """The rows of one answer; none where a wrapper is missing or empty."""
        got: Any = answer
        for name in self.path:
            got = (got or {}).get(name)
        return list(got or ()) if self.path else [answer]

    def next(self, asked: Mapping[str, Any], answer: Mapping[str, Any], page: int, rows: int) -> dict[str, Any] | None:
        """What to ask next, with ``page`` rows on this page and ``rows`` so far; None at the end."""
        if self.paging == "token":
            token = answer.get(self.token_name)
            return {**asked, self.token_name: token} if token and token != "-1" else None
        total = answer.get("TotalCount")
        more = page > 0 and (rows < int(total) if total is not None else page >= self.size)
        return {**asked, "PageNumber": asked["PageNumber"] + 1} if self.paging == "page" and more else None

    def first(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """What to ask for the first page."""
        asked = {**params, self.size_name: self.size} if self.size_name else dict(params)
        return {**asked, "PageNumber": 1} if self.paging == "page" else asked


def _by_token(product: str, action: str, *path: str, size: int = 100, size_name: str = "MaxResults") -> Listing:
    return Listing(product, action, path, "token", size, size_name)


def _by_limit(action: str, *path: str) -> Listing:
    return Listing("fc", action, path, "token", 100, "limit", "nextToken")


_ROWS = (
    Listing("vpc", "DescribeVpcs", ("Vpcs", "Vpc")),
    Listing("vpc", "DescribeVSwitches", ("VSwitches", "VSwitch")),
    Listing("vpc", "DescribeRouteTableList", ("RouterTableList", "RouterTableListType")),
    _by_token("vpc", "DescribeRouteEntryList", "RouteEntrys", "RouteEntry", size_name="MaxResult"),
    Listing("vpc", "DescribePhysicalConnections", ("PhysicalConnectionSet", "PhysicalConnectionType")),
    Listing("vpc", "DescribeVirtualBorderRouters", ("VirtualBorderRouterSet", "VirtualBorderRouterType")),
    Listing("vpc", "DescribeBgpGroups", ("BgpGroups", "BgpGroup")),
    Listing("vpc", "DescribeBgpPeers", ("BgpPeers", "BgpPeer")),
    Listing("vpc", "DescribeBgpNetworks", ("BgpNetworks", "BgpNetwork")),
    Listing("vpc", "DescribeRouterInterfaces", ("RouterInterfaceSet", "RouterInterfaceType")),
    Listing("cbn", "CheckTransitRouterService", (), "none", size_name=""),
    Listing("cbn", "DescribeCens", ("Cens", "Cen")),
    Listing("cbn", "ListTransitRouters", ("TransitRouters",)),
    Listing("cbn", "ListTransitRouterAvailableResource", (), "none", size_name=""),
    _by_token("cbn", "ListTransitRouterVpcAttachments", "TransitRouterAttachments"),
    _by_token("cbn", "ListTransitRouterVbrAttachments", "TransitRouterAttachments"),
    _by_token("cbn", "ListTransitRouterPeerAttachments", "TransitRouterAttachments"),
    _by_token("cbn", "ListTransitRouterRouteTables", "TransitRouterRouteTables"),
    _by_token("cbn", "ListTransitRouterRouteTableAssociations", "TransitRouterAssociations", size=50),
    _by_token("cbn", "ListTransitRouterRouteTablePropagations", "TransitRouterPropagations", size=50),
    _by_token("cbn", "ListTransitRouterRouteEntries", "TransitRouterRouteEntries"),
    Listing("cbn", "DescribeCenBandwidthPackages", ("CenBandwidthPackages", "CenBandwidthPackage")),
    Listing("cbn", "DescribeCenAttachedChildInstances", ("ChildInstances", "ChildInstance")),
    Listing(
        "cbn",
        "DescribeCenInterRegionBandwidthLimits",
        ("CenInterRegionBandwidthLimits", "CenInterRegionBandwidthLimit"),
    ),
    Listing("cbn", "DescribeRouteServicesInCen", ("RouteServiceEntries", "RouteServiceEntry")),
    Listing("cbn", "DescribeCenVbrHealthCheck", ("VbrHealthChecks", "VbrHealthCheck")),
    Listing("cbn", "DescribePublishedRouteEntries", ("PublishedRouteEntries", "PublishedRouteEntry")),
    Listing("cloudapi", "DescribeInstances", ("Instances", "InstanceAttribute")),
    Listing("cloudapi", "DescribeApiGroups", ("ApiGroupAttributes", "ApiGroupAttribute")),
    Listing("cloudapi", "DescribeApis", ("ApiSummarys", "ApiSummary")),
    Listing("cloudapi", "DescribeDeployedApis", ("DeployedApis", "DeployedApiItem")),
    Listing("cloudapi", "DescribeVpcAccesses", ("VpcAccessAttributes", "VpcAccessAttribute")),
    Listing("cloudapi", "DescribeAppAttributes", ("Apps", "AppAttribute")),
    Listing("cloudapi", "DescribeAuthorizedApps", ("AuthorizedApps", "AuthorizedApp")),
    _by_limit("ListFunctions", "functions"),
    _by_limit("ListTriggers", "triggers"),
)
_TAGS = (
    _by_token("vpc", "ListTagResources", "TagResources", "TagResource", size=50),
    _by_token("cbn", "ListTagResources", "TagResources", "TagResource", size=50, size_name="PageSize"),
    _by_token("cloudapi", "ListTagResources", "TagResources", "TagResource", size_name=""),
)
"""The one action that several products have: asked for with its product."""

LISTINGS: Mapping[str, Listing] = {
    **{row.action: row for row in _ROWS},
    **{f"{row.product}.{row.action}": row for row in _TAGS},
}
"""The lists that the engine reads (shapes and page sizes: official SDKs and API metadata)."""

WHOLE: Mapping[str, frozenset[str]] = {
    "DescribeVSwitches": frozenset({"VpcId"}),
    "DescribeRouteTableList": frozenset({"VpcId"}),
    "ListTransitRouterVpcAttachments": frozenset({"CenId"}),
    "ListTransitRouterVbrAttachments": frozenset({"CenId"}),
    "ListTransitRouterPeerAttachments": frozenset({"CenId"}),
    "DescribeApis": frozenset({"GroupId"}),
    "DescribeBgpGroups": frozenset({"RouterId"}),
    "DescribeBgpNetworks": frozenset({"RouterId"}),
    "DescribeBgpPeers": frozenset({"RouterId", "BgpGroupId"}),
}
"""Filters that the rows show themselves: one list without them answers for all their values."""


class Inventory:
    """Lists by action, region and parameters, each read once until forgotten. Thread-safe.

    For one topology a list is read as it is asked for. For many (``refresh(whole=True)``) it is read without the
    filters of ``WHOLE``, once, and picked from here: calls grow with pages and not with topologies.
    """

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._held: dict[tuple[Any, ...], Future[tuple[Row, ...]]] = {}
        self._lock = threading.Lock()
        self._whole = False

    def rows(self, action: str, *, region: str, product: str | None = None, **params: Any) -> tuple[Row, ...]:
        """Every row of every page. ``product`` where several have the action. Raises CloudError."""
        listing = LISTINGS[f"{product}.{action}" if product and action not in LISTINGS else action]
        wanted = {n: v for n, v in params.items() if n in WHOLE.get(action, ())} if self._whole else {}
        rest = {n: v for n, v in params.items() if n not in wanted}
        rows = self._shared(listing, region, rest)
        return tuple(r for r in rows if all(r.get(n) == v for n, v in wanted.items())) if wanted else rows

    def _shared(self, listing: Listing, region: str, params: Mapping[str, Any]) -> tuple[Row, ...]:
        key = (listing.action, listing.product, region, json.dumps(params, sort_keys=True, default=str))
        with self._lock:
            held = self._held.get(key)
            mine = held is None
            if held is None:
                held = self._held[key] = Future()
        if not mine:
            return held.result()
        try:
            held.set_result(self._read(listing, region, params))
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

    def refresh(self, *, whole: bool = False) -> None:
        """Drop everything. ``whole``: from now on read lists for many."""
        with self._lock:
            self._held.clear()
            self._whole = whole

    def _read(self, listing: Listing, region: str, params: Mapping[str, Any]) -> tuple[Row, ...]:
        rows: list[Row] = []
        asked: dict[str, Any] | None = listing.first(params)
        while asked is not None:
            answer = self._cloud.call(listing.product, listing.action, asked, region=region)
            page = listing.rows(answer)
            rows += page
            asked = listing.next(asked, answer, len(page), len(rows))
        return tuple(rows)
