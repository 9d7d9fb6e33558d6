"""What the answers say: editions, limits, route services, health checks, routing policies, published routes."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from gatespan.emulator.services.cbn import rules
from gatespan.emulator.services.cbn.models import RouteMap, TransitRouter, TransitRouterService
from gatespan.emulator.services.vpc.models import VirtualBorderRouter

from .conftest import ACCOUNT, B, Console, H

Names = dict[str, str]


def child(names: Names, instance: str, kind: str = "VPC", region: str = H, cen: str = "basic_cen") -> dict[str, Any]:
    return {
        "CenId": names[cen],
        "ChildInstanceId": names[instance],
        "ChildInstanceType": kind,
        "ChildInstanceRegionId": region,
    }


# --- editions -----------------------------------------------------------------------------------------


def test_the_first_child_brings_a_basic_router(console: Console, sites: Names) -> None:
    """One per region, with a system table, and it stays until it is deleted (choice)."""
    names = {**sites, "new": console("CreateCen")["CenId"]}
    for instance in ("hub_vpc", "free_vpc"):
        console("AttachCenChildInstance", **child(names, instance, cen="new"))
    routers = console("ListTransitRouters", CenId=names["new"])["TransitRouters"]
    assert [(r["RegionId"], r["Type"], r["Status"]) for r in routers] == [(H, "Basic", "Active")]
    assert console.system_table(routers[0]["TransitRouterId"])
    for instance in ("hub_vpc", "free_vpc"):
        console("DetachCenChildInstance", **child(names, instance, cen="new"))
    console("DeleteTransitRouter", TransitRouterId=routers[0]["TransitRouterId"])
    console("DeleteCen", CenId=names["new"])
    assert console.cen(names["new"]) is None


def test_an_account_may_be_too_late_for_basic(console: Console, sites: Names) -> None:
    """Existing Basic routers go on; new ones do not come."""
    opened = console.cloud.world.get(TransitRouterService, ACCOUNT)
    console.put(dataclasses.replace(opened, basic=False))
    names = {**sites, "new": console("CreateCen")["CenId"]}
    asked = child(names, "hub_vpc", cen="new")
    assert console.code("AttachCenChildInstance", **asked) == "OperationFailed.InvalidTransitRouter"
    console("AttachCenChildInstance", **child(sites, "hub_vpc"))


def test_basic_needs_no_transit_router_service(console: Console, sites: Names) -> None:
    console.put(TransitRouterService(id=ACCOUNT, account=ACCOUNT, enabled=False))
    names = {**sites, "new": console("CreateCen")["CenId"]}
    console("AttachCenChildInstance", **child(names, "hub_vpc", cen="new"))
    assert console("ListTransitRouters", CenId=names["new"])["TotalCount"] == 1


def test_children_of_both_editions_are_listed(console: Console, sites: Names) -> None:
    def listed(cen: str, **more: str) -> set[tuple[str, str, str]]:
        found = console("DescribeCenAttachedChildInstances", CenId=sites[cen], **more)["ChildInstances"]
        return {(c["ChildInstanceId"], c["ChildInstanceType"], c["Status"]) for c in found["ChildInstance"]}

    free, basic = (sites["free_vpc"], "VPC", "Attached"), (sites["basic_vbr"], "VBR", "Attached")
    assert listed("basic_cen") == {free, basic, (sites["spoke_vpc"], "VPC", "Attached")}
    assert listed("basic_cen", ChildInstanceRegionId=H) == {free, basic}
    assert listed("basic_cen", ChildInstanceType="VBR") == {basic}
    assert listed("cen", ChildInstanceType="VBR") == {(sites["vbr"], "VBR", "Attached")}


def test_the_attribute_of_a_child(console: Console, sites: Names) -> None:
    found = console("DescribeCenAttachedChildInstanceAttribute", **child(sites, "free_vpc"))
    assert found["ChildInstanceAttributes"]["CidrBlock"] == "10.3.0.0/16"
    assert (found["ChildInstanceName"], found["Status"]) == ("free", "Attached")


# --- bandwidth between regions ------------------------------------------------------------------------


def test_limits_share_the_plan(console: Console, sites: Names) -> None:
    world, cen = console.cloud.world, sites["basic_cen"]
    assert rules.basic_kbits(world, cen, H, B) == 1
    console("SetCenInterRegionBandwidthLimit", CenId=cen, LocalRegionId=H, OppositeRegionId=B, BandwidthLimit=4)
    assert rules.basic_kbits(world, cen, B, H) == 4000
    plan = console.plan(sites["basic_plan"])
    assert plan is not None
    taken = plan["OrginInterRegionBandwidthLimits"]["OrginInterRegionBandwidthLimit"]
    assert [(t["LocalRegionId"], t["OppositeRegionId"], t["BandwidthLimit"]) for t in taken] == [(H, B, "4")]
    areas = {"GeographicRegionAId": "China", "GeographicRegionBId": "China"}
    assert console("DescribeCenGeographicSpanRemainingBandwidth", CenId=cen, **areas)["RemainingBandwidth"] == 6


def test_one_call_makes_changes_and_removes_a_limit(console: Console, sites: Names) -> None:
    """Either way round names the same pair; 0 removes it, and again is no error."""
    cen = sites["basic_cen"]

    def limits() -> list[tuple[str, str, int, str]]:
        found = console("DescribeCenInterRegionBandwidthLimits", CenId=cen, TrRegionId=B)
        rows = found["CenInterRegionBandwidthLimits"]["CenInterRegionBandwidthLimit"]
        return [(r["LocalRegionId"], r["OppositeRegionId"], r["BandwidthLimit"], r["GeographicSpanId"]) for r in rows]

    def put(near: str, far: str, bandwidth: int) -> list[tuple[str, str, int, str]]:
        asked = {"LocalRegionId": near, "OppositeRegionId": far, "BandwidthLimit": bandwidth}
        console("SetCenInterRegionBandwidthLimit", CenId=cen, **asked)
        return limits()

    assert put(H, B, 2) == [(H, B, 2, "china_china")]
    assert put(B, H, 10) == [(H, B, 10, "china_china")]
    assert put(B, H, 0) == []
    assert put(B, H, 0) == []
    console("UnassociateCenBandwidthPackage", CenId=cen, CenBandwidthPackageId=sites["basic_plan"])


# --- route services -----------------------------------------------------------------------------------

LIES = [{"Host": "100.64.7.1"}, {"HostRegionId": B}, {"AccessRegionId": B}, {"HostVpcId": "vpc-x"}, {"CenId": "cen-x"}]


@pytest.mark.parametrize("wrong", LIES, ids=lambda wrong: next(iter(wrong)))
def test_deleting_a_route_service_lies(console: Console, sites: Names, wrong: dict[str, str]) -> None:
    place = {"CenId": sites["basic_cen"], "Host": "100.64.7.0/24", "HostRegionId": H}
    console("ResolveAndRouteServiceInCen", **place, HostVpcId=sites["free_vpc"], AccessRegionIds=[H])

    def left() -> int:
        return int(console("DescribeRouteServicesInCen", CenId=sites["basic_cen"])["TotalCount"])

    key = {**place, "AccessRegionId": H, "HostVpcId": sites["free_vpc"]}
    assert console("DeleteRouteServiceInCen", **{**key, **wrong})["RequestId"]
    assert left() == 1
    console("DeleteRouteServiceInCen", **key)
    assert left() == 0
    console("DetachCenChildInstance", **child(sites, "free_vpc"))


def test_a_route_service_shows_among_the_routes_of_its_region(console: Console, sites: Names) -> None:
    place = {"CenId": sites["basic_cen"], "Host": "100.64.7.9", "HostRegionId": H, "HostVpcId": sites["free_vpc"]}

    def services(region: str) -> dict[str, str]:
        found = console("DescribeCenRegionDomainRouteEntries", CenId=sites["basic_cen"], CenRegionId=region)
        rows = found["CenRouteEntries"]["CenRouteEntry"]
        return {r["DestinationCidrBlock"]: r["NextHopInstanceId"] for r in rows if r["NextHopType"] == "local_service"}

    with console.slow():
        console("ResolveAndRouteServiceInCen", **place, AccessRegionIds=[H], Description="the gateway")
        assert services(H) == {}
        console.cloud.advance(11)
    assert services(H) == {"100.64.7.9/32": sites["free_vpc"]}
    assert services(B) == {}
    entry = console("DescribeRouteServicesInCen", CenId=sites["basic_cen"])["RouteServiceEntries"]["RouteServiceEntry"]
    assert (entry[0]["Description"], entry[0]["Cidrs"]) == ("the gateway", {"Cidr": ["100.64.7.9/32"]})


# --- health checks ------------------------------------------------------------------------------------


def test_a_health_check_is_made_and_changed_by_one_call(console: Console, sites: Names) -> None:
    place = {"CenId": sites["cen"], "VbrInstanceId": sites["vbr"], "VbrInstanceRegionId": H}

    def check() -> dict[str, Any]:
        found = console("DescribeCenVbrHealthCheck", VbrInstanceRegionId=H, CenId=sites["cen"])
        rows = found["VbrHealthChecks"]["VbrHealthCheck"]
        assert len(rows) == 1
        return dict(rows[0])

    console("EnableCenVbrHealthCheck", **place, HealthCheckTargetIp="10.255.1.2")
    made = check()
    assert made["HealthCheckSourceIp"] == "100.96.0.1"
    assert (made["HealthCheckInterval"], made["HealthyThreshold"], made["HealthCheckOnly"]) == (2, 8, False)
    source = {"HealthCheckSourceIp": "172.31.0.9", "HealthCheckOnly": True, "HealthCheckInterval": 3}
    console("EnableCenVbrHealthCheck", **place, HealthCheckTargetIp="10.255.1.2", **source)
    changed = check()
    assert {key: changed[key] for key in source} == source
    assert changed["HealthyThreshold"] == 8
    console("DisableCenVbrHealthCheck", **place)
    console("DisableCenVbrHealthCheck", **place)
    assert console("DescribeCenVbrHealthCheck", VbrInstanceRegionId=H)["TotalCount"] == 0


def test_the_system_gives_each_health_check_its_own_address(console: Console, sites: Names) -> None:
    for cen, vbr, target in (("cen", "vbr", "10.255.1.2"), ("basic_cen", "basic_vbr", "10.255.4.2")):
        place = {"CenId": sites[cen], "VbrInstanceId": sites[vbr], "VbrInstanceRegionId": H}
        console("EnableCenVbrHealthCheck", **place, HealthCheckTargetIp=target)
    rows = console("DescribeCenVbrHealthCheck", VbrInstanceRegionId=H)["VbrHealthChecks"]["VbrHealthCheck"]
    assert [row["HealthCheckSourceIp"] for row in rows] == ["100.96.0.1", "100.96.0.2"]


def test_a_second_circuit_may_be_probed(console: Console, sites: Names) -> None:
    vbr = console.cloud.world.get(VirtualBorderRouter, sites["vbr"])
    second = dataclasses.replace(vbr.circuits[0], physical_connection_id="pc-2", peer_gateway_ip="10.255.9.2")
    console.put(dataclasses.replace(vbr, circuits=(*vbr.circuits, second)))
    place = {"CenId": sites["cen"], "VbrInstanceId": sites["vbr"], "VbrInstanceRegionId": H}
    console("EnableCenVbrHealthCheck", **place, HealthCheckTargetIp="10.255.9.2")
    rows = console("DescribeCenVbrHealthCheck", VbrInstanceRegionId=H)["VbrHealthChecks"]["VbrHealthCheck"]
    assert rows[0]["HealthCheckTargetIp"] == "10.255.9.2"


# --- routing policies ---------------------------------------------------------------------------------


def policies(console: Console, names: Names, **more: Any) -> list[dict[str, Any]]:
    found = console("DescribeCenRouteMaps", CenId=names["cen"], PageSize=50, **more)
    return list(found["RouteMaps"]["RouteMap"])


def test_every_table_has_the_system_policy(console: Console, sites: Names) -> None:
    """Border routers do not hear each other: RegionOut, 5000, Deny."""
    found = policies(console, sites)
    tables = {sites["hub_system"], sites["custom"], sites["spoke_system"]}
    assert {p["TransitRouterRouteTableId"] for p in found} == tables
    for policy in found:
        assert (policy["TransmitDirection"], policy["Priority"], policy["MapResult"]) == ("RegionOut", 5000, "Deny")
        assert "VBR" in policy["SourceChildInstanceTypes"]["SourceChildInstanceType"]
        assert "VBR" in policy["DestinationChildInstanceTypes"]["DestinationChildInstanceType"]
        asked = {"CenId": sites["cen"], "CenRegionId": policy["CenRegionId"], "RouteMapId": policy["RouteMapId"]}
        assert console.code("DeleteCenRouteMap", **asked) == "Invid.Parameter"
        assert console.code("ModifyCenRouteMap", **asked, Priority=1, MapResult="Permit") == "Invid.Parameter"


def test_a_policy_comes_before_the_systems_and_is_replaced_whole(console: Console, sites: Names) -> None:
    place = {"CenId": sites["cen"], "CenRegionId": H}
    made = console(
        "CreateCenRouteMap",
        **place,
        TransmitDirection="RegionOut",
        Priority=10,
        MapResult="Permit",
        SourceChildInstanceTypes=["VBR"],
        DestinationCidrBlocks=["192.168.0.0/16", "172.16.0.0/12"],
        CidrMatchMode="Include",
        PrependAsPath=[65001, 65001],
        SourceInstanceIdsReverseMatch=True,
    )["RouteMapId"]
    where = {"TransitRouterRouteTableId": sites["hub_system"], "TransmitDirection": "RegionOut"}
    assert [p["Priority"] for p in policies(console, sites, **where)] == [10, 5000]
    row = policies(console, sites, RouteMapId=made)[0]
    assert row["DestinationCidrBlocks"]["DestinationCidrBlock"] == ["192.168.0.0/16", "172.16.0.0/12"]
    assert (row["CidrMatchMode"], row["SourceInstanceIdsReverseMatch"]) == ("Include", True)
    assert row["PrependAsPath"]["AsPath"] == ["65001", "65001"]
    console("ModifyCenRouteMap", **place, RouteMapId=made, Priority=20, MapResult="Deny", Description="none")
    row = policies(console, sites, RouteMapId=made)[0]
    assert (row["Priority"], row["MapResult"], row["Description"]) == (20, "Deny", "none")
    assert row["DestinationCidrBlocks"]["DestinationCidrBlock"] == []


def test_policies_go_with_their_table(console: Console, sites: Names) -> None:
    console(
        "CreateCenRouteMap",
        CenId=sites["cen"],
        CenRegionId=H,
        TransitRouterRouteTableId=sites["custom"],
        TransmitDirection="RegionIn",
        Priority=1,
        MapResult="Deny",
    )
    console("DeleteTransitRouterRouteTable", TransitRouterRouteTableId=sites["custom"])
    assert list(console.cloud.world.all(RouteMap)) == []


# --- border routers among the others ------------------------------------------------------------------


def test_a_border_routers_links_are_listed_as_such(console: Console, sites: Names) -> None:
    for kind in ("Associations", "Propagations"):
        found = console(
            f"ListTransitRouterRouteTable{kind}",
            TransitRouterRouteTableId=sites["hub_system"],
            TransitRouterAttachmentResourceType="VBR",
        )
        rows = found[f"TransitRouter{kind}"]
        assert [(r["ResourceId"], r["TransitRouterAttachmentId"]) for r in rows] == [
            (sites["vbr"], sites["vbr_attachment"])
        ]


def test_force_removes_what_the_router_knows(console: Console, sites: Names) -> None:
    console("DeleteTransitRouterVbrAttachment", TransitRouterAttachmentId=sites["vbr_attachment"], Force=True)
    found = console("ListTransitRouterRouteTableAssociations", TransitRouterAttachmentId=sites["vbr_attachment"])
    assert found["TotalCount"] == 0
    assert console("ListTransitRouterVbrAttachments", CenId=sites["cen"])["TotalCount"] == 0


def test_the_routers_edition_is_kept_apart(console: Console, sites: Names) -> None:
    types = {r.id: r.type for r in console.cloud.world.all(TransitRouter)}
    assert [types[sites[name]] for name in ("hub_router", "spoke_router", "basic_hub", "basic_spoke")] == [
        "Enterprise",
        "Enterprise",
        "Basic",
        "Basic",
    ]


@pytest.mark.parametrize(("cen", "vbr", "block"), [("cen", "vbr", 1), ("basic_cen", "basic_vbr", 4)])
def test_what_a_border_router_publishes(console: Console, sites: Names, cen: str, vbr: str, block: int) -> None:
    """Its route towards the circuit is published by itself; withdrawn it stays so, until published again or left."""
    asked = child(sites, vbr, "VBR", cen=cen)
    route = {"ChildInstanceRouteTableId": sites[f"{vbr}_table"], "DestinationCidrBlock": f"192.168.{block}.0/24"}

    def status() -> tuple[str, bool]:
        found = console("DescribePublishedRouteEntries", **asked)["PublishedRouteEntries"]["PublishedRouteEntry"]
        row = next(r for r in found if r["DestinationCidrBlock"] == route["DestinationCidrBlock"])
        return row["PublishStatus"], row["OperationalMode"]

    assert status() == ("Published", True)
    console("WithdrawPublishedRouteEntries", **asked, **route)
    assert status() == ("NonPublished", True)
    console("PublishRouteEntries", **asked, **route)
    assert status() == ("Published", True)


def test_what_was_withdrawn_is_forgotten_with_the_attachment(console: Console, sites: Names) -> None:
    asked = child(sites, "vbr", "VBR", cen="cen")
    route = {"ChildInstanceRouteTableId": sites["vbr_table"], "DestinationCidrBlock": "192.168.1.0/24"}
    console("WithdrawPublishedRouteEntries", **asked, **route)
    console("DeleteTransitRouterVbrAttachment", TransitRouterAttachmentId=sites["vbr_attachment"], Force=True)
    console("CreateTransitRouterVbrAttachment", VbrId=sites["vbr"], TransitRouterId=sites["hub_router"])
    found = console("DescribePublishedRouteEntries", **asked)["PublishedRouteEntries"]["PublishedRouteEntry"]
    assert "Published" in {r["PublishStatus"] for r in found if r["DestinationCidrBlock"] == "192.168.1.0/24"}
