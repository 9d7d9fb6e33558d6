"""A border router's attachment to the transit router of its region, and the publication of routes to the site.

As with a VPC, an attachment is inert: association and route learning are things of their own (``cen.routing``).
"""

from __future__ import annotations

from dataclasses import dataclass

from gatespan.resources import notes
from gatespan.resources.base import Foreign, Found, Ref, Resource, Scope, gone, ready
from gatespan.resources.cen.structure import claimed
from gatespan.resources.ownership import tags

LISTS = (
    *("ListTransitRouterVbrAttachments", "DescribeVirtualBorderRouters", "DescribeCens"),
    *("DescribeRouteEntryList", "ListTransitRouterRouteEntries"),
)

NOTE = "route_sync"


@dataclass(frozen=True, kw_only=True)
class VbrAttachment(Resource):
    """A border router goes into one CEN only: when it is in another already, a person must take it out."""

    KIND = "vbr_attachment"
    TITLE = "border router attachment"
    LISTS = LISTS
    READY = ready("vbr_attachment", "Attached")
    GONE = gone("vbr_attachment")

    cen: Ref
    router: Ref
    vbr: Ref

    def find(self, scope: Scope) -> Found | None:
        cen, router, vbr = scope.found(self.cen), scope.found(self.router), scope.found(self.vbr)
        assert cen and router and vbr
        rows = scope.inventory.rows("ListTransitRouterVbrAttachments", region=self.region, CenId=cen.id)
        row = next((r for r in rows if r["VbrId"] == vbr.id and r["TransitRouterId"] == router.id), None)
        if row is None:
            self._check_elsewhere(vbr, cen)
            return None
        holder, adopted = claimed(row, scope, self, cen)
        return Found(row["TransitRouterAttachmentId"], row["Status"], {}, holder, adopted, row)

    def create(self, scope: Scope, token: str) -> str:
        params = {
            "CenId": scope.id_of(self.cen),
            "RegionId": self.region,
            "TransitRouterId": scope.id_of(self.router),
            "VbrId": scope.id_of(self.vbr),
            "AutoPublishRouteEnabled": False,
            "TransitRouterAttachmentName": f"{scope.topology}-{self.name}".replace("/", "-")[:128],
            "Tag": tags(scope.topology, self.key),
        }
        answer = scope.cloud.call("cbn", "CreateTransitRouterVbrAttachment", params, region=self.region, token=token)
        return str(answer["TransitRouterAttachmentId"])

    def delete(self, scope: Scope, found: Found) -> None:
        params = {"TransitRouterAttachmentId": found.id}
        scope.cloud.call("cbn", "DeleteTransitRouterVbrAttachment", params, region=self.region, subject=found.id)

    def _check_elsewhere(self, vbr: Found, cen: Found) -> None:
        cens = (vbr.row.get("AssociatedCens") or {}).get("AssociatedCen") or ()
        other = next((c["CenId"] for c in cens if c["CenId"] != cen.id and c.get("CenStatus") != "Detached"), None)
        if other:
            raise Foreign(
                f"{self.label}: {vbr.id} is attached to {other}, not to {cen.id}. Detach it there first.", other
            )


@dataclass(frozen=True, kw_only=True)
class VbrRouteSync(Resource):
    """``AutoPublishRouteEnabled``: the routes that the router knows stand in the border router's table, and BGP, where
    it is used, announces them to the site."""

    KIND = "vbr_route_sync"
    TITLE = "route publication into border router"
    LISTS = (*LISTS, notes.LIST)
    READY = ready("vbr_attachment", "Attached")
    GONE = gone("vbr_attachment")

    cen: Ref
    attachment: Ref

    def find(self, scope: Scope) -> Found | None:
        cen, attachment = scope.found(self.cen), scope.found(self.attachment)
        assert cen and attachment
        rows = scope.inventory.rows("ListTransitRouterVbrAttachments", region=self.region, CenId=cen.id)
        row = next((r for r in rows if r["TransitRouterAttachmentId"] == attachment.id), None)
        if row is None or not row.get("AutoPublishRouteEnabled"):
            return None
        holder, adopted = notes.belongs(scope, self.attachment, NOTE, self.region)
        return Found(attachment.id, row["Status"], {}, holder, adopted, row)

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
        action = "UpdateTransitRouterVbrAttachmentAttribute"
        scope.cloud.call("cbn", action, params, region=self.region, token=token, subject=id)
