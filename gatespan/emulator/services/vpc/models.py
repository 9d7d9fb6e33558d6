"""The things of the VPC product. System and CEN-published routes are computed (``routes``), never stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gatespan.emulator.world import Thing


@dataclass(frozen=True, kw_only=True)
class Vpc(Thing):
    KIND = "vpc"
    name: str = ""
    description: str = ""
    cidr: str
    secondary_cidrs: tuple[str, ...] = ()
    user_cidrs: tuple[str, ...] = ()
    vrouter_id: str = ""
    route_table_id: str = ""
    is_default: bool = False
    resource_group_id: str = "rg-default"
    dns_hostname: bool = False


@dataclass(frozen=True, kw_only=True)
class VSwitch(Thing):
    KIND = "vswitch"
    vpc_id: str
    zone: str
    cidr: str
    name: str = ""
    description: str = ""
    route_table_id: str = ""
    is_default: bool = False


@dataclass(frozen=True, kw_only=True)
class RouteTable(Thing):
    """``type`` is System or Custom; ``router_type`` VRouter (of a VPC) or VBR; ``associate_type`` VSwitch or
    Gateway."""

    KIND = "route_table"
    vpc_id: str = ""
    router_id: str = ""
    router_type: str = "VRouter"
    type: str = "System"
    name: str = ""
    description: str = ""
    associate_type: str = "VSwitch"


@dataclass(frozen=True, kw_only=True)
class RouteEntry(Thing):
    """A custom route of a VPC table. ``next_hop_type`` as the API names it (``Attachment``, ``Instance`` ...)."""

    KIND = "route_entry"
    table_id: str
    destination: str
    next_hop_type: str = ""
    next_hop_id: str = ""
    name: str = ""
    description: str = ""
    modified: float = 0.0


@dataclass(frozen=True, kw_only=True)
class NetworkInterface(Thing):
    """An elastic network interface that a service put into a vSwitch; it takes one address and blocks deletion."""

    KIND = "network_interface"
    vpc_id: str
    vswitch_id: str
    ip: str
    owner_kind: str = ""
    owner_id: str = ""


# --- Express Connect ------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class PhysicalConnection(Thing):
    """A circuit, or a hosted connection (``product_type`` VirtualPhysicalConnection, a slice of ``parent_id``).

    ``site``: name of the site at its far end; ``loa``: the letter of authorisation as applied for;
    ``bandwidth`` in Mbit/s.
    """

    KIND = "physical_connection"
    name: str = ""
    description: str = ""
    access_point_id: str = ""
    line_operator: str = ""
    port_type: str = ""
    bandwidth: int = 0
    circuit_code: str = ""
    peer_location: str = ""
    redundant_id: str = ""
    product_type: str = "PhysicalConnection"
    parent_id: str = ""
    parent_account: str = ""
    vlan_id: str = ""
    spec: str = ""
    order_mode: str = ""
    vpconn_status: str = ""
    business_status: str = "Normal"
    loa_status: str = ""
    loa: Mapping[str, str] = field(default_factory=dict)
    enabled: float = 0.0
    expires: float = 0.0
    site: str = ""
    resource_group_id: str = "rg-default"


@dataclass(frozen=True)
class AssociatedCircuit:
    """One circuit of a border router: its first one, or one added for redundancy."""

    physical_connection_id: str
    vlan_id: int
    local_gateway_ip: str
    peer_gateway_ip: str
    peering_subnet_mask: str
    vlan_interface_id: str
    circuit_code: str = ""
    status: str = "Associated"


@dataclass(frozen=True, kw_only=True)
class VirtualBorderRouter(Thing):
    """``circuits``: the first is the one it was made on. ``terminated``: when it was terminated (0: it is not)."""

    KIND = "vbr"
    name: str = ""
    description: str = ""
    circuits: tuple[AssociatedCircuit, ...] = ()
    bandwidth: int = 0
    route_table_id: str = ""
    detect_multiplier: int = 0
    min_rx_interval: int = 0
    min_tx_interval: int = 0
    activated: float = 0.0
    terminated: float = 0.0
    recovered: float = 0.0
    physical_connection_owner: str = ""
    resource_group_id: str = "rg-default"


@dataclass(frozen=True, kw_only=True)
class BgpGroup(Thing):
    KIND = "bgp_group"
    vbr_id: str
    name: str = ""
    description: str = ""
    local_asn: int = 45104
    peer_asn: int = 0
    auth_key: str = ""
    is_fake_asn: bool = False
    route_quota: int = 110


@dataclass(frozen=True, kw_only=True)
class BgpPeer(Thing):
    """``status`` is that of the object; whether the session is up is computed from the site's speaker."""

    KIND = "bgp_peer"
    group_id: str
    vbr_id: str
    peer_ip: str
    enable_bfd: bool = False
    bfd_multi_hop: int = 0
    modified: float = 0.0


@dataclass(frozen=True, kw_only=True)
class BgpNetwork(Thing):
    """A CIDR announced to the site by hand. ``id`` is ``router:cidr``."""

    KIND = "bgp_network"
    vbr_id: str
    cidr: str
    vpc_id: str = ""


@dataclass(frozen=True, kw_only=True)
class RouterInterface(Thing):
    """One end of a VBR-to-VPC (or VPC-to-VPC) connection. ``router_type`` VRouter or VBR; ``vpc_id``: of a VRouter's.

    ``health_check_rate`` in milliseconds, ``health_check_threshold`` in probes; ``fast_link``: both ends were made
    and connected by one call.
    """

    KIND = "router_interface"
    router_type: str
    router_id: str
    role: str
    spec: str = ""
    name: str = ""
    description: str = ""
    opposite_region: str = ""
    opposite_router_type: str = ""
    opposite_router_id: str = ""
    opposite_interface_id: str = ""
    opposite_account: str = ""
    access_point_id: str = ""
    health_check_source_ip: str = ""
    health_check_target_ip: str = ""
    health_check_rate: int = 2000
    health_check_threshold: int = 8
    charge_type: str = "AfterPay"
    vpc_id: str = ""
    opposite_access_point_id: str = ""
    fast_link: bool = False
    connected: float = 0.0
    expires: float = 0.0
    resource_group_id: str = "rg-default"


@dataclass(frozen=True, kw_only=True)
class CenGrant(Thing):
    """A VPC or VBR that its owner lets another account's CEN attach. ``id`` is ``instance:cen``."""

    KIND = "cen_grant"
    instance_id: str
    instance_type: str
    cen_id: str
    cen_owner: str
