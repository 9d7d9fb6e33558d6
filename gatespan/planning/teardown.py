"""Proof of absence: what a removal claims is looked for once more, until it is really gone.

Three looks. Every resource of the file; everything in the regions that carries the topology's mark, whatever the file
says; and what the cloud gives up late, after the thing that it belonged to left its list (routes, the other product's
view of an attachment). What stays is told apart: what still bills, what was left on purpose, and what ought to be gone,
with what is in its way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any

from gatespan.cloud import TimedOut, Wait
from gatespan.planning.engine import Engine
from gatespan.planning.orphans import PLACES, ROUTER, Place
from gatespan.resources.base import LEAVING, Blocked, Found, Resource
from gatespan.resources.obstacles import Obstacle, obstacles
from gatespan.resources.ownership import RESOURCE, TOPOLOGY, owner, read_mark, read_tags
from gatespan.resources.terms import paid_until

Row = Mapping[str, Any]

LATE = Wait(good=frozenset(), gone=True, budget=600.0)
"""For what the cloud gives up by itself, sooner or later."""


@dataclass(frozen=True)
class Remains:
    """Ours, and still there. ``obstacles``: what stands in the way of its removal, as far as it can be seen."""

    label: str
    id: str
    region: str
    status: str
    obstacles: tuple[Obstacle, ...] = ()

    def __str__(self) -> str:
        way = "".join(f"; in its way: {o}" for o in self.obstacles)
        return f"{self.label} ({self.id}, {self.status}){way}"


@dataclass(frozen=True)
class Bills:
    """Costs money on. ``until``: the day its paid term ends (ISO), empty where it runs until somebody ends it.
    ``ours``: the topology made it."""

    label: str
    id: str
    until: str
    why: str
    ours: bool = False

    def __str__(self) -> str:
        return f"{self.label} ({self.id}): {self.why}" + (f", until {self.until}" if self.until else "")


@dataclass(frozen=True)
class Left:
    """Left on purpose. ``kind``: its sort, in words. ``state``: what it is now, where something on it was undone."""

    kind: str
    label: str
    id: str
    why: str
    state: str = ""

    def __str__(self) -> str:
        here = f" ({self.id})" if self.id else ""
        return f"{self.label}{here}: {self._because}"

    @property
    def _because(self) -> str:
        return self.why + (f"; {self.state}" if self.state else "")

    @classmethod
    def lines(cls, left: Iterable[Left]) -> Iterator[str]:
        """One line for each, or for all of one kind with one reason."""
        alike: dict[tuple[str, str], list[Left]] = {}
        for one in left:
            alike.setdefault((one.kind, one._because), []).append(one)
        for (kind, because), several in alike.items():
            ids = ", ".join(one.id for one in several if one.id)
            yield str(several[0]) if len(several) == 1 else f"{len(several)} × {kind} ({ids}): {because}"


@dataclass(frozen=True)
class Proof:
    """``absent``: labels of what was looked for and is not there. ``looked``: the lists that were searched for the
    topology's mark, each with its number of regions."""

    topology: str
    absent: tuple[str, ...]
    remains: tuple[Remains, ...]
    bills: tuple[Bills, ...]
    left: tuple[Left, ...]
    looked: Mapping[str, int] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Nothing of ours is there any more, but for what its term holds."""
        return not self.remains

    @property
    def complete(self) -> bool:
        """And nothing of ours is held by its term either."""
        return self.ok and not any(one.ours for one in self.bills)

    def to_json(self) -> dict[str, Any]:
        return {"ok": self.ok, **asdict(self), "looked": dict(self.looked)}

    def lines(self) -> Iterator[str]:
        """For people."""
        if self.remains:
            yield "Still there, though it is ours:"
            yield from (f"  {one}" for one in self.remains)
        else:
            gone, lists = len(self.absent), sum(self.looked.values())
            held = "" if self.complete else " but what its term holds"
            yield (
                f"Nothing of {self.topology} is left{held}: {gone} things were looked for and are not there, "
                f"and in {lists} lists nothing more carries its mark."
            )
        if self.bills:
            yield "Still bills:"
            yield from (f"  {one}" for one in self.bills)
        if self.left:
            yield "Left on purpose:"
            yield from (f"  {line}" for line in Left.lines(self.left))


def proof(engine: Engine, *, late: Wait = LATE) -> Proof:
    """Look at everything anew and tell what is gone, what bills and what stays. Waits (``late``) for what is on its way
    out, removes nothing. Raises CloudError when it cannot look."""
    with suppress(TimedOut):  # then it is told as what remains
        engine.until(lambda: "; ".join(str(r) for r in _leaving(engine)) or None, late, f"removal of {engine.topology}")
    seen = _look(engine)
    ours = {key: found for key, found in seen.items() if found and engine.graph[key].removable(engine, found)}
    paid = {key for key in ours if engine.graph[key].PAID and paid_until(ours[key].row, engine.now())}
    known = {found.id for found in ours.values()}
    looked: dict[str, int] = {}
    marked = [r for r in _marked(engine, looked) if r.id not in known and not _is_paid(engine, r)]
    stays = [_remains(engine, engine.graph[key], found) for key, found in ours.items() if key not in paid]
    return Proof(
        topology=engine.topology,
        absent=tuple(engine.graph[k].label for k, f in seen.items() if f is None and engine.graph[k].makes),
        remains=(*stays, *marked, *_late(engine), *_lost_routes(engine, known)),
        bills=tuple(_bills(engine, seen)),
        left=tuple(_left(engine, seen, known)),
        looked=looked,
    )


def _look(engine: Engine) -> dict[str, Found | None]:
    """What is found of every resource, users first. What stands in a resource's place and is not ours is skipped here:
    it is in ``_strange``."""
    engine.forget()
    seen: dict[str, Found | None] = {}
    for key in reversed(engine.graph.order):
        try:
            seen[key] = engine.found(key)
        except Blocked:
            continue
    return seen


def _remains(engine: Engine, resource: Resource, found: Found) -> Remains:
    return Remains(resource.label, found.id, resource.region, found.status, obstacles(resource, found, engine))


# --- what is on its way out --------------------------------------------------------------------------------------


def _leaving(engine: Engine) -> Iterator[Remains]:
    """What needs nothing but time."""
    for key, found in _look(engine).items():
        if found and found.status in LEAVING and not found.adopted:
            resource = engine.graph[key]
            yield Remains(resource.label, found.id, resource.region, found.status)
    yield from (r for r in _marked(engine, {}) if r.status in LEAVING)
    yield from _late(engine)


def _late(engine: Engine) -> Iterator[Remains]:
    """What outlives the thing that it belonged to, in networks that stay: routes to attachments that are gone, and what
    the network's own product still knows of an attachment."""
    for region, table in _tables(engine):
        alive = _attachments(engine, region)
        for row in _routes(engine, region, table):
            published = row.get("Origin") == "RoutePropagation" and _hop(row).get("NextHopType") == "Attachment"
            if row["Status"] == "Deleting" or (published and _hop(row).get("NextHopId") not in alive):
                yield _route(row, region, table)
    for key in engine.graph.keys(kind="vpc"):
        vpc, region = engine.known(key), engine.graph[key].region
        if vpc is None:
            continue
        params = {"RegionId": region, "VpcId": vpc.id}
        answer = engine.cloud.call("vpc", "DescribeVpcAttribute", params, region=region, subject=vpc.id)
        sources = (answer.get("AssociatedPropagationSources") or {}).get("AssociatedPropagationSources") or ()
        for source in sources:
            if source.get("Status") == "Detaching":
                what = f"attachment of {engine.graph[key].label} to {source['SourceInstanceId']}"
                yield Remains(what, vpc.id, region, "Detaching")
    for key in engine.graph.keys(kind="vbr"):
        vbr, region = engine.known(key), engine.graph[key].region
        if vbr is None:
            continue
        for cen in (vbr.row.get("AssociatedCens") or {}).get("AssociatedCen") or ():
            if cen.get("CenStatus") == "Detaching":
                yield Remains(f"attachment of {engine.graph[key].label} to {cen['CenId']}", vbr.id, region, "Detaching")


def _lost_routes(engine: Engine, known: set[str]) -> Iterator[Remains]:
    """Routes with our mark that no resource finds, because what they lead to is gone."""
    told = {id for ids in known for id in ids.split(",")}
    for region, table in _tables(engine):
        for row in _routes(engine, region, table):
            if owner(row) == engine.topology and str(row["RouteEntryId"]) not in told and row["Status"] != "Deleting":
                yield _route(row, region, table)


def _tables(engine: Engine) -> Iterator[tuple[str, str]]:
    """The route tables of the VPCs and border routers that are there: region and id."""
    for key in engine.graph.keys(kind="vpc"):
        vpc, region = engine.known(key), engine.graph[key].region
        params = {"RegionId": region, "VpcId": vpc.id if vpc else ""}
        for row in engine.inventory.rows("DescribeRouteTableList", region=region, **params) if vpc else ():
            yield region, row["RouteTableId"]
    for key in engine.graph.keys(kind="vbr"):
        vbr = engine.known(key)
        if vbr:
            yield engine.graph[key].region, vbr.row["RouteTableId"]


def _routes(engine: Engine, region: str, table: str) -> tuple[Row, ...]:
    return engine.inventory.rows("DescribeRouteEntryList", region=region, RegionId=region, RouteTableId=table)


def _hop(row: Row) -> Row:
    return next(iter((row.get("NextHops") or {}).get("NextHop") or ()), {})


def _route(row: Row, region: str, table: str) -> Remains:
    label = f"route {row['DestinationCidrBlock']} via {_hop(row).get('NextHopId', '-')} in {table}"
    return Remains(label, str(row["RouteEntryId"]), region, row["Status"])


def _attachments(engine: Engine, region: str) -> set[str]:
    lists = ("ListTransitRouterVpcAttachments", "ListTransitRouterVbrAttachments")
    rows = (r for name in lists for r in engine.inventory.rows(name, region=region, RegionId=region))
    return {r["TransitRouterAttachmentId"] for r in rows}


# --- by the mark ---------------------------------------------------------------------------------------------------


def _marked(engine: Engine, looked: dict[str, int]) -> Iterator[Remains]:
    """Everything that carries the topology's mark, in whole lists of every region of the file."""
    home, regions = engine.design.region, sorted({r.region for r in engine.graph.nodes.values()})
    for place in (*PLACES, ROUTER):
        for region in regions if place.everywhere else (home,):
            by_region = place.region_id or place is ROUTER
            params = {"RegionId": region} if by_region else {}
            looked[place.action] = looked.get(place.action, 0) + 1
            for row in engine.inventory.rows(place.action, region=region, **params):
                marks = read_tags(row) | read_mark(row.get(place.description))
                if marks.get(TOPOLOGY) == engine.topology:
                    yield _marked_thing(place, row, region, marks.get(RESOURCE, ""))


def _marked_thing(place: Place, row: Row, region: str, key: str) -> Remains:
    kind, _, name = key.partition(".")
    label = f"{(kind or place.kind).replace('_', ' ')} {name}".strip()
    return Remains(label, str(row[place.id]), region, str(row.get("Status") or "present"))


def _is_paid(engine: Engine, one: Remains) -> bool:
    """A plan of ours that its term holds, though the file does not have it any more: it bills, and is told there."""
    rows = engine.inventory.rows("DescribeCenBandwidthPackages", region=engine.design.region)
    row = next((r for r in rows if r["CenBandwidthPackageId"] == one.id), None)
    return row is not None and bool(paid_until(row, engine.now()))


# --- what bills, what is left ------------------------------------------------------------------------------------


def _bills(engine: Engine, seen: Mapping[str, Found | None]) -> Iterator[Bills]:
    told: set[str] = set()
    for key, found in seen.items():
        why = BILLING.get(engine.graph[key].KIND)
        if found is None or why is None or found.id in told:
            continue
        told.add(found.id)
        until = paid_until(found.row, engine.now())
        how = "paid in advance, not refunded" if until else why
        if found.adopted:
            how += ", there before"
        yield Bills(engine.graph[key].label, found.id, until, how, engine.graph[key].removable(engine, found))
    for row in engine.inventory.rows("DescribeCenBandwidthPackages", region=engine.design.region):
        id, until = row["CenBandwidthPackageId"], paid_until(row, engine.now())
        if owner(row) == engine.topology and until and id not in told:
            why = "paid in advance, not refunded; the file does not have it any more"
            yield Bills(f"bandwidth plan {row.get('Name') or ''}".strip(), id, until, why, True)


BILLING: Mapping[str, str] = {
    "gateway": "billed by the hour",
    "bandwidth_plan": "billed for its term",
    "circuit": "its port and line are billed until they are cancelled with the vendor and the carrier",
    "vpc_attachment": "a connection of a transit router is billed by the hour",
    "vbr_attachment": "a connection of a transit router is billed by the hour",
    "peer_attachment": "a connection of a transit router is billed by the hour",
}
"""What costs money for as long as it is there (vendor's pages on billing)."""


def _left(engine: Engine, seen: Mapping[str, Found | None], ours: set[str]) -> Iterator[Left]:
    for key in engine.graph.order:
        resource = engine.graph[key]
        try:
            found = seen[key] if key in seen else engine.found(key)
        except Blocked as why:
            yield Left(resource.TITLE, resource.label, getattr(why, "id", ""), f"not ours: {why}")
            continue
        if found is None or found.id in ours or resource.removable(engine, found):
            continue
        yield Left(resource.TITLE, resource.label, found.id, _why(resource), _state(engine, resource, found))


def _why(resource: Resource) -> str:
    if resource.KIND == "transit_router_service":
        return "an account opens it once, and it cannot be closed"
    if resource.KIND == "binding":
        return "the file keeps it (gateway.release: false)"
    return "there before" if not resource.makes else "not made by this topology"


def _state(engine: Engine, resource: Resource, found: Found) -> str:
    """What became of an adopted thing on which something of ours was."""
    if resource.KIND == "gateway":
        bound = found.row.get("UserVpcId")
        return f"bound to {bound}" if bound else "bound to no VPC any more"
    if resource.KIND == "group":
        domain = any(
            engine.known(k) for k in engine.graph.keys(kind="vpc_domain") if engine.graph[k].name == resource.name
        )
        return "its VPC domain stays" if domain else "without VPC domain"
    return ""
