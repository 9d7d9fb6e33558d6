"""Which kind of error a code is: the table that decides between trying again, going on and giving up."""

from __future__ import annotations

import pytest

from gatespan.cloud import codes, errors

CASES = [
    # product, action, code, HTTP status, kind, temporary
    ("cbn", "CreateTransitRouter", "Operation.Blocking", 400, errors.Busy, True),
    ("cbn", "CreateTransitRouterVpcAttachment", "IncorrectStatus.VpcSwitch", 409, errors.Busy, True),
    ("cbn", "AssociateTransitRouterAttachmentWithRouteTable", "IncorrectStatus.Status", 400, errors.Busy, True),
    ("cbn", "DeleteCen", "InvalidOperation.CenInstanceStatus", 409, errors.Busy, True),
    ("cbn", "UnassociateCenBandwidthPackage", "InvalidOperation.CenBandwidthLimitsNotZero", 400, errors.Busy, True),
    ("cbn", "DeleteTransitRouter", "InvalidOperation.AttachedChildInstanceExist", 400, errors.InUse, False),
    ("cbn", "DeleteCen", "ParameterCenInstanceId", 400, errors.NotFound, False),
    ("cbn", "ListTransitRouterVpcAttachments", "IllegalParam.Region", 400, errors.NotFound, False),
    ("cbn", "CreateTransitRouter", "InstanceExist.TransitRouterInstance", 400, errors.Conflict, False),
    ("cbn", "CreateTransitRouter", "Forbbiden.TransitRouterServiceNotOpen", 400, errors.Refused, False),
    ("cbn", "DeleteCenBandwidthPackage", "Forbidden.Release", 403, errors.Refused, False),
    ("cbn", "DeleteTransitRouterVpcAttachment", "OperationFailed.RouteTableAssociationExist", 400, errors.InUse, False),
    ("cbn", "CreateTransitRouterVpcAttachment", "QuotaFull.ChildInstanceRelatedCen", 400, errors.QuotaExceeded, False),
    ("cbn", "CreateTransitRouterVpcAttachment", "IllegalParam.ZoneId", 400, errors.Invalid, False),
    ("vpc", "DescribeVpcAttribute", "InvalidVpcId.NotFound", 404, errors.NotFound, False),
    ("vpc", "DeleteVSwitch", "InvalidVswitchID.NotFound", 404, errors.NotFound, False),
    ("vpc", "DeleteVpc", "DependencyViolation.VSwitch", 400, errors.InUse, False),
    ("vpc", "CreateVSwitch", "TaskConflict", 400, errors.Busy, True),
    ("vpc", "CreateRouteEntry", "InvalidCIDRBlock.Duplicate", 400, errors.Conflict, False),
    ("vpc", "CreateVpc", "QuotaExceeded.Vpc", 400, errors.QuotaExceeded, False),
    ("vpc", "CreateVpc", "IdempotentParameterMismatch", 400, errors.Fatal, False),
    ("cloudapi", "DescribeDeployedApi", "NotFoundStage", 400, errors.NotFound, False),
    ("cloudapi", "CreateApiGroup", "RepeatedApiGroup", 400, errors.Conflict, False),
    ("cloudapi", "CreateApiGroup", "RepeatedCommit", 400, errors.Busy, True),
    ("cloudapi", "AbolishApi", "ConcurrencyLockTimeout", 400, errors.Busy, True),
    ("cloudapi", "DeleteApiGroup", "DependencyViolationApi", 400, errors.InUse, False),
    ("cloudapi", "CreateApi", "ExceedLimitApi", 400, errors.QuotaExceeded, False),
    ("fc", "GetFunction", "FunctionNotFound", 404, errors.NotFound, False),
    ("fc", "CreateFunction", "FunctionAlreadyExists", 409, errors.Conflict, False),
    ("fc", "DeleteFunction", "FunctionNotEmpty", 400, errors.InUse, False),
    ("vpc", "DescribeVpcs", "Throttling.User", 400, errors.Throttled, True),
    ("cbn", "DescribeCens", "ServiceUnavailable", 503, errors.Unavailable, True),
    ("cbn", "DescribeCens", "SomethingNew", 502, errors.Unavailable, True),
    ("vpc", "DescribeVpcs", "InvalidAccessKeyId.NotFound", 404, errors.Refused, False),
    ("vpc", "DescribeVpcs", "SignatureDoesNotMatch", 400, errors.Refused, False),
    ("vpc", "DescribeVpcs", "InvalidApi.NotFound", 404, errors.Fatal, False),
    ("vpc", "DescribeVpcs", "NeverSeenBefore", 400, errors.Fatal, False),
    ("vpc", "DescribeVpcs", "NeverSeenBefore", 403, errors.Refused, False),
    ("vpc", "DescribeVpcs", "NeverSeenBefore", 404, errors.NotFound, False),
    ("fc", "GetFunction", "NeverSeenBefore", 429, errors.Throttled, True),
    ("fc", "GetFunction", "NeverSeenBefore", None, errors.Fatal, False),
    # one code, several meanings
    ("cbn", "CreateTransitRouter", "IllegalParam.Region", 400, errors.Invalid, False),
    ("cbn", "AssociateCenBandwidthPackage", "InvalidOperation.BwpInstanceStatus", 400, errors.Busy, True),
    ("cbn", "DeleteCenBandwidthPackage", "InvalidOperation.BwpInstanceStatus", 403, errors.InUse, False),
    ("vpc", "CreateVpc", "Forbbiden", 403, errors.Refused, False),
    ("vpc", "DeleteVpc", "Forbbiden", 400, errors.InUse, False),
    ("vpc", "DeleteRouteEntry", "Forbbiden", 400, errors.Busy, True),
    ("cbn", "CreateTransitRouterPrefixListAssociation", "ResourceNotFound.PrefixList", 400, errors.Busy, True),
    ("cbn", "DeleteTransitRouterPrefixListAssociation", "ResourceNotFound.PrefixList", 400, errors.NotFound, False),
    ("cbn", "DeleteTransitRouterRouteEntry", "IllegalParam.TransitRouterRouteEntryId", 400, errors.NotFound, False),
    ("vpc", "GrantInstanceToCen", "Operation.Blocking", 400, errors.Busy, True),
    # words that begin like something else
    ("cloudapi", "DescribeApi", "InvalidApiId.NotFound", 400, errors.NotFound, False),
    ("cbn", "OpenTransitRouterService", "Order.Opened", 400, errors.Conflict, False),
    ("cbn", "OpenTransitRouterService", "PayFor.AccountMoneyValidateError", 500, errors.Refused, False),
    ("cbn", "CreateCenBandwidthPackage", "OperationInvalid.UserCanNotBuyCrossBorderBwp", 400, errors.Refused, False),
    ("cbn", "CreateTransitRouterVpcAttachment", "Duplicated.ZoneMapping", 400, errors.Invalid, False),
    ("cbn", "CreateTransitRouterVpcAttachment", "OperationUnsupported.TransitRouterType", 400, errors.Invalid, False),
    ("cbn", "CreateTransitRouterVpcAttachment", "InsufficientIpAddr.vsw", 400, errors.Invalid, False),
    ("cbn", "DeleteTransitRouterRouteTable", "OperationFailed.DeleteSystemRouteTable", 400, errors.Invalid, False),
    (
        "cbn",
        "DeleteTransitRouterRouteTable",
        "OperationFailed.DeleteRouteTableWithAssociation",
        400,
        errors.InUse,
        False,
    ),
    ("cbn", "DeleteCen", "OperationFailed.PrefixListAssociationExist", 400, errors.InUse, False),
    ("cbn", "DeleteTransitRouterVbrAttachment", "OperationFailed.VbrWithAllowPrefixes", 400, errors.InUse, False),
    ("cbn", "EnableCenVbrHealthCheck", "InvalidOperation.VbrNotAttachedToCen", 400, errors.Busy, True),
    ("vpc", "DeleteVSwitch", "DeleteVSwitch.IncorrectStatus.cbnStatus", 400, errors.Busy, True),
    ("vpc", "CreateVSwitch", "CreateVSwitch.IncorrectStatus.cbnStatus", 400, errors.Busy, True),
    ("vpc", "CreateVSwitch", "InvalidStatus.RouteEntry", 400, errors.Busy, True),
    ("vpc", "DeleteRouteEntry", "IncorrcetRouteEntryStatus", 400, errors.Busy, True),
    ("vpc", "CreateVirtualBorderRouter", "InvalidVlanId.Used", 400, errors.Conflict, False),
    ("vpc", "CreateVirtualBorderRouter", "QuotaExceeded.vbrPerpConn", 400, errors.QuotaExceeded, False),
    ("vpc", "CreateRouteEntry", "InvalidPhysicalConnectionBusinessStatus", 400, errors.Refused, False),
    ("vpc", "DeletePhysicalConnection", "Forbidden.VBRExists", 400, errors.InUse, False),
    ("vpc", "DeleteVirtualBorderRouter", "DependencyViolation.BgpGroup", 400, errors.InUse, False),
    ("vpc", "DeleteRouteEntry", "OperationDenied", 400, errors.Refused, False),
    ("vpc", "CreateVpc", "InvalidUserCidr.Quota", 400, errors.QuotaExceeded, False),
    ("cloudapi", "OpenApiGatewayService", "ORDER.OPEND", 400, errors.Conflict, False),
    ("cloudapi", "RemoveAppsAuthorities", "NotFoundAuthorization", 400, errors.NotFound, False),
    ("fc", "UpdateFunction", "ConcurrentUpdateError", 409, errors.Busy, True),
    ("fc", "CreateFunction", "ResourceExhausted", 429, errors.Throttled, True),
]


@pytest.mark.parametrize(("product", "action", "code", "status", "kind", "temporary"), CASES)
def test_code(product: str, action: str, code: str, status: int, kind: type, temporary: bool) -> None:
    error = errors.classify(product, action, code, "words", status, region="cn-hangzhou", request_id="R-1")
    assert type(error) is kind
    assert error.temporary is temporary


EXACT = [(row, code) for row in codes.ROWS for code in row.codes.split() if "*" not in code]


@pytest.mark.parametrize(("row", "code"), EXACT, ids=lambda value: value if isinstance(value, str) else "")
def test_no_row_hides_another(row: codes.Row, code: str) -> None:
    action = row.actions.split()[0].replace("*", "CreateSomething" if row.actions == "*" else "Something")
    assert codes.kind_of(row.product or "cbn", action, code, 400) == row.kind


def test_every_row_names_a_kind_and_a_source() -> None:
    assert {row.kind for row in codes.ROWS} == set(errors.KINDS)
    assert all(row.source for row in codes.ROWS)


def test_an_error_says_what_where_why_and_what_next() -> None:
    error = errors.classify(
        "cbn",
        "DeleteTransitRouterVpcAttachment",
        "OperationFailed.RouteEntryExist",
        "A route points here.",
        400,
        region="cn-beijing",
        request_id="0-1",
        subject="tr-attach-1",
    )
    text = str(error)
    for part in (
        "DeleteTransitRouterVpcAttachment",
        "tr-attach-1",
        "cn-beijing",
        "A route points here",
        "remove that first",
        "0-1",
    ):
        assert part in text
