"""The health check of a border router in a CEN: probes to the site's end of the circuit.

The cloud shows what is configured and not how the probes fare (fields of DescribeCenVbrHealthCheck in the SDK): a
failing check shows in that the routes through the circuit go away. It takes no client token: look before acting.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gatespan.resources.base import Found, Ref, Resource, Scope, gone, ready
from gatespan.resources.ownership import mark, owner

FIELDS = {
    "source_ip": "HealthCheckSourceIp",
    "target_ip": "HealthCheckTargetIp",
    "interval_s": "HealthCheckInterval",
    "threshold": "HealthyThreshold",
    "only": "HealthCheckOnly",
}


@dataclass(frozen=True, kw_only=True)
class HealthCheck(Resource):
    """Without ``source_ip`` the cloud picks one of 100.96.0.0/16. ``tie``: the border router's attachment."""

    KIND = "health_check"
    TITLE = "health check of"
    LISTS = ("DescribeCenVbrHealthCheck", "DescribeRouteEntryList", "ListTransitRouterRouteEntries")
    READY = ready("health_check", "present")
    GONE = gone("health_check")
    TOKEN = False

    cen: Ref
    vbr: Ref
    tie: Ref
    target_ip: str
    source_ip: str | None
    interval_s: int
    threshold: int
    only: bool

    def find(self, scope: Scope) -> Found | None:
        cen, vbr, tie = scope.found(self.cen), scope.found(self.vbr), scope.found(self.tie)
        assert cen and vbr and tie
        rows = scope.inventory.rows(
            "DescribeCenVbrHealthCheck", region=self.region, VbrInstanceRegionId=self.region, CenId=cen.id
        )
        row = next((r for r in rows if r["VbrInstanceId"] == vbr.id), None)
        if row is None:
            return None
        ours = owner(row) == scope.topology or not tie.adopted
        fields = {name: row.get(parameter) for name, parameter in FIELDS.items()} if ours else {}
        return Found(f"{cen.id}:{vbr.id}", "present", fields, scope.topology if ours else None, not ours, row)

    def wants(self, scope: Scope) -> Mapping[str, Any]:
        wanted = {name: getattr(self, name) for name in FIELDS}
        return wanted if self.source_ip else {k: v for k, v in wanted.items() if k != "source_ip"}

    def create(self, scope: Scope, token: str) -> None:
        self._enable(scope)

    def update(self, scope: Scope, found: Found, changes: Mapping[str, Any]) -> None:
        self._enable(scope)

    def delete(self, scope: Scope, found: Found) -> None:
        self._call(scope, "DisableCenVbrHealthCheck", {})

    def _enable(self, scope: Scope) -> None:
        values = {parameter: getattr(self, name) for name, parameter in FIELDS.items()}
        self._call(scope, "EnableCenVbrHealthCheck", {**values, "Description": mark(scope.topology, self.key)})

    def _call(self, scope: Scope, action: str, values: Mapping[str, Any]) -> None:
        vbr = scope.id_of(self.vbr)
        place = {"CenId": scope.id_of(self.cen), "VbrInstanceId": vbr, "VbrInstanceRegionId": self.region}
        scope.cloud.call("cbn", action, {**place, **values}, region=self.region, subject=vbr)
