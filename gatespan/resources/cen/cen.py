"""The CEN instance and the account's transit-router service."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from gatespan.cloud import CloudError, Conflict
from gatespan.resources.base import Blocked, Found, Resource, Scope, gone, ready, watch
from gatespan.resources.ownership import owner, pick, tags

PROTECTION = "REDUCED"
"""CIDR blocks may overlap as long as they are not the same (help page of CreateCen)."""


@dataclass(frozen=True, kw_only=True)
class TransitRouterService(Resource):
    """The account-level switch of the transit-router service: free, opened once, cannot be closed again."""

    KIND = "transit_router_service"
    TITLE = "transit router service"
    LISTS = ("CheckTransitRouterService",)
    READY = ready("service", "true")

    def find(self, scope: Scope) -> Found | None:
        try:
            (answer,) = scope.inventory.rows("CheckTransitRouterService", region=self.region)
        except CloudError as error:
            if error.code == "USER_NOT_OPEN_TR_SERVICE":
                return None
            raise
        enabled = str(answer.get("Enabled", "")).lower()
        return Found(id="transit-router-service", status=enabled, adopted=True) if enabled == "true" else None

    def create(self, scope: Scope, token: str) -> str | None:
        with suppress(Conflict):  # somebody opened it a moment ago
            scope.cloud.call("cbn", "OpenTransitRouterService", {}, region=self.region, token=token)
        return None


@dataclass(frozen=True, kw_only=True)
class Cen(Resource):
    """The CEN instance that joins the regions."""

    KIND = "cen"
    TITLE = "CEN"
    LISTS = ("DescribeCens",)
    READY = ready("cen", "Active")
    GONE = gone("cen")
    WATCHED = watch(protection="ProtectionLevel")

    cen_name: str | None = None
    id: str | None = None
    adopt: bool = False

    @property
    def label(self) -> str:
        return f"CEN {self.cen_name or self.id}"

    @property
    def makes(self) -> bool:
        return self.id is None

    def find(self, scope: Scope) -> Found | None:
        rows = scope.inventory.rows("DescribeCens", region=self.region)
        got = pick(
            rows,
            what=self.label,
            topology=scope.topology,
            key=self.key,
            id=self.id,
            id_field="CenId",
            name=self.cen_name,
            name_field="Name",
            adopt=self.adopt,
        )
        if got is None:
            return None
        row, adopted = got
        fields = {} if adopted else {"name": row.get("Name")}
        return Found(row["CenId"], row["Status"], fields, owner(row), adopted, row)

    def wants(self, scope: Scope) -> Mapping[str, Any]:
        return {"name": self.cen_name}

    def watches(self, scope: Scope) -> Mapping[str, Any]:
        return {"protection": PROTECTION} if self.makes and not self.adopt else {}

    def create(self, scope: Scope, token: str) -> str:
        params = {"Name": self.cen_name, "ProtectionLevel": PROTECTION, "Tag": tags(scope.topology, self.key)}
        return str(scope.cloud.call("cbn", "CreateCen", params, region=self.region, token=token)["CenId"])

    def update(self, scope: Scope, found: Found, changes: Mapping[str, Any]) -> None:
        params = {"CenId": found.id, "Name": changes["name"]}
        scope.cloud.call("cbn", "ModifyCenAttribute", params, region=self.region, subject=found.id)

    def delete(self, scope: Scope, found: Found) -> None:
        scope.cloud.call("cbn", "DeleteCen", {"CenId": found.id}, region=self.region, subject=found.id)


def require_edition(row: Mapping[str, Any], what: str) -> None:
    """A transit router of the Basic edition cannot carry what an Enterprise topology asks for."""
    if row.get("Type") == "Basic":
        raise Blocked(f"{what}: {row['TransitRouterId']} is of the Basic edition; this topology needs Enterprise.")
