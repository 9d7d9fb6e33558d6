"""BGP of virtual border routers: groups, peers, and networks announced by hand."""

from __future__ import annotations

from typing import Any, TypeVar

from gatespan.emulator import routes
from gatespan.emulator.call import Call, iso
from gatespan.emulator.services.vpc import bgp, checks, express_checks
from gatespan.emulator.services.vpc import express_rules as rules
from gatespan.emulator.services.vpc.errors import invalid, refusal
from gatespan.emulator.services.vpc.models import BgpGroup, BgpNetwork, BgpPeer, VirtualBorderRouter
from gatespan.emulator.services.vpc.service import service
from gatespan.emulator.world import World

T = TypeVar("T", BgpGroup, BgpPeer, BgpNetwork)
PEER_ASNS = range(1, 4294967296)
HOPS = 255


# --- groups ---------------------------------------------------------------------------------------------------


@service.action("CreateBgpGroup", required=("RegionId", "RouterId", "PeerAsn"), token="ClientToken")
def create_bgp_group(call: Call) -> dict[str, Any]:
    vbr = _router(call)
    fields = {"local_asn": rules.CLOUD_ASN, **_group_fields(call)}
    _require_active(vbr)
    group = BgpGroup(
        id=call.ids.regional("bgpg", vbr.region),
        account=vbr.account,
        region=vbr.region,
        created=call.now,
        vbr_id=vbr.id,
        **fields,
    )
    call.begin(group, rules.BGP_CREATE)
    return {"BgpGroupId": group.id}


@service.action("DescribeBgpGroups", required=("RegionId",))
def describe_bgp_groups(call: Call) -> dict[str, Any]:
    params = call.params
    equal = {"id": params.optional("BgpGroupId"), "vbr_id": params.optional("RouterId")}
    found = _listed(call, BgpGroup, equal)
    rows, page = call.page(found)
    return {"BgpGroups": {"BgpGroup": [_group_row(group) for group in rows]}, **page}


@service.action("ModifyBgpGroupAttribute", required=("RegionId", "BgpGroupId"), token="ClientToken")
def modify_bgp_group_attribute(call: Call) -> None:
    group = express_checks.need(call, BgpGroup, "BgpGroupId", "InvalidParams.NotFound")
    fields = _group_fields(call)
    if call.params.boolean("ClearAuthKey", False):
        fields["auth_key"] = ""
    _require_available(group)
    call.begin(call.world.change(group, **fields), rules.BGP_MODIFY)


@service.action("DeleteBgpGroup", required=("RegionId", "BgpGroupId"), token="ClientToken")
def delete_bgp_group(call: Call) -> None:
    group = express_checks.need(call, BgpGroup, "BgpGroupId", "InvalidParams.NotFound")
    for peer in call.world.find(BgpPeer, group_id=group.id):
        raise refusal("DependencyViolation.BgpPeer", f"{peer.id} in {group.id}")
    _require_available(group)
    call.begin(group, rules.BGP_DELETE)


# --- peers ----------------------------------------------------------------------------------------------------


@service.action("CreateBgpPeer", required=("RegionId", "BgpGroupId"), token="ClientToken")
def create_bgp_peer(call: Call) -> dict[str, Any]:
    """Without an address the peer is the far end of the border router's first circuit: choice."""
    group, world = express_checks.need(call, BgpGroup, "BgpGroupId", "InvalidBgpGroup"), call.world
    vbr = world.get(VirtualBorderRouter, group.vbr_id)
    gateway = vbr.circuits[0].peer_gateway_ip if vbr else ""
    fields = {"peer_ip": gateway, **_peer_fields(call)}
    _require_available(group)
    _require_new(world, group.vbr_id, fields["peer_ip"])
    if len(world.find(BgpPeer, vbr_id=group.vbr_id)) >= rules.BGP_PEERS_PER_VBR:
        raise refusal("QuotaExceeded.Bgp", f"{rules.BGP_PEERS_PER_VBR} on {group.vbr_id}")
    peer = BgpPeer(
        id=call.ids.regional("bgp", group.region),
        account=group.account,
        region=group.region,
        created=call.now,
        group_id=group.id,
        vbr_id=group.vbr_id,
        modified=call.now,
        **fields,
    )
    call.begin(peer, rules.BGP_CREATE)
    return {"BgpPeerId": peer.id}


@service.action("DescribeBgpPeers", required=("RegionId",))
def describe_bgp_peers(call: Call) -> dict[str, Any]:
    params = call.params
    equal = {
        "id": params.optional("BgpPeerId"),
        "group_id": params.optional("BgpGroupId"),
        "vbr_id": params.optional("RouterId"),
    }
    rows, page = call.page(_listed(call, BgpPeer, equal))
    return {"BgpPeers": {"BgpPeer": [_peer_row(call.world, peer) for peer in rows]}, **page}


@service.action("ModifyBgpPeerAttribute", required=("RegionId", "BgpPeerId"), token="ClientToken")
def modify_bgp_peer_attribute(call: Call) -> None:
    peer = express_checks.need(call, BgpPeer, "BgpPeerId", "InvalidParams.NotFound")
    fields = _peer_fields(call, peer)
    if "BgpGroupId" in call.params:
        group = express_checks.need(call, BgpGroup, "BgpGroupId", "InvalidBgpGroup")
        if group.vbr_id != peer.vbr_id:
            raise refusal("InvalidBgpGroup", f"{group.id} is of {group.vbr_id}")
        fields["group_id"] = group.id
    _require_available(peer)
    if fields.get("peer_ip", peer.peer_ip) != peer.peer_ip:
        _require_new(call.world, peer.vbr_id, fields["peer_ip"])
    call.begin(call.world.change(peer, modified=call.now, **fields), rules.BGP_MODIFY)


@service.action("DeleteBgpPeer", required=("RegionId", "BgpPeerId"), token="ClientToken")
def delete_bgp_peer(call: Call) -> None:
    peer = express_checks.need(call, BgpPeer, "BgpPeerId", "InvalidParams.NotFound")
    _require_available(peer)
    call.begin(peer, rules.BGP_DELETE)


# --- networks -------------------------------------------------------------------------------------------------


@service.action("AddBgpNetwork", required=("RegionId", "RouterId", "DstCidrBlock"), token="ClientToken")
def add_bgp_network(call: Call) -> None:
    vbr, world = _router(call), call.world
    network = _network_of(call, vbr)
    _require_active(vbr)
    if world.get(BgpNetwork, network.id):
        raise refusal("InvalidParams.AlreadyExists", network.id)
    if len(world.find(BgpNetwork, vbr_id=vbr.id)) >= rules.BGP_NETWORKS_PER_VBR:
        raise refusal("QuotaExceeded.BgpNetwork", f"{rules.BGP_NETWORKS_PER_VBR} on {vbr.id}")
    call.begin(network, rules.BGP_CREATE)


@service.action("DescribeBgpNetworks", required=("RegionId",))
def describe_bgp_networks(call: Call) -> dict[str, Any]:
    """``Status`` is the word that the Terraform provider waits for; the help page's example says Enabled."""
    rows, page = call.page(_listed(call, BgpNetwork, {"vbr_id": call.params.optional("RouterId")}))
    networks = [{"DstCidrBlock": n.cidr, "RouterId": n.vbr_id, "VpcId": n.vpc_id, "Status": n.status} for n in rows]
    return {"BgpNetworks": {"BgpNetwork": networks}, **page}


@service.action("DeleteBgpNetwork", required=("RegionId", "RouterId", "DstCidrBlock"), token="ClientToken")
def delete_bgp_network(call: Call) -> None:
    vbr = _router(call)
    wanted = _network_of(call, vbr).id
    network = call.world.get(BgpNetwork, wanted)
    if network is None:
        raise refusal("InvalidResource.NotFound", wanted)
    _require_available(network)
    call.begin(network, rules.BGP_DELETE)


# --- rules ----------------------------------------------------------------------------------------------------


def _router(call: Call) -> VirtualBorderRouter:
    return express_checks.need(call, VirtualBorderRouter, "RouterId", "InvalidParams.NotFound")


def _require_active(vbr: VirtualBorderRouter) -> None:
    if vbr.status != "active":
        raise refusal("InvalidStatus.CannotOperate", f"{vbr.id} is {vbr.status}")


def _require_available(thing: BgpGroup | BgpPeer | BgpNetwork) -> None:
    if thing.status != "Available":
        raise refusal("InvalidStatus.CannotOperate", f"{thing.id} is {thing.status}")


def _require_new(world: World, vbr_id: str, peer_ip: str) -> None:
    for twin in world.find(BgpPeer, vbr_id=vbr_id, peer_ip=peer_ip):
        raise refusal("InvalidParams.AlreadyExists", f"{twin.id} has {peer_ip}")


def _listed(call: Call, cls: type[T], equal: dict[str, str | None]) -> list[T]:
    region = checks.region_of(call)
    return call.listed(cls, checks.matching({**equal, "region": region}))


def _group_fields(call: Call) -> dict[str, Any]:
    """The parameters of a group that were given, as fields."""
    params = call.params
    _require_ipv4(call)
    fields: dict[str, Any] = express_checks.labels(call, "InvalidBgpName.Malformed", "InvalidBgpDescription.Malformed")
    if "PeerAsn" in params:
        asn = params.text("PeerAsn")
        if not asn.isdigit() or int(asn) not in PEER_ASNS or int(asn) == rules.CLOUD_ASN:
            raise refusal("InvalidPeerAsn.Malformed", asn)
        fields["peer_asn"] = int(asn)
    if "LocalAsn" in params:
        fields["local_asn"] = own = params.integer("LocalAsn")
        if not any(own in range_ for range_ in rules.LOCAL_ASNS) or own == rules.RESERVED_ASN:
            raise invalid("LocalAsn", str(own))
    if "AuthKey" in params:
        fields["auth_key"] = key = params.text("AuthKey")
        if len(key) > 64 or not key.isascii() or " " in key:
            raise refusal("InvalidBgpAuthkey.Malformed")
    if "IsFakeAsn" in params:
        fields["is_fake_asn"] = params.boolean("IsFakeAsn")
    if "RouteQuota" in params:
        fields["route_quota"] = params.integer("RouteQuota", least=1)
    return fields


def _peer_fields(call: Call, held: BgpPeer | None = None) -> dict[str, Any]:
    """The parameters of a peer that were given, as fields. BFD needs its number of hops."""
    params = call.params
    _require_ipv4(call)
    fields: dict[str, Any] = {}
    if "PeerIpAddress" in params:
        fields["peer_ip"] = params.text("PeerIpAddress")
        if rules.address(fields["peer_ip"]) is None:
            raise refusal("InvalidPeerIpAddress", fields["peer_ip"])
    if "BfdMultiHop" in params:
        fields["bfd_multi_hop"] = params.integer("BfdMultiHop", least=1, most=HOPS)
    if "EnableBfd" in params:
        fields["enable_bfd"] = params.boolean("EnableBfd")
        if fields["enable_bfd"] and not (held and held.bfd_multi_hop):
            params.integer("BfdMultiHop", least=1, most=HOPS)
    return fields


def _require_ipv4(call: Call) -> None:
    version = call.params.text("IpVersion", "IPv4")
    if version.upper() != "IPV4":
        raise invalid("IpVersion", version)


def _network_of(call: Call, vbr: VirtualBorderRouter) -> BgpNetwork:
    block = checks.network(call.params.text("DstCidrBlock"))
    if block is None:
        raise refusal("InvalidVbrNetwork", call.params.text("DstCidrBlock"))
    return BgpNetwork(
        id=f"{vbr.id}:{block}",
        account=vbr.account,
        region=vbr.region,
        created=call.now,
        vbr_id=vbr.id,
        cidr=str(block),
        vpc_id=call.params.text("VpcId", ""),
    )


# --- answers --------------------------------------------------------------------------------------------------


def _group_row(group: BgpGroup) -> dict[str, Any]:
    """All values are text here."""
    return {
        "BgpGroupId": group.id,
        "Name": group.name,
        "Description": group.description,
        "RouterId": group.vbr_id,
        "RegionId": group.region,
        "PeerAsn": str(group.peer_asn),
        "LocalAsn": str(group.local_asn),
        "AuthKey": group.auth_key,
        "IsFake": str(group.is_fake_asn).lower(),
        "RouteLimit": str(group.route_quota),
        "Hold": rules.BGP_HOLD,
        "Keepalive": rules.BGP_KEEPALIVE,
        "IpVersion": "IPV4",
        "Status": group.status,
    }


def _peer_row(world: World, peer: BgpPeer) -> dict[str, Any]:
    group, vbr = world.get(BgpGroup, peer.group_id), world.get(VirtualBorderRouter, peer.vbr_id)
    assert group is not None and vbr is not None  # neither is deleted before the peer
    site = bgp.speaker(world, peer)
    announced = [route for route in routes.vpc_table(world, vbr.route_table_id) if route.type == "CEN"]
    networks = world.find(BgpNetwork, vbr_id=vbr.id, status="Available")
    return {
        "BgpPeerId": peer.id,
        "BgpGroupId": group.id,
        "RouterId": vbr.id,
        "RegionId": peer.region,
        "PeerIpAddress": peer.peer_ip,
        "PeerAsn": str(group.peer_asn),
        "LocalAsn": str(group.local_asn),
        "Name": group.name,
        "Description": group.description,
        "AuthKey": group.auth_key,
        "IsFake": group.is_fake_asn,
        "EnableBfd": peer.enable_bfd,
        "BfdMultiHop": peer.bfd_multi_hop,
        "Hold": rules.BGP_HOLD,
        "Keepalive": rules.BGP_KEEPALIVE,
        "RouteLimit": str(group.route_quota),
        "AdvertisedRouteCount": len(announced) + len(networks) if site else 0,
        "ReceivedRouteCount": min(len(site.announces), group.route_quota) if site else 0,
        "IpVersion": "IPV4",
        "GmtModified": iso(peer.modified or peer.created),
        "Status": peer.status,
        "BgpStatus": bgp.session(world, peer),
    }
