"""Facts about the cloud that the offline rules need, as data, each with where it is known from.

A region that a table does not know is not an error: the read-only preflight asks the cloud itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network

# Zones where Enterprise transit routers are present (help page "Regions and zones of transit routers").
TRANSIT_ROUTER_ZONES: dict[str, tuple[str, ...]] = {
    "cn-hangzhou": tuple("bhijk"),
    "cn-beijing": tuple("cfghijkl"),
    "cn-shanghai": tuple("befglmn"),
    "cn-shenzhen": tuple("acdef"),
}

EVERYTHING = IPv4Network("0.0.0.0/0")

# Where conventional gateway instances call from, and the cloud's services are; every VPC has a system route for it.
SERVICES = IPv4Network("100.64.0.0/10")

# No VPC may lie in, contain a part of, or carry routes for these (help page of CreateVpc).
RESERVED: dict[IPv4Network, str] = {
    SERVICES: "the cloud's own services",
    IPv4Network("224.0.0.0/4"): "multicast",
    IPv4Network("127.0.0.0/8"): "loopback",
    IPv4Network("169.254.0.0/16"): "link-local addresses",
}

# What a VPC forwards privately without a user CIDR of its own (help page of CreateVpc; RFC 1918).
PRIVATE = (IPv4Network("10.0.0.0/8"), IPv4Network("172.16.0.0/12"), IPv4Network("192.168.0.0/16"))

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

# Bandwidth of a border router, Mbit/s (CreateVirtualBorderRouter; 50120 is spelt so there).
VBR_MBPS = (50, 100, 200, 300, 400, 500, 1000, 2048, 5120, 8192, 10240, 20480, 40960, 50120, 61440, 102400)

# The cloud's own AS number; no site may have it (CreateBgpGroup: InvalidPeerAsn.Malformed).
CLOUD_ASN = 45104


@dataclass(frozen=True)
class Quota:
    """How many of something the cloud takes by default, and where that is known from."""

    most: int
    what: str
    source: str

    def exceeded(self, number: int, where: str) -> str:
        return f"There are {number} {self.what} {where}, and the cloud takes {self.most} ({self.source})"


VBRS_PER_CIRCUIT = Quota(5, "border routers", "Express Connect quotas")
INTERFACES_PER_ROUTER = Quota(10, "router interfaces", "Express Connect quotas")
ROUTES_PER_VBR = Quota(200, "static routes in a border router", "VPC quotas; older pages say 48")
ROUTES_PER_BGP_PEER = Quota(110, "routes over BGP", "RouteQuota of CreateBgpGroup")
ROUTES_PER_VPC_TABLE = Quota(200, "routes in a VPC's route table", "VPC quotas")
VPCS_PER_ROUTER = Quota(1000, "VPCs at a transit router", "What is CEN")
PUBLISHED_VPCS_PER_ROUTER = Quota(
    50, "VPCs whose routes a transit router writes", "Route synchronization, a fixed limit"
)
CHILDREN_PER_BASIC_ROUTER = Quota(10, "networks at a Basic transit router", "VPC firewall, limits of the Basic edition")
QUOTAS = (
    VBRS_PER_CIRCUIT,
    INTERFACES_PER_ROUTER,
    ROUTES_PER_VBR,
    ROUTES_PER_BGP_PEER,
    ROUTES_PER_VPC_TABLE,
    VPCS_PER_ROUTER,
    PUBLISHED_VPCS_PER_ROUTER,
    CHILDREN_PER_BASIC_ROUTER,
)
