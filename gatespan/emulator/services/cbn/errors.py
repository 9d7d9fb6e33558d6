"""The refusals of CEN: one table from code to HTTP status and message.

Codes and statuses are the product's own, odd spellings included (API metadata, help pages, and for the busy codes
the retry lists of the Terraform provider). Where no source names the code of a case, the table's comment says so:
those are choices of the embedded cloud. Messages are ours; clients must depend on codes alone.
"""

from __future__ import annotations

from gatespan.emulator.errors import CloudError
from gatespan.emulator.params import Codes
from gatespan.emulator.services.cbn.site_errors import SITE_REFUSALS

REFUSALS: dict[str, tuple[int, str]] = {
    # --- the transit router service of the account
    "USER_NOT_OPEN_TR_SERVICE": (400, "The transit router service is not enabled for this account."),
    "Order.Opened": (400, "The transit router service is already enabled."),
    "Forbbiden.TransitRouterServiceNotOpen": (400, "The transit router service is not enabled."),
    # --- busy: the same call works later. 400 for Operation.Blocking is a choice, no table lists it
    "Operation.Blocking": (400, "Another operation on {what} is in progress. Try again later."),
    "IncorrectStatus.Status": (400, "The status of {what} does not allow this operation."),
    "IncorrectStatus.Attachment": (400, "The status of the attachment {what} does not allow this operation."),
    "IncorrectStatus.CenInstance": (400, "The CEN instance {what} is being changed."),
    "IncorrectStatus.TransitRouterInstance": (400, "The transit router {what} is being deleted."),
    "IncorrectStatus.TransitRouterRouteTable": (400, "The route table {what} is being changed."),
    "IncorrectStatus.VpcOrVswitch": (400, "The VPC {what} is being changed."),
    "IncorrectStatus.VpcSwitch": (409, "The vSwitch {what} is being changed."),
    "IncorrectStatus.VpcRouteTable": (400, "The route {what} of the VPC is being changed."),
    "InvalidOperation.CenInstanceStatus": (409, "The status of the CEN instance {what} does not allow this."),
    # --- names, tags
    "InvalidName": (400, "The name is not valid: at most 128 characters, no http:// or https:// in front."),
    "InvalidDescription": (400, "The description is not valid: at most 256 characters, no http:// in front."),
    "InvalidTagKey": (400, "The tag key {what} is not valid."),
    "InvalidTagValue": (400, "The tag value {what} is not valid."),
    "NumberExceed.Tags": (400, "At most 20 tags may be given in one call."),  # code: choice
    "InvalidResourceId.NotFound": (404, "The resource {what} does not exist."),  # code: choice
    # --- not found
    "ParameterCenInstanceId": (400, "The CEN instance {what} does not exist."),
    "ParameterInstanceId": (400, "The instance {what} does not exist."),
    "ParameterBwpInstanceId": (400, "The bandwidth plan {what} does not exist."),
    "InvalidCenId.NotFound": (400, "The CEN instance {what} does not exist."),
    "InvalidTransitRouterId.NotFound": (400, "The transit router {what} does not exist."),
    "InvalidPeerTransitRouterId.NotFound": (400, "The peer transit router {what} does not exist."),
    "InvalidTransitRouterAttachmentId.NotFound": (400, "The attachment {what} does not exist."),
    "InvalidTransitRouterRouteTableId.NotFound": (400, "The route table {what} does not exist."),
    "InvalidRouteTableId.NotFound": (404, "The route table {what} does not exist."),
    "InvalidAttachmentId.NotFound": (404, "The attachment {what} does not exist."),
    "InvalidVSwitchId.NotFound": (404, "The vSwitch {what} does not exist."),
    "InvalidVpcId.NotFound": (404, "The VPC {what} does not exist."),  # the VPC product's code: choice
    # --- CEN
    "InvalidOperation.AttachedChildInstanceExist": (400, "Something is still attached: {what}."),
    "OperationFailed.DeleteCenWithCustomRouteTable": (400, "The custom route table {what} must be deleted first."),
    "OperationFailed.DeleteCenWithRouteEntry": (400, "The static route {what} must be deleted first."),
    # --- transit routers
    "InstanceExist.TransitRouterInstance": (400, "The CEN instance already has the transit router {what} there."),
    "OperationUnsupported.RegionId": (400, "Transit routers are not supported in the region {what}."),
    "OperationUnsupported.TransitRouterCidrList": (400, "Transit router CIDR blocks are not supported here."),
    "OperationUnsupported.SupportMulticast": (400, "Multicast is not supported here."),
    "OperationUnsupported.TransitRouterType": (400, "The edition of the transit router {what} does not support it."),
    "OperationFailed.DeleteTransitRouter": (400, "The transit router still has {what}."),
    "InvalidParameterCombination.TransitRouter": (400, "Give CenId, TransitRouterId or RegionId."),
    # --- attachments
    "MissingParam.CenIdOrRegionId": (400, "Give TransitRouterId, or CenId and RegionId."),
    "IllegalParam.Region": (400, "The resource is not in the region {what}."),
    "IllegalParam.RegionId": (400, "The region {what} does not fit."),
    "IllegalParam.TransitRouterRegionId": (400, "The transit router is not in the region {what}."),
    "IllegalParam.ZoneMappings": (400, "The zone mappings do not fit: {what}."),
    "IllegalParam.AddOrRemoveZoneMappings": (400, "The zone mappings to add or remove do not fit: {what}."),
    "IllegalParam.ZoneId": (400, "The transit router is not in the zone {what}."),
    "IllegalParam.VSwitchId": (400, "The vSwitch {what} is not in the zone given with it."),
    "Duplicated.ZoneMapping": (400, "The zone {what} is given twice."),
    "OperationFailed.VSwitchNotFound": (400, "The vSwitch {what} is not one of the VPC."),
    "InsufficientIpAddr.vsw": (400, "The vSwitch {what} has no free address."),
    "IllegalParam.ChargeType": (400, "The charge type {what} is not supported: use POSTPAY."),
    "QuotaFull.ChildInstanceRelatedCen": (400, "The instance {what} cannot be attached once more."),
    "QuotaExceeded.CenQuotaVpcAttachPerTransitRouter": (400, "The transit router {what} takes no more VPCs."),
    "QuotaExceeded.VpcAutoRoutesPublishPerTransitRouter": (
        400,
        "The transit router {what} synchronises its routes to the largest number of VPCs.",
    ),
    "InvalidOperation.VpcAutoRoutesPublishInOtherCEN": (
        400,
        "Another transit router already synchronises its routes to the VPC {what}.",
    ),
    "Forbbiden.AttachChildInstanceAcrossBid": (400, "{what} of another account is not granted to this CEN."),
    "OperationFailed.AttachmentReferencedVpcRouteEntryExisted": (400, "The VPC route {what} points at it."),
    "OperationFailed.RouteTableAssociationExist": (400, "It is associated with the route table {what}."),
    "OperationFailed.RouteTablePropagationExist": (400, "Its routes are learned by the route table {what}."),
    "OperationFailed.RouteEntryExist": (400, "The static route {what} points at it."),
    # --- inter-region connections
    "IllegalParam.PeerTransitRouterId": (400, "The peer transit router {what} is not one of this CEN instance."),
    "IllegalParam.PeerRegionId": (400, "The peer region {what} does not fit."),
    "MissingParam.Bandwidth": (400, "The parameter Bandwidth is required with this bandwidth type."),
    "IllegalParam.Bandwidth": (400, "The bandwidth {what} is not valid."),
    "IllegalParam.CenBandwidthPackageId": (400, "The bandwidth plan {what} does not fit this connection."),
    "InvalidOperation": (400, "The operation is not valid: {what}."),  # for a second connection of a pair: choice
    "InvalidOperation.BwpNotAssociated": (400, "No bandwidth plan of these areas is associated: {what}."),
    "InvalidOperation.BwpBusinessStatus": (400, "The bandwidth plan {what} is overdue or expired."),
    "InvalidOperation.BwpBandwidthExceeded": (400, "The bandwidth plan does not hold that much: {what}."),
    "QuotaExceeded.Bandwidth": (400, "Pay-by-data-transfer allows at most {what} Mbit/s here."),
    "ParameterIllegal.BandwidthPackageDefaultLinkTypeOnlySupportGold": (400, "A plan supports link type Gold only."),
    "ParameterIllegal.CdtDefaultLinkTypeOnlySupportPlatinumOrGold": (400, "Use link type Platinum or Gold."),
    # --- route tables, associations, propagations
    "MissingParam.TransitRouterIdOrTransitRouterRouteTables": (
        400,
        "Give TransitRouterId or TransitRouterRouteTableIds.",
    ),
    "OperationFailed.DeleteSystemRouteTable": (400, "The system route table {what} cannot be deleted."),
    "OperationFailed.BasicTrNotSupport": (400, "A Basic Edition transit router has no custom route tables."),
    "OperationFailed.DeleteRouteTableWithAssociation": (400, "The attachment {what} is associated with it."),
    "OperationFailed.DeleteRouteTableWithPropagation": (400, "It learns the routes of the attachment {what}."),
    "OperationFailed.DeleteRouteTableWithRouteEntry": (400, "The static route {what} is in it."),
    "AssociationExist.TransitRouterTable": (400, "The attachment {what} is associated already."),
    "IllegalParam.TransitRouterTableId": (400, "The route table {what} is not one of the attachment's router."),
    "OperationUnsupported.dissociateRouteTable": (400, "The attachment {what} is not associated with the table."),
    "OperationUnsupported.TransitAttachment": (400, "The attachment {what} has no association to replace."),
    "OperationUnsupported.EnablePropagation": (400, "Its routes are learned already: {what}."),  # for twice: choice
    "OperationUnsupported.DisablePropagation": (400, "Its routes are not learned: {what}."),
    # --- routes
    "IllegalParam.NextHopType": (400, "The next hop type {what} is not Attachment or BlackHole."),
    "IllegalParam.TransitRouterDestinationCidrBlock": (400, "The destination {what} is not a CIDR block."),
    "IllegalParam.TransitRouterRouteEntryId": (400, "The route {what} does not exist."),
    "InvalidTransitRouterRouteEntryNextHopId.NotFound": (400, "The next hop {what} does not exist."),
    "InvalidDestinationCidrBlock.NotFound": (400, "The table has no such route: {what}."),
    "InstanceExist.TransitRouterRouteEntry": (400, "The table already has a static route for {what}."),
    "OperationFailed.CreateRouteEntryWithSameDestinationCidrBlock": (400, "A route for {what} is being deleted."),
    "OperationFailed.DeleteTransitRouterRouteEntry": (400, "The route {what} is learned and cannot be deleted."),
    "ParamExclusive.NextHopTypeBlackHoleAndNextHopId": (400, "A black hole has no next hop."),
    "ParamExclusive.RouteEntryIdAndRouteTableIdOrDestCidrBlock": (400, "Give the route's id alone, or its table."),
    "ParamExclusive.RouteEntryIdsAndStatus": (400, "Give TransitRouterRouteEntryIds or the status, not both."),
    # --- bandwidth plans
    "ParameterIllegal.BandwidthPackage": (400, "The bandwidth plan cannot be bought so: {what}."),
    "UnSupported.ChargeType": (400, "The charge type {what} is not supported."),
    "Operation.Failed": (400, "The bandwidth plan already has {what} Mbit/s."),
    "InvalidStatus.Resource": (400, "The bandwidth plan {what} is being changed."),
    "InvalidOperation.BwpInstanceStatus": (403, "The status of the bandwidth plan {what} does not allow this."),
    "InvalidOperation.CenBandwidthLimitsNotZero": (400, "Bandwidth of the plan {what} is still in use."),
    "OperationInvalid.UserCanNotUseBwp": (400, "The CEN instance already has the plan {what} of these areas."),
    "Forbidden.Release": (403, "The subscription {what} cannot be released before it expires."),
    # --- published routes, routes written into the VPC
    "ParameterIllegal.CenInstanceId": (400, "The CEN instance {what} does not exist."),
    "ParameterIllegal.ChildInstanceRegionId": (400, "The network instance is not in the region {what}."),
    "ParameterIllegal.ChildInstanceType": (400, "The type {what} of the network instance is not supported."),
    "Instance.NotExist": (404, "The network instance {what} is not attached to the CEN instance."),
    "InvalidOperation.NotFoundRoute": (400, "The route {what} does not exist."),
    "InvalidOperation.UnsupportnexthopType": (400, "A route with the next hop {what} cannot be published."),
    "InvalidOperation.UnsupportRouteTableType": (400, "Only routes of the system route table, not {what}."),
    "InvalidCIDRBlock.Duplicate": (400, "The route table already has a route for {what}."),
    "InvalidCidrBlock.Malformed": (400, "The destination {what} is not a CIDR block."),
    "OperationDenied.RouteTableTypeNotPermitted": (400, "The route table {what} is not one of the attached VPC."),
    "IncorrectStatus.VpcRouteEntry": (400, "The route {what} is being changed."),
    "InvalidRouteEntry.NotFound": (400, "The route {what} does not exist."),
    "ResourceNotFound.TransitRouterAttachment": (400, "The attachment {what} does not exist."),
}


def refusal(code: str, what: object = "", status: int | None = None) -> CloudError:
    """The refusal of a code. ``what`` completes the message; ``status`` where an action documents another one."""
    listed, message = REFUSALS.get(code) or SITE_REFUSALS[code]
    return CloudError(code, message.format(what=what), status or listed)


def _missing(name: str) -> CloudError:
    return CloudError(f"MissingParam.{name}", f"The parameter {name} is required.")


def _invalid(name: str, value: str) -> CloudError:
    return CloudError(f"IllegalParam.{name}", f"The value {value!r} of the parameter {name} is not valid.")


CODES = Codes(missing=_missing, invalid=_invalid)
"""``MissingParam.*`` and ``IllegalParam.*`` are the families that the product's own pages list."""
