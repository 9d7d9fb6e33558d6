"""The route engine asked about a world: scenario 1 whole, and with one thing wrong at a time."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from gatespan.emulator import routes
from gatespan.emulator.services.cbn.models import (
    Association,
    PeerAttachment,
    Propagation,
    PublishedRoute,
    TransitRouterRouteEntry,
    VpcAttachment,
)
from gatespan.emulator.services.vpc.models import RouteEntry, RouteTable, VSwitch
from gatespan.emulator.world import World
from tests.routes.scenes import HERE, B, H, attachment, joined, machine, peer, scenario_1, vpc, world_of


def trip(world: World) -> tuple[routes.Walk, routes.Walk]:
    return routes.round_trip(world, "vpc-3", "vsw-3", "10.3.1.5", "10.1.1.5")


def change(world: World, cls: Any, id: str, **values: Any) -> None:
    with world.transaction():
        thing = world.get(cls, id)
        assert thing is not None
        world.change(thing, **values)


def put(world: World, *things: Any) -> None:
    with world.transaction():
        for thing in things:
            world.put(thing)


def remove(world: World, cls: Any, id: str) -> None:
    with world.transaction():
        thing = world.get(cls, id)
        assert thing is not None
        world.remove(thing)


def active(world: World, table: str) -> dict[str, str]:
    return {r.destination: r.next_hop_id for r in routes.tr_table(world, table) if r.status == "Active"}


def test_scenario_1_reaches_both_ways_over_the_peer() -> None:
    there, back = trip(world_of(scenario_1()))
    assert there.arrived and back.arrived and there.reason == back.reason == ""
    assert there.links == back.links == ("peer-1",)
    assert (there.entered, back.entered) == (("tr-h",), ("tr-b",))
    assert (there.vpc_id, there.vswitch_id) == ("vpc-1", "vsw-1")
    assert [h.kind for h in there.hops] == [
        "source", "vpc_table", "attachment", "tr_table", "peer", "tr_table", "attachment", "address",
    ]  # fmt: skip


def test_a_fresh_vpc_table_has_its_vswitches_and_the_cloud_services() -> None:
    table = routes.vpc_table(world_of(vpc("vpc-9", H, "10.9.0.0/16", {"a": "10.9.1.0/24"})), "vtb-vpc-9")
    assert [(r.destination, r.type, r.next_hop_type, r.published) for r in table] == [
        ("10.9.1.0/24", "System", "local", True),
        ("100.64.0.0/10", "System", "service", False),
    ]
    assert len({r.entry_id for r in table}) == 2 and all(r.next_hop_id == "" for r in table)


def test_auto_publish_pushes_into_every_table_of_the_vpc() -> None:
    world = world_of(scenario_1())
    put(world, RouteTable(id="vtb-custom", vpc_id="vpc-3", type="Custom", **HERE))
    for table in ("vtb-vpc-3", "vtb-custom"):
        pushed = [r for r in routes.vpc_table(world, table) if r.type == "CEN"]
        assert [(r.destination, r.next_hop_type, r.next_hop_id) for r in pushed] == [
            ("10.1.1.0/24", "Attachment", "att-3")
        ]


def test_learned_routes_say_where_they_come_from() -> None:
    far = next(r for r in routes.tr_table(world_of(scenario_1()), "table-tr-b") if r.destination == "10.1.1.0/24")
    assert (far.type, far.next_hop_id, far.resource_id, far.resource_type) == ("Propagated", "peer-1", "tr-h", "TR")
    assert (far.origin_id, far.origin_type, far.origin_route_type) == ("vpc-1", "VPC", "System")


WRONG: list[tuple[str, Any, str]] = [
    ("no auto-publish at the client", lambda w: change(w, VpcAttachment, "att-3", auto_publish=False), "vpc.no_route"),
    ("client's association missing", lambda w: remove(w, Association, "att-3:table-tr-b"), "vpc.no_route"),
    ("peer not learned in Beijing", lambda w: remove(w, Propagation, "peer-1:table-tr-b"), "vpc.no_route"),
    ("peer without route sync", lambda w: change(w, PeerAttachment, "peer-1", auto_publish=False), "vpc.no_route"),
    ("hub not learned", lambda w: remove(w, Propagation, "att-1:table-tr-h"), "vpc.no_route"),
    ("hub withdrawn", lambda w: put(w, _withdrawn("10.1.1.0/24")), "vpc.no_route"),
    ("client's attachment in motion", lambda w: change(w, VpcAttachment, "att-3", status="Attaching"), "vpc.no_route"),
    ("peer being detached", lambda w: change(w, PeerAttachment, "peer-1", status="Detaching"), "vpc.no_route"),
    ("far association in motion", lambda w: change(w, Association, "peer-1:table-tr-h", status="Associating"),
        "vpc.no_route"),
    ("no bandwidth", lambda w: change(w, PeerAttachment, "peer-1", bandwidth=0), "peer.bandwidth_zero"),
    ("nothing there", lambda w: change(w, VSwitch, "vsw-1", cidr="10.1.0.0/20"), ""),
]  # fmt: skip


def _withdrawn(cidr: str) -> PublishedRoute:
    return PublishedRoute(
        id=f"cen-1:vtb-vpc-1:{cidr}",
        cen_id="cen-1",
        instance_id="vpc-1",
        instance_type="VPC",
        table_id="vtb-vpc-1",
        destination=cidr,
        published=False,
        **HERE,
    )


@pytest.mark.parametrize(("spoil", "reason"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG])
def test_one_thing_wrong_on_the_way_there(spoil: Any, reason: str) -> None:
    world = world_of(scenario_1())
    spoil(world)
    assert trip(world)[0].reason == reason


def explicit(world: World) -> None:
    """Routes by hand into the client's table, so that faults further on show."""
    put(
        world,
        RouteEntry(
            id="rte-1",
            table_id="vtb-vpc-3",
            destination="10.1.0.0/16",
            next_hop_type="Attachment",
            next_hop_id="att-3",
            status="Available",
            **HERE,
        ),
    )


DEEPER: list[tuple[str, Any, str]] = [
    ("not associated", lambda w: remove(w, Association, "att-3:table-tr-b"), "tr.not_associated"),
    ("no route in Beijing", lambda w: remove(w, Propagation, "peer-1:table-tr-b"), "tr.no_route"),
    ("not attached", lambda w: change(w, VpcAttachment, "att-3", status="Attaching"), "attachment.not_attached"),
    ("attachment gone", lambda w: remove(w, VpcAttachment, "att-3"), "attachment.missing"),
    ("black hole", lambda w: put(w, static("table-tr-b", "10.1.1.0/24", "BlackHole", "")), "tr.blackhole"),
    ("static to a peer that is down", lambda w: (change(w, PeerAttachment, "peer-1", status="Detaching"),
        put(w, static("table-tr-b", "10.1.1.0/24", "Attachment", "peer-1"))), "peer.not_attached"),
    ("circle", lambda w: (put(w, static("table-tr-b", "10.1.1.0/25", "Attachment", "peer-1")),
        put(w, static("table-tr-h", "10.1.1.0/25", "Attachment", "peer-1"))), "tr.loop"),
    ("entry in motion", lambda w: (change(w, VpcAttachment, "att-3", auto_publish=False),
        change(w, RouteEntry, "rte-1", status="Pending")), "vpc.no_route"),
    ("wrong next hop", lambda w: change(w, RouteEntry, "rte-1", destination="10.1.1.0/28", next_hop_type="Instance"),
        "vpc.route_wrong_next_hop"),
]  # fmt: skip


def static(table: str, cidr: str, kind: str, next_hop: str) -> TransitRouterRouteEntry:
    return TransitRouterRouteEntry(
        id=f"static-{table}-{cidr}",
        table_id=table,
        destination=cidr,
        next_hop_type=kind,
        next_hop_id=next_hop,
        status="Active",
        **HERE,
    )


@pytest.mark.parametrize(("spoil", "reason"), [w[1:] for w in DEEPER], ids=[w[0] for w in DEEPER])
def test_one_thing_wrong_behind_the_clients_own_table(spoil: Any, reason: str) -> None:
    world = world_of(scenario_1())
    explicit(world)
    spoil(world)
    there, back = trip(world)
    assert there.reason == reason and not there.arrived
    assert back.reason == "not_tried"


def test_the_way_back_is_walked_on_its_own() -> None:
    world = world_of(scenario_1())
    change(world, VpcAttachment, "att-1", auto_publish=False)
    there, back = trip(world)
    assert there.arrived and back.reason == "vpc.no_route"


def test_addresses_that_nothing_has() -> None:
    world = world_of(scenario_1())
    assert routes.walk(world, "vpc-3", "vsw-3", "10.3.1.5", "10.1.1.77").reason == "vpc.no_such_address"
    assert routes.walk(world, "vpc-3", "vsw-3", "10.3.1.5", "100.100.2.136").reason == "vpc.no_such_address"
    assert routes.walk(world, "vpc-3", "vsw-3", "10.3.1.5", "8.8.8.8").reason == "vpc.no_route"
    assert routes.walk(world, "vpc-3", "vsw-none", "10.3.1.5", "10.1.1.5").reason == "client.vswitch_unknown"


def test_the_newcomer_of_two_equal_routes_is_rejected_until_the_older_goes() -> None:
    twin = [  # attached after everything else
        *vpc("vpc-4", B, "10.1.0.0/16", {"vsw-4": "10.1.1.0/24"}),
        attachment("att-4", "tr-b", "vpc-4", B, publish=False, created=10.0),
        *joined("att-4", "table-tr-b"),
    ]
    world = world_of([*scenario_1(), *twin])
    assert active(world, "table-tr-b")["10.1.1.0/24"] == "peer-1"
    lost = [r for r in routes.tr_table(world, "table-tr-b") if r.status == "Rejected"]
    assert [(r.destination, r.next_hop_id, r.resource_id) for r in lost] == [("10.1.1.0/24", "att-4", "vpc-4")]
    (conflict,) = routes.conflicts(world, "cen-1")
    assert (conflict.winner_id, conflict.loser_id, conflict.instance_id) == ("peer-1", "att-4", "vpc-4")
    assert trip(world)[0].vpc_id == "vpc-1"
    remove(world, Propagation, "peer-1:table-tr-b")
    assert active(world, "table-tr-b")["10.1.1.0/24"] == "att-4"
    (conflict,) = routes.conflicts(world, "cen-1")  # now the other side hears of the newcomer
    assert (conflict.table_id, conflict.winner_id, conflict.origin_id) == ("table-tr-h", "att-1", "vpc-4")


def test_a_second_way_to_the_same_vpc_is_a_candidate_and_no_conflict() -> None:
    world = world_of([*scenario_1(), peer("peer-2", "tr-b", "tr-h", created=5.0)])
    put(world, *joined("peer-2", "table-tr-h"), *joined("peer-2", "table-tr-b"))
    rows = [r for r in routes.tr_table(world, "table-tr-b") if r.destination == "10.1.1.0/24"]
    assert [(r.next_hop_id, r.status) for r in rows] == [("peer-1", "Active"), ("peer-2", "Candidate")]
    assert routes.conflicts(world, "cen-1") == ()
    remove(world, PeerAttachment, "peer-1")
    assert active(world, "table-tr-b")["10.1.1.0/24"] == "peer-2"


def test_a_rejected_route_is_named_when_nothing_else_leads_there() -> None:
    world = world_of(scenario_1())
    explicit(world)
    put(world, dataclasses.replace(static("table-tr-b", "10.1.1.0/24", "Attachment", "peer-1"), status="Rejected"))
    change(world, PeerAttachment, "peer-1", auto_publish=False)
    assert trip(world)[0].reason == "tr.route_rejected"


def test_overlaps_are_tolerated_and_the_longest_prefix_leads() -> None:
    world = world_of(scenario_1())
    put(
        world,
        *vpc("vpc-5", B, "10.1.0.0/16", {"vsw-5": "10.1.0.0/20"}),
        attachment("att-5", "tr-b", "vpc-5", B, created=10.0),
        *joined("att-5", "table-tr-b"),
        machine("ecs-5", "vpc-5", "vsw-5", "10.1.2.9", B),
    )
    assert routes.conflicts(world, "cen-1") == ()
    assert trip(world)[0].vpc_id == "vpc-1"
    assert routes.walk(world, "vpc-3", "vsw-3", "10.3.1.5", "10.1.2.9").vpc_id == "vpc-5"


def test_a_static_route_beats_a_learned_one_and_travels_over_the_peer() -> None:
    world = world_of(scenario_1())
    put(world, static("table-tr-h", "100.64.9.0/24", "Attachment", "att-1"))
    assert active(world, "table-tr-b")["100.64.9.0/24"] == "peer-1"
    assert "100.64.9.0/24" in {r.destination for r in routes.vpc_table(world, "vtb-vpc-3")}
    put(world, static("table-tr-h", "10.3.1.0/24", "BlackHole", ""))
    assert "10.3.1.0/24" not in {d for d, hop in active(world, "table-tr-h").items() if hop}
    assert trip(world)[1].reason == "vpc.no_route"  # a black hole is not pushed into VPC-1


def test_custom_routes_are_learned_only_once_published() -> None:
    world = world_of(scenario_1())
    custom = {"table_id": "vtb-vpc-1", "status": "Available", **HERE}
    put(
        world,
        RouteEntry(id="r1", destination="192.168.0.0/24", next_hop_type="Instance", next_hop_id="i-1", **custom),
        RouteEntry(id="r2", destination="192.168.1.0/24", next_hop_type="Attachment", next_hop_id="att-1", **custom),
    )
    assert not {"192.168.0.0/24", "192.168.1.0/24"} & active(world, "table-tr-b").keys()
    for cidr in ("192.168.0.0/24", "192.168.1.0/24"):
        put(world, dataclasses.replace(_withdrawn(cidr), published=True))
    assert "192.168.0.0/24" in active(world, "table-tr-b")
    assert "192.168.1.0/24" not in active(world, "table-tr-b")  # towards a transit router: never
    by_cidr = {r.destination: r for r in routes.vpc_table(world, "vtb-vpc-1")}
    assert by_cidr["192.168.0.0/24"].published and routes.published(world, "cen-1", by_cidr["192.168.0.0/24"])
    assert not routes.published(world, "cen-1", by_cidr["192.168.1.0/24"])


def test_a_route_within_the_vpcs_own_vswitch_is_not_pushed() -> None:
    world = world_of(scenario_1())
    put(world, static("table-tr-b", "10.3.1.128/25", "Attachment", "peer-1"))
    assert "10.3.1.128/25" not in {r.destination for r in routes.vpc_table(world, "vtb-vpc-3")}


def test_tables_are_worked_out_anew_when_the_world_changes_and_only_then() -> None:
    world = world_of(scenario_1())
    first = routes.engine(world)
    assert routes.engine(world) is first
    change(world, PeerAttachment, "peer-1", bandwidth=5)
    assert routes.engine(world) is not first
