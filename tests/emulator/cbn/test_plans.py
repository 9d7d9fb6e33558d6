"""Bandwidth plans: bought, used, changed, expired; and the inter-region connections that live on them."""

from __future__ import annotations

from typing import Any

import pytest

from gatespan.emulator.services.cbn.rules import area_of, months_later, span

from .conftest import Console, buy

DAY = 86400.0


def peer(console: Console, scene: dict[str, str], **parameters: Any) -> str:
    """A new connection in place of the scene's."""
    console("DeleteTransitRouterPeerAttachment", TransitRouterAttachmentId=scene["peer"], Force=True)
    ends = {"TransitRouterId": scene["hub_router"], "PeerTransitRouterId": scene["spoke_router"]}
    return str(console("CreateTransitRouterPeerAttachment", **ends, **parameters)["TransitRouterAttachmentId"])


def terms(console: Console, attachment: str) -> tuple[str, int, str]:
    row = console.peer(attachment)
    assert row is not None
    return row["BandwidthType"], row["Bandwidth"], row["CenBandwidthPackageId"]


def test_without_auto_pay_there_is_an_order_and_no_plan(console: Console) -> None:
    asked = {"Bandwidth": 2, "GeographicRegionAId": "China", "GeographicRegionBId": "China"}
    answer = console("CreateCenBandwidthPackage", **asked)
    assert answer["CenBandwidthPackageOrderId"]
    assert "CenBandwidthPackageId" not in answer
    assert console("DescribeCenBandwidthPackages")["TotalCount"] == 0


@pytest.mark.parametrize(
    ("parameters", "months"),
    [({}, 1), ({"Period": 6}, 6), ({"Period": 2, "PricingCycle": "Year"}, 24)],
)
def test_a_subscription_is_kept_until_it_expires(console: Console, parameters: dict[str, Any], months: int) -> None:
    plan, now = buy(console, **parameters), console.cloud.clock.now()
    console.cloud.advance(months_later(now, months) - now - 1)
    refused = console.refused("DeleteCenBandwidthPackage", CenBandwidthPackageId=plan)
    assert (refused.code, refused.status_code) == ("Forbidden.Release", 403)
    console.cloud.advance(1)
    row = console.plan(plan)
    assert row is not None
    assert row["BusinessStatus"] == "FinancialLocked"
    cen = console("CreateCen")["CenId"]
    associate = {"CenId": cen, "CenBandwidthPackageId": plan}
    assert console.code("AssociateCenBandwidthPackage", **associate) == "InvalidOperation.BwpBusinessStatus"
    console("DeleteCenBandwidthPackage", CenBandwidthPackageId=plan)
    assert console.plan(plan) is None


def test_a_renewed_plan_does_not_expire(console: Console) -> None:
    plan = buy(console, AutoRenew=True)
    console.cloud.advance(100 * DAY)
    row = console.plan(plan)
    assert row is not None
    assert row["BusinessStatus"] == "Normal"
    assert console.code("DeleteCenBandwidthPackage", CenBandwidthPackageId=plan) == "Forbidden.Release"


def test_no_new_bandwidth_on_an_expired_plan(console: Console, scene: dict[str, str]) -> None:
    console.cloud.advance(32 * DAY)
    asked = {"TransitRouterAttachmentId": scene["peer"], "Bandwidth": 5}
    assert console.code("UpdateTransitRouterPeerAttachmentAttribute", **asked) == "InvalidOperation.BwpBusinessStatus"


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, ("DataTransfer", 0, "")),
        ({"Bandwidth": 100, "BandwidthType": "DataTransfer"}, ("DataTransfer", 100, "")),
        ({"Bandwidth": 2, "CenBandwidthPackageId": "{plan}"}, ("BandwidthPackage", 2, "{plan}")),
        ({"Bandwidth": 2, "BandwidthType": "BandwidthPackage"}, ("BandwidthPackage", 2, "{plan}")),
    ],
)
def test_terms_of_a_connection(
    console: Console, scene: dict[str, str], parameters: dict[str, Any], expected: tuple[str, int, str]
) -> None:
    asked = {key: value.format(**scene) if isinstance(value, str) else value for key, value in parameters.items()}
    kind, bandwidth, plan = expected
    assert terms(console, peer(console, scene, **asked)) == (kind, bandwidth, plan.format(**scene))


def test_the_way_of_paying_is_switched(console: Console, scene: dict[str, str]) -> None:
    change = {"TransitRouterAttachmentId": scene["peer"]}
    console("UpdateTransitRouterPeerAttachmentAttribute", **change, BandwidthType="DataTransfer", Bandwidth=50)
    assert terms(console, scene["peer"]) == ("DataTransfer", 50, "")
    console("UpdateTransitRouterPeerAttachmentAttribute", **change, CenBandwidthPackageId=scene["plan"], Bandwidth=10)
    assert terms(console, scene["peer"]) == ("BandwidthPackage", 10, scene["plan"])
    console("UpdateTransitRouterPeerAttachmentAttribute", **change, TransitRouterAttachmentName="named")
    assert terms(console, scene["peer"]) == ("BandwidthPackage", 10, scene["plan"])


def test_no_plan_for_the_areas(console: Console, scene: dict[str, str]) -> None:
    console("DeleteTransitRouterPeerAttachment", TransitRouterAttachmentId=scene["peer"], Force=True)
    console("UnassociateCenBandwidthPackage", CenId=scene["cen"], CenBandwidthPackageId=scene["plan"])
    ends = {"TransitRouterId": scene["hub_router"], "PeerTransitRouterId": scene["spoke_router"]}
    code = console.code("CreateTransitRouterPeerAttachment", **ends, BandwidthType="BandwidthPackage", Bandwidth=2)
    assert code == "InvalidOperation.BwpNotAssociated"


def test_a_plan_in_time(console: Console, scene: dict[str, str]) -> None:
    def seen() -> tuple[str, int]:
        row = console.plan(plan)
        assert row is not None
        return row["Status"], row["Bandwidth"]

    cen = console("CreateCen")["CenId"]
    with console.slow():
        plan = buy(console)
        both = {"CenId": cen, "CenBandwidthPackageId": plan}
        assert console.code("AssociateCenBandwidthPackage", **both) == "InvalidOperation.BwpInstanceStatus"
        console.cloud.advance(5)
        console("AssociateCenBandwidthPackage", **both)
        states = [seen()]
        row = console.cen(cen)
        assert row is not None
        assert row["Status"] == "Modifying"
        console.cloud.advance(5)
        states.append(seen())
        console("ModifyCenBandwidthPackageSpec", CenBandwidthPackageId=plan, Bandwidth=5)
        states.append(seen())
        console.cloud.advance(5)
        states.append(seen())
        console("UnassociateCenBandwidthPackage", **both)
        states.append(seen())
        console.cloud.advance(5)
        states.append(seen())
    assert states == [("Idle", 2), ("InUse", 2), ("InUse", 2), ("InUse", 5), ("InUse", 5), ("Idle", 5)]
    row = console.plan(plan)
    assert row is not None
    assert row["CenIds"] == {"CenId": []}


@pytest.mark.parametrize(
    ("region", "area"),
    [
        ("cn-hangzhou", "china"),
        ("cn-hongkong", "asia-pacific"),
        ("ap-southeast-1", "asia-pacific"),
        ("us-west-1", "north-america"),
        ("eu-central-1", "europe"),
    ],
)
def test_areas_of_regions(region: str, area: str) -> None:
    assert area_of(region) == area
    assert span(area, "china") == span("china", area)


def test_months_end_on_the_last_day_where_there_is_no_such_day() -> None:
    january_31, february_29 = 1706659200.0, 1709164800.0  # 2024
    assert months_later(january_31, 1) == february_29
    assert months_later(january_31, 12) == january_31 + 366 * DAY
