"""Bandwidth between regions: the prepaid plan, its association with the CEN, and the inter-region connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gatespan.resources import notes
from gatespan.resources.base import Found, Ref, Resource, Scope, gone, ready, watch
from gatespan.resources.cen.structure import claimed
from gatespan.resources.ownership import owner, pick, tags


@dataclass(frozen=True, kw_only=True)
class BandwidthPlan(Resource):
    """A prepaid bandwidth plan between two areas. It costs money and cannot be deleted during its term."""

    KIND = "bandwidth_plan"
    TITLE = "bandwidth plan"
    LISTS = ("DescribeCenBandwidthPackages", "DescribeCens")
    READY = ready("bandwidth_plan", "Idle", "InUse")
    GONE = gone("bandwidth_plan")
    WATCHED = watch(business="BusinessStatus")
    PAID = True

    mbps: int
    areas: tuple[str, str]
    period: int
    cycle: str
    id: str | None = None

    @property
    def makes(self) -> bool:
        return self.id is None

    @property
    def label(self) -> str:
        return f"bandwidth plan {self.areas[0]}-{self.areas[1]} ({self.mbps} Mbit/s)"

    def find(self, scope: Scope) -> Found | None:
        got = pick(
            scope.inventory.rows("DescribeCenBandwidthPackages", region=self.region),
            what=self.label,
            topology=scope.topology,
            key=self.key,
            id=self.id,
            id_field="CenBandwidthPackageId",
            name=None,
            name_field="Name",
        )
        if got is None:
            return None
        row, adopted = got
        fields = {} if adopted else {"mbps": int(row["Bandwidth"])}
        return Found(row["CenBandwidthPackageId"], row["Status"], fields, owner(row), adopted, row)

    def wants(self, scope: Scope) -> Mapping[str, Any]:
        return {"mbps": self.mbps}

    def watches(self, scope: Scope) -> Mapping[str, Any]:
        return {"business": "Normal"}

    def create(self, scope: Scope, token: str) -> str:
        params = {
            "Bandwidth": self.mbps,
            "GeographicRegionAId": self.areas[0],
            "GeographicRegionBId": self.areas[1],
            "BandwidthPackageChargeType": "PREPAY",
            "Period": self.period,
            "PricingCycle": self.cycle,
            "AutoPay": True,
            "Name": f"{scope.topology}-plan",
            "Tag": tags(scope.topology, self.key),
        }
        answer = scope.cloud.call("cbn", "CreateCenBandwidthPackage", params, region=self.region, token=token)
        return str(answer["CenBandwidthPackageId"])

    def update(self, scope: Scope, found: Found, changes: Mapping[str, Any]) -> None:
        params = {"CenBandwidthPackageId": found.id, "Bandwidth": changes["mbps"]}
        scope.cloud.call("cbn", "ModifyCenBandwidthPackageSpec", params, region=self.region, subject=found.id)

    def delete(self, scope: Scope, found: Found) -> None:
        params = {"CenBandwidthPackageId": found.id}
        scope.cloud.call("cbn", "DeleteCenBandwidthPackage", params, region=self.region, subject=found.id)


@dataclass(frozen=True, kw_only=True)
class PlanAssociation(Resource):
    """The plan at work in the CEN. In a CEN of ours it is ours, whosesoever the plan is."""

    KIND = "plan_association"
    TITLE = "bandwidth plan in the CEN"
    LISTS = ("DescribeCenBandwidthPackages", "DescribeCens", notes.LIST)
    READY = ready("plan_association", "InUse")
    GONE = gone("plan_association")

    cen: Ref
    plan: Ref

    def find(self, scope: Scope) -> Found | None:
        cen, plan = scope.found(self.cen), scope.found(self.plan)
        assert cen and plan
        rows = scope.inventory.rows("DescribeCenBandwidthPackages", region=self.region)
        row = next((r for r in rows if r["CenBandwidthPackageId"] == plan.id), None)
        if row is None or cen.id not in ((row.get("CenIds") or {}).get("CenId") or ()):
            return None
        holder, adopted = notes.belongs(scope, self.plan, self.KIND, self.region)
        if not cen.adopted:
            holder, adopted = cen.owner, False
        return Found(f"{cen.id}:{plan.id}", row["Status"], {}, holder, adopted, row)

    def create(self, scope: Scope, token: str) -> None:
        notes.write(scope, self.plan, self.KIND, self.region)
        self._call(scope, "AssociateCenBandwidthPackage")

    def delete(self, scope: Scope, found: Found) -> None:
        self._call(scope, "UnassociateCenBandwidthPackage")

    def tidy(self, scope: Scope) -> None:
        notes.erase(scope, self.plan, self.KIND, self.region)

    def _call(self, scope: Scope, action: str) -> None:
        plan = scope.id_of(self.plan)
        params = {"CenId": scope.id_of(self.cen), "CenBandwidthPackageId": plan}
        scope.cloud.call("cbn", action, params, region=self.region, subject=plan)


@dataclass(frozen=True, kw_only=True)
class PeerAttachment(Resource):
    """The inter-region connection of two transit routers: one id on both sides. ``region`` is the local side."""

    KIND = "peer_attachment"
    TITLE = "inter-region connection"
    LISTS = (
        "ListTransitRouterPeerAttachments",
        "DescribeCens",
        "DescribeCenBandwidthPackages",
        "ListTransitRouterRouteEntries",
        "DescribeRouteEntryList",
    )
    READY = ready("peer_attachment", "Attached")
    GONE = gone("peer_attachment")

    cen: Ref
    router: Ref
    peer_router: Ref
    peer_region: str
    mbps: int
    plan: Ref | None = None

    @property
    def label(self) -> str:
        return f"inter-region connection {self.region} - {self.peer_region} ({self.mbps} Mbit/s)"

    def find(self, scope: Scope) -> Found | None:
        cen, here, there = scope.found(self.cen), scope.found(self.router), scope.found(self.peer_router)
        assert cen and here and there
        rows = scope.inventory.rows("ListTransitRouterPeerAttachments", region=self.region, CenId=cen.id)
        ends = {here.id, there.id}
        row = next((r for r in rows if {r["TransitRouterId"], r["PeerTransitRouterId"]} == ends), None)
        if row is None:
            return None
        holder, adopted = claimed(row, scope, self, cen)
        fields = {} if adopted else _peer_fields(row)
        return Found(row["TransitRouterAttachmentId"], row["Status"], fields, holder, adopted, row)

    def wants(self, scope: Scope) -> Mapping[str, Any]:
        return {
            "mbps": self.mbps,
            "bandwidth_type": "BandwidthPackage" if self.plan else "DataTransfer",
            "plan": scope.id_of(self.plan) if self.plan else None,
            "auto_publish": True,
        }

    def create(self, scope: Scope, token: str) -> str:
        params = {
            "CenId": scope.id_of(self.cen),
            "RegionId": self.region,
            "TransitRouterId": scope.id_of(self.router),
            "PeerTransitRouterId": scope.id_of(self.peer_router),
            "PeerTransitRouterRegionId": self.peer_region,
            "AutoPublishRouteEnabled": True,
            "TransitRouterAttachmentName": f"{scope.topology}-{self.region}-{self.peer_region}"[:128],
            "Tag": tags(scope.topology, self.key),
            **self._bandwidth(scope),
        }
        answer = scope.cloud.call("cbn", "CreateTransitRouterPeerAttachment", params, region=self.region, token=token)
        return str(answer["TransitRouterAttachmentId"])

    def update(self, scope: Scope, found: Found, changes: Mapping[str, Any]) -> None:
        params = {
            "TransitRouterAttachmentId": found.id,
            "AutoPublishRouteEnabled": True,
            **self._bandwidth(scope),
        }
        action = "UpdateTransitRouterPeerAttachmentAttribute"
        scope.cloud.call("cbn", action, params, region=self.region, subject=found.id)

    def delete(self, scope: Scope, found: Found) -> None:
        params = {"TransitRouterAttachmentId": found.id}
        scope.cloud.call("cbn", "DeleteTransitRouterPeerAttachment", params, region=self.region, subject=found.id)

    def _bandwidth(self, scope: Scope) -> dict[str, Any]:
        if self.plan is None:
            return {"BandwidthType": "DataTransfer", "Bandwidth": self.mbps}
        return {
            "BandwidthType": "BandwidthPackage",
            "Bandwidth": self.mbps,
            "CenBandwidthPackageId": scope.id_of(self.plan),
        }


def _peer_fields(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "mbps": int(row.get("Bandwidth") or 0),
        "bandwidth_type": row.get("BandwidthType"),
        "plan": row.get("CenBandwidthPackageId") or None,
        "auto_publish": bool(row.get("AutoPublishRouteEnabled")),
    }
