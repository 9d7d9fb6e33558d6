"""BGP of border routers: what each action answers, and sessions that are up exactly when the site answers rightly."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from gatespan.emulator.models import Site

from ..vpc.conftest import REGION
from .conftest import ENDS, Carrier

GATEWAY = ENDS["PeerGatewayIp"]


def group_of(console: Carrier, scene: dict[str, str], **parameters: Any) -> str:
    asked = {"RouterId": scene["vbr"], "PeerAsn": 65001, "AuthKey": "secret", **parameters}
    return str(console("CreateBgpGroup", **asked)["BgpGroupId"])


def peer_of(console: Carrier, group: str, **parameters: Any) -> str:
    return str(console("CreateBgpPeer", BgpGroupId=group, **parameters)["BgpPeerId"])


def test_group(console: Carrier, scene: dict[str, str]) -> None:
    id = group_of(console, scene, Name="plant", Description="speaker", IsFakeAsn=True, RouteQuota=50)
    other = group_of(console, scene, LocalAsn=64512)

    def groups(**parameters: Any) -> list[dict[str, Any]]:
        return list(console("DescribeBgpGroups", **parameters)["BgpGroups"]["BgpGroup"])

    assert groups(BgpGroupId=id) == [
        {
            "BgpGroupId": id,
            "Name": "plant",
            "Description": "speaker",
            "RouterId": scene["vbr"],
            "RegionId": REGION,
            "PeerAsn": "65001",
            "LocalAsn": "45104",
            "AuthKey": "secret",
            "IsFake": "true",
            "RouteLimit": "50",
            "Hold": "30",
            "Keepalive": "10",
            "IpVersion": "IPV4",
            "Status": "Available",
        }
    ]
    assert [row["BgpGroupId"] for row in groups(RouterId=scene["vbr"])] == [id, other]
    assert groups(RouterId="vbr-none") == groups(RegionId="cn-beijing") == []
    console("ModifyBgpGroupAttribute", BgpGroupId=id, Name="new", PeerAsn=65002, ClearAuthKey=True)
    (row,) = groups(BgpGroupId=id)
    assert (row["Name"], row["PeerAsn"], row["AuthKey"], row["RouteLimit"]) == ("new", "65002", "", "50")
    console("DeleteBgpGroup", BgpGroupId=id)
    assert [row["BgpGroupId"] for row in groups()] == [other]


def test_peer(console: Carrier, scene: dict[str, str]) -> None:
    group = group_of(console, scene, Name="plant")
    id = peer_of(console, group, PeerIpAddress=GATEWAY, EnableBfd=True, BfdMultiHop=1)
    assert console.peer(id) | {"GmtModified": ""} == {
        "BgpPeerId": id,
        "BgpGroupId": group,
        "RouterId": scene["vbr"],
        "RegionId": REGION,
        "PeerIpAddress": GATEWAY,
        "PeerAsn": "65001",
        "LocalAsn": "45104",
        "Name": "plant",
        "Description": "",
        "AuthKey": "secret",
        "IsFake": False,
        "EnableBfd": True,
        "BfdMultiHop": 1,
        "Hold": "30",
        "Keepalive": "10",
        "RouteLimit": "110",
        "AdvertisedRouteCount": 0,
        "ReceivedRouteCount": 2,
        "IpVersion": "IPV4",
        "GmtModified": "",
        "Status": "Available",
        "BgpStatus": "Established",
    }
    for wanted in ({"BgpGroupId": group}, {"RouterId": scene["vbr"]}, {}):
        assert console("DescribeBgpPeers", **wanted)["TotalCount"] == 1
    assert console("DescribeBgpPeers", BgpGroupId="bgpg-none")["TotalCount"] == 0
    other = group_of(console, scene)
    console("ModifyBgpPeerAttribute", BgpPeerId=id, BgpGroupId=other, EnableBfd=False)
    row = console.peer(id)
    assert (row["BgpGroupId"], row["EnableBfd"], row["BfdMultiHop"]) == (other, False, 1)
    assert console.refused("DeleteBgpGroup", BgpGroupId=other).code == "DependencyViolation.BgpPeer"
    console("DeleteBgpPeer", BgpPeerId=id)
    console("DeleteBgpGroup", BgpGroupId=other)


def test_states_on_the_way(console: Carrier, scene: dict[str, str]) -> None:
    seen = []
    with console.slow("fast"):
        group = group_of(console, scene)
        assert console.refused("CreateBgpPeer", BgpGroupId=group).code == "InvalidStatus.CannotOperate"
        console.cloud.advance(1)
        id = peer_of(console, group)
        bfd = {"EnableBfd": True, "BfdMultiHop": 1}
        for action, values in (("ModifyBgpPeerAttribute", bfd), ("DeleteBgpPeer", {})):
            seen.append(console.peer(id)["Status"])
            console.cloud.advance(1)
            console(action, BgpPeerId=id, **values)
        seen.append(console.peer(id)["Status"])
        assert console.peer(id)["BgpStatus"] == "Idle"
        assert console.refused("DeleteBgpGroup", BgpGroupId=group).code == "DependencyViolation.BgpPeer"
        console.cloud.advance(1)
        console("DeleteBgpGroup", BgpGroupId=group)
    assert seen == ["Pending", "Modifying", "Deleting"]


def test_networks(console: Carrier, scene: dict[str, str]) -> None:
    router = {"RouterId": scene["vbr"]}
    console("AddBgpNetwork", **router, DstCidrBlock="10.0.0.0/16", VpcId=scene["vpc"])
    assert console("DescribeBgpNetworks", **router)["BgpNetworks"]["BgpNetwork"] == [
        {"DstCidrBlock": "10.0.0.0/16", "RouterId": scene["vbr"], "VpcId": scene["vpc"], "Status": "Available"}
    ]
    peer = peer_of(console, group_of(console, scene))
    assert console.peer(peer)["AdvertisedRouteCount"] == 1
    console("DeleteBgpNetwork", **router, DstCidrBlock="10.0.0.0/16")
    assert console("DescribeBgpNetworks")["TotalCount"] == 0


SPEAKER = {"asn": 65001, "bgp_key": "secret"}
SESSIONS: list[tuple[str, dict[str, Any], str]] = [
    ("all is right", SPEAKER, "Established"),
    ("no speaker", {"asn": 0}, "Connect"),
    ("another ASN", {**SPEAKER, "asn": 65002}, "Active"),
    ("another key", {**SPEAKER, "bgp_key": "wrong"}, "Connect"),
    ("no key", {"asn": 65001, "bgp_key": ""}, "Connect"),
]


@pytest.mark.parametrize(("what", "values", "expected"), SESSIONS, ids=[case[0] for case in SESSIONS])
def test_session(what: str, values: dict[str, Any], expected: str, console: Carrier, scene: dict[str, str]) -> None:
    peer = peer_of(console, group_of(console, scene))
    site = console.cloud.world.first(Site, name="plant")
    console.put(dataclasses.replace(site, **values))
    row = console.peer(peer)
    assert (row["Status"], row["BgpStatus"]) == ("Available", expected), what
    assert row["ReceivedRouteCount"] == (2 if expected == "Established" else 0)


def test_session_needs_the_line(console: Carrier, scene: dict[str, str]) -> None:
    group = group_of(console, scene)
    peer, stray = peer_of(console, group), peer_of(console, group, PeerIpAddress="10.255.0.9")

    def status(id: str) -> str:
        return str(console.peer(id)["BgpStatus"])

    assert (status(peer), status(stray)) == ("Established", "Connect")
    console("TerminateVirtualBorderRouter", VbrId=scene["vbr"])
    assert status(peer) == "Idle"
    console("RecoverVirtualBorderRouter", VbrId=scene["vbr"])
    assert status(peer) == "Established"
    console.change_circuit(scene["circuit"], status="Terminated")
    assert status(peer) == "Idle"
    console.change_circuit(scene["circuit"], status="Enabled", site="nowhere")
    assert status(peer) == "Connect"
