"""Life cycles, limits and fixed data of Express Connect: circuits, border routers, BGP, router interfaces.

Sources: help pages for states, quotas and value lists; the Terraform provider for what it waits for. No page
publishes how long a change takes: the seconds are a choice of the embedded cloud.

Circuits allocate themselves: the help page shows a review by people, the provider waits two minutes for it. A world
that wants the review uses a fault that keeps CreatePhysicalConnection (or ApplyPhysicalConnectionLOA) stuck.
"""

from __future__ import annotations

import calendar
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from gatespan.emulator.lifecycle import GONE, Transition
from gatespan.emulator.regions import regions
from gatespan.emulator.world import World

# --- life cycles ----------------------------------------------------------------------------------------------

CIRCUIT_ALLOCATE = Transition("Initial", "Allocated", 10)
LOA_REVIEW = Transition("Allocated", "Allocated", 60)
"""Staff read a letter of authorisation, or check that the work is done; the circuit stays Allocated meanwhile."""
CIRCUIT_CONFIRM = Transition("Allocated", "Confirmed", 5)
HOSTED_CONFIRM = Transition("Allocated", "Enabled", 5)
"""A hosted connection for which the partner pays needs no order of the tenant."""
CIRCUIT_ENABLE = Transition("Confirmed", "Enabled", 10)
CIRCUIT_TERMINATE = Transition("Terminating", "Terminated", 10)

VBR_TERMINATE = Transition("terminating", "terminated", 5)
VBR_RECOVER = Transition("recovering", "active", 5)
VBR_DELETE = Transition("deleting", GONE, 5)

BGP_CREATE = Transition("Pending", "Available", 5)
BGP_MODIFY = Transition("Modifying", "Available", 5)
BGP_DELETE = Transition("Deleting", GONE, 5)

INTERFACE_CREATE = Transition("Idle", "Idle", 3)
INTERFACE_CONNECT = Transition("Connecting", "Active", 10)
INTERFACE_ACCEPT = Transition("AcceptingConnecting", "Active", 10)
"""The short ``Activating`` between connecting and active is not shown: choice."""
INTERFACE_ACTIVATE = Transition("Activating", "Active", 5)
INTERFACE_DEACTIVATE = Transition("Deactivating", "Inactive", 5)
INTERFACE_RESIZE = Transition("Modifying", "Active", 5)
INTERFACE_DELETE = Transition("Deleting", GONE, 5)

# --- limits and value lists -----------------------------------------------------------------------------------

CIRCUITS_NOT_ENABLED = 5
VBRS_PER_CIRCUIT = 5
IDLE_VBRS = 5
"""Of those that are unconfirmed or terminated (what counts as idle is not published: choice)."""
CIRCUITS_PER_VBR = 4
"""A limit exists, its value is not published: choice."""
INTERFACES_PER_ROUTER = 10
BGP_PEERS_PER_VBR = 8
BGP_NETWORKS_PER_VBR = 20
"""A quota exists, its value is not published: choice."""
VLAN_KEPT_SECONDS = 7 * 24 * 3600.0
"""A terminated border router keeps its VLAN for so long."""
LAST_VLAN = 2999
CLOUD_ASN = 45104
RESERVED_ASN = 65025
LOCAL_ASNS = (range(CLOUD_ASN, CLOUD_ASN + 1), range(64512, 65535), range(4200000000, 4294967295))
BGP_HOLD, BGP_KEEPALIVE = "30", "10"
INTERCONNECT_MASKS = range(24, 31)

LINE_OPERATORS = ("CT", "CU", "CM", "CO", "Equinix", "Other")
LINE_TYPES = ("MSTP", "MPLSVPN", "FIBRE", "Other")
PORT_SPEEDS: Mapping[str, int] = {
    "100Base-T": 100,
    "1000Base-T": 1000,
    "1000Base-LX": 1000,
    "10GBase-T": 10240,
    "10GBase-LR": 10240,
    "40GBase-LR": 40960,
    "100GBase-LR": 102400,
}
"""Mbit/s by port type: a circuit's bandwidth where none is asked for."""
HOSTED_SPECS: Mapping[str, int] = {
    **{f"{mbit}M": mbit for mbit in (50, 100, 200, 300, 400, 500)},
    **{f"{gbit}G": gbit * 1024 for gbit in (1, 2, 5, 8, 10)},
}
VBR_BANDWIDTHS = (
    *(50, 100, 200, 300, 400, 500, 1000, 2048, 5120, 8192),
    *(10240, 20480, 40960, 50120, 61440, 102400),
)
"""50120 is the API's own figure."""
INTERFACE_SPECS: Mapping[str, int] = {
    "Mini.2": 2,
    "Mini.5": 5,
    "Small.1": 10,
    "Small.2": 20,
    "Small.5": 50,
    "Middle.1": 100,
    "Middle.2": 200,
    "Middle.5": 500,
    "Large.1": 1000,
    "Large.2": 2000,
    "Large.5": 5000,
    "Xlarge.1": 10000,
}
"""Mbit/s by specification; the accepting side has ``Negative``."""
ACCEPTOR_SPEC = "Negative"

# --- access points --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AccessPoint:
    id: str
    region: str
    letter: str
    status: str

    @property
    def takes_lines(self) -> bool:
        return self.status in ("recommended", "hot")


ACCESS_POINTS = (("A", "recommended"), ("B", "hot"), ("C", "full"), ("D", "disabled"))
"""Each region has four, one of each status: made up, in the shape of real ids."""


def access_points(world: World, region: str) -> tuple[AccessPoint, ...]:
    """The access points of a region, none where there is no such region."""
    if region not in regions(world):
        return ()
    return tuple(AccessPoint(f"ap-{region}-main-{letter}", region, letter, status) for letter, status in ACCESS_POINTS)


# --- terms and addresses --------------------------------------------------------------------------------------


def term_end(start: float, months: int) -> float:
    """The same day and time some calendar months on (the month's last day where there is no such day)."""
    begin = datetime.fromtimestamp(start, UTC)
    year, month = divmod(begin.year * 12 + begin.month - 1 + months, 12)
    day = min(begin.day, calendar.monthrange(year, month + 1)[1])
    return begin.replace(year=year, month=month + 1, day=day).timestamp()


def address(value: str) -> ipaddress.IPv4Address | None:
    """The IPv4 address, or None when it is none."""
    try:
        return ipaddress.IPv4Address(value)
    except ValueError:
        return None


def mask_length(mask: str) -> int | None:
    """The length of a dotted mask that the interconnect of a border router may have, else None."""
    try:
        length = ipaddress.IPv4Network(f"0.0.0.0/{mask}").prefixlen
    except ValueError:
        return None
    dotted = str(ipaddress.IPv4Network(f"0.0.0.0/{length}").netmask) == mask
    return length if dotted and length in INTERCONNECT_MASKS else None
