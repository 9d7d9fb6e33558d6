"""The cloud's error codes as data: which kind each is, and where that is known from.

The first row that fits decides, so exceptions stand above rules; when none fits, the HTTP status does. A ``*`` in a
pattern stands for any text. The misspellings are the service's own.

Sources: P = retry and absence lists in the source of the vendor's Terraform provider; M = official API metadata;
H = help pages; X = reported in public issues; I = inferred from the meaning of the words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import translate
from functools import cached_property


@dataclass(frozen=True)
class Row:
    """``codes`` and ``actions``: patterns separated by blanks. ``kind``: a key of ``errors.KINDS``."""

    kind: str
    codes: str
    source: str
    product: str = ""
    actions: str = "*"

    def fits(self, product: str, action: str, code: str) -> bool:
        if self.product not in ("", product):
            return False
        return bool(self._codes.match(code)) and bool(self._actions.match(action))

    @cached_property
    def _codes(self) -> re.Pattern[str]:
        return _any_of(self.codes)

    @cached_property
    def _actions(self) -> re.Pattern[str]:
        return _any_of(self.actions)


def _any_of(patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(translate(pattern) for pattern in patterns.split()))


REMOVALS = "Delete* Dissociate* Unassociate* Detach* Disable* Terminate* Remove* Abolish* Revoke* Withdraw*"

ROWS: tuple[Row, ...] = (
    # --- the service as a whole
    Row("throttled", "Throttling* Rejected.Throttling ResourceThrottled ResourceExhausted", "P H"),
    Row("unavailable", "ServiceUnavailable InternalError InternalServerError SystemBusy AliyunGoClientFailure", "P H"),
    Row("unavailable", "SignatureNonceUsed", "H: a nonce that was used before; the next try has a new one"),
    Row("fatal", "IdempotentParameterMismatch InvalidVersion NoSuchVersion UnsupportedHTTPMethod", "H"),
    Row("fatal", "InvalidApi.NotFound InvalidProduct.NotFound InvalidProtocol.NeedSsl", "H"),
    # --- who calls, and who pays
    Row("refused", "InvalidAccessKeyId* InvalidSecurityToken* MissingSecurityToken*", "H"),
    Row("refused", "SignatureDoesNotMatch IncompleteSignature* InvalidSignature*", "H"),
    Row("refused", "InvalidTimeStamp* IllegalTimestamp", "H"),
    Row("refused", "Unauthorized NoPermission NoPermission.* AccessDenied* UserNotFound", "M H"),
    Row("refused", "USER_NOT_OPEN_TR_SERVICE EntityNotExist.Account CROSS_BID.FORBIDDEN", "M"),
    Row("refused", "InsufficientBalance *.InsufficientBalance PayFor.* Risk.* OperationFailed.Risk", "M H"),
    Row("refused", "OperationFailed.NoAvailablePaymentMethod OperationFailed.UseStoredCardFailed", "M"),
    Row("refused", "OperationFailed.BasicInfoUncompleted Order.AccountStatusIllegal OperationInvalid.UserCanNot*", "M"),
    Row("refused", "*IdentityRegistrationStatusNotSupport InvalidPhysicalConnectionBusinessStatus", "M"),
    Row("refused", "InvalidRouterInterfaceChargeType.Malformed", "M: a prepaid one", actions="Delete*"),
    # --- absence, in words that say something else
    Row("not_found", "ParameterCenInstanceId ParameterInstanceId ParameterBwpInstanceId ParameterError", "P", "cbn"),
    Row("not_found", "ParameterIllegal.CenInstanceId Instance.NotExist InvalidOperation.NotFoundRoute", "P", "cbn"),
    Row("not_found", "ParameterIllegal", "P", "cbn", "DescribePublishedRouteEntries"),
    Row("not_found", "IllegalParam.TransitRouterRouteEntryId", "P", "cbn"),
    Row("not_found", "IllegalParam.Region", "P: an id listed under another region", "cbn", "List* Describe*"),
    Row("not_found", "ResourceNotAssociated.TargetInstance", "P", "vpc", "ListVpcPublishedRouteEntries"),
    Row("not_found", "Forbidden.VpcNotFound", "M", "vpc"),
    Row("not_found", "OperationFailed.*NotExist InvalidOperation.*NotExist EntityNotExist.*", "M H"),
    Row("not_found", "InvokeSlbApiFail InvokeDescribePluginsByGroupApiFail", "P", "cloudapi", "Describe*"),
    Row("busy", "ResourceNotFound.PrefixList", "P: made a moment ago, not yet visible here", "cbn", "Create*"),
    # --- something else is being done to it
    Row("busy", "Operation.Blocking InstanceStatus.NotSupport OperationFailed.StatusNotSupport", "P"),
    Row("in_use", "InvalidOperation.BwpInstanceStatus", "M: associated", "cbn", "DeleteCenBandwidthPackage"),
    Row("busy", "InvalidOperation.CenInstanceStatus InvalidOperation.ChildInstanceStatus", "P M"),
    Row("busy", "InvalidOperation.BwpInstanceStatus InvalidOperation.BwpBusinessStatus", "P"),
    Row("busy", "InvalidOperation.CenBandwidthLimitsNotZero InvalidOperation.VbrNotAttachedToCen", "P"),
    Row("busy", "InvalidOperation.CloudRouteStatusNotAllow InvalidOperation.NoChildInstanceEitherRegion", "P"),
    Row("busy", "InvalidStatus.Resource InvalidStatus.Prefixlist InvalidStatus.PrefixlistAssociation", "P"),
    Row(
        "busy",
        "OperationFailed.InvalidVpcStatus OperationFailed.ConcurrentOperation Operation.FailedAndTryAgain",
        "P M",
    ),
    Row("busy", "OperationFailed.TaskConflict OperationFailed.DistibuteLock OperationFailed.NotifyCenCreate", "P"),
    Row("busy", "OperationFailed.LastTokenProcessing OperationFailed.IdempotentTokenProcessing", "P"),
    Row("busy", "OperationFailed.QueryCenIpv6Status OperationFailed.OperationIsProcessing", "P M"),
    Row("busy", "OperationFailed.OrderIsProcessing OperationDenied.OtherSubnetProcessing", "P M"),
    Row("busy", "OperationDenied.Ipv4GatewayNotActive InvalidStatus.RouteEntry InvalidVBRStatus", "P", "vpc"),
    Row("busy", "OperationConflict TaskConflict LastTokenProcessing TokenProcessing UnknownError", "P"),
    Row("busy", "RepeatedCommit ConcurrencyLockTimeout", "P", "cloudapi"),
    Row("busy", "InvalidVpcStatus", "I: the VPC of a grant is still being changed", "cloudapi", "*VpcAccess*"),
    Row("busy", "ConcurrentUpdateError", "H", "fc"),
    Row("busy", "IncorrectOppositeInterfaceInfo.NotSet", "P", "vpc", "ConnectRouterInterface"),
    Row(
        "busy",
        "IncorrectStatus IncorrectStatus.* *.IncorrectStatus.* Incorrect*Status IncorrcetRouteEntryStatus",
        "P M",
    ),
    Row("busy", "InvalidStatus.CannotOperate", "I: a BGP object that is still being changed", "vpc", "*Bgp*"),
    Row("busy", "InvalidInstance.StatusError", "I: a router that is still being changed", "vpc", "*RouterInterface*"),
    Row(
        "busy",
        "InvalidOperation.OperationNotAllowedInState",
        "I: still being recovered",
        "vpc",
        "ModifyVirtualBorderRouterAttribute",
    ),
    Row("busy", "Forbbiden", "P", "vpc", "DeleteRouteEntry"),
    # --- in the way of a removal
    Row("invalid", "OperationFailed.DeleteSystemRouteTable", "M: lives and dies with its router"),
    Row("invalid", "OperationFailed.DeleteTransitRouterRouteEntry", "M: a learned route cannot be deleted"),
    Row("in_use", "DependencyViolation* FunctionNotEmpty InstanceReferenced.*", "P M H"),
    Row("in_use", "OperationFailed.Delete* OperationFailed.AttachmentReferenced* OperationFailed.CenReferenced*", "M"),
    Row("in_use", "InvalidOperation.AttachedChildInstanceExist InvalidOperation.BondVbr*", "P M", "cbn"),
    Row("in_use", "OperationFailed.*Exist OperationFailed.*Existed OperationFailed.FlowLogExistOrNisOpened", "M"),
    Row("in_use", "InvalidOperation.*Exist InvalidOperation.*Exists Forbidden.*Existed", "M", actions=REMOVALS),
    Row("in_use", "OperationFailed.*Attached OperationFailed.VbrAttachedVbrHa OperationDenied.*Attached", "M"),
    Row("in_use", "OperationFailed.VbrWithAllowPrefixes OperationDenied.GatewayAssociated", "M P"),
    Row("in_use", "Forbidden.VbrAttached Forbidden.VBRExists Forbidden.AssociateToVBR", "M", "vpc"),
    Row("in_use", "InvalidOperation.RouterInterfaceNotDeleted ROUTER_INTERFACE_REFERED_BY_ROUTEENTRY", "M", "vpc"),
    Row("in_use", "InvalidStatus.NotAllowed", "M: another circuit is associated", "vpc", "DeleteVirtualBorderRouter"),
    Row("in_use", "Forbbiden", "M: an active custom route is left", "vpc", "DeleteVpc"),
    # --- there already
    Row("conflict", "Order.Opened ORDER.OPEND", "M P: the service is open"),
    Row("conflict", "*.TransitRouterService", "X: the service is open", "cbn", "OpenTransitRouterService"),
    Row("invalid", "InvalidOperation.ChildInstanceRIAlreadyExist", "M: the border router has one", "cbn", "Attach*"),
    Row("invalid", "CloudRoute.Conflict CloudRoute.VpcNotAttached", "M: of a route service", "cbn"),
    Row("conflict", "InstanceExist.* AssociationExist.* ResourceExisted.* CloudRoute.Exist", "M", "cbn"),
    # The address range of a route that was deleted a moment ago counts as taken for a second [P].
    Row("conflict", "OperationFailed.CreateRouteEntryWithSameDestinationCidrBlock", "M P", "cbn"),
    Row("conflict", "OperationFailed.RouteConflict InvalidOperation.*Existed InvalidOperation.*Exist", "M", "cbn"),
    Row("conflict", "InvalidOperation.ChildInstanceAlreadyAttached Forbidden.CenRouteMapExist", "M", "cbn"),
    Row("conflict", "RouterEntryConflict.Duplicated Duplicated.VpcNextHop", "P", "vpc"),
    Row("conflict", "InvalidCIDRBlock.Duplicate InvalidRouteEntry.Duplicate", "M"),
    Row("conflict", "InvalidVlanId.Used OperationFailed.VlanIdAlreadyInUse", "M", "vpc"),
    Row("conflict", "Forbidden.OnlyOneConnection", "M: the two are connected", "vpc", "*RouterInterface*"),
    Row("conflict", "*AlreadyExists", "H M"),
    Row("conflict", "Repeated* DomainAlreadyBind", "H P", "cloudapi"),
    Row("invalid", "Duplicated.ZoneMapping", "M", "cbn"),
    Row("conflict", "Duplicate*", "H"),
    # --- quotas
    Row("quota", "Quota* *.Quota ExceedLimit* EXCEED_*", "M H"),
    Row("quota", "OperationFailed.QuotaNotEnough OperationFailed.PurchaseQuantityLimit", "M"),
    # --- absence, plainly
    Row("not_found", "*NotFound NotFound* *NotFound.*", "P: any code with NotFound in it"),
    # --- refused and wrong, by family
    Row("invalid", "Forbidden.NotAllowedInState InvalidOperation.OperationNotAllowedInState", "M", "vpc"),
    Row("refused", "Forbidden* Forbbiden* OperationDenied* OperationNotPermitted.*", "M H"),
    Row("invalid", "Missing* Illegal* Invalid* Invid.* Param* PARAMETER_* Incorrect*", "M H"),
    Row("invalid", "OperationUnsupported.* OperationUnSupported.* OperationNotSupport.* OperationNotAllowed.*", "M"),
    Row("invalid", "NotSupport.* UnSupported.* Unsupported* OperationInvalid.* RegionNotSupport.*", "M"),
    Row("invalid", "OverLappingExist.* ResourceConflict.* RouteConflict ResourceMismatch.* InsufficientIpAddr.*", "M"),
    Row(
        "invalid", "OperationFailed.*NotSupport* OperationFailed.InvalidTransitRouter OperationFailed.CidrConflict", "M"
    ),
    Row("invalid", "OperationFailed.TransitRouterType OperationFailed.InvalidOperation ResourceNotAvailable*", "M"),
    Row("invalid", "EntityTooLarge", "H", "fc"),
)

BY_STATUS: dict[int, str] = {404: "not_found", 429: "throttled", 403: "refused"}
"""The kind of a code that no row knows (general rules of the vendor's gateway; 404 also P); 5xx is ``unavailable``."""


def kind_of(product: str, action: str, code: str, http_status: int | None) -> str:
    """The kind of a code: a key of ``errors.KINDS``. ``fatal`` when nothing is known of it."""
    for row in ROWS:
        if row.fits(product, action, code):
            return row.kind
    if http_status is not None and http_status >= 500:
        return "unavailable"
    return BY_STATUS.get(http_status or 0, "fatal")
