"""Takes the route engine's snapshot out of the world: the one place that knows how the products store a network.

Attachments forward while they are Attached or being modified (a change of bandwidth or of zones does not cut
traffic: choice); associations, propagations and static routes count while Active.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from gatespan.emulator.models import Machine
from gatespan.emulator.routes import basic, onsite
from gatespan.emulator.routes.policies import Policy
from gatespan.emulator.routes.snapshot import Custom, Link, Network, Snapshot, Static, Subnet
from gatespan.emulator.services.cbn.models import (
    Association,
    PeerAttachment,
    Propagation,
    PublishedRoute,
    RouteMap,
    TransitRouterRouteEntry,
    TransitRouterRouteTable,
    VbrAttachment,
    VpcAttachment,
)
from gatespan.emulator.services.cloudapi.models import GatewayInstance
from gatespan.emulator.services.vpc.models import NetworkInterface, RouteEntry, RouteTable, Vpc, VSwitch
from gatespan.emulator.world import World

FORWARDING = ("Attached", "Modifying")


def snapshot(world: World) -> Snapshot:
    """The network of all accounts as it is now."""
    router_of = {t.id: t.transit_router_id for t in world.all(TransitRouterRouteTable)}
    links = _links(world)
    old = basic.ties(world, rank=len(links))
    lines = onsite.borders(world)
    return Snapshot(
        networks=_Networks(world),
        links=links | old.links,
        router_of=router_of,
        associations={
            (a.attachment_id, router_of[a.table_id]): a.table_id
            for a in world.all(Association)
            if a.status == "Active" and a.table_id in router_of
        }
        | old.associations,
        learning=frozenset((p.attachment_id, p.table_id) for p in world.all(Propagation) if p.status == "Active")
        | old.learning,
        statics=(
            *(
                Static(e.id, e.table_id, e.destination, e.next_hop_id, e.status)
                for e in world.all(TransitRouterRouteEntry)
            ),
            *old.statics,
        ),
        by_hand={(p.cen_id, p.table_id, p.destination): p.published for p in world.all(PublishedRoute)},
        addresses=_addresses(world),
        borders=lines,
        uplinks=onsite.uplinks(world, lines),
        sites=onsite.sites(world),
        egress=onsite.egress(world),
        policies=_policies(world),
    )


class _Networks(Mapping[str, Network]):
    """The VPCs, each put together when it is asked for: most questions concern a few of a thousand."""

    def __init__(self, world: World) -> None:
        self._vpcs = {v.id: v for v in world.all(Vpc)}
        self._vswitches: dict[str, list[VSwitch]] = defaultdict(list)
        for vswitch in world.all(VSwitch):
            self._vswitches[vswitch.vpc_id].append(vswitch)
        self._tables: dict[str, list[str]] = defaultdict(list)
        for table in world.all(RouteTable):
            self._tables[table.vpc_id].append(table.id)
        self._entries: dict[str, list[RouteEntry]] = defaultdict(list)
        for entry in world.all(RouteEntry):
            self._entries[entry.table_id].append(entry)
        self._made: dict[str, Network] = {}

    def __getitem__(self, vpc_id: str) -> Network:
        if vpc_id not in self._made:
            self._made[vpc_id] = self._make(self._vpcs[vpc_id])
        return self._made[vpc_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._vpcs)

    def __len__(self) -> int:
        return len(self._vpcs)

    def _make(self, vpc: Vpc) -> Network:
        system = vpc.route_table_id
        tables = (system, *(t for t in self._tables[vpc.id] if t != system))
        return Network(
            id=vpc.id,
            system_table=system,
            tables=tables,
            subnets=tuple(
                Subnet(s.id, s.cidr, s.route_table_id or system)
                for s in self._vswitches[vpc.id]
                if s.status in ("", "Available")
            ),
            customs=tuple(
                Custom(e.id, e.table_id, e.destination, e.next_hop_type, e.next_hop_id, e.status or "Available")
                for table in tables
                for e in self._entries[table]
            ),
        )


def _links(world: World) -> dict[str, Link]:
    """All attachments with their rank by age; of two made in the same moment the VPC's counts as the older."""
    vpcs, vbrs, peers = list(world.all(VpcAttachment)), list(world.all(VbrAttachment)), list(world.all(PeerAttachment))
    links = [
        Link(
            id=a.id,
            rank=0,
            cen_id=a.cen_id,
            router_id=a.transit_router_id,
            network_id=a.vpc_id,
            publish=a.auto_publish,
            up=a.status in FORWARDING,
            status=a.status,
        )
        for a in vpcs
    ]
    links += [
        Link(
            id=a.id,
            rank=0,
            cen_id=a.cen_id,
            router_id=a.transit_router_id,
            border_id=a.vbr_id,
            publish=a.auto_publish,
            up=a.status in FORWARDING,
            status=a.status,
        )
        for a in vbrs
    ]
    links += [
        Link(
            id=p.id,
            rank=0,
            cen_id=p.cen_id,
            router_id=p.transit_router_id,
            far_router_id=p.peer_transit_router_id,
            publish=p.auto_publish,
            up=p.status in FORWARDING,
            status=p.status,
            bandwidth=p.bandwidth,
        )
        for p in peers
    ]
    created = [t.created for t in (*vpcs, *vbrs, *peers)]
    order = sorted(range(len(links)), key=lambda i: created[i])
    return {links[i].id: replace(links[i], rank=rank) for rank, i in enumerate(order)}


def _policies(world: World) -> dict[str, tuple[Policy, ...]]:
    found: dict[str, list[Policy]] = defaultdict(list)
    for policy in world.all(RouteMap):
        if policy.status in ("Active", "Modifying") and policy.direction in ("RegionIn", "RegionOut"):
            direction: Any = policy.direction
            made = Policy(policy.priority, direction, policy.result == "Permit", policy.match)
            found[policy.table_id].append(made)
    return {table: tuple(policies) for table, policies in found.items()}


def _addresses(world: World) -> dict[tuple[str, str], str]:
    found = {(m.vpc_id, m.ip): m.name for m in world.all(Machine) if m.ip}
    found.update(((i.vpc_id, i.ip), i.owner_id or i.id) for i in world.all(NetworkInterface) if i.ip)
    found.update(((g.user_vpc_id, g.entry_ip), g.id) for g in world.all(GatewayInstance) if g.entry_ip)
    return found
