"""Laws of the route engine, on networks that hypothesis makes up."""

from __future__ import annotations

import dataclasses
import ipaddress
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gatespan.emulator.routes.engine import Engine
from gatespan.emulator.routes.model import Origin
from gatespan.emulator.routes.prefixes import covers, longest, prefix
from gatespan.emulator.routes.snapshot import Link, Network, Snapshot, Static, Subnet

addresses = st.integers(0, 2**32 - 1).map(lambda n: str(ipaddress.IPv4Address(n)))
cidrs = st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 32)).map(
    lambda t: str(ipaddress.IPv4Network((t[0], t[1]), strict=False))
)


@given(cidrs, cidrs)
def test_covers_agrees_with_the_standard_library(outer: str, inner: str) -> None:
    assert covers(outer, inner) == ipaddress.IPv4Network(inner).subnet_of(ipaddress.IPv4Network(outer))


@given(st.lists(cidrs, max_size=12), addresses)
def test_the_longest_prefix_wins(table: list[str], address: str) -> None:
    matching = [c for c in table if ipaddress.IPv4Address(address) in ipaddress.IPv4Network(c)]
    chosen = longest(table, address, lambda c: c)
    if chosen is None:
        assert not matching
    else:
        assert chosen in matching and prefix(chosen)[1] == max(prefix(c)[1] for c in matching)


# --- made-up networks -------------------------------------------------------------------------------------


@st.composite
def snapshots(draw: Any) -> Snapshot:
    """Up to five routers with up to two tables, links between them in any way, VPCs whose CIDRs often collide."""
    routers = [f"r{i}" for i in range(draw(st.integers(1, 5)))]
    router_of = {f"{r}/{k}": r for r in routers for k in range(draw(st.integers(1, 2)))}
    links: dict[str, Link] = {}
    networks: dict[str, Network] = {}
    addresses: dict[tuple[str, str], str] = {}
    ranks = draw(st.permutations(range(20)))
    for i in range(draw(st.integers(1, 5))):
        octet = draw(st.integers(0, 3))
        vpc, table = f"v{i}", f"v{i}/t"
        networks[vpc] = Network(vpc, table, (table,), (Subnet(f"{vpc}/s", f"10.{octet}.0.0/16", table),))
        addresses[(vpc, f"10.{octet}.0.{i + 1}")] = vpc
        links[f"a{i}"] = Link(
            f"a{i}", ranks[i], "cen", draw(st.sampled_from(routers)), vpc, publish=draw(st.booleans()), up=draw(often)
        )
    for i in range(draw(st.integers(0, 6)) if len(routers) > 1 else 0):
        near, far = draw(st.permutations(routers))[:2]
        links[f"p{i}"] = Link(
            f"p{i}", ranks[10 + i], "cen", near, "", far, draw(often), draw(often), bandwidth=draw(st.integers(0, 3))
        )
    associations, learning = {}, set()
    for link in links.values():
        for router in link.routers():
            mine = [t for t, r in router_of.items() if r == router]
            if draw(often):
                associations[(link.id, router)] = draw(st.sampled_from(mine))
            learning |= {(link.id, t) for t in mine if draw(often)}
    statics = tuple(
        Static(f"s{i}", draw(st.sampled_from(sorted(router_of))), f"10.{i}.0.0/16", draw(st.sampled_from([*links, ""])))
        for i in range(draw(st.integers(0, 3)))
    )
    return Snapshot(networks, links, router_of, associations, frozenset(learning), statics, {}, addresses)


often = st.sampled_from([True, True, True, False])


def shuffled(snapshot: Snapshot, seed: int) -> Snapshot:
    """The same facts in another order."""

    def mix(mapping: Any) -> Any:
        rows = list(mapping.items())
        random.Random(seed).shuffle(rows)
        return dict(rows)

    statics = list(snapshot.statics)
    random.Random(seed).shuffle(statics)
    return dataclasses.replace(
        snapshot,
        networks=mix(snapshot.networks),
        links=mix(snapshot.links),
        router_of=mix(snapshot.router_of),
        associations=mix(snapshot.associations),
        statics=tuple(statics),
    )


def tables(snapshot: Snapshot) -> dict[str, set[Any]]:
    return {table: set(rows) for table, rows in Engine(snapshot).tr_tables.items()}


@settings(max_examples=150, deadline=None)
@given(snapshots(), st.integers(0, 9))
def test_the_order_in_which_facts_are_told_does_not_matter(snapshot: Snapshot, seed: int) -> None:
    assert tables(snapshot) == tables(shuffled(snapshot, seed))


@settings(max_examples=150, deadline=None)
@given(snapshots())
def test_each_cidr_has_one_active_route_and_every_loser_has_its_winner(snapshot: Snapshot) -> None:
    for rows in tables(snapshot).values():
        winners = [r.destination for r in rows if r.status == "Active"]
        assert len(winners) == len(set(winners))
        origins = {r.destination: r.origin_id for r in rows if r.status == "Active"}
        for route in rows:
            if route.status == "Rejected":
                assert route.destination in origins
            elif route.status == "Candidate":
                assert origins[route.destination] == route.origin_id


@settings(max_examples=150, deadline=None)
@given(snapshots())
def test_learned_routes_are_stable(snapshot: Snapshot) -> None:
    """Every learned route stands on an active one at its next hop or on a VPC there: no ghost keeps itself alive."""
    held = tables(snapshot)
    for table, rows in held.items():
        router = snapshot.router_of[table]
        for route in rows:
            if route.type == "Static":
                continue
            link = snapshot.links[route.next_hop_id]
            assert link.up and (link.id, table) in snapshot.learning
            if link.network_id:
                assert route.destination in {s.cidr for s in snapshot.networks[link.network_id].subnets}
            else:
                far = snapshot.associations[(link.id, link.beyond(router))]
                source = [r for r in held[far] if r.destination == route.destination and r.status == "Active"]
                assert link.publish and len(source) == 1
                assert source[0].origin_id == route.origin_id and source[0].next_hop_id != link.id


@settings(max_examples=150, deadline=None)
@given(snapshots())
def test_every_walk_ends_and_arrives_only_where_the_address_is(snapshot: Snapshot) -> None:
    engine = Engine(snapshot)
    for vpc in snapshot.networks:
        for _, address in snapshot.addresses:
            walk = engine.walk(Origin(vpc, f"{vpc}/s"), "10.0.0.99", address)
            assert walk.arrived == (walk.reason == "") and len(walk.hops) <= 4 + 3 * len(snapshot.router_of)
            assert len(walk.links) == len(walk.entered)
            if walk.arrived:
                assert (walk.vpc_id, address) in snapshot.addresses
                assert all(snapshot.links[i].bandwidth > 0 for i in walk.links)


@settings(max_examples=150, deadline=None)
@given(snapshots(), st.data())
def test_withdrawing_a_propagation_removes_what_was_learned_by_it(snapshot: Snapshot, data: Any) -> None:
    pairs = sorted(snapshot.learning)
    if not pairs:
        return
    link, table = data.draw(st.sampled_from(pairs))
    without = dataclasses.replace(snapshot, learning=snapshot.learning - {(link, table)})
    before, after = tables(snapshot), tables(without)
    gone = {r for r in before[table] if r.type == "Propagated" and r.next_hop_id == link}
    kept = {(r.destination, r.next_hop_id, r.origin_id) for r in before[table] - gone}
    left = {(r.destination, r.next_hop_id, r.origin_id) for r in after[table]}
    assert not {r for r in after[table] if r.type == "Propagated" and r.next_hop_id == link}
    if len(snapshot.router_of) == 1:  # nothing comes back changed from elsewhere
        assert left == kept
    again = dataclasses.replace(without, learning=without.learning | {(link, table)})
    assert tables(again) == before


# --- well-built networks ----------------------------------------------------------------------------------


def built(regions: int, mesh: bool) -> Snapshot:
    """A VPC per region, all associated, learned and published; routers in full mesh or around the first (a hub)."""
    pairs = [(i, j) for i in range(regions) for j in range(i) if mesh or j == 0]
    links = {f"a{i}": Link(f"a{i}", i, "cen", f"r{i}", f"v{i}", publish=True) for i in range(regions)}
    links |= {
        f"p{i}{j}": Link(f"p{i}{j}", 100 + n, "cen", f"r{i}", "", f"r{j}", True, bandwidth=2)
        for n, (i, j) in enumerate(pairs)
    }
    return Snapshot(
        networks={
            f"v{i}": Network(f"v{i}", f"v{i}/t", (f"v{i}/t",), (Subnet(f"v{i}/s", f"10.{i}.0.0/16", f"v{i}/t"),))
            for i in range(regions)
        },
        links=links,
        router_of={f"t{i}": f"r{i}" for i in range(regions)},
        associations={(link.id, r): f"t{r[1:]}" for link in links.values() for r in link.routers()},
        learning=frozenset((link.id, f"t{r[1:]}") for link in links.values() for r in link.routers()),
        addresses={(f"v{i}", f"10.{i}.0.9"): f"m{i}" for i in range(regions)},
    )


@settings(deadline=None, max_examples=30)
@given(st.integers(2, 7), st.booleans(), st.data())
def test_a_symmetric_build_reaches_both_ways(regions: int, mesh: bool, data: Any) -> None:
    engine = Engine(built(regions, mesh))
    a, b = data.draw(st.permutations(range(regions)))[:2]
    there, back = engine.trip(Origin(f"v{a}", f"v{a}/s"), f"10.{a}.0.9", f"10.{b}.0.9")
    assert there.arrived and back.arrived
    assert there.links == back.links[::-1]
    assert len(there.links) == (1 if mesh or 0 in (a, b) else 2)


@settings(deadline=None, max_examples=30)
@given(st.integers(2, 6), st.booleans())
def test_every_table_of_a_build_knows_every_vpc_once(regions: int, mesh: bool) -> None:
    for rows in Engine(built(regions, mesh)).tr_tables.values():
        assert {r.destination for r in rows if r.status == "Active"} == {f"10.{i}.0.0/16" for i in range(regions)}
