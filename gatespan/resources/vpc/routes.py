"""Explicit routes of a VPC toward another network: one destination, in every route table of the VPC, next hop the
VPC's own attachment. The alternative to letting the router publish (``route_sync``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gatespan.cloud import Conflict
from gatespan.resources.base import Blocked, Found, Ref, Resource, Scope, gone, ready


@dataclass(frozen=True, kw_only=True)
class VpcRoutes(Resource):
    """``fields['tables']``: how many tables of the VPC have the route. A table without it is filled on update."""

    KIND = "vpc_routes"
    TITLE = "VPC routes"
    LISTS = ("DescribeRouteEntryList", "DescribeRouteTableList")
    READY = ready("route_entry", "Available")
    GONE = gone("route_entry")

    vpc: Ref
    attachment: Ref
    destination: str

    def find(self, scope: Scope) -> Found | None:
        attachment = scope.found(self.attachment)
        assert attachment is not None
        tables = self._tables(scope)
        entries = {t: self._entry(scope, t) for t in tables}
        foreign = [e for e in entries.values() if e and _next_hop(e) != attachment.id]
        if foreign:
            raise Blocked(
                f"{self.label}: route {foreign[0].get('RouteEntryId')} to {self.destination} leads to "
                f"{_next_hop(foreign[0]) or 'another next hop'} instead of {attachment.id}. Remove it first."
            )
        present = {t: e for t, e in entries.items() if e}
        if not present:
            return None
        busy = next((e["Status"] for e in present.values() if e["Status"] != "Available"), "Available")
        id = ",".join(str(e["RouteEntryId"]) for e in present.values())
        fields = {"tables": sorted(present)}
        return Found(id, busy, fields, attachment.owner, attachment.adopted, {"entries": present})

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
            "NextHopType": "Attachment",
            "NextHopId": scope.id_of(self.attachment),
            "RouteEntryName": f"{scope.topology}-{self.name}"[:128],
        }
        try:
            scope.cloud.call("vpc", "CreateRouteEntry", params, region=self.region, token=token, subject=table)
        except Conflict:
            scope.inventory.forget(*self.LISTS)
            if self._entry(scope, table) is None:
                raise

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
