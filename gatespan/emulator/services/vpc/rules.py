"""Life cycles, limits and shared checks of the VPC product; and what other products need of its vSwitches.

Sources: help pages for states, quotas and address rules. No page publishes how long a change takes: the seconds are
a choice of the embedded cloud.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from gatespan.emulator.call import Call
from gatespan.emulator.lifecycle import GONE, Transition
from gatespan.emulator.models import Machine
from gatespan.emulator.services.vpc.errors import refusal
from gatespan.emulator.services.vpc.models import NetworkInterface, VSwitch
from gatespan.emulator.world import Thing, World

VPC_CREATE = Transition("Pending", "Available", 3)
VPC_DELETE = Transition("Pending", GONE, 3)
VSWITCH_CREATE = Transition("Pending", "Available", 3)
VSWITCH_DELETE = Transition("Pending", GONE, 3)
VSWITCH_TRACE = Transition("Lingering", GONE, 3 + 8)
"""After a vSwitch is gone DeleteVpc still sees it for some seconds (users report waits of about 10 s)."""
ROUTE_CREATE = Transition("Pending", "Available", 3)
ROUTE_MODIFY = Transition("Modifying", "Available", 3)
ROUTE_DELETE = Transition("Deleting", GONE, 3)
TABLE_CREATE = Transition("Pending", "Available", 3)
TABLE_DELETE = Transition("Deleting", GONE, 3)

VPCS_PER_REGION = 10
VSWITCHES_PER_VPC = 150
CUSTOM_TABLES_PER_VPC = 9
ROUTES_PER_TABLE = 200
USER_CIDRS_PER_VPC = 3
TAGS_PER_RESOURCE = 20
IDS_PER_TAG_CALL = 20
RESERVED_ADDRESSES = 4
"""Of each vSwitch the first and the last three addresses are the cloud's own."""

CLOUD_RANGE = ipaddress.IPv4Network("100.64.0.0/10")
"""The cloud's own services; every VPC table carries a System route to it."""
NOT_FOR_VPCS = (CLOUD_RANGE, *map(ipaddress.IPv4Network, ("224.0.0.0/4", "127.0.0.0/8", "169.254.0.0/16")))
DEFAULT_RESOURCE_GROUP = "rg-default"

T = TypeVar("T", bound=Thing)


@dataclass(frozen=True, kw_only=True)
class VSwitchTrace(Thing):
    """What DeleteVpc still sees of a vSwitch that was deleted a moment ago. ``id`` is the vSwitch's."""

    KIND = "_vswitch_trace"
    vpc_id: str


# --- addresses, for this product and for those that put interfaces into vSwitches -------------------------


def used_ips(world: World, vswitch: VSwitch) -> frozenset[str]:
    """The addresses (or, where one is not known, the ids) of the interfaces and machines in the vSwitch."""
    index: Mapping[str, set[str]] = world.derived("vpc.addresses", _addresses)
    return frozenset(index.get(vswitch.id, ()))


def free_ip_count(world: World, vswitch: VSwitch) -> int:
    """How many private addresses are left: size less the four reserved, less what interfaces and machines hold."""
    size = ipaddress.IPv4Network(vswitch.cidr).num_addresses
    return max(0, size - RESERVED_ADDRESSES - len(used_ips(world, vswitch)))


def free_ip(world: World, vswitch: VSwitch) -> str:
    """The first unused usable address. Raises CloudError ``InsufficientIpAddress`` when none is left; a product with a
    code of its own for that asks ``free_ip_count`` first."""
    network, used = ipaddress.IPv4Network(vswitch.cidr), used_ips(world, vswitch)
    first, last = int(network.network_address) + 1, int(network.broadcast_address) - (RESERVED_ADDRESSES - 1)
    for number in range(first, last + 1):
        if (address := str(ipaddress.IPv4Address(number))) not in used:
            return address
    raise refusal("InsufficientIpAddress", vswitch.id)


def add_interface(call: Call, vswitch: VSwitch, owner_kind: str, owner_id: str) -> NetworkInterface:
    """Put an interface of a cloud service into the vSwitch; it takes the first free address."""
    return call.world.put(
        NetworkInterface(
            id=call.ids.regional("eni", vswitch.region),
            account=vswitch.account,
            region=vswitch.region,
            created=call.now,
            status="InUse",
            vpc_id=vswitch.vpc_id,
            vswitch_id=vswitch.id,
            ip=free_ip(call.world, vswitch),
            owner_kind=owner_kind,
            owner_id=owner_id,
        )
    )


def remove_interfaces(world: World, owner_kind: str, owner_id: str) -> None:
    """Take away every interface that the owner put into vSwitches (within a transaction)."""
    for interface in world.find(NetworkInterface, owner_kind=owner_kind, owner_id=owner_id):
        world.remove(interface)


def _addresses(world: World) -> dict[str, set[str]]:
    index: dict[str, set[str]] = {}
    holders: Iterable[NetworkInterface | Machine] = (*world.all(NetworkInterface), *world.all(Machine))
    for holder in holders:
        index.setdefault(holder.vswitch_id, set()).add(holder.ip or holder.id)
    return index
