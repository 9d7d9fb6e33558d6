"""Ways between the cloud and data centres: what carries a packet there and back, and the word for what is missing."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from gatespan.emulator import routes
from gatespan.emulator.models import FirewallRule, Site, SiteRoute
from gatespan.emulator.routes import Origin
from gatespan.emulator.services.cbn.models import (
    ChildInstance,
    InterRegionBandwidthLimit,
    RouteMap,
    RouteService,
    TransitRouter,
    TransitRouterRouteTable,
)
from gatespan.emulator.services.vpc.models import BgpNetwork, RouteEntry, RouterInterface
from gatespan.emulator.world import Thing, World
from tests.routes import site_scenes as scenes
from tests.routes.scenes import HERE, B, H, machine, vpc, world_of
from tests.routes.site_scenes import DESK_IP, ECS_IP, EGRESS, GATEWAY_IP, ORDERS_IP

Reasons = tuple[str, str]


def without(*ids: str) -> list[Thing]:
    return [t for t in scenes.scenario_3() if t.id not in ids]


def changed(id: str, **values: Any) -> list[Thing]:
    return [dataclasses.replace(t, **values) if t.id == id else t for t in scenes.scenario_3()]


def to_back_end(world: World, port: int = 8080) -> Reasons:
    """The gateway opens a connection to the back end on site."""
    there, back = routes.trip(world, Origin("vpc-1", "vsw-1"), GATEWAY_IP, ORDERS_IP, port)
    assert not there.arrived or there.site_id == "site-dc-1"
    return there.reason, back.reason


def from_desk(world: World) -> Reasons:
    """A client on site calls a machine in VPC-1."""
    there, back = routes.trip(world, Origin("site-dc-1"), DESK_IP, ECS_IP, 80)
    return there.reason, back.reason


def test_the_gateway_reaches_the_back_end_and_hears_the_answer() -> None:
    world = world_of(scenes.scenario_3())
    assert to_back_end(world) == ("", "")
    there, back = routes.trip(world, Origin("vpc-1", "vsw-1"), GATEWAY_IP, ORDERS_IP, 8080)
    assert [h.kind for h in there.hops] == [
        "source",
        "vpc_table",
        "attachment",
        "tr_table",
        "attachment",
        "vbr_table",
        "circuit",
        "address",
    ]
    assert back.vpc_id == "vpc-1" and back.hops[-1].detail == "of gateway apigateway-1"


@pytest.mark.parametrize(
    ("name", "things", "there", "back"),
    [
        ("the egress route in the transit router", without("rte-egress"), "", "vbr.no_route_to_cloud"),
        ("the border router's route", without("rte-site-1"), "vpc.no_route", "not_tried"),
        ("publication into the border router", changed("att-vbr-1", auto_publish=False), "", "vbr.no_route_to_cloud"),
        (
            "the site's return route",
            changed("site-dc-1", routes=(SiteRoute("10.1.0.0/16", "pc-1"),)),
            "",
            "site.no_route",
        ),
        ("the firewall's rule", changed("site-dc-1", firewall=()), "site.firewall_denies", "not_tried"),
        (
            "a rule for the right source",
            changed("site-dc-1", firewall=(FirewallRule("10.0.0.0/8"),)),
            "site.firewall_denies",
            "not_tried",
        ),
        ("the host", changed("site-dc-1", hosts=()), "site.no_such_address", "not_tried"),
        ("the circuit", changed("pc-1", status="Terminated"), "vpc.no_route", "not_tried"),
        ("the border router", changed("vbr-1", status="terminated"), "vpc.no_route", "not_tried"),
        ("learning", without("att-vbr-1:table-tr-h"), "vpc.no_route", "not_tried"),
        ("the attachment", changed("att-vbr-1", status="Detaching"), "vpc.no_route", "not_tried"),
        ("the binding", changed("apigateway-1", user_vpc_id=""), "", ""),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_what_is_missing_has_a_name(name: str, things: list[Thing], there: str, back: str) -> None:
    assert to_back_end(world_of(things)) == (there, back), name


def test_only_what_the_firewall_names_comes_in() -> None:
    world = world_of(scenes.scenario_3())
    assert to_back_end(world, 22) == ("site.firewall_denies", "not_tried")
    assert from_desk(world) == ("", "")  # out goes everything, and the answer comes in


def test_a_block_that_no_bound_gateway_uses_leads_nowhere() -> None:
    world = world_of(scenes.scenario_3())
    there, _ = routes.trip(world, Origin("site-dc-1"), DESK_IP, "100.104.5.70")
    assert there.arrived
    world = world_of(changed("apigateway-1", vpc_egress="100.104.9.0/26"))
    there, _ = routes.trip(world, Origin("site-dc-1"), DESK_IP, "100.104.5.70")
    assert there.reason == "vpc.no_such_address"


def test_both_blocks_are_the_gateways_while_a_change_of_spec_waits() -> None:
    more = scenes.back_to_gateway("100.104.9.0/26")
    things = [*changed("apigateway-1", new_vpc_egress="100.104.9.0/26"), more]
    routes_of_site = (SiteRoute("100.104.0.0/16", "line-1"),)
    things = [dataclasses.replace(t, routes=routes_of_site) if isinstance(t, Site) else t for t in things]
    for address in (GATEWAY_IP, "100.104.9.1"):
        assert routes.trip(world_of(things), Origin("site-dc-1"), DESK_IP, address)[0].arrived


# --- BGP --------------------------------------------------------------------------------------------------


def speaking(**site: Any) -> list[Thing]:
    """No stored routes anywhere: both sides speak BGP."""
    said: dict[str, Any] = {"asn": 65010, "bgp_key": "k", "announces": ("10.200.0.0/16",), "routes": ()} | site
    return [*scenes.hub(), *scenes.line(1), *scenes.bgp(1, key="k"), scenes.back_to_gateway(), scenes.site(**said)]


def test_bgp_carries_both_ways() -> None:
    world = world_of(speaking())
    assert to_back_end(world) == from_desk(world) == ("", "")
    table = {r.destination: r for r in routes.vpc_table(world, "vtb-vbr-1")}
    assert {r.type for r in table.values()} == {"BGP", "CEN"}
    assert (table["10.200.0.0/16"].type, table["10.200.0.0/16"].next_hop_id) == ("BGP", "ri-vlan-1")
    learned = {r.destination: r for r in routes.tr_table(world, "table-tr-h")}["10.200.0.0/16"]
    assert (learned.origin_type, learned.origin_route_type, learned.origin_id) == ("VBR", "BGP", "vbr-1")


@pytest.mark.parametrize(
    "site", [{"asn": 65011}, {"bgp_key": "other"}, {"asn": 0}, {"announces": ()}], ids=["asn", "key", "mute", "silent"]
)
def test_a_speaker_that_does_not_fit_carries_nothing(site: dict[str, Any]) -> None:
    assert to_back_end(world_of(speaking(**site))) == ("vpc.no_route", "not_tried")


# --- several circuits --------------------------------------------------------------------------------------


def redundant(*more: Thing, **site: Any) -> World:
    both = (SiteRoute("10.1.0.0/16", "pc-1"), SiteRoute("10.1.0.0/16", "pc-2"), SiteRoute("10.255.9.1/32", "pc-2"))
    things = [*scenes.hub(), *scenes.line(1), *scenes.line(2), scenes.to_site(1), scenes.to_site(2)]
    return world_of([*things, scenes.site(routes=both, **site), *more])


def statuses(world: World, table: str = "table-tr-h") -> dict[str, str]:
    return {r.next_hop_id: r.status for r in routes.tr_table(world, table) if r.destination == "10.200.0.0/16"}


def test_two_border_routers_of_a_region_are_used_together() -> None:
    world = redundant()
    assert statuses(world) == {"att-vbr-1": "Active", "att-vbr-2": "Active"}
    assert routes.conflicts(world, "cen-1") == ()
    assert from_desk(world) == ("", "")


def test_a_failing_health_check_takes_its_circuit_out() -> None:
    assert statuses(redundant(scenes.health_check(1))) == {"att-vbr-2": "Active"}  # no way back for its probes there
    assert len(statuses(redundant(scenes.health_check(2)))) == 2
    assert len(statuses(redundant(scenes.health_check(1, only=True)))) == 2
    assert statuses(redundant(scenes.health_check(2), answers_health_checks=False)) == {"att-vbr-1": "Active"}


def test_bgp_beats_a_stored_route() -> None:
    world = redundant(*scenes.bgp(2), asn=65010, announces=("10.200.0.0/16",))
    assert statuses(world) == {"att-vbr-1": "Active", "att-vbr-2": "Active"}  # its own stored route comes first
    things = [t for t in world if t.id != "rte-site-2"]
    assert statuses(world_of(things)) == {"att-vbr-1": "Standby", "att-vbr-2": "Active"}


def test_border_routers_do_not_hear_each_other_unless_a_policy_permits_it() -> None:
    other = scenes.to_site(2, "10.201.0.0/16")
    things = [*scenes.hub(), *scenes.line(1), *scenes.line(2), scenes.to_site(1), other, scenes.site()]

    def heard(*more: Thing) -> set[str]:
        return {r.destination for r in routes.vpc_table(world_of([*things, *more]), "vtb-vbr-1") if r.type == "CEN"}

    assert heard() == {"10.1.1.0/24"}
    permit = RouteMap(
        id="cenrmap-1",
        cen_id="cen-1",
        table_id="table-tr-h",
        direction="RegionOut",
        priority=20,
        result="Permit",
        match={"SourceChildInstanceTypes": ("VBR",), "DestinationChildInstanceTypes": ("VBR",)},
        status="Active",
        **HERE,
    )
    assert heard(permit) == {"10.1.1.0/24", "10.201.0.0/16"}
    everything = {"DestinationCidrBlocks": ("10.0.0.0/8",)}
    deny = dataclasses.replace(permit, id="cenrmap-2", priority=10, result="Deny", match=everything)
    assert heard(permit, deny) == set()
    at_the_door = dataclasses.replace(deny, direction="RegionIn", match={"SourceInstanceIds": ("vbr-2",)})
    world = world_of([*things, at_the_door])
    assert {r.destination: r.status for r in routes.tr_table(world, "table-tr-h")}["10.201.0.0/16"] == "Prohibited"


# --- router interfaces -------------------------------------------------------------------------------------


def classic(**vbr_end: Any) -> list[Thing]:
    """VPC-1 and the border router joined by a pair of router interfaces; no CEN."""
    lone = [t for t in scenes.line(1) if t.KIND in ("physical_connection", "vbr", "route_table")]
    ends = [
        RouterInterface(
            id="ri-vbr",
            router_type="VBR",
            router_id="vbr-1",
            role="InitiatingSide",
            opposite_interface_id="ri-vpc",
            **{"status": "Active", **HERE, **vbr_end},
        ),
        RouterInterface(
            id="ri-vpc",
            router_type="VRouter",
            router_id="vrt-1",
            vpc_id="vpc-1",
            role="AcceptingSide",
            opposite_interface_id="ri-vbr",
            status="Active",
            **HERE,
        ),
    ]

    def entry(id: str, table: str, destination: str, hop: str) -> Thing:
        return RouteEntry(
            id=id,
            table_id=table,
            destination=destination,
            next_hop_type="RouterInterface",
            next_hop_id=hop,
            status="Available",
            **HERE,
        )

    return [
        *vpc("vpc-1", H, "10.1.0.0/16", {"vsw-1": "10.1.1.0/24"}),
        *(t for t in scenes.hub() if t.id in ("i-ecs-1", "apigateway-1")),
        *lone,
        *ends,
        scenes.to_site(1),
        entry("rte-a", "vtb-vpc-1", "10.200.0.0/16", "ri-vpc"),
        entry("rte-b", "vtb-vbr-1", "10.1.0.0/16", "ri-vbr"),
        entry("rte-c", "vtb-vbr-1", EGRESS, "ri-vbr"),
        scenes.site(),
    ]


def test_a_pair_of_router_interfaces_joins_a_vpc_and_a_site() -> None:
    world = world_of(classic())
    assert to_back_end(world) == from_desk(world) == ("", "")
    assert to_back_end(world_of(classic(status="Inactive"))) == ("router_interface.not_active", "not_tried")
    checked = {"health_check_source_ip": "10.1.1.250", "health_check_target_ip": "10.255.1.2"}
    assert from_desk(world_of(classic(**checked))) == ("", "")
    unanswered = [
        dataclasses.replace(t, answers_health_checks=False) if isinstance(t, Site) else t for t in classic(**checked)
    ]
    assert from_desk(world_of(unanswered)) == ("router_interface.not_active", "not_tried")


def test_a_site_hears_what_is_announced_by_hand() -> None:
    things = [t for t in classic() if t.id != "site-dc-1"]
    silent = scenes.site(routes=(), asn=65010, announces=("10.200.0.0/16",))
    things += [*scenes.bgp(1), silent]
    assert from_desk(world_of(things)) == ("site.no_route", "not_tried")
    told = BgpNetwork(id="vbr-1:10.1.0.0/16", vbr_id="vbr-1", cidr="10.1.0.0/16", status="Available", **HERE)
    assert from_desk(world_of([*things, told])) == ("", "")


# --- the Basic edition -------------------------------------------------------------------------------------


def basic(*more: Thing, limit: int = 0) -> World:
    """VPC-1 and a border router in cn-hangzhou, VPC-3 in cn-beijing, on Basic routers."""

    def child(id: str, kind: str, region: str) -> Thing:
        return ChildInstance(
            id=f"cen-1:{id}", cen_id="cen-1", instance_id=id, type=kind, region=region, status="Attached", **HERE
        )

    def router(id: str, region: str) -> list[Thing]:
        return [
            TransitRouter(id=id, cen_id="cen-1", type="Basic", region=region, status="Active", **HERE),
            TransitRouterRouteTable(id=f"table-{id}", transit_router_id=id, region=region, status="Active", **HERE),
        ]

    limits = [
        InterRegionBandwidthLimit(
            id=f"cen-1:{B}:{H}", cen_id="cen-1", local_region=B, opposite_region=H, bandwidth=limit, **HERE
        )
    ]
    return world_of(
        [
            *(t for t in scenes.scenario_3() if t.KIND not in ENTERPRISE),
            *vpc("vpc-3", B, "10.3.0.0/16", {"vsw-3": "10.3.1.0/24"}),
            machine("ecs-3", "vpc-3", "vsw-3", "10.3.1.5", B),
            *router("tr-h", H),
            *router("tr-b", B),
            child("vpc-1", "VPC", H),
            child("vbr-1", "VBR", H),
            child("vpc-3", "VPC", B),
            *(limits if limit else ()),
            *more,
        ]
    )


ENTERPRISE = (
    "transit_router",
    "transit_router_route_table",
    "transit_router_route_entry",
    "vpc_attachment",
    "vbr_attachment",
    "association",
    "propagation",
)
SERVICE = RouteService(
    id="route-service",
    cen_id="cen-1",
    host=EGRESS,
    host_region=H,
    host_vpc_id="vpc-1",
    access_region=H,
    status="Active",
    **HERE,
)


def test_basic_routers_join_by_themselves() -> None:
    world = basic()
    assert from_desk(world) == ("", "")
    there, back = routes.round_trip(world, "vpc-3", "vsw-3", "10.3.1.5", ECS_IP)
    assert there.arrived and back.arrived
    assert there.mbps == (0.001,)  # the test bandwidth, until a limit is set
    assert routes.round_trip(basic(limit=2), "vpc-3", "vsw-3", "10.3.1.5", ECS_IP)[0].mbps == (2.0,)
    pushed = {r.destination: r.next_hop_type for r in routes.vpc_table(world, "vtb-vpc-3") if r.type == "CEN"}
    assert pushed == {"10.1.1.0/24": "CenBasic", "10.200.0.0/16": "CenBasic"}


def test_a_route_service_leads_border_routers_to_the_gateway() -> None:
    assert to_back_end(basic()) == ("", "vbr.no_route_to_cloud")
    world = basic(SERVICE)
    assert to_back_end(world) == ("", "")
    assert EGRESS in {r.destination for r in routes.vpc_table(world, "vtb-vbr-1")}
    for table in ("vtb-vpc-1", "vtb-vpc-3"):
        assert EGRESS not in {r.destination for r in routes.vpc_table(world, table)}
