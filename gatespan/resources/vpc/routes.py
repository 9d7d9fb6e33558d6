"""Explicit routes of a VPC toward another network: one destination, in every route table of the VPC.

The next hop is the VPC's own attachment (the alternative to letting the router publish: ``route_sync``), or its end of
a connection with a border router (``router_interface``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from gatespan.cloud import Conflict
from gatespan.resources.base import Foreign, Found, Ref, Resource, Scope, gone, ready
from gatespan.resources.ownership import mark, owner


@dataclass(frozen=True, kw_only=True)
class VpcRoutes(Resource):
    """``fields['tables']``: how many tables of the VPC have the route. A table without it is filled on update."""

    KIND = "vpc_routes"
    TITLE = "VPC routes"
    LISTS = ("DescribeRouteEntryList", "DescribeRouteTableList")
    READY = ready("route_entry", "Available")
    GONE = gone("route_entry")

    vpc: Ref
    hop: Ref
    hop_type: Literal["Attachment", "RouterInterface"] = "Attachment"
    destination: str

    def find(self, scope: Scope) -> Found | None:
        hop, hop_id = scope.found(self.hop), self._hop_id(scope)
        assert hop is not None
        tables = self._tables(scope)
        entries = {t: self._entry(scope, t) for t in tables}
        foreign = [e for e in entries.values() if e and _next_hop(e) != hop_id]
        if foreign:
            raise Foreign(
                f"{self.label}: route {foreign[0].get('RouteEntryId')} to {self.destination} leads to "
                f"{_next_hop(foreign[0]) or 'another next hop'} instead of {hop_id or 'ours'}. Remove it first.",
                str(foreign[0].get("RouteEntryId")),
            )
        present = {t: e for t, e in entries.items() if e}
        if not present:
            return None
        busy = next((e["Status"] for e in present.values() if e["Status"] != "Available"), "Available")
        id = ",".join(str(e["RouteEntryId"]) for e in present.values())
        fields = {"tables": sorted(present)}
        marked = any(owner(e) == scope.topology for e in present.values())
        holder, adopted = (scope.topology, False) if marked else (hop.owner, hop.adopted)
        return Found(id, busy, fields, holder, adopted, {"entries": present})

    def wants(self, scope: Scope) -> Mapping[str, Any]:
        return {"tables": self._tables(scope) if scope.found(self.vpc) else []}

    def create(self, scope: Scope, token: str) -> None:
        for table in self._tables(scope):
            if self._entry(scope, table) is None:
                self._add(scope, table, token[:40] + table[-20:])

    def update(self, scope: Scope, found: Found, changes: Mapping[str, Any]) -> None:
        for table in set(changes["tables"]) - set(found.fields["tables"]):
            self._add(scope, table, None)

    def delete(self, scope: Scope, found: Found) -> None:
        for entry in found.row["entries"].values():
            if entry["Status"] == "Deleting":
                continue
            params = {"RegionId": self.region, "RouteEntryId": entry["RouteEntryId"]}
            scope.cloud.call("vpc", "DeleteRouteEntry", params, region=self.region, subject=entry["RouteEntryId"])

    def _add(self, scope: Scope, table: str, token: str | None) -> None:
        params = {
            "RegionId": self.region,
            "RouteTableId": table,
            "DestinationCidrBlock": self.destination,
            "NextHopType": self.hop_type,
            "NextHopId": self._hop_id(scope),
            "RouteEntryName": f"{scope.topology}-{self.name}"[:128],
            "Description": mark(scope.topology, self.key),
        }
        try:
            scope.cloud.call("vpc", "CreateRouteEntry", params, region=self.region, token=token, subject=table)
        except Conflict:
            scope.inventory.forget(*self.LISTS)
            if self._entry(scope, table) is None:
                raise

    def _hop_id(self, scope: Scope) -> str:
        hop = scope.found(self.hop)
        if hop is None:
            return ""
        return str(hop.row["vpc_end"]) if self.hop_type == "RouterInterface" else hop.id

    def _tables(self, scope: Scope) -> list[str]:
        vpc = scope.id_of(self.vpc)
        rows = scope.inventory.rows("DescribeRouteTableList", region=self.region, RegionId=self.region, VpcId=vpc)
        return sorted(r["RouteTableId"] for r in rows)

    def _entry(self, scope: Scope, table: str) -> Mapping[str, Any] | None:
        rows = scope.inventory.rows(
            "DescribeRouteEntryList", region=self.region, RegionId=self.region, RouteTableId=table
        )
        return next((r for r in rows if r["DestinationCidrBlock"] == self.destination), None)


def _next_hop(entry: Mapping[str, Any]) -> str | None:
    hops = (entry.get("NextHops") or {}).get("NextHop") or ()
    return hops[0].get("NextHopId") if hops else None
