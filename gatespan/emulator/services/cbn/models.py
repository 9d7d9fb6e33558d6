"""The things of the CEN product (Cbn). Learned routes are computed (``routes``), never stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gatespan.emulator.world import Thing


@dataclass(frozen=True, kw_only=True)
class TransitRouterService(Thing):
    """The account-level switch of the transit router service; ``id`` is the account id.

    ``basic``: Basic routers may still come into being in this account by AttachCenChildInstance. Whether the service
    lets an account do so today is not known; True (also for an account without this thing) is a choice.
    """

    KIND = "transit_router_service"
    enabled: bool = True
    basic: bool = True


@dataclass(frozen=True, kw_only=True)
class Cen(Thing):
    KIND = "cen"
    name: str = ""
    description: str = ""
    protection_level: str = "REDUCED"


@dataclass(frozen=True, kw_only=True)
class TransitRouter(Thing):
    """``type`` is Enterprise or Basic."""

    KIND = "transit_router"
    cen_id: str
    type: str = "Enterprise"
    name: str = ""
    description: str = ""
    support_multicast: bool = False


@dataclass(frozen=True, kw_only=True)
class TransitRouterRouteTable(Thing):
    """``type`` is System (one per router, made and removed with it) or Custom."""

    KIND = "transit_router_route_table"
    transit_router_id: str
    type: str = "System"
    name: str = ""
    description: str = ""
    multi_region_ecmp: str = "disable"


@dataclass(frozen=True)
class ZoneMapping:
    zone: str
    vswitch_id: str
    network_interface_id: str = ""


@dataclass(frozen=True, kw_only=True)
class VpcAttachment(Thing):
    """``region`` is the router's and the VPC's region; ``options`` such as ``Ipv6Support``: enable or disable."""

    KIND = "vpc_attachment"
    cen_id: str
    transit_router_id: str
    vpc_id: str
    vpc_owner: str = ""
    zones: tuple[ZoneMapping, ...] = ()
    auto_publish: bool = False
    charge_type: str = "POSTPAY"
    name: str = ""
    description: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class PeerAttachment(Thing):
    """An inter-region connection: one id seen from both routers. ``bandwidth`` in Mbit/s."""

    KIND = "peer_attachment"
    cen_id: str
    transit_router_id: str
    peer_transit_router_id: str
    peer_region: str
    bandwidth: int = 0
    bandwidth_type: str = "DataTransfer"
    package_id: str = ""
    auto_publish: bool = False
    link_type: str = "Gold"
    name: str = ""
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class Association(Thing):
    """Which table forwards what comes from the attachment. ``id`` is ``attachment:table``."""

    KIND = "association"
    attachment_id: str
    table_id: str


@dataclass(frozen=True, kw_only=True)
class Propagation(Thing):
    """Into which table the attachment's routes are learned. ``id`` is ``attachment:table``."""

    KIND = "propagation"
    attachment_id: str
    table_id: str


@dataclass(frozen=True, kw_only=True)
class TransitRouterRouteEntry(Thing):
    """A static route of a transit-router table; ``next_hop_type`` Attachment or BlackHole."""

    KIND = "transit_router_route_entry"
    table_id: str
    destination: str
    next_hop_type: str
    next_hop_id: str = ""
    name: str = ""
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class BandwidthPackage(Thing):
    """A bandwidth plan. ``bandwidth`` in Mbit/s, areas in lower case as answered, ``expires`` in epoch seconds (0: pays
    as it goes), ``renew_months`` the term of its automatic renewal, ``ordered`` the bandwidth that a change under way
    will bring."""

    KIND = "bandwidth_package"
    bandwidth: int
    area_a: str
    area_b: str
    name: str = ""
    description: str = ""
    cen_id: str = ""
    charge_type: str = "PREPAY"
    business_status: str = "Normal"
    expires: float = 0.0
    renew_months: int = 0
    ordered: int = 0


@dataclass(frozen=True, kw_only=True)
class PublishedRoute(Thing):
    """A VPC route published or withdrawn by hand. ``id`` is ``cen:table:destination``."""

    KIND = "published_route"
    cen_id: str
    instance_id: str
    instance_type: str
    table_id: str
    destination: str
    published: bool = True


@dataclass(frozen=True, kw_only=True)
class VbrAttachment(Thing):
    """A virtual border router on a transit router; inert until associated and propagated."""

    KIND = "vbr_attachment"
    cen_id: str
    transit_router_id: str
    vbr_id: str
    vbr_owner: str = ""
    auto_publish: bool = False
    name: str = ""
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class ChildInstance(Thing):
    """A VPC or VBR attached the Basic way. ``id`` is ``cen:instance``; ``type`` VPC or VBR."""

    KIND = "child_instance"
    cen_id: str
    instance_id: str
    type: str
    owner: str = ""


@dataclass(frozen=True, kw_only=True)
class InterRegionBandwidthLimit(Thing):
    """Basic edition: Mbit/s between two regions. ``id`` is ``cen:region:region`` with the regions sorted."""

    KIND = "inter_region_bandwidth_limit"
    cen_id: str
    local_region: str
    opposite_region: str
    bandwidth: int
    package_id: str = ""


@dataclass(frozen=True, kw_only=True)
class RouteService(Thing):
    """Basic edition: the way back to a cloud service's block. ``id`` is ``cen:host:host region:access region``."""

    KIND = "route_service"
    cen_id: str
    host: str
    host_region: str
    host_vpc_id: str
    access_region: str
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class VbrHealthCheck(Thing):
    """``id`` is ``cen:vbr``. ``interval`` in seconds, ``threshold`` in probes."""

    KIND = "vbr_health_check"
    cen_id: str
    vbr_id: str
    source_ip: str
    target_ip: str
    interval: int = 2
    threshold: int = 8
    only: bool = False
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class RouteMap(Thing):
    """A routing policy of a transit router. ``match`` and ``set`` hold the parameters by their API names."""

    KIND = "route_map"
    cen_id: str
    table_id: str
    direction: str
    priority: int
    result: str
    match: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    actions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class TransitRouterGrant(Thing):
    """A VPC or VBR that its owner lets another account's transit router attach. ``id`` is ``instance:cen``."""

    KIND = "transit_router_grant"
    cen_id: str
    cen_owner: str
    instance_id: str
    instance_type: str
    order_type: str = "PayByCenOwner"
