"""CEN of the Basic edition: VPCs and border routers are attached to the CEN itself, and routes travel by themselves.

It has no transit routers to make, attachments, associations or propagations: attaching the first network of a region
brings the region's router into being. It is no longer sold in ordinary regions (since 31 March 2022, help page), so
the CEN is mostly somebody's old one.

Attachments and bandwidth limits take no tags and no description. In a CEN of ours they are ours; in an adopted one a
tag of the CEN (``gatespan:<what>``, its value the topology) says which ones we made. It is written first, removed last.
So is that of a router that came into being with an attachment of ours: it goes with the last one.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from gatespan.cloud import BUDGETS, Conflict, Invalid, NotFound
from gatespan.resources.base import LEAVING, Blocked, Found, Ref, Resource, Scope, gone, ready
from gatespan.resources.cen.cen import Cen
from gatespan.resources.ownership import read_tags


@dataclass(frozen=True, kw_only=True)
class BasicCen(Cen):
    """The CEN, whose transit routers in the topology's regions, where there are any, must be of the Basic edition."""

    regions: tuple[str, ...]

    def find(self, scope: Scope) -> Found | None:
        found = super().find(scope)
        if found is None:
            return None
        rows = scope.inventory.rows("ListTransitRouters", region=self.region, CenId=found.id)
        other = next((r for r in rows if r["RegionId"] in self.regions and r.get("Type") != "Basic"), None)
        if other:
            raise Blocked(
                f"{self.label} ({found.id}): its transit router {other['TransitRouterId']} in {other['RegionId']} is "
                f"of the {other.get('Type')} edition, and this topology says `edition: basic`. "
                "Write `edition: enterprise`, or name another CEN."
            )
        return found


@dataclass(frozen=True, kw_only=True)
class _Noted(Resource):
    """A thing of the CEN that can carry no mark of its own. It counts as there while either of the two is, the thing
    or its note, so that whoever was cut off between them goes on: a note alone is filled on update, or removed."""

    TOKEN = False

    cen: Ref

    def note(self, scope: Scope) -> str:
        """The key of the CEN's tag that says that it is ours (CEN takes 64 characters)."""
        raise NotImplementedError

    def row(self, scope: Scope) -> Mapping[str, Any] | None:
        """The thing as the CEN lists it."""
        raise NotImplementedError

    def fields(self, row: Mapping[str, Any] | None) -> Mapping[str, Any]:
        raise NotImplementedError

    def put(self, scope: Scope) -> None:
        raise NotImplementedError

    def take_out(self, scope: Scope) -> None:
        raise NotImplementedError

    def notes(self, scope: Scope) -> tuple[str, ...]:
        """All that is written with its making."""
        return (self.note(scope),)

    def clear(self, scope: Scope) -> tuple[str, ...]:
        """Take away what came with it, once it is gone; all notes that are then out of date."""
        return (self.note(scope),)

    def noted(self, scope: Scope, note: str) -> bool:
        cens = scope.inventory.rows("DescribeCens", region=self.region)
        tags = next((read_tags(r) for r in cens if r["CenId"] == scope.id_of(self.cen)), {})
        return tags.get(note) == scope.topology

    def find(self, scope: Scope) -> Found | None:
        cen, row = scope.found(self.cen), self.row(scope)
        assert cen is not None
        noted = self.noted(scope, self.note(scope))
        if row is None and not noted:
            return None
        id = f"{cen.id}:{self.note(scope).partition(':')[2]}"
        if not noted and cen.owner != scope.topology:
            return Found(id, str(row["Status"]) if row else "", {}, None, True)
        status = str(row["Status"]) if row else "noted"
        return Found(id, "leaving" if status == "Detaching" else status, self.fields(row), scope.topology)

    def create(self, scope: Scope, token: str) -> None:
        cen = scope.found(self.cen)
        if cen and cen.adopted:
            tags = [{"Key": note, "Value": scope.topology} for note in self.notes(scope)]
            params = {"ResourceType": "cen", "ResourceId": [cen.id], "Tag": tags}
            scope.cloud.call("cbn", "TagResources", params, region=self.region, subject=cen.id)
        self.put(scope)

    def update(self, scope: Scope, found: Found, changes: Mapping[str, Any]) -> None:
        self.put(scope)

    def delete(self, scope: Scope, found: Found) -> None:
        if self.row(scope) is not None:
            with suppress(NotFound):
                self.take_out(scope)
        self.until_gone(scope)
        cen = scope.found(self.cen)
        if cen and cen.adopted:
            params = {"ResourceType": "cen", "ResourceId": [cen.id], "TagKey": list(self.clear(scope))}
            scope.cloud.call("cbn", "UntagResources", params, region=self.region, subject=cen.id)

    def until_gone(self, scope: Scope) -> None:
        def probe() -> str | None:
            scope.inventory.forget(*self.LISTS)
            row = self.row(scope)
            return str(row["Status"]) if row else None

        scope.until(probe, self.GONE, self.label)


@dataclass(frozen=True, kw_only=True)
class ChildInstance(_Noted):
    """A VPC or border router attached to the CEN. Attaching and detaching go one after the other: the CEN is busy
    meanwhile, so each waits for as long as several take."""

    KIND = "child_instance"
    TITLE = "CEN attachment of"
    LISTS = ("DescribeCenAttachedChildInstances", "DescribeCens", "ListTransitRouters", "DescribeRouteEntryList")
    READY = ready("child_instance", "Attached")
    GONE = gone("child_instance")

    instance: Ref
    type: Literal["VPC", "VBR"]

    def note(self, scope: Scope) -> str:
        return f"gatespan:{scope.id_of(self.instance)}"

    def notes(self, scope: Scope) -> tuple[str, ...]:
        return super().notes(scope) + (() if self._router(scope) else (self._of_router,))

    def clear(self, scope: Scope) -> tuple[str, ...]:
        """The router, when it came with us and nobody is attached to it any more. The last of ours to leave sees to it;
        when others use it by now, it is theirs."""
        scope.inventory.forget(*self.LISTS)
        if not self.noted(scope, self._of_router):
            return super().clear(scope)
        staying = [r["ChildInstanceId"] for r in self._children(scope) if r["ChildInstanceRegionId"] == self.region]
        if any(self.noted(scope, f"gatespan:{id}") for id in staying):
            return super().clear(scope)
        if not staying and self._router(scope):
            self._delete_router(scope)
        return (*super().clear(scope), self._of_router)

    def row(self, scope: Scope) -> Mapping[str, Any] | None:
        instance = scope.id_of(self.instance)
        return next((r for r in self._children(scope) if r["ChildInstanceId"] == instance), None)

    def fields(self, row: Mapping[str, Any] | None) -> Mapping[str, Any]:
        return {"attached": row is not None and row["Status"] != "Detaching"}

    def wants(self, scope: Scope) -> Mapping[str, Any]:
        return {"attached": True}

    def put(self, scope: Scope) -> None:
        row = self.row(scope)
        if row is not None and row["Status"] == "Detaching":
            self.until_gone(scope)
        try:
            self._call(scope, "AttachCenChildInstance", BUDGETS["child_instance"][0])
        except Conflict:  # attached already: by a call whose answer was lost
            scope.inventory.forget(*self.LISTS)
            if self.row(scope) is None:
                raise
        except Invalid as error:
            if error.code != "OperationFailed.InvalidTransitRouter":
                raise
            raise Blocked(
                f"{self.label}: the CEN has no Basic transit router in {self.region}, and the cloud makes none any "
                f"more ({error.message.strip()}). Write `edition: enterprise`, or name a CEN that has one there."
            ) from error

    def take_out(self, scope: Scope) -> None:
        row = self.row(scope)
        if row is not None and row["Status"] != "Detaching":
            self._call(scope, "DetachCenChildInstance", BUDGETS["child_instance"][1])

    @property
    def _of_router(self) -> str:
        return f"gatespan:router-{self.region}"

    def _children(self, scope: Scope) -> tuple[Mapping[str, Any], ...]:
        cen = scope.id_of(self.cen)
        return scope.inventory.rows("DescribeCenAttachedChildInstances", region=self.region, CenId=cen)

    def _router(self, scope: Scope) -> Mapping[str, Any] | None:
        rows = scope.inventory.rows("ListTransitRouters", region=self.region, CenId=scope.id_of(self.cen))
        return next((r for r in rows if r["RegionId"] == self.region), None)

    def _delete_router(self, scope: Scope) -> None:
        router = self._router(scope)
        if router and router["Status"] not in LEAVING:
            params = {"TransitRouterId": router["TransitRouterId"]}
            with suppress(NotFound):  # the one that left at the same time was faster
                scope.cloud.call("cbn", "DeleteTransitRouter", params, region=self.region, subject=self.name)

        def probe() -> str | None:
            scope.inventory.forget("ListTransitRouters")
            row = self._router(scope)
            return str(row["Status"]) if row else None

        scope.until(probe, gone("transit_router"), f"the CEN's router in {self.region}")

    def _call(self, scope: Scope, action: str, patience: float) -> None:
        instance = scope.id_of(self.instance)
        params = {
            "CenId": scope.id_of(self.cen),
            "ChildInstanceId": instance,
            "ChildInstanceType": self.type,
            "ChildInstanceRegionId": self.region,
        }
        scope.cloud.call("cbn", action, params, region=self.region, subject=instance, patience=patience)


@dataclass(frozen=True, kw_only=True)
class RegionBandwidth(_Noted):
    """The bandwidth of two regions, out of the plan of their areas; without it they have 1 kbit/s, for tests.
    ``region`` is one of the two. A limit that somebody else set in an adopted CEN is used as it is."""

    KIND = "region_bandwidth"
    TITLE = "bandwidth between regions"
    LISTS = ("DescribeCenInterRegionBandwidthLimits", "DescribeCens", "DescribeCenBandwidthPackages")
    READY = ready("region_bandwidth", "Active")
    GONE = gone("region_bandwidth")

    peer_region: str
    mbps: int

    def note(self, scope: Scope) -> str:
        return f"gatespan:{self.name}"

    def row(self, scope: Scope) -> Mapping[str, Any] | None:
        cen = scope.id_of(self.cen)
        rows = scope.inventory.rows("DescribeCenInterRegionBandwidthLimits", region=self.region, CenId=cen)
        ends = {self.region, self.peer_region}  # they come back in either order (Terraform provider)
        return next((r for r in rows if {r["LocalRegionId"], r["OppositeRegionId"]} == ends), None)

    def fields(self, row: Mapping[str, Any] | None) -> Mapping[str, Any]:
        return {"mbps": int(row["BandwidthLimit"]) if row else 0}

    def wants(self, scope: Scope) -> Mapping[str, Any]:
        return {"mbps": self.mbps}

    def put(self, scope: Scope) -> None:
        self._set(scope, self.mbps)

    def take_out(self, scope: Scope) -> None:
        """There is no other way than to ask for nothing."""
        self._set(scope, 0)

    def _set(self, scope: Scope, mbps: int) -> None:
        params = {
            "CenId": scope.id_of(self.cen),
            "LocalRegionId": self.region,
            "OppositeRegionId": self.peer_region,
            "BandwidthLimit": mbps,
        }
        action = "SetCenInterRegionBandwidthLimit"
        scope.cloud.call("cbn", action, params, region=self.region, subject=self.name)
