"""Which table an attachment uses (association) and into which table its routes are learned (propagation)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from gatespan.resources import notes
from gatespan.resources.base import Blocked, Foreign, Found, Ref, Resource, Scope, gone, ready
from gatespan.resources.cen.transit_router import system_table


@dataclass(frozen=True, kw_only=True)
class _TableLink(Resource):
    """What association and propagation have in common: an attachment and the system table of a router."""

    LIST: ClassVar[str]
    CREATE: ClassVar[str]
    DELETE: ClassVar[str]

    attachment: Ref
    router: Ref

    def find(self, scope: Scope) -> Found | None:
        attachment, router = scope.found(self.attachment), scope.found(self.router)
        assert attachment and router
        table = system_table(scope, router, self.region)
        if table is None:
            return None
        rows = scope.inventory.rows(self.LIST, region=self.region, TransitRouterRouteTableId=table)
        row = next((r for r in rows if r["TransitRouterAttachmentId"] == attachment.id), None)
        if row is None:
            self.check_elsewhere(scope, attachment, table)
            return None
        holder, adopted = notes.belongs(scope, self.attachment, self._note, self.region)
        return Found(f"{attachment.id}:{table}", row["Status"], {}, holder, adopted, row)

    def check_elsewhere(self, scope: Scope, attachment: Found, table: str) -> None:
        """Hook: refuse when the attachment is linked to another table."""

    def create(self, scope: Scope, token: str) -> str:
        attachment, table = self._pair(scope)
        notes.write(scope, self.attachment, self._note, self.region)
        self._call(scope, self.CREATE, attachment, table, token)
        return f"{attachment}:{table}"

    def delete(self, scope: Scope, found: Found) -> None:
        attachment, _, table = found.id.partition(":")
        self._call(scope, self.DELETE, attachment, table, None)

    def tidy(self, scope: Scope) -> None:
        notes.erase(scope, self.attachment, self._note, self.region)

    @property
    def _note(self) -> str:
        return f"{self.KIND}-{self.region}"

    def _pair(self, scope: Scope) -> tuple[str, str]:
        router = scope.found(self.router)
        assert router is not None
        table = system_table(scope, router, self.region)
        if table is None:
            raise Blocked(f"{self.label}: transit router {router.id} shows no system route table. Run it again.")
        return scope.id_of(self.attachment), table

    def _call(self, scope: Scope, action: str, attachment: str, table: str, token: str | None) -> None:
        params: Mapping[str, Any] = {"TransitRouterAttachmentId": attachment, "TransitRouterRouteTableId": table}
        scope.cloud.call("cbn", action, params, region=self.region, token=token, subject=attachment)


@dataclass(frozen=True, kw_only=True)
class Association(_TableLink):
    """Traffic that comes from the attachment is forwarded by the router's system table."""

    KIND = "association"
    TITLE = "association"
    LIST = "ListTransitRouterRouteTableAssociations"
    CREATE = "AssociateTransitRouterAttachmentWithRouteTable"
    DELETE = "DissociateTransitRouterAttachmentFromRouteTable"
    LISTS = (LIST, notes.LIST, "DescribeCens", "ListTransitRouterRouteEntries", "DescribeRouteEntryList")
    READY = ready("association", "Active")
    GONE = gone("association")

    def check_elsewhere(self, scope: Scope, attachment: Found, table: str) -> None:
        rows = scope.inventory.rows(self.LIST, region=self.region, TransitRouterAttachmentId=attachment.id)
        router = scope.found(self.router)
        assert router is not None
        tables = scope.inventory.rows("ListTransitRouterRouteTables", region=self.region, TransitRouterId=router.id)
        here = {t["TransitRouterRouteTableId"] for t in tables} - {table}
        other = next((r for r in rows if r["TransitRouterRouteTableId"] in here), None)
        if other is not None:
            raise Foreign(
                f"{self.label}: {attachment.id} is associated with {other['TransitRouterRouteTableId']}, not with the "
                f"system table {table}. Dissociate it if that is not wanted.",
                other["TransitRouterRouteTableId"],
            )


@dataclass(frozen=True, kw_only=True)
class Propagation(_TableLink):
    """The routes behind the attachment are learned into the router's system table."""

    KIND = "propagation"
    TITLE = "route learning"
    LIST = "ListTransitRouterRouteTablePropagations"
    CREATE = "EnableTransitRouterRouteTablePropagation"
    DELETE = "DisableTransitRouterRouteTablePropagation"
    LISTS = (LIST, notes.LIST, "DescribeCens", "ListTransitRouterRouteEntries", "DescribeRouteEntryList")
    READY = ready("propagation", "Active")
    GONE = gone("propagation")
