"""The refusals of the VPC product: codes, misspellings included, with their HTTP status.

From the product's help pages and the Terraform provider's retry lists; the codes marked *choice* are choices of the
embedded cloud where no page names one.
"""

from __future__ import annotations

from collections.abc import Mapping

from gatespan.emulator.errors import CloudError
from gatespan.emulator.params import Codes
from gatespan.emulator.services.vpc import express_errors

BUSY = "The status of the resource does not support this operation: another change is under way."

MESSAGES: Mapping[str, str] = {
    "InvalidRegionId.NotFound": "The RegionId provided does not exist in our records.",
    "InvalidZoneId.NotFound": "The ZoneId provided does not exist in our records.",
    "InvalidVpcId.NotFound": "Specified VPC does not exist.",
    "InvalidVSwitchId.NotFound": "Specified virtual switch does not exist.",
    "InvalidRouteTableId.NotFound": "Specified route table does not exist.",
    "InvalidRouteEntry.NotFound": "Specified route entry does not exist.",
    "InvalidNextHopId.NotFound": "Specified next hop does not exist.",
    "InvalidNextHop.NotFound": "Specified next hop does not belong to the VPC of the route table.",
    "InvalidInstanceIds.NotFound": "The specified resource does not exist.",  # choice
    "InvalidVpcName.Malformed": "Specified VPC name is not valid.",
    "InvalidVpcDiscription.Malformed": "Specified VPC description is not valid.",
    "InvalidVSwitchName.Malformed": "Specified virtual switch name is not valid.",
    "InvalidUserCidr.Malformed": "Specified user CIDR block is not valid.",
    "InvalidUserCidr.Quota": "The number of user CIDR blocks exceeds the quota.",
    "InvalidCidrBlock.Malformed": "Specified CIDR block is not valid.",
    "InvalidCidrBlock.Overlapped": "Specified CIDR block overlaps with other subnets or routes.",
    "InvalidCirdrBlock.MaskLength": "The mask of a virtual switch must be from 16 to 29.",
    "InvalidCidrBlock": "Specified destination CIDR block is not allowed.",
    "InvalidCIDRBlock.Duplicate": "Specified CIDR block already has a route with another next hop.",
    "InvalidRouteEntry.Duplicate": "The route entry already exists.",
    "InvalidNextHopType": "Specified next hop type is not valid.",
    "InvalidNexthopListSize": "The next hop list must have 2 to 16 members.",
    "InvalidNexthopTypeAndList.BothNull": "Either NextHopId or NextHopList must be given.",
    "InvalidNexthopTypeAndList.BothNotNull": "NextHopId and NextHopList must not be given together.",
    "InvalidParameter.ResourceType": "The specified ResourceType is not valid.",  # choice
    "InvalidParameter.TagKey": "The specified tag key is not valid.",  # choice
    "InvalidParameter.TagValue": "The specified tag value is not valid.",  # choice
    "Duplicate.TagKey": "The Tag.N.Key contains duplicate keys.",  # choice
    "SizeLimitExceeded.ResourceId": "The maximum number of resource ids is exceeded.",  # choice
    "SizeLimitExceeded.TagNum": "The maximum number of tags is exceeded.",  # choice
    "QuotaExceeded.Vpc": "VPC quota exceeded.",
    "QuotaExceeded.VSwitch": "Virtual switch quota exceeded.",
    "QuotaExceeded.RouteTable": "Route table quota exceeded.",  # choice: the page says QuotaExceeded, suffix unknown
    "QuotaExceeded": "Route entry quota exceeded.",
    "IncorrectVpcStatus": f"Current VPC: {BUSY}",
    "IncorrectVSwitchStatus": f"Virtual switch: {BUSY}",
    "IncorrectRouteEntryStatus": f"Route entry: {BUSY}",
    "IncorrcetRouteEntryStatus": f"Specified route entry: {BUSY}",
    "IncorrectRouteTableStatus": f"Route table: {BUSY}",
    "IncorrectInstanceStatus": f"Next hop: {BUSY}",
    "IncorrectStatus": BUSY,
    "IncorrectStatus.VSwitch": f"Virtual switch: {BUSY}",
    "DeleteVSwitch.IncorrectStatus.cbnStatus": f"Attachment of the VPC to a transit router: {BUSY}",
    "IncorrectStatus.RouteTable": f"Route table: {BUSY}",
    "IncorrectStatus.RouteTableStatus": f"Route table: {BUSY}",
    "IncorrectStatus.cbnStatus": f"Attachment of the VPC to a transit router: {BUSY}",
    "OperationDenied.OtherSubnetProcessing": "The operation is denied as another virtual switch is being processed.",
    "OperationDenied": "The operation is not allowed on the specified resource.",
    "Forbbiden": "The operation is forbidden: custom route entries are in use or managed by another product.",
    "DependencyViolation": "The resource is still in use.",
    "DependencyViolation.VSwitch": "Specified VPC or route table is still used by a virtual switch.",
    "DependencyViolation.RouteEntry": "Custom route entries are left.",
    "DependencyViolation.RouteTable": "A custom route table is left or associated.",
    "DependencyViolation.Instance": "Instances are left in the VPC.",
    "InsufficientIpAddress": "The virtual switch has no free private address.",  # choice
}

TEXTS: Mapping[str, str] = {**MESSAGES, **express_errors.MESSAGES}
"""All codes of the product, those of Express Connect included."""

STATUS: Mapping[str, int] = {
    **{code: 404 for code in TEXTS if code.endswith(("Id.NotFound", "Ids.NotFound"))},
    **express_errors.STATUS,
    "IncorrectStatus": 404,
}
"""HTTP status by code, where it is not 400. ``OperationDenied`` is 403 for DeleteVpc alone, as documented."""


def refusal(code: str, detail: str = "", status: int | None = None) -> CloudError:
    """The refusal of that code; ``detail`` says which object is to blame."""
    message = f"{TEXTS[code]} ({detail})" if detail else TEXTS[code]
    return CloudError(code, message, status or STATUS.get(code, 400))


def missing(name: str) -> CloudError:
    return CloudError("MissingParameter", f"The input parameter {name} that is mandatory for this request is missing.")


def invalid(name: str, value: str) -> CloudError:
    return CloudError("InvalidParameter", f"The parameter {name} has the invalid value {value!r}.")


CODES = Codes(missing, invalid)
