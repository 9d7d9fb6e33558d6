"""The procedures from end to end, with realistic seconds: two regions of the Basic edition, a data centre in both
editions, cloud services through a VPC; and back to nothing."""

from __future__ import annotations

from typing import Any

import pytest

from ..cbn.conftest import buy, join
from .conftest import B, Console, H

Names = dict[str, str]


@pytest.fixture
def fresh(console: Console, sites: Names) -> Names:
    """The scene's VPCs and spare border router, and a new CEN with nothing in it."""
    return {**sites, "new": console("CreateCen", Name="new")["CenId"]}


def waited(console: Console, cen: str) -> float:
    """Turn the clock until the CEN is at rest: the seconds that took."""
    for seconds in range(0, 120, 5):
        row = console.cen(cen)
        if row is None or row["Status"] == "Active":
            return seconds
        console.cloud.advance(5)
    raise AssertionError(f"{cen} never came to rest")


def child(names: Names, instance: str, kind: str, region: str) -> dict[str, Any]:
    place = {"ChildInstanceId": names[instance], "ChildInstanceType": kind, "ChildInstanceRegionId": region}
    return {"CenId": names["new"], **place}


def children(console: Console, cen: str) -> list[str]:
    found = console("DescribeCenAttachedChildInstances", CenId=cen)["ChildInstances"]["ChildInstance"]
    assert all(c["Status"] == "Attached" for c in found)
    return [c["ChildInstanceId"] for c in found]


def end(console: Console, names: Names) -> None:
    """Nothing is left that would hold the CEN."""
    console("DeleteCen", CenId=names["new"])
    waited(console, names["new"])
    assert console.cen(names["new"]) is None


def test_two_regions_the_basic_way(console: Console, fresh: Names) -> None:
    cen = fresh["new"]
    near, far = child(fresh, "hub_vpc", "VPC", H), child(fresh, "spoke_vpc", "VPC", B)
    pair = {"CenId": cen, "LocalRegionId": H, "OppositeRegionId": B}
    with console.slow():
        console("AttachCenChildInstance", **near)
        assert console.code("AttachCenChildInstance", **far) == "InvalidOperation.CenInstanceStatus"
        assert waited(console, cen) == 30
        console("AttachCenChildInstance", **far)
        waited(console, cen)
        assert children(console, cen) == [fresh["hub_vpc"], fresh["spoke_vpc"]]
        plan = {"CenId": cen, "CenBandwidthPackageId": buy(console, Bandwidth=2)}
        console.cloud.advance(5)
        console("AssociateCenBandwidthPackage", **plan)
        waited(console, cen)
        console("SetCenInterRegionBandwidthLimit", **pair, BandwidthLimit=2)
        waited(console, cen)
        console("SetCenInterRegionBandwidthLimit", **pair, BandwidthLimit=0)
        waited(console, cen)
        console("UnassociateCenBandwidthPackage", **plan)
        waited(console, cen)
        for gone in (far, near):
            console("DetachCenChildInstance", **gone)
            waited(console, cen)
        assert children(console, cen) == []
        end(console, fresh)


def test_a_data_centre_on_a_transit_router(console: Console, fresh: Names) -> None:
    cen = fresh["new"]
    with console.slow():
        made = console(
            "CreateTransitRouterVbrAttachment",
            VbrId=fresh["spare_vbr"],
            CenId=cen,
            RegionId=H,
            AutoPublishRouteEnabled=True,
        )["TransitRouterAttachmentId"]
        assert waited(console, cen) == 55
        row = console("ListTransitRouterVbrAttachments", TransitRouterAttachmentId=made)["TransitRouterAttachments"][0]
        assert (row["Status"], row["AutoPublishRouteEnabled"]) == ("Attached", True)
        table = console.system_table(row["TransitRouterId"])
    join(console, made, table)
    check = {"CenId": cen, "VbrInstanceId": fresh["spare_vbr"], "VbrInstanceRegionId": H}
    with console.slow():
        console("EnableCenVbrHealthCheck", **check, HealthCheckTargetIp="10.255.2.2")
        console.cloud.advance(5)
        assert console("DescribeCenVbrHealthCheck", VbrInstanceRegionId=H, CenId=cen)["TotalCount"] == 1
        console("DisableCenVbrHealthCheck", **check)
        console.cloud.advance(5)
    pair = {"TransitRouterAttachmentId": made, "TransitRouterRouteTableId": table}
    console("DisableTransitRouterRouteTablePropagation", **pair)
    console("DissociateTransitRouterAttachmentFromRouteTable", **pair)
    with console.slow():
        console("DeleteTransitRouterVbrAttachment", TransitRouterAttachmentId=made)
        assert waited(console, cen) == 45
        assert console("ListTransitRouterVbrAttachments", CenId=cen)["TotalCount"] == 0
        end(console, fresh)


@pytest.mark.parametrize("edition", ["Enterprise", "Basic"])
def test_a_border_router_made_through_its_own_api(console: Console, vpc: Console, fresh: Names, edition: str) -> None:
    """It cannot be deleted while a CEN holds it, nor terminated and attached."""
    made = vpc(
        "CreateVirtualBorderRouter",
        RegionId=H,
        PhysicalConnectionId="pc-spare_vbr",
        VlanId=77,
        LocalGatewayIp="10.254.0.1",
        PeerGatewayIp="10.254.0.2",
        PeeringSubnetMask="255.255.255.252",
    )["VbrId"]
    gone = {"RegionId": H, "VbrId": made}
    place = child({**fresh, "made": made}, "made", "VBR", H)
    attached = ""
    if edition == "Basic":
        console("AttachCenChildInstance", **place)
    else:
        asked = {"VbrId": made, "CenId": fresh["new"], "RegionId": H}
        attached = console("CreateTransitRouterVbrAttachment", **asked)["TransitRouterAttachmentId"]
    assert vpc.code("DeleteVirtualBorderRouter", **gone) == "DependencyViolation.CenAttachment"
    if edition == "Basic":
        console("DetachCenChildInstance", **place)
    else:
        console("DeleteTransitRouterVbrAttachment", TransitRouterAttachmentId=attached)
    vpc("TerminateVirtualBorderRouter", **gone)
    again = {"VbrId": made, "CenId": fresh["new"], "RegionId": H}
    code = console.code("CreateTransitRouterVbrAttachment", **again)
    assert code == "IncorrectStatus.VbrResource"
    vpc("DeleteVirtualBorderRouter", **gone)


def test_cloud_services_the_basic_way(console: Console, fresh: Names) -> None:
    """One call per block, one after the other; deleted ones are gone only when the describe says so."""
    cen = fresh["new"]
    host, site = child(fresh, "hub_vpc", "VPC", H), child(fresh, "spare_vbr", "VBR", H)
    place = {"CenId": cen, "HostRegionId": H, "HostVpcId": fresh["hub_vpc"]}
    blocks = ("100.64.7.0/24", "100.64.8.0/24")

    def statuses() -> dict[str, str]:
        rows = console("DescribeRouteServicesInCen", CenId=cen)["RouteServiceEntries"]["RouteServiceEntry"]
        return {row["Host"]: row["Status"] for row in rows}

    with console.slow():
        for attached in (host, site):
            console("AttachCenChildInstance", **attached)
            waited(console, cen)
        for block in blocks:
            asked = {**place, "Host": block, "AccessRegionIds": [H]}
            console("ResolveAndRouteServiceInCen", **asked)
            assert console.code("ResolveAndRouteServiceInCen", **asked) in ("CloudRoute.Exist", "Operation.Blocking")
            assert waited(console, cen) == 10
        assert statuses() == dict.fromkeys(blocks, "Active")
        for block in blocks:
            console("DeleteRouteServiceInCen", **place, Host=block, AccessRegionId=H)
            assert statuses()[block] == "Deleting"
            waited(console, cen)
        assert statuses() == {}
        for gone in (site, host):
            console("DetachCenChildInstance", **gone)
            waited(console, cen)
        end(console, fresh)
