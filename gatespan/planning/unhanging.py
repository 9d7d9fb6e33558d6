"""What hangs on an orphaned border router and has no tags of its own: health check, BGP, routes, router interfaces.

Users before what they use, each until lists do not show it any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from gatespan.cloud import BUDGETS, NotFound, Wait
from gatespan.planning.engine import Engine

Row = Mapping[str, Any]


def health_check(engine: Engine, attachment: Row, region: str) -> None:
    """The probes of the border router that is attached: the attachment cannot go before them."""
    place = {"CenId": attachment["CenId"], "VbrInstanceId": attachment["VbrId"], "VbrInstanceRegionId": region}

    def there() -> list[Row]:
        rows = _fresh(engine, "DescribeCenVbrHealthCheck", region, VbrInstanceRegionId=region)
        return [r for r in rows if r["VbrInstanceId"] == attachment["VbrId"] and r["CenId"] == attachment["CenId"]]

    if there():
        _call(engine, "cbn", "DisableCenVbrHealthCheck", place, region, attachment["VbrId"])
        _until_none(engine, there, "health_check", f"health check of {attachment['VbrId']}")


def border_router(engine: Engine, row: Row, region: str) -> None:
    """BGP networks, peers and groups; the routes that were stored in its table."""
    vbr = str(row["VbrId"])
    for listing, action, id, more in (
        ("DescribeBgpNetworks", "DeleteBgpNetwork", "DstCidrBlock", {"RouterId": vbr}),
        ("DescribeBgpPeers", "DeleteBgpPeer", "BgpPeerId", {}),
        ("DescribeBgpGroups", "DeleteBgpGroup", "BgpGroupId", {}),
    ):
        _each(engine, listing, action, id, more, vbr, region)
    table = str(row["RouteTableId"])

    def stored() -> list[Row]:
        rows = _fresh(engine, "DescribeRouteEntryList", region, RegionId=region, RouteTableId=table)
        return [r for r in rows if r["Type"] == "Custom"]

    for entry in stored():
        params = {"RegionId": region, "RouteEntryId": entry["RouteEntryId"]}
        _call(engine, "vpc", "DeleteRouteEntry", params, region, str(entry["RouteEntryId"]))
    _until_none(engine, stored, "route_entry", f"routes of {vbr}")


def _each(engine: Engine, listing: str, action: str, id: str, more: Mapping[str, Any], vbr: str, region: str) -> None:
    def held() -> list[Row]:
        return list(_fresh(engine, listing, region, RegionId=region, RouterId=vbr))

    for row in held():
        _call(engine, "vpc", action, {"RegionId": region, id: row[id], **more}, region, str(row[id]))
    _until_none(engine, held, "bgp_group", f"{listing.removeprefix('Describe')} of {vbr}")


def _fresh(engine: Engine, listing: str, region: str, **params: Any) -> Iterable[Row]:
    engine.inventory.forget(listing)
    return engine.inventory.rows(listing, region=region, **params)


def _call(engine: Engine, product: str, action: str, params: Mapping[str, Any], region: str, subject: str) -> None:
    with suppress(NotFound):
        engine.cloud.call(product, action, params, region=region, subject=subject)


def _until_none(engine: Engine, rows: Callable[[], list[Row]], kind: str, what: str) -> None:
    def probe() -> str | None:
        return "there" if rows() else None

    engine.until(probe, Wait(good=frozenset(), gone=True, budget=BUDGETS[kind][1]), what)
