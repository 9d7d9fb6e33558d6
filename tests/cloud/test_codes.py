"""Which kind of error a code is: the table that decides between trying again, going on and giving up."""

from __future__ import annotations

import pytest

from gatespan.cloud import errors

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
]


@pytest.mark.parametrize(("product", "action", "code", "status", "kind", "temporary"), CASES)
def test_code(product: str, action: str, code: str, status: int, kind: type, temporary: bool) -> None:
    error = errors.classify(product, action, code, "words", status, region="cn-hangzhou", request_id="R-1")
    assert type(error) is kind
    assert error.temporary is temporary


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
