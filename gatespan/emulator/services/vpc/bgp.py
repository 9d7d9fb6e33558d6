"""Whether a BGP session of a border router is up: worked out from the speaker at the far end, never stored.

The far end is the site that the circuit leads to. It must have a speaker with the ASN that the group expects and the
same key. Without an answer the session stays in ``Connect`` (a wrong key looks the same: TCP drops the segments);
a speaker that says another ASN leaves it in ``Active``; a border router or circuit that is down in ``Idle``.
"""

from __future__ import annotations

from gatespan.emulator.models import Site
from gatespan.emulator.services.vpc.models import BgpGroup, BgpPeer, PhysicalConnection, VirtualBorderRouter
from gatespan.emulator.world import World

ESTABLISHED = "Established"


def session(world: World, peer: BgpPeer) -> str:
    """The peer's ``BgpStatus``: Idle, Connect, Active or Established."""
    group, vbr = world.get(BgpGroup, peer.group_id), world.get(VirtualBorderRouter, peer.vbr_id)
    if group is None or vbr is None or vbr.status != "active" or peer.status not in ("Available", "Modifying"):
        return "Idle"
    line = line_of(world, peer)
    if line is None:
        return "Connect"
    if line.status != "Enabled":
        return "Idle"
    site = world.first(Site, name=line.site) if line.site else None
    if site is None or not site.asn or site.bgp_key != group.auth_key:
        return "Connect"
    return ESTABLISHED if site.asn == group.peer_asn else "Active"


def speaker(world: World, peer: BgpPeer) -> Site | None:
    """The site whose speaker the session is up with."""
    line = line_of(world, peer) if session(world, peer) == ESTABLISHED else None
    return world.first(Site, name=line.site) if line else None


def line_of(world: World, peer: BgpPeer) -> PhysicalConnection | None:
    """The circuit at whose far end the peer's address is."""
    vbr = world.get(VirtualBorderRouter, peer.vbr_id)
    for circuit in vbr.circuits if vbr else ():
        if circuit.peer_gateway_ip == peer.peer_ip:
            return world.get(PhysicalConnection, circuit.physical_connection_id)
    return None
