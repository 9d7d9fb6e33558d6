"""Who owns a route table, a VPC or a border router, and what the two allow in it.

A VPC changes one thing at a time; a border router one route per table at a time (assumed like the VPC's: choice).
"""

from __future__ import annotations

import ipaddress
from typing import Any

from gatespan.emulator import routes
from gatespan.emulator.models import Machine
from gatespan.emulator.routes.model import VpcRoute
from gatespan.emulator.services.cbn.models import VpcAttachment
from gatespan.emulator.services.vpc import checks, express_checks, rules
from gatespan.emulator.services.vpc.errors import refusal
from gatespan.emulator.services.vpc.models import (
    NetworkInterface,
    RouteEntry,
    RouterInterface,
    RouteTable,
    VirtualBorderRouter,
    Vpc,
)
from gatespan.emulator.world import Thing, World

Owner = Vpc | VirtualBorderRouter

HOP_KINDS: dict[str, type[Thing] | None] = {
    "Instance": Machine,
    "NetworkInterface": NetworkInterface,
    "Attachment": VpcAttachment,
    "RouterInterface": RouterInterface,
    **dict.fromkeys(
        (
            "HaVip",
            "VpnGateway",
            "IPv6Gateway",
            "NatGateway",
            "VpcPeer",
            "Ipv4Gateway",
            "GatewayEndpoint",
            "Ecr",
            "GatewayLoadBalancerEndpoint",
        )
    ),
}
"""The next hop types of the API. The embedded cloud has no things of the kinds that are None: no such id exists."""


def at_rest(world: World, table_id: str) -> Owner:
    """The owner of the table, when nothing else in it is in motion."""
    table = world.get(RouteTable, table_id)
    if table and table.router_type == "VBR":
        return _border_router_at_rest(world, table)
    vpc = world.get(Vpc, table.vpc_id) if table else None
    if vpc is None:
        raise refusal("InvalidVpcId.NotFound", f"of {table_id}")
    checks.require_available(vpc)
    checks.require_quiet(world, vpc.id)
    return vpc


def require_destination(world: World, owner: Owner, block: ipaddress.IPv4Network) -> None:
    """In a VPC not in the cloud's own range, and not equal to nor inside a vSwitch's block (may contain one).

    A border router may lead to cloud services: the help page on reaching them over a circuit has people add such
    routes; that these may lie in the cloud's range is the choice of the embedded cloud.
    """
    if isinstance(owner, Vpc) and block.subnet_of(rules.CLOUD_RANGE):
        raise refusal("InvalidCidrBlock", f"{block} is in {rules.CLOUD_RANGE}")
    for vswitch in checks.vswitches_of(world, owner.id) if isinstance(owner, Vpc) else ():
        if block.subnet_of(ipaddress.IPv4Network(vswitch.cidr)):
            raise refusal("InvalidCidrBlock", f"{block} is in {vswitch.id} {vswitch.cidr}")


def require_hop(world: World, owner: Owner, hop_type: str, hop_id: str) -> None:
    """The next hop exists, belongs to the owner of the table, and is up."""
    if hop_type not in HOP_KINDS or (isinstance(owner, VirtualBorderRouter) and hop_type != "RouterInterface"):
        raise refusal("InvalidNextHopType", hop_type)
    if isinstance(owner, VirtualBorderRouter) and any(hop_id == c.vlan_interface_id for c in owner.circuits):
        return
    kind = HOP_KINDS[hop_type]
    hop: Any = world.get(kind, hop_id) if kind else None
    if hop is None:
        raise refusal("InvalidNextHopId.NotFound", f"{hop_type} {hop_id}")
    home = hop.router_id if isinstance(owner, VirtualBorderRouter) else getattr(hop, "vpc_id", "")
    if home != owner.id:
        raise refusal("InvalidNextHop.NotFound", f"{hop_id} is not in {owner.id}")
    if hop.pending or (isinstance(hop, RouterInterface) and hop.status != "Active"):
        raise refusal("IncorrectInstanceStatus", f"{hop_id} is {hop.status}")


def held(world: World, table_id: str) -> tuple[VpcRoute, ...]:
    """All routes of the table, stored, heard and pushed."""
    return routes.vpc_table(world, table_id)


def _border_router_at_rest(world: World, table: RouteTable) -> VirtualBorderRouter:
    vbr = world.get(VirtualBorderRouter, table.router_id)
    if vbr is None or vbr.status != "active":
        raise refusal("InvalidVBRStatus", f"{table.router_id} is {vbr.status if vbr else 'gone'}")
    circuit = express_checks.circuit_of(world, vbr)
    if circuit and circuit.business_status != "Normal":
        raise refusal("InvalidPhysicalConnectionBusinessStatus", f"{circuit.id} is {circuit.business_status}")
    for entry in world.find(RouteEntry, table_id=table.id):
        if entry.pending:
            raise refusal("IncorrectRouteEntryStatus", f"{entry.id} is {entry.status}")
    return vbr
