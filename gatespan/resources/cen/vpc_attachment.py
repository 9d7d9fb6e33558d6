"""A VPC's attachment to the transit router of its region, and the publication of routes into the VPC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gatespan.cloud import BUDGETS
from gatespan.resources import notes
from gatespan.resources.base import UNKNOWN, Blocked, Found, Ref, Resource, Scope, gone, ready
from gatespan.resources.cen.structure import claimed
from gatespan.resources.ownership import tags

BUSY = BUDGETS["vpc_attachment"]
"""A VPC that is busy refuses attaching and detaching for as long as that (ceilings of the Terraform provider)."""

LISTS = ("ListTransitRouterVpcAttachments", "DescribeCens", "DescribeRouteEntryList", "ListTransitRouterRouteEntries")

NOTE = "route_sync"


@dataclass(frozen=True, kw_only=True)
class VpcAttachment(Resource):
    """Attached through the API it is inert: association, propagation and route publication are things of their own.

    Without ``vswitches`` (an existing VPC whose file names none) two are chosen, in two zones that the router serves.
    """

    KIND = "vpc_attachment"
    TITLE = "VPC attachment"
    LISTS = LISTS
    READY = ready("vpc_attachment", "Attached")
    GONE = gone("vpc_attachment")

    cen: Ref
    router: Ref
    vpc: Ref
    vswitches: tuple[Ref, ...]

    def find(self, scope: Scope) -> Found | None:
        cen, router, vpc = scope.found(self.cen), scope.found(self.router), scope.found(self.vpc)
        assert cen and router and vpc
        rows = scope.inventory.rows("ListTransitRouterVpcAttachments", region=self.region, CenId=cen.id)
        mine = [r for r in rows if r["VpcId"] == vpc.id and r["TransitRouterId"] == router.id]
        if not mine:
            return None
        row = mine[0]
        owner, adopted = claimed(row, scope, self, cen)
        zones = {z["ZoneId"]: z["VSwitchId"] for z in row.get("ZoneMappings") or ()}
        fields = {} if adopted or not self.vswitches else {"zones": dict(sorted(zones.items()))}
        return Found(row["TransitRouterAttachmentId"], row["Status"], fields, owner, adopted, row)

    def wants(self, scope: Scope) -> Mapping[str, Any]:
        return {"zones": self._zones(scope)} if self.vswitches else {}

    def create(self, scope: Scope, token: str) -> str:
        zones = self._served(scope)
        params = {
            "CenId": scope.id_of(self.cen),
            "RegionId": self.region,
            "TransitRouterId": scope.id_of(self.router),
            "VpcId": scope.id_of(self.vpc),
            "ZoneMappings": [{"ZoneId": z, "VSwitchId": v} for z, v in zones.items()],
            "AutoPublishRouteEnabled": False,
            "TransitRouterAttachmentName": f"{scope.topology}-{self.name}"[:128],
            "Tag": tags(scope.topology, self.key),
        }
        answer = scope.cloud.call(
            "cbn", "CreateTransitRouterVpcAttachment", params, region=self.region, token=token, patience=BUSY[0]
        )
        return str(answer["TransitRouterAttachmentId"])

    def update(self, scope: Scope, found: Found, changes: Mapping[str, Any]) -> None:
        have, want = found.fields["zones"], changes["zones"]
        params = {
            "TransitRouterAttachmentId": found.id,
            "AddZoneMappings": [{"ZoneId": z, "VSwitchId": v} for z, v in want.items() if have.get(z) != v],
            "RemoveZoneMappings": [{"ZoneId": z, "VSwitchId": v} for z, v in have.items() if want.get(z) != v],
        }
        params = {k: v for k, v in params.items() if v}
        scope.cloud.call("cbn", "UpdateTransitRouterVpcAttachmentZones", params, region=self.region, subject=found.id)

    def delete(self, scope: Scope, found: Found) -> None:
        params = {"TransitRouterAttachmentId": found.id}
        scope.cloud.call(
            "cbn", "DeleteTransitRouterVpcAttachment", params, region=self.region, subject=found.id, patience=BUSY[1]
        )

    def _zones(self, scope: Scope) -> Any:
        switches = [scope.found(ref) for ref in self.vswitches]
        if any(s is None for s in switches):
            return UNKNOWN
        return dict(sorted((s.fields["zone"], s.id) for s in switches if s))

    def _served(self, scope: Scope) -> dict[str, str]:
        """The zone mappings to ask for; Blocked when the router does not serve them."""
        params = {"RegionId": self.region}
        answer = scope.cloud.call("cbn", "ListTransitRouterAvailableResource", params, region=self.region)
        served = {z for name in ("AvailableZones", "MasterZones", "SlaveZones") for z in answer.get(name) or ()}
        zones: dict[str, str] = self._zones(scope) if self.vswitches else self._choose(scope, served)
        outside = [z for z in zones if z not in served]
        if outside or not zones:
            what = (
                f"does not serve {', '.join(outside)}" if outside else "serves no zone in which the VPC has a vSwitch"
            )
            raise Blocked(
                f"{self.label}: the transit router {what}. Choose vSwitches in two of: {', '.join(sorted(served))}."
            )
        return zones

    def _choose(self, scope: Scope, served: set[str]) -> dict[str, str]:
        """Two zones that the router serves, in each the vSwitch with the most free addresses."""
        vpc = scope.id_of(self.vpc)
        rows = scope.inventory.rows("DescribeVSwitches", region=self.region, RegionId=self.region, VpcId=vpc)
        best: dict[str, Mapping[str, Any]] = {}
        for row in sorted(rows, key=lambda r: (r["AvailableIpAddressCount"], r["VSwitchId"])):
            if row["ZoneId"] in served and row["AvailableIpAddressCount"] > 0:
                best[row["ZoneId"]] = row
        return {zone: best[zone]["VSwitchId"] for zone in sorted(best)[:2]}


@dataclass(frozen=True, kw_only=True)
class RouteSync(Resource):
    """``AutoPublishRouteEnabled``: the router writes the routes it knows into all tables of the VPC.

    It is switched on after the association, as the help page on route synchronisation asks.
    """

    KIND = "route_sync"
    TITLE = "route publication into"
    LISTS = (*LISTS, notes.LIST)
    READY = ready("vpc_attachment_update", "Attached")
    GONE = gone("vpc_attachment_update")

    cen: Ref
    vpc: Ref
    attachment: Ref

    def find(self, scope: Scope) -> Found | None:
        cen, attachment = scope.found(self.cen), scope.found(self.attachment)
        assert cen and attachment
        rows = scope.inventory.rows("ListTransitRouterVpcAttachments", region=self.region, CenId=cen.id)
        row = next((r for r in rows if r["TransitRouterAttachmentId"] == attachment.id), None)
        if row is None or not row.get("AutoPublishRouteEnabled"):
            return None
        holder, adopted = notes.belongs(scope, self.attachment, NOTE, self.region)
        return Found(attachment.id, row["Status"], {}, holder, adopted, row)

    def foresee(self, scope: Scope) -> None:
        """A VPC takes the routes of one CEN alone (Terraform provider)."""
        vpc, cen = scope.found(self.vpc), scope.found(self.cen)
        if vpc is None:
            return
        for other in scope.inventory.rows("DescribeCens", region=self.region):
            if cen and other["CenId"] == cen.id:
                continue
            rows = scope.inventory.rows("ListTransitRouterVpcAttachments", region=self.region, CenId=other["CenId"])
            if any(r["VpcId"] == vpc.id and r.get("AutoPublishRouteEnabled") for r in rows):
                raise Blocked(
                    f"{self.label}: {other['CenId']} publishes its routes into {vpc.id}, and only one CEN can. Switch "
                    "that off there, or write `routes: explicit` for this network."
                )

    def create(self, scope: Scope, token: str) -> None:
        notes.write(scope, self.attachment, NOTE, self.region)
        self._switch(scope, True, token)

    def delete(self, scope: Scope, found: Found) -> None:
        self._switch(scope, False, None)

    def tidy(self, scope: Scope) -> None:
        notes.erase(scope, self.attachment, NOTE, self.region)

    def _switch(self, scope: Scope, on: bool, token: str | None) -> None:
        id = scope.id_of(self.attachment)
        params = {"TransitRouterAttachmentId": id, "AutoPublishRouteEnabled": on}
        scope.cloud.call(
            "cbn",
            "UpdateTransitRouterVpcAttachmentAttribute",
            params,
            region=self.region,
            token=token,
            subject=id,
        )
