"""The way back to the gateway: answers of a data centre find the blocks that the gateway opens connections from.

Enterprise edition: static routes of the hub's transit router to the hub's attachment; they travel over inter-region
connections by themselves. Basic edition: one route service per block, for border routers of the gateway's own region.
The blocks change with the instance's spec: those that it no longer has are taken out again, if they are ours.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gatespan.cloud import Conflict
from gatespan.resources.base import UNKNOWN, Blocked, Foreign, Found, Ref, Resource, Scope, gone, ready
from gatespan.resources.cen.transit_router import system_table
from gatespan.resources.gateway.instance import egress_blocks
from gatespan.resources.ownership import mark


@dataclass(frozen=True)
class Entry:
    """The route of one block: by its mark it is ours; ``through`` is its next hop."""

    id: str
    block: str
    status: str
    ours: bool
    through: str


@dataclass(frozen=True, kw_only=True)
class _EgressRoutes(Resource):
    """What the editions have in common. A block that somebody else routes the same way is in good hands: it is neither
    wanted nor removed here. Where no block is wanted, and none is ours, what is found counts as not made by us."""

    gateway: Ref

    def hop(self, scope: Scope) -> str:
        """Where the routes must lead."""
        raise NotImplementedError

    def entries(self, scope: Scope) -> list[Entry]:
        """Every route to a block in our place, ours or not."""
        raise NotImplementedError

    def add(self, scope: Scope, block: str, token: str | None) -> None:
        raise NotImplementedError

    def take_out(self, scope: Scope, entry: Entry) -> None:
        raise NotImplementedError

    def find(self, scope: Scope) -> Found | None:
        entries, hop = self.entries(scope), self.hop(scope)
        wanted = self._wanted(scope)
        wrong = next((e for e in entries if e.block in wanted and e.through != hop), None)
        if wrong:
            raise Foreign(
                f"{self.label}: {wrong.block}, which the gateway calls from, is routed to {wrong.through or 'nowhere'} "
                f"instead of {hop} ({wrong.id}). Remove that route first.",
                wrong.id,
            )
        ours = [e for e in entries if e.ours]
        missing = wanted - {e.block for e in entries if not e.ours}
        if not ours:
            return None if missing else Found(hop, "Active", {"blocks": []}, None, True)
        staying = sorted(e.block for e in ours if e.status != "Deleting")
        id = ",".join(sorted(e.block for e in ours))
        return Found(id, _status(ours, missing), {"blocks": staying}, scope.topology, False, {"ours": ours})

    def wants(self, scope: Scope) -> Mapping[str, Any]:
        if scope.found(self.gateway) is None:
            return {"blocks": UNKNOWN}
        there = all(scope.found(ref) for ref in self.parts())
        elsewhere = {e.block for e in self.entries(scope) if not e.ours} if there else set()
        return {"blocks": sorted(self._wanted(scope) - elsewhere)}

    def create(self, scope: Scope, token: str) -> None:
        for block in self.wants(scope)["blocks"]:
            self._put(scope, block, hashlib.sha256(f"{token} {block}".encode()).hexdigest()[:64])

    def update(self, scope: Scope, found: Found, changes: Mapping[str, Any]) -> None:
        """New blocks first: nothing that works is cut off."""
        have, want = set(found.fields["blocks"]), set(changes["blocks"])
        for block in sorted(want - have):
            self._put(scope, block, None)
        for entry in found.row["ours"]:
            if entry.status != "Deleting" and entry.block in have - want:
                self.take_out(scope, entry)

    def delete(self, scope: Scope, found: Found) -> None:
        for entry in found.row["ours"]:
            if entry.status != "Deleting":
                self.take_out(scope, entry)

    def _wanted(self, scope: Scope) -> set[str]:
        gateway = scope.found(self.gateway)
        return set(egress_blocks(gateway.row)) if gateway else set()

    def _put(self, scope: Scope, block: str, token: str | None) -> None:
        try:
            self.add(scope, block, token)
        except Conflict:
            scope.inventory.forget(*self.LISTS)
            if not any(e.block == block and e.status != "Deleting" for e in self.entries(scope)):
                raise


def _status(ours: list[Entry], wanted: set[str]) -> str:
    """One status for all: a removal that answered success and did nothing (route services) is not the end of it."""
    states = {e.status for e in ours}
    if "Failed" in states:
        return "Failed"
    if states == {"Deleting"}:
        return "Deleting"
    return "Active" if states == {"Active"} and {e.block for e in ours} == wanted else "Modifying"


@dataclass(frozen=True, kw_only=True)
class CloudServiceRoutes(_EgressRoutes):
    """Enterprise edition: in the system table of the hub's transit router."""

    KIND = "cloud_service_routes"
    TITLE = "cloud service routes"
    LISTS = ("ListTransitRouterRouteEntries", "DescribeRouteEntryList")
    READY = ready("transit_router_route", "Active")
    GONE = gone("transit_router_route")

    router: Ref
    attachment: Ref

    def hop(self, scope: Scope) -> str:
        return str(scope.id_of(self.attachment))

    def entries(self, scope: Scope) -> list[Entry]:
        rows = scope.inventory.rows(
            "ListTransitRouterRouteEntries",
            region=self.region,
            TransitRouterRouteTableId=self._table(scope),
            TransitRouterRouteEntryType="Static",
            TransitRouterRouteEntryStatus="All",
        )
        key = "TransitRouterRouteEntry"
        return [
            Entry(
                id=row[f"{key}Id"],
                block=row[f"{key}DestinationCidrBlock"],
                status=row[f"{key}Status"],
                ours=_ours(row.get(f"{key}Description"), scope, self.key),
                through=row.get(f"{key}NextHopId") or "",
            )
            for row in rows
        ]

    def add(self, scope: Scope, block: str, token: str | None) -> None:
        params = {
            "TransitRouterRouteTableId": self._table(scope),
            "TransitRouterRouteEntryDestinationCidrBlock": block,
            "TransitRouterRouteEntryNextHopType": "Attachment",
            "TransitRouterRouteEntryNextHopId": self.hop(scope),
            "TransitRouterRouteEntryName": f"{scope.topology}-gateway"[:128],
            "TransitRouterRouteEntryDescription": mark(scope.topology, self.key),
        }
        action = "CreateTransitRouterRouteEntry"
        scope.cloud.call("cbn", action, params, region=self.region, token=token, subject=block)

    def take_out(self, scope: Scope, entry: Entry) -> None:
        params = {"TransitRouterRouteEntryId": entry.id}
        scope.cloud.call("cbn", "DeleteTransitRouterRouteEntry", params, region=self.region, subject=entry.block)

    def _table(self, scope: Scope) -> str:
        router = scope.found(self.router)
        table = system_table(scope, router, self.region) if router else None
        if table is None:
            raise Blocked(f"{self.label}: the transit router shows no system route table. Run it again.")
        return table


@dataclass(frozen=True, kw_only=True)
class RouteService(_EgressRoutes):
    """Basic edition. Deleting answers success whatever happened (help page): only absence proves it."""

    KIND = "route_service"
    TITLE = "cloud service routes"
    LISTS = ("DescribeRouteServicesInCen", "DescribeCens", "DescribeRouteEntryList")
    READY = ready("route_service", "Active", bad=("Failed",))
    GONE = gone("route_service")

    cen: Ref
    vpc: Ref

    def hop(self, scope: Scope) -> str:
        return str(scope.id_of(self.vpc))

    def entries(self, scope: Scope) -> list[Entry]:
        cen = scope.id_of(self.cen)
        rows = scope.inventory.rows("DescribeRouteServicesInCen", region=self.region, CenId=cen)
        return [
            Entry(
                id=f"route service of {row['Host']}",
                block=row["Host"],
                status=row["Status"],
                ours=_ours(row.get("Description"), scope, self.key),
                through=row["HostVpcId"],
            )
            for row in rows
            if row["AccessRegionId"] == self.region
        ]

    def add(self, scope: Scope, block: str, token: str | None) -> None:
        params = {
            **self._place(scope, block),
            "AccessRegionIds": [self.region],
            "Description": mark(scope.topology, self.key),
        }
        scope.cloud.call("cbn", "ResolveAndRouteServiceInCen", params, region=self.region, token=token, subject=block)

    def take_out(self, scope: Scope, entry: Entry) -> None:
        params = {**self._place(scope, entry.block), "AccessRegionId": self.region}
        scope.cloud.call("cbn", "DeleteRouteServiceInCen", params, region=self.region, subject=entry.block)

    def _place(self, scope: Scope, block: str) -> dict[str, Any]:
        return {
            "CenId": scope.id_of(self.cen),
            "Host": block,
            "HostRegionId": self.region,
            "HostVpcId": scope.id_of(self.vpc),
        }


def _ours(description: Any, scope: Scope, key: str) -> bool:
    return (description or "") == mark(scope.topology, key)
