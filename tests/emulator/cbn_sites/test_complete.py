"""Every action of this folder's concern succeeds through the official SDK, with a complete typed body (the console
proves it). The CEN tests count these sequences when they check that no action is forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ..cbn.test_complete import filled
from .conftest import ACCOUNT, B, Console, H

Step = tuple[str, Mapping[str, Any]]

ATTACHMENT = {"TransitRouterAttachmentId": "{vbr_attachment}"}
PAIR = {**ATTACHMENT, "TransitRouterRouteTableId": "{hub_system}"}
CUSTOM = {**ATTACHMENT, "TransitRouterRouteTableId": "{custom}"}
STATIC = {
    "TransitRouterRouteTableId": "{hub_system}",
    "TransitRouterRouteEntryDestinationCidrBlock": "172.20.0.0/16",
    "TransitRouterRouteEntryNextHopType": "Attachment",
    "TransitRouterRouteEntryNextHopId": "{vbr_attachment}",
}
INTO_VBR = {
    "CenId": "{cen}",
    **ATTACHMENT,
    "RouteTableId": "{vbr_table}",
    "DestinationCidrBlock": "10.1.0.0/16",
}
CHECK = {"CenId": "{cen}", "VbrInstanceId": "{vbr}", "VbrInstanceRegionId": H}
BASIC = {
    "CenId": "{basic_cen}",
    "ChildInstanceId": "{spare_vbr}",
    "ChildInstanceType": "VBR",
    "ChildInstanceRegionId": H,
}
VBR_CHILD = {"CenId": "{cen}", "ChildInstanceId": "{vbr}", "ChildInstanceType": "VBR", "ChildInstanceRegionId": H}
VBR_ROUTE = {"ChildInstanceRouteTableId": "{vbr_table}", "DestinationCidrBlock": "192.168.1.0/24"}
LIMIT = {"CenId": "{basic_cen}", "LocalRegionId": H, "OppositeRegionId": B}
SERVICE = {"CenId": "{basic_cen}", "Host": "100.64.7.0/24", "HostRegionId": H}
POLICY = {"CenId": "{cen}", "CenRegionId": H}
GRANT = {"CenId": "{cen}", "CenOwnerId": int(ACCOUNT), "InstanceId": "{spare_vbr}", "InstanceType": "ExpressConnect"}

SEQUENCES: list[list[Step]] = [
    [
        (
            "CreateTransitRouterVbrAttachment",
            {
                "VbrId": "{far_vbr}",
                "CenId": "{cen}",
                "RegionId": B,
                "AutoPublishRouteEnabled": True,
                "TransitRouterAttachmentName": "site",
                "TransitRouterAttachmentDescription": "of people",
                "Tag": [{"Key": "a", "Value": "b"}],
            },
        ),
        ("ListTransitRouterVbrAttachments", {"CenId": "{cen}"}),
        (
            "UpdateTransitRouterVbrAttachmentAttribute",
            {"TransitRouterAttachmentId": "{TransitRouterAttachmentId}", "AutoPublishRouteEnabled": False},
        ),
        ("ListTagResources", {"ResourceType": "TransitRouterVbrAttachment"}),
        ("DeleteTransitRouterVbrAttachment", {"TransitRouterAttachmentId": "{TransitRouterAttachmentId}"}),
    ],
    [
        ("ListTransitRouterRouteTableAssociations", PAIR),
        ("ReplaceTransitRouterRouteTableAssociation", CUSTOM),
        ("DissociateTransitRouterAttachmentFromRouteTable", CUSTOM),
        ("AssociateTransitRouterAttachmentWithRouteTable", PAIR),
        ("ListTransitRouterRouteTablePropagations", PAIR),
        ("DisableTransitRouterRouteTablePropagation", PAIR),
        ("EnableTransitRouterRouteTablePropagation", PAIR),
        ("CreateTransitRouterRouteEntry", STATIC),
        (
            "ListTransitRouterRouteEntries",
            {"TransitRouterRouteTableId": "{hub_system}", "TransitRouterRouteEntryType": "Static"},
        ),
        ("DeleteTransitRouterRouteEntry", STATIC),
    ],
    [
        ("CreateCenChildInstanceRouteEntryToAttachment", INTO_VBR),
        (
            "ListCenChildInstanceRouteEntriesToAttachment",
            {**ATTACHMENT, "ChildInstanceRouteTableId": "{vbr_table}"},
        ),
        ("DeleteCenChildInstanceRouteEntryToAttachment", INTO_VBR),
    ],
    [
        ("EnableCenVbrHealthCheck", {**CHECK, "HealthCheckTargetIp": "10.255.1.2", "Description": "x"}),
        ("DescribeCenVbrHealthCheck", {"VbrInstanceRegionId": H}),
        ("DisableCenVbrHealthCheck", CHECK),
    ],
    [
        ("WithdrawPublishedRouteEntries", {**VBR_CHILD, **VBR_ROUTE}),
        ("DescribePublishedRouteEntries", VBR_CHILD),
        ("PublishRouteEntries", {**VBR_CHILD, **VBR_ROUTE}),
        ("DescribeCenChildInstanceRouteEntries", VBR_CHILD),
        (
            "DescribeRouteConflict",
            {k: v for k, v in (VBR_CHILD | VBR_ROUTE).items() if k not in ("CenId", "DestinationCidrBlock")},
        ),
    ],
    [
        ("AttachCenChildInstance", BASIC),
        ("DescribeCenAttachedChildInstances", {"CenId": "{basic_cen}", "ChildInstanceType": "VBR"}),
        ("DescribeCenAttachedChildInstanceAttribute", BASIC),
        (
            "DescribeCenAttachedChildInstanceAttribute",
            {**BASIC, "ChildInstanceId": "{free_vpc}", "ChildInstanceType": "VPC"},
        ),
        ("DescribeCenRegionDomainRouteEntries", {"CenId": "{cen}", "CenRegionId": H}),
        ("DetachCenChildInstance", BASIC),
    ],
    [
        ("SetCenInterRegionBandwidthLimit", {**LIMIT, "BandwidthLimit": 2}),
        ("DescribeCenInterRegionBandwidthLimits", {"CenId": "{basic_cen}"}),
        ("DescribeCenBandwidthPackages", {}),
    ],
    [
        ("ResolveAndRouteServiceInCen", {**SERVICE, "HostVpcId": "{free_vpc}", "AccessRegionIds": [H]}),
        ("DescribeRouteServicesInCen", {"CenId": "{basic_cen}"}),
        ("DescribeCenRegionDomainRouteEntries", {"CenId": "{basic_cen}", "CenRegionId": H}),
        ("DeleteRouteServiceInCen", {**SERVICE, "AccessRegionId": H}),
    ],
    [
        (
            "CreateCenRouteMap",
            {
                **POLICY,
                "TransmitDirection": "RegionOut",
                "Priority": 10,
                "MapResult": "Permit",
                "Description": "sites hear each other",
                "SourceChildInstanceTypes": ["VBR"],
                "DestinationChildInstanceTypes": ["VBR"],
                "DestinationCidrBlocks": ["192.168.0.0/16"],
                "CidrMatchMode": "Include",
                "SourceInstanceIds": ["{vbr}"],
                "SourceInstanceIdsReverseMatch": True,
                "MatchAsns": [65001],
                "AsPathMatchMode": "Include",
                "PrependAsPath": [65002],
                "OperateCommunitySet": ["1:2"],
                "CommunityOperateMode": "Additive",
                "Preference": 20,
                "NextPriority": 20,
            },
        ),
        ("DescribeCenRouteMaps", {"CenId": "{cen}"}),
        ("ModifyCenRouteMap", {**POLICY, "RouteMapId": "{RouteMapId}", "Priority": 11, "MapResult": "Deny"}),
        ("DeleteCenRouteMap", {**POLICY, "RouteMapId": "{RouteMapId}"}),
    ],
    [
        ("GrantInstanceToTransitRouter", GRANT),
        ("DescribeGrantRulesToResource", {"ResourceId": "{spare_vbr}", "ProductType": "ExpressConnect"}),
        ("DescribeGrantRulesToCen", {"CenId": "{cen}", "ProductType": "ExpressConnect"}),
        ("RevokeInstanceFromTransitRouter", GRANT),
    ],
]


@pytest.mark.parametrize("steps", SEQUENCES, ids=lambda steps: steps[-1][0])
def test_sequence(steps: list[Step], console: Console, sites: dict[str, str]) -> None:
    """A list in the answer is never empty here: an empty one would prove nothing about its rows."""
    names = dict(sites)
    for action, parameters in steps:
        answer = console(action, **filled(parameters, names))
        assert answer["RequestId"]
        assert answer.get("TotalCount") != 0 or action == "DescribeRouteConflict", answer
        names.update({key: value for key, value in answer.items() if isinstance(value, str)})
