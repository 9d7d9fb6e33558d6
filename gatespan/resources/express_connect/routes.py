"""Routes in a border router's one table: to the site through the circuit, and to the cloud through an uplink.

A route says in its description whose it is, so that ours can be told from others in a border router that is not ours.
The cloud takes one change of a table at a time; what it refuses meanwhile is tried again by the door.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gatespan.cloud import Conflict
from gatespan.resources.base import UNKNOWN, Foreign, Found, Ref, Resource, Scope, gone, ready
from gatespan.resources.gateway.instance import egress_blocks as egress_blocks
from gatespan.resources.ownership import mark, owner


@dataclass(frozen=True, kw_only=True)
class _VbrRoutes(Resource):
    """What both have in common: destinations, one next hop."""

    LISTS = ("DescribeRouteEntryList",)
    READY = ready("route_entry", "Available")
    GONE = gone("route_entry")

    vbr: Ref

    def hop(self, scope: Scope) -> str:
        """The router interface that the routes lead to; empty while there is none."""
        raise NotImplementedError

    def destinations(self, scope: Scope) -> tuple[str, ...]:
        raise NotImplementedError

    def find(self, scope: Scope) -> Found | None:
        vbr, hop = scope.found(self.vbr), self.hop(scope)
        assert vbr is not None
        wanted, held = self.destinations(scope), self._entries(scope)
        for entry in held.values():
            if entry["DestinationCidrBlock"] in wanted and next_hop(entry) != hop:
                raise Foreign(
                    f"{self.label}: route {entry['RouteEntryId']} to {entry['DestinationCidrBlock']} leads to "
                    f"{next_hop(entry) or 'another next hop'} instead of {hop or 'ours'}. Remove it first.",
                    str(entry["RouteEntryId"]),
                )
        ours = mark(scope.topology, self.key)
        mine = {d: e for d, e in held.items() if d in wanted or e.get("Description") == ours}
        if not mine:
            return None
        holders = {owner(e) for e in mine.values()} if vbr.adopted else {vbr.owner}
        adopted = vbr.adopted and scope.topology not in holders
        status = next((e["Status"] for e in mine.values() if e["Status"] != "Available"), "Available")
        id = ",".join(str(e["RouteEntryId"]) for e in mine.values())
        fields = {"destinations": sorted(mine)}
        return Found(id, status, fields, None if adopted else scope.topology, adopted, {"entries": mine})

    def wants(self, scope: Scope) -> Mapping[str, Any]:
        return {"destinations": sorted(self.destinations(scope))}

    def create(self, scope: Scope, token: str) -> None:
        held = self._entries(scope)
        for at, destination in enumerate(self.destinations(scope)):
            if destination not in held:
                self._add(scope, destination, f"{token[:56]}-{at}")

    def update(self, scope: Scope, found: Found, changes: Mapping[str, Any]) -> None:
        entries = found.row["entries"]
        for destination in sorted(set(changes["destinations"]) - set(entries)):
            self._add(scope, destination, None)
        for destination in sorted(set(entries) - set(changes["destinations"])):
            self._take_out(scope, entries[destination])

    def delete(self, scope: Scope, found: Found) -> None:
        vbr = scope.found(self.vbr)
        for entry in found.row["entries"].values():
            ours = owner(entry) == scope.topology or (vbr is not None and not vbr.adopted)
            if entry["Status"] != "Deleting" and ours:
                self._take_out(scope, entry)

    def _entries(self, scope: Scope) -> dict[str, Mapping[str, Any]]:
        vbr = scope.found(self.vbr)
        if vbr is None:
            return {}
        rows = scope.inventory.rows(
            "DescribeRouteEntryList", region=self.region, RegionId=self.region, RouteTableId=vbr.row["RouteTableId"]
        )
        return {r["DestinationCidrBlock"]: r for r in rows if r.get("Type") == "Custom"}

    def _add(self, scope: Scope, destination: str, token: str | None) -> None:
        vbr = scope.found(self.vbr)
        assert vbr is not None
        params = {
            "RegionId": self.region,
            "RouteTableId": vbr.row["RouteTableId"],
            "DestinationCidrBlock": destination,
            "NextHopType": "RouterInterface",
            "NextHopId": self.hop(scope),
            "RouteEntryName": f"{scope.topology}-{self.name}"[:128],
            "Description": mark(scope.topology, self.key),
        }
        try:
            scope.cloud.call("vpc", "CreateRouteEntry", params, region=self.region, token=token, subject=vbr.id)
        except Conflict:
            scope.inventory.forget(*self.LISTS)
            if destination not in self._entries(scope):
                raise

    def _take_out(self, scope: Scope, entry: Mapping[str, Any]) -> None:
        id = entry["RouteEntryId"]
        params = {"RegionId": self.region, "RouteEntryId": id}
        scope.cloud.call("vpc", "DeleteRouteEntry", params, region=self.region, subject=id)


@dataclass(frozen=True, kw_only=True)
class VbrRoute(_VbrRoutes):
    """Static routing: one prefix of the site, to the circuit."""

    KIND = "vbr_route"
    TITLE = "border router route"

    destination: str

    def hop(self, scope: Scope) -> str:
        vbr = scope.found(self.vbr)
        return str(vbr.row.get("VlanInterfaceId") or "") if vbr else ""

    def destinations(self, scope: Scope) -> tuple[str, ...]:
        return (self.destination,)


@dataclass(frozen=True, kw_only=True)
class VbrUplink(_VbrRoutes):
    """The hub's CIDR, to the border router's end of its connection with the hub. ``gateway``: its egress blocks too,
    for the answers of back ends at the site."""

    KIND = "vbr_uplink"
    TITLE = "border router routes to the hub"

    interface: Ref
    cidr: str
    gateway: Ref | None = None

    def hop(self, scope: Scope) -> str:
        interface = scope.found(self.interface)
        return str(interface.row["vbr_end"]) if interface else ""

    def destinations(self, scope: Scope) -> tuple[str, ...]:
        gateway = scope.found(self.gateway) if self.gateway else None
        return (self.cidr, *(egress_blocks(gateway.row) if gateway else ()))

    def wants(self, scope: Scope) -> Mapping[str, Any]:
        known = self.gateway is None or scope.found(self.gateway)
        return super().wants(scope) if known else {"destinations": UNKNOWN}


def next_hop(entry: Mapping[str, Any]) -> str:
    hops = (entry.get("NextHops") or {}).get("NextHop") or ()
    return str(hops[0].get("NextHopId") or "") if hops else ""
