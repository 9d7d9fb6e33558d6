"""The transit router of one region. There is one per region and CEN, so it is found by that pair."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gatespan.resources.base import Found, Ref, Resource, Scope, gone, ready
from gatespan.resources.cen.cen import require_edition
from gatespan.resources.cen.structure import claimed
from gatespan.resources.ownership import tags


@dataclass(frozen=True, kw_only=True)
class TransitRouter(Resource):
    """``fields['table']`` of what is found is the id of its system route table."""

    KIND = "transit_router"
    TITLE = "transit router"
    LISTS = ("ListTransitRouters", "ListTransitRouterRouteTables", "DescribeCens")
    READY = ready("transit_router", "Active")
    GONE = gone("transit_router")

    cen: Ref

    @property
    def label(self) -> str:
        return f"transit router {self.region}"

    def find(self, scope: Scope) -> Found | None:
        cen = scope.found(self.cen)
        assert cen is not None
        rows = scope.inventory.rows("ListTransitRouters", region=self.region, CenId=cen.id)
        row = next((r for r in rows if r["RegionId"] == self.region and r["CenId"] == cen.id), None)
        if row is None:
            return None
        require_edition(row, self.label)
        owner, adopted = claimed(row, scope, self, cen)
        return Found(row["TransitRouterId"], row["Status"], {}, owner, adopted, row)

    def create(self, scope: Scope, token: str) -> str:
        params = {
            "CenId": scope.id_of(self.cen),
            "RegionId": self.region,
            "TransitRouterName": f"{scope.topology}-{self.region}"[:128],
            "Tag": tags(scope.topology, self.key),
        }
        answer = scope.cloud.call("cbn", "CreateTransitRouter", params, region=self.region, token=token)
        return str(answer["TransitRouterId"])

    def delete(self, scope: Scope, found: Found) -> None:
        params = {"TransitRouterId": found.id}
        scope.cloud.call("cbn", "DeleteTransitRouter", params, region=self.region, subject=found.id)


def system_table(scope: Scope, router: Found, region: str) -> str | None:
    """The id of the router's system route table; None while the router is still being made."""
    rows: tuple[Mapping[str, Any], ...] = scope.inventory.rows(
        "ListTransitRouterRouteTables", region=region, TransitRouterId=router.id
    )
    return next((r["TransitRouterRouteTableId"] for r in rows if r["TransitRouterRouteTableType"] == "System"), None)
