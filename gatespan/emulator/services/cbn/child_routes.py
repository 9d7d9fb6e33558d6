"""Routes written into a VPC's or border router's tables through CEN: the next hop is always its own attachment.

In a VPC they are the same entries as those of the VPC product's CreateRouteEntry with next-hop type Attachment.
"""

from __future__ import annotations

from typing import Any

from gatespan.emulator.call import Call
from gatespan.emulator.services.cbn import rules
from gatespan.emulator.services.cbn.errors import refusal
from gatespan.emulator.services.cbn.models import VbrAttachment, VpcAttachment
from gatespan.emulator.services.cbn.service import service
from gatespan.emulator.services.vpc import checks  # the module: vpc and cbn know each other
from gatespan.emulator.services.vpc.models import RouteEntry, RouteTable, VirtualBorderRouter
from gatespan.emulator.services.vpc.rules import ROUTE_CREATE, ROUTE_DELETE

Tied = VpcAttachment | VbrAttachment
PLACE = ("CenId", "TransitRouterAttachmentId", "RouteTableId", "DestinationCidrBlock")


@service.action("CreateCenChildInstanceRouteEntryToAttachment", required=PLACE, token="ClientToken", dry_run="error")
def create_cen_child_instance_route_entry_to_attachment(call: Call) -> dict[str, Any]:
    attachment = _attachment(call, "InvalidAttachmentId.NotFound")
    rules.settled(attachment, "IncorrectStatus.Attachment")
    table = call.world.get(RouteTable, call.params.text("RouteTableId"))
    if table is None or _home(attachment) != (table.router_id if table.router_type == "VBR" else table.vpc_id):
        raise refusal("OperationDenied.RouteTableTypeNotPermitted", call.params.text("RouteTableId"))
    destination = _destination(call)
    if call.world.first(RouteEntry, table_id=table.id, destination=destination):
        raise refusal("InvalidCIDRBlock.Duplicate", destination)
    _quiet(call, attachment)
    entry = RouteEntry(
        id=call.ids.regional("rte", table.region),
        account=table.account,
        region=table.region,
        created=call.now,
        table_id=table.id,
        destination=destination,
        next_hop_type="Attachment",
        next_hop_id=attachment.id,
    )
    call.begin(entry, ROUTE_CREATE)
    return {}


@service.action("DeleteCenChildInstanceRouteEntryToAttachment", required=PLACE, token="ClientToken", dry_run="error")
def delete_cen_child_instance_route_entry_to_attachment(call: Call) -> dict[str, Any]:
    attachment = _attachment(call, "InvalidTransitRouterAttachmentId.NotFound")
    destination = _destination(call)
    entry = call.world.first(
        RouteEntry, table_id=call.params.text("RouteTableId"), destination=destination, next_hop_id=attachment.id
    )
    if entry is None:
        raise refusal("InvalidRouteEntry.NotFound", destination)
    _quiet(call, attachment)
    call.begin(entry, ROUTE_DELETE)
    return {}


@service.action(
    "ListCenChildInstanceRouteEntriesToAttachment",
    required=("ChildInstanceRouteTableId", "TransitRouterAttachmentId"),
)
def list_cen_child_instance_route_entries_to_attachment(call: Call) -> dict[str, Any]:
    attachment = _attachment(call, "ResourceNotFound.TransitRouterAttachment")
    table_id = call.params.text("ChildInstanceRouteTableId")
    filters = call.params.filters("RouteFilter")
    for key in filters.keys() - {"prefix-exact-match"}:
        raise call.params.codes.invalid("RouteFilter", key)
    exact = filters.get("prefix-exact-match")
    hops = call.world.find(RouteEntry, table_id=table_id, next_hop_id=attachment.id)
    for entry in hops:
        call.life.seen(entry)
    still = (call.world.get(RouteEntry, entry.id) for entry in hops)
    newest = call.now - call.list_lag
    found = [e for e in still if e and e.created <= newest and (exact is None or e.destination in exact)]
    rows, page = call.token_page(found, default=50)
    entries = [
        {
            "CenId": attachment.cen_id,
            "TransitRouterAttachmentId": attachment.id,
            "ChildInstanceRouteTableId": entry.table_id,
            "DestinationCidrBlock": entry.destination,
            "Status": "Modifying" if entry.status == ROUTE_DELETE.busy else entry.status,
            "ServiceType": "",
        }
        for entry in rows
    ]
    return {"RouteEntry": entries, "NextToken": page["NextToken"]}


def _attachment(call: Call, missing: str) -> Tied:
    """The attachment, in the CEN that the call names."""
    id = call.params.text("TransitRouterAttachmentId")
    attachment: Tied | None = call.mine(VpcAttachment, id) or call.mine(VbrAttachment, id)
    if attachment is None or call.params.optional("CenId") not in (None, attachment.cen_id):
        raise refusal(missing, call.params.text("TransitRouterAttachmentId"))
    return attachment


def _home(attachment: Tied) -> str:
    """The VPC or border router whose tables the attachment may write to."""
    return attachment.vbr_id if isinstance(attachment, VbrAttachment) else attachment.vpc_id


def _destination(call: Call) -> str:
    block = checks.network(call.params.text("DestinationCidrBlock"))
    if block is None:
        raise refusal("InvalidCidrBlock.Malformed", call.params.text("DestinationCidrBlock"))
    return str(block)


def _quiet(call: Call, attachment: Tied) -> None:
    """The VPC product takes one route change of a VPC or border router at a time."""
    vbr = call.world.get(VirtualBorderRouter, _home(attachment))
    entries = (
        call.world.find(RouteEntry, table_id=vbr.route_table_id)
        if vbr
        else checks.entries_of(call.world, _home(attachment))
    )
    for entry in entries:
        rules.settled(entry, "IncorrectStatus.VpcRouteEntry")
