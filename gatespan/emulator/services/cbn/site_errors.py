"""The refusals that data centres, the Basic edition, routing policies and grants add to CEN's table (``errors``).

Same origins as there. Where no source names the code of a case, the comment says so: choices of the embedded cloud.
"""

from __future__ import annotations

SITE_REFUSALS: dict[str, tuple[int, str]] = {
    # --- busy
    "InstanceStatus.NotSupport": (400, "The network instance {what} is being changed. Try again later."),
    "IncorrectStatus.TransitRouterAttachment": (400, "The status of the attachment {what} does not allow this."),
    "OperationFailed.TaskConflict": (400, "Another task on {what} is under way. Try again later."),
    # --- border routers on transit routers
    "InvalidVbr.NotFound": (400, "The virtual border router {what} does not exist."),  # on attaching: choice
    "IncorrectStatus.VbrResource": (400, "The virtual border router {what} is not active."),
    "OperationUnsupported.TransitRouterRegionId": (400, "The transit router is not in the region {what}."),
    "QuotaExceeded.CenQuotaVbrAttachPerTransitRouter": (400, "The transit router {what} takes no more VBRs."),
    "InstanceReferenced.VbrRouteEntry": (400, "The route {what} of the virtual border router points at it."),
    "Forbidden.ResourceOwnerTransitRouterServiceNotOpen": (
        400,
        "The account {what}, which owns the instance, has not enabled the transit router service.",
    ),
    # --- editions
    "OperationFailed.TransitRouterType": (400, "The edition of the transit router {what} does not support it."),
    "IllegalParam.TransitRouterTableType": (400, "A custom route table needs Enterprise Edition on both ends: {what}."),
    "OperationFailed.InvalidTransitRouter": (400, "No Basic Edition transit router there: {what}."),
    "Forbidden.TypeInvalid": (400, "{what} is attached to an Enterprise Edition transit router."),
    "OperationUnsupported.Attachment": (400, "The transit router {what} is not of Basic Edition."),
    # --- children of the Basic edition
    "Forbbiden.AttachChildInstanceAcrossUid": (409, "The instance {what} of another account is not granted."),
    "Forbidden.AttachChildInstance": (403, "No more instances in the region {what}."),  # code: choice
    "InvalidOperation.ChildInstanceAlreadyAttached": (409, "The instance {what} is attached already."),
    "InvalidOperation.ChildInstanceStatus": (409, "The status of the instance {what} does not allow this."),
    "InvalidOperation.ChildInstanceRIAlreadyExist": (409, "The border router still has the router interface {what}."),
    "InvalidOperation.CenAlreadyAutoPubilshRouteToInstance": (
        409,
        "A transit router already synchronises its routes to the VPC {what}.",
    ),
    "OperationFailed.InvalidVpcStatus": (400, "The VPC {what} is being changed."),
    "InvalidOperation.CustomRegionDomainRouteEntryExist": (
        400,
        "The route service to {what} goes through it.",
    ),  # for a route service: choice
    # --- bandwidth between regions of the Basic edition
    "OperationFailed.InvalidOperation": (400, "Nothing to limit: {what}."),
    "OperationUnsupported.BandwidthType": (400, "The bandwidth type {what} is not supported."),
    "OperationFailed.BandwidthLimitExist": (400, "The bandwidth limit {what} must be removed first."),
    # --- route services
    "ParameterIllegal.Host": (400, "{what} is a name: give an IP address or CIDR block."),
    "ParameterIllegal.CloudRouteHost": (400, "{what} is no IP address or CIDR block."),
    "ParameterIllegal.ClouteRouteCidrNotAllow": (400, "{what} is not inside 100.64.0.0/10."),
    "ParameterIllegal.ClouteRouteNotSupportIpv6": (400, "{what} is an IPv6 address."),
    "ParameterIllegal.AccessRegionId": (400, "No border router of the CEN instance is in the region {what}."),
    "ParameterIllegal.AccessRegionIdNoCCN": (400, "{what}: only the region of the service itself can access it."),
    "CloudRoute.Exist": (400, "A route service to {what} exists already."),
    "CloudRoute.Conflict": (400, "The route service to {what} overlaps."),
    "CloudRoute.VpcNotAttached": (400, "The VPC {what} is not attached to the CEN instance in that region."),
    "InvalidOperation.CloudRouteStatusNotAllow": (403, "The route service {what} is being changed."),
    "OperationFailed.CloudRouteExist": (400, "The route service to {what} must be deleted first."),
    # --- health checks
    "InvalidOperation.VbrNotAttachedToCen": (400, "The virtual border router {what} is not attached to the CEN."),
    "OperationFailed.StatusNotSupport": (400, "The health check {what} is in the way."),  # on detaching: choice
    "OperationFailed.SourceIpUnSupported": (400, "The source address {what} is taken."),
    "Illegal.SourceIpOrTargetIp": (400, "The address {what} does not fit."),
    "InvalidStatus.HealthCheck": (400, "The health check of {what} is being changed."),
    "RouteConflict": (400, "The source address {what} is inside an attached network."),
    # --- routing policies
    "InvalidOperation.TransitRouterNotExist": (400, "The CEN instance has no transit router in the region {what}."),
    "Forbidden.CenRouteMapExist": (400, "A routing policy of that direction has the priority {what}."),
    "InvalidOperation.CenRouteMapExist": (400, "A routing policy of that direction has the priority {what}."),
    "Invid.Parameter": (400, "The parameter {what} is not valid."),
    "InvalidOperation.NoEffictiveAction": (400, "A policy that denies cannot set {what}."),  # the case: choice
    "IncorrectStatus.RouteMap": (400, "The routing policy {what} is being changed."),
    "InvalidRouteMapId.NotFound": (400, "The routing policy {what} does not exist."),  # code: choice
    # --- grants
    "IllegalParam.CenId": (400, "The account has no CEN instance {what}."),
    "InvalidInstanceId.NotFound": (404, "The instance {what} does not exist or is not granted."),
    "IncorrectStatus.Cen": (400, "The instance {what} is still attached."),
}
