"""Every action of the service is called once through the official SDK and succeeds; the console proves that the typed
body is complete. An action without a line here fails the last test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from gatespan.emulator.services.cbn import service

from .conftest import B, Console, H

PAIR = {"TransitRouterAttachmentId": "{hub_attachment}", "TransitRouterRouteTableId": "{hub_system}"}
OTHER = {"TransitRouterAttachmentId": "{hub_attachment}", "TransitRouterRouteTableId": "{custom}"}
CHILD = {
    "CenId": "{cen}",
    "ChildInstanceId": "{hub_vpc}",
    "ChildInstanceType": "VPC",
    "ChildInstanceRegionId": H,
}
SUBNET = {"ChildInstanceRouteTableId": "{hub_table}", "DestinationCidrBlock": "10.1.1.0/24"}
CIDR = {
    "TransitRouterRouteTableId": "{hub_system}",
    "TransitRouterRouteEntryDestinationCidrBlock": "100.64.1.0/24",
    "TransitRouterRouteEntryNextHopType": "Attachment",
    "TransitRouterRouteEntryNextHopId": "{hub_attachment}",
}
INTO_VPC = {
    "CenId": "{cen}",
    "TransitRouterAttachmentId": "{hub_attachment}",
    "RouteTableId": "{hub_table}",
    "DestinationCidrBlock": "10.2.0.0/16",
}
PLAN = {"CenBandwidthPackageId": "{plan}"}
AREAS = {"GeographicRegionAId": "China", "GeographicRegionBId": "China"}
TAGGED = {"ResourceType": "TransitRouter", "ResourceId": ["{hub_router}"]}

Step = tuple[str, Mapping[str, Any]]
UNPEER: list[Step] = [("DeleteTransitRouterPeerAttachment", {"TransitRouterAttachmentId": "{peer}", "Force": True})]
UNATTACH: list[Step] = [
    ("DeleteTransitRouterVpcAttachment", {"TransitRouterAttachmentId": "{hub_attachment}", "Force": True}),
    ("DeleteTransitRouterVpcAttachment", {"TransitRouterAttachmentId": "{spoke_attachment}", "Force": True}),
    ("DeleteTransitRouterRouteTable", {"TransitRouterRouteTableId": "{custom}"}),
]
UNASSOCIATE: list[Step] = [("UnassociateCenBandwidthPackage", {"CenId": "{cen}", **PLAN})]

SEQUENCES: list[list[Step]] = [
    [("CheckTransitRouterService", {}), ("DescribeCens", {}), ("ListTransitRouters", {"CenId": "{cen}"})],
    [("CreateCen", {"Name": "second"}), ("ModifyCenAttribute", {"CenId": "{CenId}", "Name": "2"})],
    [*UNPEER, *UNATTACH, *UNASSOCIATE, ("DeleteCen", {"CenId": "{cen}"})],
    [
        ("ListTransitRouterAvailableResource", {"RegionId": H}),
        ("CreateTransitRouter", {"CenId": "{cen}", "RegionId": "cn-shanghai"}),
        (
            "UpdateTransitRouter",
            {"TransitRouterId": "{TransitRouterId}", "RegionId": "cn-shanghai", "TransitRouterName": "x"},
        ),
        ("DeleteTransitRouter", {"TransitRouterId": "{TransitRouterId}"}),
    ],
    [
        ("ListTransitRouterVpcAttachments", {"CenId": "{cen}"}),
        (
            "UpdateTransitRouterVpcAttachmentAttribute",
            {"TransitRouterAttachmentId": "{hub_attachment}", "AutoPublishRouteEnabled": True},
        ),
        (
            "CreateTransitRouterVpcAttachment",
            {
                "VpcId": "{free_vpc}",
                "TransitRouterId": "{hub_router}",
                "RegionId": H,
                "ZoneMappings": [
                    {"ZoneId": "cn-hangzhou-h", "VSwitchId": "{free_1}"},
                    {"ZoneId": "cn-hangzhou-i", "VSwitchId": "{free_2}"},
                ],
            },
        ),
        ("DeleteTransitRouterVpcAttachment", {"TransitRouterAttachmentId": "{TransitRouterAttachmentId}"}),
    ],
    [
        ("ListTransitRouterPeerAttachments", {"CenId": "{cen}", "RegionId": B}),
        (
            "UpdateTransitRouterPeerAttachmentAttribute",
            {"TransitRouterAttachmentId": "{peer}", "Bandwidth": 10},
        ),
        *UNPEER,
        (
            "CreateTransitRouterPeerAttachment",
            {"TransitRouterId": "{hub_router}", "PeerTransitRouterId": "{spoke_router}"},
        ),
    ],
    [
        ("ListTransitRouterRouteTables", {"TransitRouterId": "{hub_router}"}),
        ("CreateTransitRouterRouteTable", {"TransitRouterId": "{hub_router}"}),
        (
            "UpdateTransitRouterRouteTable",
            {"TransitRouterRouteTableId": "{TransitRouterRouteTableId}", "TransitRouterRouteTableName": "x"},
        ),
        ("DeleteTransitRouterRouteTable", {"TransitRouterRouteTableId": "{TransitRouterRouteTableId}"}),
    ],
    [
        ("ListTransitRouterRouteTableAssociations", {"TransitRouterRouteTableId": "{hub_system}"}),
        ("ReplaceTransitRouterRouteTableAssociation", OTHER),
        ("DissociateTransitRouterAttachmentFromRouteTable", OTHER),
        ("AssociateTransitRouterAttachmentWithRouteTable", PAIR),
        ("ListTransitRouterRouteTablePropagations", {"TransitRouterRouteTableId": "{hub_system}"}),
        ("DisableTransitRouterRouteTablePropagation", PAIR),
        ("EnableTransitRouterRouteTablePropagation", PAIR),
    ],
    [
        ("CreateTransitRouterRouteEntry", CIDR),
        (
            "UpdateTransitRouterRouteEntry",
            {"TransitRouterRouteEntryId": "{TransitRouterRouteEntryId}", "TransitRouterRouteEntryName": "x"},
        ),
        ("ListTransitRouterRouteEntries", {"TransitRouterRouteTableId": "{hub_system}"}),
        ("DeleteTransitRouterRouteEntry", {"TransitRouterRouteEntryId": "{TransitRouterRouteEntryId}"}),
    ],
    [
        ("CreateCenBandwidthPackage", {"Bandwidth": 2, **AREAS, "AutoPay": True}),
        ("ModifyCenBandwidthPackageAttribute", {**PLAN, "Name": "ab"}),
        ("ModifyCenBandwidthPackageSpec", {**PLAN, "Bandwidth": 20}),
        ("DescribeCenBandwidthPackages", {}),
        *UNPEER,
        *UNASSOCIATE,
        ("AssociateCenBandwidthPackage", {"CenId": "{cen}", **PLAN}),
        (
            "CreateCenBandwidthPackage",
            {"Bandwidth": 2, **AREAS, "AutoPay": True, "BandwidthPackageChargeType": "POSTPAY"},
        ),
        ("DeleteCenBandwidthPackage", {"CenBandwidthPackageId": "{CenBandwidthPackageId}"}),
    ],
    [
        ("DescribeCenGeographicSpans", {}),
        ("DescribeGeographicRegionMembership", {"GeographicRegionId": "china"}),
        ("DescribeCenGeographicSpanRemainingBandwidth", {"CenId": "{cen}", **AREAS}),
        ("DescribeCenInterRegionBandwidthLimits", {"CenId": "{cen}"}),
    ],
    [
        ("TagResources", {**TAGGED, "Tag": [{"Key": "a", "Value": "b"}]}),
        ("ListTagResources", {**TAGGED, "RegionId": H}),
        ("UntagResources", {**TAGGED, "TagKey": ["a"]}),
    ],
    [
        ("WithdrawPublishedRouteEntries", {**CHILD, **SUBNET}),
        ("DescribePublishedRouteEntries", CHILD),
        ("PublishRouteEntries", {**CHILD, **SUBNET}),
        ("DescribeCenChildInstanceRouteEntries", CHILD),
        (
            "DescribeRouteConflict",
            {k: v for k, v in (CHILD | SUBNET).items() if k not in ("CenId", "DestinationCidrBlock")},
        ),
        ("DescribeCenAttachedChildInstances", {"CenId": "{cen}"}),
    ],
    [
        ("CreateCenChildInstanceRouteEntryToAttachment", INTO_VPC),
        (
            "ListCenChildInstanceRouteEntriesToAttachment",
            {"ChildInstanceRouteTableId": "{hub_table}", "TransitRouterAttachmentId": "{hub_attachment}"},
        ),
        ("DeleteCenChildInstanceRouteEntryToAttachment", INTO_VPC),
    ],
]
ELSEWHERE = {
    "OpenTransitRouterService": "the scene opens it",
    "UpdateTransitRouterVpcAttachmentZones": "test_vpc_attachments",
}


def filled(value: Any, names: Mapping[str, str]) -> Any:
    """The value with the names in braces replaced by ids."""
    if isinstance(value, str):
        return value.format(**names)
    if isinstance(value, Mapping):
        return {key: filled(inner, names) for key, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, names) for inner in value]
    return value


@pytest.mark.parametrize("steps", SEQUENCES, ids=lambda steps: steps[-1][0])
def test_sequence(steps: list[Step], console: Console, scene: dict[str, str]) -> None:
    names = dict(scene)
    for action, parameters in steps:
        answer = console(action, **filled(parameters, names))
        assert answer["RequestId"]
        names.update({key: value for key, value in answer.items() if isinstance(value, str)})


def test_every_action_is_called() -> None:
    from ..cbn_sites.test_complete import SEQUENCES as OF_SITES

    called = {action for steps in (*SEQUENCES, *OF_SITES) for action, _ in steps} | ELSEWHERE.keys()
    assert called == service.actions.keys()
