"""What was changed by hand, and what the file changes: put right in place, or said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from gatespan.planning import Action, Did
from gatespan.resources.base import Ref
from gatespan.resources.build import build
from gatespan.topology import Topology
from tests.planning.lab import EXAMPLES
from tests.planning.sites.conftest import CIRCUIT, REGION, SECOND, Plant, site

LINE = "dc-1/pc-1"
SPEC = {"RouterInterfaceId": "{router_interface}", "Spec": "Small.1"}
BY_HAND: list[tuple[str, str, str, Mapping[str, Any], str]] = [
    ("static", "vpc", "ModifyVirtualBorderRouterAttribute", {"VbrId": "{vbr}", "Bandwidth": 500}, "vbr"),
    ("static", "vpc", "DeleteRouteEntry", {"RouteEntryId": "{vbr_route/10.200.0.0/16}"}, "vbr_route/10.200.0.0/16"),
    ("static", "cbn", "UpdateTransitRouterVbrAttachmentAttribute",
     {"TransitRouterAttachmentId": "{vbr_attachment}", "AutoPublishRouteEnabled": False}, "vbr_route_sync"),
    ("static", "cbn", "DisableCenVbrHealthCheck",
     {"CenId": "{cen.cen}", "VbrInstanceId": "{vbr}", "VbrInstanceRegionId": REGION}, "health_check"),
    ("static", "cbn", "EnableCenVbrHealthCheck",
     {"CenId": "{cen.cen}", "VbrInstanceId": "{vbr}", "VbrInstanceRegionId": REGION,
      "HealthCheckTargetIp": "10.255.0.2", "HealthyThreshold": 8}, "health_check"),
    ("bgp", "vpc", "ModifyBgpGroupAttribute", {"BgpGroupId": "{bgp_group}", "PeerAsn": 65011}, "bgp_group"),
    ("bgp", "vpc", "DeleteBgpPeer", {"BgpPeerId": "{bgp_peer}"}, "bgp_peer"),
    ("interface-bgp", "vpc", "DeleteBgpNetwork", {"RouterId": "{vbr}", "DstCidrBlock": "10.1.0.0/16"},
     "bgp_network/10.1.0.0/16"),
    ("interface", "vpc", "ModifyRouterInterfaceSpec", SPEC, "router_interface"),
    ("interface", "vpc", "DeactivateRouterInterface", {"RouterInterfaceId": "{router_interface}"}, "router_interface"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "product", "action", "params", "which"),
    BY_HAND,
    ids=[f"{a}-{w.partition('/')[0]}" for _, _, a, _, w in BY_HAND],
)
def test_a_change_by_hand_is_seen_and_put_right(
    plant: Plant, kind: str, product: str, action: str, params: Mapping[str, Any], which: str
) -> None:
    topology = site(kind, {CIRCUIT: CIRCUIT.replace("}", ", bandwidth_mbps: 1000}")})
    engine = plant.engine(topology)
    engine.converge()
    given = {name: filled(engine, value) for name, value in params.items()}
    region = {"RegionId": REGION} if product == "vpc" else {}
    plant.cloud().call(product, action, {**region, **given}, region=REGION)
    assert [c.key for c in plant.engine(topology).plan().changing] == [key(which)]
    plant.engine(topology).converge()
    assert plant.engine(topology).plan().changing == ()


def filled(engine: Any, value: Any) -> Any:
    return engine.found(key(value[1:-1])).id if isinstance(value, str) and value.startswith("{") else value


def key(which: str) -> str:
    """``vbr_route/10.0.0.0/8`` is of the line; ``cen.cen`` is a whole key."""
    kind, _, rest = which.partition("/")
    return which if "." in kind else f"{kind}.{LINE}{f'/{rest}' if rest else ''}"


@pytest.mark.parametrize(
    ("kind", "old", "new", "changes"),
    [
        ("static", "bandwidth_mbps: 200", "bandwidth_mbps: 500", {"vbr.dc-1/pc-2": {"mbps"}}),
        ("static", "site_ip: 10.255.0.6", "site_ip: 10.255.0.6, bfd: true", {"vbr.dc-1/pc-2": {"bfd"}}),
        ("static", "threshold: 5", "threshold: 6, only: true", {f"health_check.{LINE}": {"threshold", "only"}}),
        ("bgp", "site_ip: 10.255.0.2", "site_ip: 10.255.0.2, bfd: true",
         {f"vbr.{LINE}": {"bfd"}, f"bgp_peer.{LINE}": {"bfd"}}),
        ("interface", "source_ip: 10.1.1.200", "source_ip: 10.1.1.201", {f"router_interface.{LINE}": {"probe"}}),
        ("interface", "health_check: {source_ip: 10.1.1.200}", "", {f"router_interface.{LINE}": {"probe"}}),
    ],
    ids=["bandwidth", "bfd", "health-check", "bfd-of-bgp", "probe", "no-probe"],
)  # fmt: skip
def test_what_the_file_changes_is_changed_in_place(
    plant: Plant, kind: str, old: str, new: str, changes: Mapping[str, set[str]]
) -> None:
    plant.engine(site(kind)).converge()
    edited = site(kind, {old: new})
    plan = plant.engine(edited).plan()
    found = {c.key: {f.name for f in c.fields} for c in plan.of(Action.UPDATE)}
    for which, names in changes.items():
        assert names <= found.pop(which)
    assert all(which.startswith("health_check") for which in found), found
    plant.engine(edited).converge()
    assert plant.engine(edited).plan().changing == ()


def test_another_address_of_the_site_moves_router_session_and_check(plant: Plant) -> None:
    plant.engine(site("bgp")).converge()
    edited = site("bgp", {"cloud_ip: 10.255.0.1, site_ip: 10.255.0.2": "cloud_ip: 10.255.0.9, site_ip: 10.255.0.10"})
    plan = plant.engine(edited).plan()
    assert {c.key for c in plan.changing} == {f"vbr.{LINE}", f"bgp_peer.{LINE}", f"health_check.{LINE}"}
    plant.engine(edited).converge()
    assert plant.engine(edited).plan().changing == ()
    assert len(plant.things("bgp_peer")) == 1


def test_another_vlan_is_a_persons_decision(plant: Plant) -> None:
    plant.engine(site()).converge()
    blocked = {c.key: c.why for c in plant.engine(site(edits={"vlan: 110": "vlan: 111"})).plan().blocked}
    assert "vlan is 110, wanted 111" in blocked[f"vbr.{LINE}"]


def test_the_router_publishes_to_the_hub_or_the_hub_says_its_routes(plant: Plant) -> None:
    edits = {"  cidr: 10.1.0.0/16\n": "  cidr: 10.1.0.0/16\n  routes: explicit\n"}
    keys = {"vpc_routes.vpc-1/dc-1/10.200.0.0/16", "vpc_routes.vpc-1/dc-1/10.201.0.0/16"}
    assert not keys & set(plant.engine(site()).graph.nodes)
    before = plant.state()
    engine = plant.engine(site(edits=edits))
    engine.converge()
    found = [engine.found(key) for key in sorted(keys)]
    assert all(f is not None and f.status == "Available" for f in found)
    assert plant.engine(site(edits=edits)).plan().changing == ()
    plant.engine(site(edits=edits)).destroy()
    assert plant.state() == before


def test_a_route_of_somebody_else_in_our_place_is_named(plant: Plant) -> None:
    topology = site("interface")
    engine = plant.engine(topology)
    engine.converge()
    found, uplink = engine.found(f"vbr_route.{LINE}/10.200.0.0/16"), engine.found(f"router_interface.{LINE}")
    vbr = engine.found(f"vbr.{LINE}")
    assert found and uplink and vbr
    plant.ask("DeleteRouteEntry", {"RouteEntryId": found.id})
    wrong = {"RouteTableId": vbr.row["RouteTableId"], "DestinationCidrBlock": "10.200.0.0/16"}
    plant.ask("CreateRouteEntry", {**wrong, "NextHopType": "RouterInterface", "NextHopId": uplink.id})
    blocked = {c.key: c.why for c in plant.engine(topology).plan().blocked}
    assert f"leads to {uplink.id}" in blocked[f"vbr_route.{LINE}/10.200.0.0/16"]


def test_a_second_circuit_touches_only_what_is_its_own(plant: Plant) -> None:
    one = {f"[{CIRCUIT}, {SECOND}]": f"[{CIRCUIT}]"}
    plant.engine(site(edits=one)).converge()
    plan = plant.engine(site()).plan()
    assert plan.changing
    assert all("dc-1/pc-2" in c.key for c in plan.changing)


def test_a_back_end_at_the_site_brings_the_way_back_to_the_gateway(plant: Plant) -> None:
    """Without a CEN: routes for the egress blocks in the border router, and BGP tells the site."""
    before = plant.state()
    plant.engine(site("interface-bgp")).converge()
    grant = {"sites:\n": "grants: [{name: orders_backend, address: 10.200.1.10, port: 8080}]\nsites:\n"}
    engine = plant.engine(site("interface-bgp", grant))
    gateway = engine.found("gateway.gateway")
    assert gateway
    block = gateway.row["VpcEgressAddress"]
    fields = {c.key: c.fields for c in engine.plan().changes}
    (routes,) = fields[f"vbr_uplink.{LINE}"]
    assert (routes.old, routes.new) == (["10.1.0.0/16"], sorted(["10.1.0.0/16", block]))
    engine.settle(f"bgp_network.{LINE}/egress")
    assert {n["cidr"] for n in plant.things("bgp_network")} == {"10.1.0.0/16", block}
    assert plant.engine(site("interface-bgp", grant)).ensure(f"bgp_network.{LINE}/egress").did is Did.KEPT
    plant.engine(site("interface-bgp", grant)).destroy()
    assert plant.state() == before


def test_a_site_in_another_region_brings_its_router_and_the_connection() -> None:
    here = site().topology.model_dump(by_alias=True, exclude_unset=True)
    there = {
        **here,
        "sites": [{**here["sites"][0], "region": "cn-beijing"}],
        "bandwidth": [{"between": ["cn-hangzhou", "cn-beijing"], "traffic": {"cap_mbps": 100}}],
    }
    topology = Topology.model_validate(there, context={"rules_run_elsewhere": True})
    nodes = {r.key: r for r in build(topology, EXAMPLES)}
    routers = {f"transit_router.{region}" for region in ("cn-hangzhou", "cn-beijing")}
    assert {*routers, "peer_attachment.cn-hangzhou-cn-beijing"} <= set(nodes)
    attachment = nodes[Ref(f"vbr_attachment.{LINE}")]
    assert attachment.region == "cn-beijing"
    assert "transit_router.cn-beijing" in set(attachment.refs())
