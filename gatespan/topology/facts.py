"""Facts about the cloud that the offline rules need, as data, each with where it is known from.

A region that a table does not know is not an error: the read-only preflight asks the cloud itself.
"""

from __future__ import annotations

from ipaddress import IPv4Network

# Zones where Enterprise transit routers are present (help page "Regions and zones of transit routers").
TRANSIT_ROUTER_ZONES: dict[str, tuple[str, ...]] = {
    "cn-hangzhou": tuple("bhijk"),
    "cn-beijing": tuple("cfghijkl"),
    "cn-shanghai": tuple("befglmn"),
    "cn-shenzhen": tuple("acdef"),
}

# No VPC may lie in, contain a part of, or carry routes for these (help page of CreateVpc).
RESERVED: dict[IPv4Network, str] = {
    IPv4Network("100.64.0.0/10"): "the cloud's own services",
    IPv4Network("224.0.0.0/4"): "multicast",
    IPv4Network("127.0.0.0/8"): "loopback",
    IPv4Network("169.254.0.0/16"): "link-local addresses",
}

# Prefix lengths: VPC 8-28 (ModifyVpcAttribute), vSwitch 16-29 (CreateVSwitch).
VPC_MASKS = range(8, 29)
VSWITCH_MASKS = range(16, 30)

# Areas that a bandwidth plan joins (DescribeGeographicRegionMembership, CreateCenBandwidthPackage).
# Everything that starts "cn-" is mainland except Hong Kong.
_AREAS = {"eu": "Europe", "us": "North-America", "na": "North-America", "me": "Middle-East", "ap": "Asia-Pacific"}
MAINLAND = "China"


def area(region: str) -> str:
    """The area of a region, as CreateCenBandwidthPackage spells it."""
    if region == "cn-hongkong":
        return "Asia-Pacific"
    if region in ("ap-southeast-2",):
        return "Australia"
    head = region.partition("-")[0]
    return MAINLAND if head == "cn" else _AREAS.get(head, "Asia-Pacific")


# Specifications of dedicated gateway instances (help page "Instance types and specifications").
INSTANCE_SPECS = (
    "api.s1.small",
    "api.s1.medium",
    "api.s2.large",
    "api.s2.x2",
    "api.s2.x3",
    "api.s2.x4",
    "api.s2.x5",
    "api.s2.x6",
)
