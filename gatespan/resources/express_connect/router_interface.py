"""A border router joined to the hub VPC without a CEN: a pair of router interfaces, the border router's end the
initiator, each told of the other and then connected.

Every step looks at what is there, so a pair that was left half made is finished. The health check is set on the VPC's
end (Terraform provider): probes from an idle address of the VPC to the site's end of the circuit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gatespan.resources.base import Blocked, Found, Ref, Resource, Scope, gone, ready, watch
from gatespan.resources.ownership import owner, tags

SPECS = {
    "Mini.2": 2,
    "Mini.5": 5,
    "Small.1": 10,
    "Small.2": 20,
    "Small.5": 50,
    "Middle.1": 100,
    "Middle.2": 200,
    "Middle.5": 500,
    "Large.1": 1000,
    "Large.2": 2000,
    "Large.5": 5000,
    "Xlarge.1": 10000,
}
"""Mbit/s by specification of the initiator (help page of CreateRouterInterface)."""
ACCEPTOR = "Negative"
ON_THE_WAY = ("Connecting", "AcceptingConnecting", "Activating", "Active")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Check:
    """Probes from ``source`` (an idle address of the hub VPC) to ``target``, every ``interval`` seconds."""

    source: str | None
    target: str
    interval: int
    threshold: int


@dataclass(frozen=True, kw_only=True)
class RouterInterface(Resource):
    """``row['vbr_end']`` and ``row['vpc_end']`` are the ids of the two; empty where one is missing. ``row['health']``
    is what the cloud says of the probes: Normal, Abnormal, NoRedundantRoute, NoHealthCheckConfig."""

    KIND = "router_interface"
    TITLE = "connection with the hub of"
    LISTS = ("DescribeRouterInterfaces", "DescribeRouteEntryList")
    READY = ready("router_interface", "Active")
    GONE = gone("router_interface")
    WATCHED = watch(health="health")

    vbr: Ref
    hub: Ref
    hub_region: str
    mbps: int | None
    check: Check | None = None

    def find(self, scope: Scope) -> Found | None:
        vbr_end, vpc_end = self._ends(scope)
        ends = [end for end in (vbr_end, vpc_end) if end]
        if not ends:
            return None
        holder, adopted = self._claimed(scope, ends)
        states = [end["Status"] for end in ends if end["Status"] != "Deleting"] or ["Deleting"]
        status = next((s for s in states if s != "Active"), "Active")
        health = self._health(scope, vpc_end)
        row = {"vbr_end": _id(vbr_end), "vpc_end": _id(vpc_end), "health": health}
        fields = {} if adopted else self._fields(vbr_end, vpc_end)
        return Found(_id(vbr_end) or _id(vpc_end), status, fields, holder, adopted, row)

    def wants(self, scope: Scope) -> Mapping[str, Any]:
        wanted: dict[str, Any] = {"connected": True, "spec": self._spec(scope), "probe": None}
        if self.check:
            if not self.check.source:
                raise Blocked(
                    f"{self.label}: without a CEN the health check needs a source address: give the site's "
                    "health_check a source_ip, an idle address of the hub VPC."
                )
            wanted["probe"] = _probe(self.check.source, self.check.target, self.check.interval, self.check.threshold)
        return wanted

    def watches(self, scope: Scope) -> Mapping[str, Any]:
        return {"health": "Normal"} if self.check else {}

    def create(self, scope: Scope, token: str) -> str:
        self._complete(scope, token)
        vbr_end, _ = self._ends(scope)
        return _id(vbr_end)

    def update(self, scope: Scope, found: Found, changes: Mapping[str, Any]) -> None:
        if "connected" in changes:
            self._complete(scope, None)
        if "spec" in changes and found.row["vbr_end"]:
            self._call(scope, "ModifyRouterInterfaceSpec", found.row["vbr_end"], self.region, Spec=changes["spec"])
        if "probe" in changes and found.row["vpc_end"]:
            self._set_probe(scope, found.row["vpc_end"])

    def delete(self, scope: Scope, found: Found) -> None:
        """Both ends, down first; the cloud refuses what is still in motion, and the door tries again."""
        ends = [(end, region) for end, region in zip(self._ends(scope), self._regions, strict=True) if end]
        for end, region in ends:
            if end["Status"] in ON_THE_WAY:
                self._call(scope, "DeactivateRouterInterface", end["RouterInterfaceId"], region)
        for end, region in ends:
            if end["Status"] != "Deleting":
                self._call(scope, "DeleteRouterInterface", end["RouterInterfaceId"], region)

    # --- the pair ------------------------------------------------------------------------------------------

    @property
    def _regions(self) -> tuple[str, str]:
        return self.region, self.hub_region

    def _ends(self, scope: Scope) -> tuple[Row | None, Row | None]:
        """The border router's end and the VPC's: those that point at each other's routers."""
        vbr, router = scope.id_of(self.vbr), self._vrouter(scope)
        here = [r for r in self._rows(scope, self.region) if (r["RouterId"], r["OppositeRouterId"]) == (vbr, router)]
        there = [
            r for r in self._rows(scope, self.hub_region) if (r["RouterId"], r["OppositeRouterId"]) == (router, vbr)
        ]
        return _first(here), _first(there)

    def _rows(self, scope: Scope, region: str) -> tuple[Row, ...]:
        return scope.inventory.rows("DescribeRouterInterfaces", region=region, RegionId=region)

    def _vrouter(self, scope: Scope) -> str:
        hub = scope.found(self.hub)
        assert hub is not None
        return str(hub.row["VRouterId"])

    def _claimed(self, scope: Scope, ends: list[Row]) -> tuple[str | None, bool]:
        """In a border router that was taken over, a connection of others is used as it is; in ours it is foreign."""
        vbr, holders = scope.found(self.vbr), {owner(end) for end in ends}
        if scope.topology in holders:
            return scope.topology, False
        if vbr and vbr.adopted:
            return next(iter(holders)), True
        raise Blocked(
            f"{self.label}: {ends[0]['RouterInterfaceId']} joins this border router with the hub already and is not "
            "ours. Remove it, and its opposite end."
        )

    def _complete(self, scope: Scope, token: str | None) -> None:
        """Make what is missing of the pair, introduce the ends to each other, connect them."""
        vbr_end, vpc_end = self._ends(scope)
        ids = [
            _id(vbr_end) or self._make(scope, token, self._as_initiator(scope), self.region),
            _id(vpc_end) or self._make(scope, f"{token[:58]}-vpc" if token else None, self._as_acceptor(scope), None),
        ]
        scope.inventory.forget(*self.LISTS)
        ends = self._ends(scope)
        for end, id, opposite, region in zip(ends, ids, reversed(ids), self._regions, strict=True):
            if end is None or end.get("OppositeInterfaceId") != opposite:
                self._call(scope, "ModifyRouterInterfaceAttribute", id, region, OppositeInterfaceId=opposite)
        if ends[0] is None or ends[0]["Status"] == "Idle":
            self._call(scope, "ConnectRouterInterface", ids[0], self.region)
        for end, id, region in zip(ends, ids, self._regions, strict=True):
            if end and end["Status"] == "Inactive":
                self._call(scope, "ActivateRouterInterface", id, region)
        if self.check and vpc_end is None:
            self._set_probe(scope, ids[1])
        scope.inventory.forget(*self.LISTS)

    def _make(self, scope: Scope, token: str | None, params: Mapping[str, Any], region: str | None) -> str:
        region = region or self.hub_region
        asked = {
            "RegionId": region,
            "Name": f"{scope.topology}-{self.name}".replace("/", "-")[:128],
            "Tags": tags(scope.topology, self.key),
            **params,
        }
        answer = scope.cloud.call("vpc", "CreateRouterInterface", asked, region=region, token=token)
        return str(answer["RouterInterfaceId"])

    def _as_initiator(self, scope: Scope) -> dict[str, Any]:
        return {
            "RouterType": "VBR",
            "RouterId": scope.id_of(self.vbr),
            "Role": "InitiatingSide",
            "Spec": self._spec(scope),
            "OppositeRegionId": self.hub_region,
            "OppositeRouterType": "VRouter",
            "OppositeRouterId": self._vrouter(scope),
        }

    def _as_acceptor(self, scope: Scope) -> dict[str, Any]:
        return {
            "RouterType": "VRouter",
            "RouterId": self._vrouter(scope),
            "Role": "AcceptingSide",
            "Spec": ACCEPTOR,
            "OppositeRegionId": self.region,
            "OppositeRouterType": "VBR",
            "OppositeRouterId": scope.id_of(self.vbr),
        }

    # --- what it is like -----------------------------------------------------------------------------------

    def _spec(self, scope: Scope) -> str:
        """The least that carries the bandwidth: that of the file, else of the border router."""
        vbr = scope.found(self.vbr)
        mbps = self.mbps or int((vbr.row if vbr else {}).get("Bandwidth") or 0) or max(SPECS.values())
        return next((spec for spec, most in SPECS.items() if most >= mbps), "Xlarge.1")

    def _fields(self, vbr_end: Row | None, vpc_end: Row | None) -> dict[str, Any]:
        whole = vbr_end and vpc_end and all(end["Status"] in (*ON_THE_WAY, "Modifying") for end in (vbr_end, vpc_end))
        fields: dict[str, Any] = {"connected": bool(whole), "probe": None}
        if vbr_end:
            fields["spec"] = vbr_end.get("Spec")
        if vpc_end and vpc_end.get("HealthCheckSourceIp"):
            fields["probe"] = _probe(
                vpc_end["HealthCheckSourceIp"],
                vpc_end["HealthCheckTargetIp"],
                int(vpc_end.get("HcRate") or 0) // 1000,
                int(vpc_end.get("HcThreshold") or 0),
            )
        return fields

    def _set_probe(self, scope: Scope, id: str) -> None:
        check = self.check
        values: dict[str, Any] = {"DeleteHealthCheckIp": True}
        if check:
            values = {
                "HealthCheckSourceIp": check.source,
                "HealthCheckTargetIp": check.target,
                "HcRate": check.interval * 1000,  # milliseconds (SDK)
                "HcThreshold": check.threshold,
            }
        self._call(scope, "ModifyRouterInterfaceAttribute", id, self.hub_region, **values)

    def _health(self, scope: Scope, vpc_end: Row | None) -> str:
        """Only the attribute of one interface tells; asked where there is a check."""
        if not (vpc_end and vpc_end.get("HealthCheckSourceIp")):
            return "NoHealthCheckConfig"
        params = {"RegionId": self.hub_region, "InstanceId": _id(vpc_end)}
        answer = scope.cloud.call("vpc", "DescribeRouterInterfaceAttribute", params, region=self.hub_region)
        return str(answer.get("HealthCheckStatus") or "")

    def _call(self, scope: Scope, action: str, id: str, region: str, **more: Any) -> None:
        params = {"RegionId": region, "RouterInterfaceId": id, **more}
        scope.cloud.call("vpc", action, params, region=region, subject=id)


def _first(rows: list[Row]) -> Row | None:
    """A pair at work before one that was left half made."""
    return min(rows, key=lambda r: (r["Status"] not in ON_THE_WAY, r["RouterInterfaceId"]), default=None)


def _id(row: Row | None) -> str:
    return str(row["RouterInterfaceId"]) if row else ""


def _probe(source: str, target: str, interval: int, threshold: int) -> str:
    return f"{source} to {target} every {interval} s, dead after {threshold}"
