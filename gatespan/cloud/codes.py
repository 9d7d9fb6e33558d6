"""The cloud's error codes as data: which kind each is, and where that is known from.

Exact codes first, then prefixes and fragments, then the HTTP status. Sources: P = retry and absence lists in the
source of the vendor's Terraform provider; M = official API metadata; H = help pages; X = reported in public issues.
"""

from __future__ import annotations

EXACT: dict[str, str] = {
    # temporary: the thing is being changed by something else [P]
    "Operation.Blocking": "busy",
    "InstanceStatus.NotSupport": "busy",
    "InvalidOperation.CenInstanceStatus": "busy",
    "InvalidOperation.ChildInstanceStatus": "busy",
    "InvalidOperation.BwpInstanceStatus": "busy",
    "InvalidOperation.BwpBusinessStatus": "busy",
    "InvalidOperation.CenBandwidthLimitsNotZero": "busy",
    "InvalidOperation.CloudRouteStatusNotAllow": "busy",
    "InvalidOperation.VbrNotAttachedToCen": "busy",
    "InvalidOperation.AttachedChildInstanceExist": "in_use",
    "InvalidStatus.Resource": "busy",
    "OperationFailed.StatusNotSupport": "busy",
    "OperationFailed.InvalidVpcStatus": "busy",
    "OperationFailed.TaskConflict": "busy",
    "OperationFailed.DistibuteLock": "busy",
    "OperationFailed.NotifyCenCreate": "busy",
    "OperationFailed.LastTokenProcessing": "busy",
    "OperationFailed.IdempotentTokenProcessing": "busy",
    "OperationFailed.QueryCenIpv6Status": "busy",
    "OperationFailed.OperationIsProcessing": "busy",
    "OperationFailed.OrderIsProcessing": "busy",
    "OperationDenied.OtherSubnetProcessing": "busy",
    "OperationConflict": "busy",
    "TaskConflict": "busy",
    "LastTokenProcessing": "busy",
    "TokenProcessing": "busy",
    "RepeatedCommit": "busy",
    "ConcurrencyLockTimeout": "busy",
    "ConcurrentUpdateError": "busy",
    "UnknownError": "busy",
    "IncorrectVpcStatus": "busy",
    "IncorrectVSwitchStatus": "busy",
    "IncorrectRouteEntryStatus": "busy",
    "IncorrcetRouteEntryStatus": "busy",
    "IncorrectRouteTableStatus": "busy",
    "IncorrectInstanceStatus": "busy",
    "IncorrectHaVipStatus": "busy",
    "InvalidVBRStatus": "busy",
    # The CIDR of a route that was deleted a moment ago counts as taken for a second [P].
    "OperationFailed.CreateRouteEntryWithSameDestinationCidrBlock": "conflict",
    # temporary: the service itself
    "ServiceUnavailable": "unavailable",
    "InternalError": "unavailable",
    "InternalServerError": "unavailable",
    "SystemBusy": "unavailable",
    "AliyunGoClientFailure": "unavailable",
    "Rejected.Throttling": "throttled",
    "ResourceThrottled": "throttled",
    "ResourceExhausted": "throttled",
    # absence in old spellings [P]
    "ParameterCenInstanceId": "not_found",
    "ParameterInstanceId": "not_found",
    "ParameterBwpInstanceId": "not_found",
    "ParameterError": "not_found",
    "ParameterIllegal.CenInstanceId": "not_found",
    "IllegalParam.TransitRouterRouteEntryId": "not_found",
    "IllegalParam.Region": "not_found",
    "Instance.NotExist": "not_found",
    "InvalidOperation.NotFoundRoute": "not_found",
    "Forbidden.VpcNotFound": "not_found",
    # there already
    "Order.Opened": "conflict",
    "ORDER.OPEND": "conflict",
    "InstanceExist.TransitRouterInstance": "conflict",
    "InstanceExist.TransitRouterRouteEntry": "conflict",
    "AssociationExist.TransitRouterTable": "conflict",
    "RouterEntryConflict.Duplicated": "conflict",
    "Duplicated.VpcNextHop": "conflict",
    "InvalidCIDRBlock.Duplicate": "conflict",
    "InvalidRouteEntry.Duplicate": "conflict",
    "FunctionAlreadyExists": "conflict",
    "TriggerAlreadyExists": "conflict",
    # in the way of a removal
    "FunctionNotEmpty": "in_use",
    "OperationFailed.AttachmentReferencedVpcRouteEntryExisted": "in_use",
    "OperationFailed.RouteTableAssociationExist": "in_use",
    "OperationFailed.RouteTablePropagationExist": "in_use",
    "OperationFailed.RouteEntryExist": "in_use",
    "OperationFailed.PrefixListExist": "in_use",
    "OperationFailed.CloudRouteExist": "in_use",
    "OperationFailed.BandwidthLimitExist": "in_use",
    "Forbbiden": "in_use",
    # refused
    "Forbidden.Release": "refused",
    "NoPermission": "refused",
    "AccessDenied": "refused",
    "Unauthorized": "refused",
    "UserNotFound": "refused",
    "InsufficientBalance": "refused",
    "IdempotentParameterMismatch": "fatal",
    "InvalidApi.NotFound": "fatal",
    "InvalidVersion": "fatal",
    "NoSuchVersion": "fatal",
    "USER_NOT_OPEN_TR_SERVICE": "refused",
}

PREFIXES: tuple[tuple[str, str], ...] = (
    ("Throttling", "throttled"),
    ("InvalidAccessKeyId", "refused"),
    ("InvalidSecurityToken", "refused"),
    ("SignatureDoesNotMatch", "refused"),
    ("SignatureNonceUsed", "unavailable"),
    ("IncompleteSignature", "refused"),
    ("InvalidTimeStamp", "refused"),
    ("MissingSecurityToken", "refused"),
    ("DependencyViolation", "in_use"),
    ("OperationFailed.DeleteCen", "in_use"),
    ("OperationFailed.DeleteTransitRouter", "in_use"),
    ("OperationFailed.DeleteRouteTable", "in_use"),
    ("InvalidOperation.AttachedChildInstanceExist", "in_use"),
    ("InstanceReferenced", "in_use"),
    ("IncorrectStatus", "busy"),
    ("CreateVSwitch.IncorrectStatus", "busy"),
    ("DeleteVSwitch.IncorrectStatus", "busy"),
    ("Quota", "quota"),
    ("ExceedLimit", "quota"),
    ("Repeated", "conflict"),
    ("NotFound", "not_found"),
    ("Forbidden", "refused"),
    ("Forbbiden", "refused"),
    ("NoPermission", "refused"),
    ("PayFor", "refused"),
    ("Missing", "invalid"),
    ("Illegal", "invalid"),
    ("Invalid", "invalid"),
    ("ParamExclusive", "invalid"),
    ("Duplicate", "conflict"),
)


def kind_of(product: str, action: str, code: str, http_status: int | None) -> str:
    """The kind of a code: a key of ``errors.KINDS``."""
    if code in EXACT:
        return EXACT[code]
    if code.endswith(".NotFound") and not code.startswith(("InvalidApi", "InvalidAccessKeyId")):
        return "not_found"
    if code.endswith("NotFound") and code not in ("UserNotFound",) and not code.startswith("InvalidA"):
        return "not_found"
    for prefix, kind in PREFIXES:
        if code.startswith(prefix):
            return kind
    if http_status is not None and http_status >= 500:
        return "unavailable"
    if http_status == 404:
        return "not_found"
    if http_status == 429:
        return "throttled"
    if http_status == 403:
        return "refused"
    return "fatal"
