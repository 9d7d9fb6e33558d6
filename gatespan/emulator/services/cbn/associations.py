"""Associations (which table forwards what comes from an attachment) and propagations (which tables learn its routes).

An inter-region connection has its own of both on each of its two routers.
"""

from __future__ import annotations

from typing import Any

from gatespan.emulator.call import Call
from gatespan.emulator.services.cbn import rules
from gatespan.emulator.services.cbn.errors import refusal
from gatespan.emulator.services.cbn.models import (
    Association,
    PeerAttachment,
    Propagation,
    TransitRouter,
    TransitRouterRouteTable,
    VbrAttachment,
    VpcAttachment,
)
from gatespan.emulator.services.cbn.service import service

PAIR = ("TransitRouterAttachmentId", "TransitRouterRouteTableId")


@service.action("AssociateTransitRouterAttachmentWithRouteTable", required=PAIR, token="ClientToken", dry_run="error")
def associate_transit_router_attachment_with_route_table(call: Call) -> dict[str, Any]:
    attachment, table = _pair(call)
    rules.settled(attachment)
    rules.settled(table)
    rules.blocking(call, attachment.id, table.id)
    if _association(call, attachment, table):
        raise refusal("AssociationExist.TransitRouterTable", attachment.id)
    call.begin(Association(**_link(call, attachment, table)), rules.ASSOCIATE)
    return {}


@service.action("DissociateTransitRouterAttachmentFromRouteTable", required=PAIR, token="ClientToken", dry_run="error")
def dissociate_transit_router_attachment_from_route_table(call: Call) -> dict[str, Any]:
    attachment, table = _pair(call)
    rules.settled(attachment)
    rules.blocking(call, attachment.id, table.id)
    association = _association(call, attachment, table)
    if association is None or association.table_id != table.id:
        raise refusal("OperationUnsupported.dissociateRouteTable", attachment.id)
    call.begin(association, rules.DISSOCIATE)
    return {}


@service.action("ReplaceTransitRouterRouteTableAssociation", required=PAIR, token="ClientToken", dry_run="error")
def replace_transit_router_route_table_association(call: Call) -> dict[str, Any]:
    """The attachment moves to the new table at once; the association shows ``Replacing`` for a while (choice)."""
    attachment, table = _pair(call, status=400)
    rules.settled(attachment)
    rules.settled(table)
    association = _association(call, attachment, table)
    rules.blocking(call, attachment.id, table.id)
    if association is None:
        raise refusal("OperationUnsupported.TransitAttachment", attachment.id)
    if association.table_id == table.id:
        raise refusal("AssociationExist.TransitRouterTable", attachment.id)
    call.world.remove(association)
    call.begin(Association(**_link(call, attachment, table)), rules.REPLACE)
    return {}


@service.action("EnableTransitRouterRouteTablePropagation", required=PAIR, token="ClientToken", dry_run="error")
def enable_transit_router_route_table_propagation(call: Call) -> dict[str, Any]:
    attachment, table = _pair(call)
    rules.settled(attachment)
    rules.settled(table)
    rules.blocking(call, attachment.id, table.id)
    link = _link(call, attachment, table)
    if call.world.get(Propagation, link["id"]):
        raise refusal("OperationUnsupported.EnablePropagation", f"{attachment.id} by {table.id}")
    call.begin(Propagation(**link), rules.ENABLE)
    return {}


@service.action("DisableTransitRouterRouteTablePropagation", required=PAIR, token="ClientToken", dry_run="error")
def disable_transit_router_route_table_propagation(call: Call) -> dict[str, Any]:
    attachment, table = _pair(call, status=400)
    rules.settled(attachment)
    rules.blocking(call, attachment.id, table.id)
    propagation = call.world.get(Propagation, f"{attachment.id}:{table.id}")
    if propagation is None:
        raise refusal("OperationUnsupported.DisablePropagation", f"{attachment.id} by {table.id}")
    call.begin(propagation, rules.DISABLE)
    return {}


@service.action("ListTransitRouterRouteTableAssociations")
def list_transit_router_route_table_associations(call: Call) -> dict[str, Any]:
    if not any(name in call.params for name in PAIR):
        raise call.params.codes.missing("TransitRouterRouteTableId")
    return _list(call, Association, "TransitRouterAssociations")


@service.action("ListTransitRouterRouteTablePropagations", required=("TransitRouterRouteTableId",))
def list_transit_router_route_table_propagations(call: Call) -> dict[str, Any]:
    return _list(call, Propagation, "TransitRouterPropagations")


# --- checks and rows ----------------------------------------------------------------------------------


def _pair(call: Call, status: int = 404) -> tuple[rules.Attachment, TransitRouterRouteTable]:
    """The attachment and a table of one of its routers. The statuses of the two "not found" differ by action."""
    attachment_id, table_id = (call.params.text(name) for name in PAIR)
    attachment = rules.find_attachment(call, attachment_id)
    if attachment is None:
        raise refusal("InvalidAttachmentId.NotFound", attachment_id, status)
    table = call.mine(TransitRouterRouteTable, table_id)
    if table is None:
        raise refusal("InvalidRouteTableId.NotFound", table_id, status)
    if table.transit_router_id not in rules.ends(attachment):
        raise refusal("IllegalParam.TransitRouterTableId", table_id)
    basic = [r for r in (call.world.get(TransitRouter, id) for id in rules.ends(attachment)) if r and r.type == "Basic"]
    if any(r.id == table.transit_router_id for r in basic):
        raise refusal("OperationFailed.TransitRouterType", table.transit_router_id)
    if basic and table.type == "Custom":
        raise refusal("IllegalParam.TransitRouterTableType", table.id)
    return attachment, table


def _association(call: Call, attachment: rules.Attachment, table: TransitRouterRouteTable) -> Association | None:
    """The attachment's association on the table's router, with whichever of its tables."""
    for association in call.world.find(Association, attachment_id=attachment.id):
        held = call.world.get(TransitRouterRouteTable, association.table_id)
        if held and held.transit_router_id == table.transit_router_id:
            return association
    return None


def _link(call: Call, attachment: rules.Attachment, table: TransitRouterRouteTable) -> dict[str, Any]:
    return {
        "id": f"{attachment.id}:{table.id}",
        "account": call.account,
        "region": table.region,
        "created": call.now,
        "attachment_id": attachment.id,
        "table_id": table.id,
    }


def _list(call: Call, kind: type[Association] | type[Propagation], key: str) -> dict[str, Any]:
    params = call.params
    attachment_id, table_id = (params.optional(name) for name in PAIR)
    status = params.optional("Status")
    resource_id = params.optional("TransitRouterAttachmentResourceId")
    resource_type = params.optional("TransitRouterAttachmentResourceType")
    if table_id and call.mine(TransitRouterRouteTable, table_id) is None:
        raise refusal("InvalidRouteTableId.NotFound", table_id)
    links = call.listed(
        kind,
        lambda link: (
            attachment_id in (None, link.attachment_id)
            and table_id in (None, link.table_id)
            and status in (None, link.status)
        ),
    )
    rows = [
        row
        for row in (_row(call, link) for link in links)
        if resource_id in (None, row["ResourceId"]) and resource_type in (None, row["ResourceType"])
    ]
    shown, page = call.token_page(rows, default=50)
    return {key: list(shown), **page}


def _row(call: Call, link: Association | Propagation) -> dict[str, Any]:
    table = call.world.get(TransitRouterRouteTable, link.table_id)
    kinds: tuple[type[rules.Attachment], ...] = (VpcAttachment, VbrAttachment, PeerAttachment)
    attachment = next((a for a in (call.world.get(kind, link.attachment_id) for kind in kinds) if a), None)
    behind = rules.resource_behind(attachment, table.transit_router_id) if table and attachment else ("", "")
    return {
        "TransitRouterAttachmentId": link.attachment_id,
        "TransitRouterRouteTableId": link.table_id,
        "ResourceId": behind[0],
        "ResourceType": behind[1],
        "Status": link.status,
    }
