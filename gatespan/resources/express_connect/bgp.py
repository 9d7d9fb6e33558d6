"""BGP between a border router and the site's router: a group (the site's ASN and key), its peer, announced networks.

The key comes from an environment variable at the moment of making the group and goes nowhere else: it is not compared,
not kept, and cut out of what the cloud answers.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from gatespan.cloud import Conflict
from gatespan.resources.base import Blocked, Foreign, Found, Ref, Resource, Scope, gone, ready
from gatespan.resources.gateway.instance import egress_blocks
from gatespan.resources.ownership import mark, owner

CLOUD_ASN = "45104"
"""The cloud's own, where a group says no other (help page of CreateBgpGroup)."""


@dataclass(frozen=True, kw_only=True)
class BgpGroup(Resource):
    """Found by its mark; else by a peer that has the site's address already: then the group is used as it is."""

    KIND = "bgp_group"
    TITLE = "BGP group"
    LISTS = ("DescribeBgpGroups", "DescribeBgpPeers", "DescribeVirtualBorderRouters")
    READY = ready("bgp_group", "Available")
    GONE = gone("bgp_group")

    vbr: Ref
    asn: int
    site_ip: str
    key_env: str | None = None

    def find(self, scope: Scope) -> Found | None:
        vbr = scope.found(self.vbr)
        assert vbr is not None
        where = {"RegionId": self.region, "RouterId": vbr.id}
        groups = scope.inventory.rows("DescribeBgpGroups", region=self.region, **where)
        row = next((r for r in groups if r.get("Description") == mark(scope.topology, self.key)), None)
        if row is None:
            return self._of_others(scope, groups)
        return Found(row["BgpGroupId"], row["Status"], {"asn": int(row["PeerAsn"])}, scope.topology, False, shown(row))

    def wants(self, scope: Scope) -> Mapping[str, Any]:
        return {"asn": self.asn}

    def create(self, scope: Scope, token: str) -> str:
        params = {
            "RegionId": self.region,
            "RouterId": scope.id_of(self.vbr),
            "PeerAsn": self.asn,
            "AuthKey": self._key(),
            "Name": f"{scope.topology}-{self.name}".replace("/", "-")[:128],
            "Description": mark(scope.topology, self.key),
        }
        return str(scope.cloud.call("vpc", "CreateBgpGroup", params, region=self.region, token=token)["BgpGroupId"])

    def update(self, scope: Scope, found: Found, changes: Mapping[str, Any]) -> None:
        params = {"RegionId": self.region, "BgpGroupId": found.id, "PeerAsn": changes["asn"]}
        scope.cloud.call("vpc", "ModifyBgpGroupAttribute", params, region=self.region, subject=found.id)

    def delete(self, scope: Scope, found: Found) -> None:
        params = {"RegionId": self.region, "BgpGroupId": found.id}
        scope.cloud.call("vpc", "DeleteBgpGroup", params, region=self.region, subject=found.id)

    def _of_others(self, scope: Scope, groups: tuple[Mapping[str, Any], ...]) -> Found | None:
        vbr = scope.found(self.vbr)
        assert vbr is not None
        where = {"RegionId": self.region, "RouterId": vbr.id}
        peers = scope.inventory.rows("DescribeBgpPeers", region=self.region, **where)
        taken = {p["BgpGroupId"] for p in peers if p["PeerIpAddress"] == self.site_ip}
        row = next((r for r in groups if r["BgpGroupId"] in taken), None)
        if row is None:
            return None
        if int(row["PeerAsn"]) != self.asn or not vbr.adopted:
            raise Foreign(
                f"{self.label}: {row['BgpGroupId']} has a peer at {self.site_ip} already, with ASN {row['PeerAsn']}, "
                "and is not ours. Remove it, or take its border router over (`vbr`) with that ASN.",
                row["BgpGroupId"],
            )
        return Found(row["BgpGroupId"], row["Status"], {}, owner(row), True, shown(row))

    def _key(self) -> str | None:
        if self.key_env is None:
            return None
        key = os.environ.get(self.key_env)
        if not key:
            raise Blocked(
                f"{self.label}: the environment variable {self.key_env} that holds the BGP key is not set here. Set it "
                "where this runs and run it again."
            )
        return key


@dataclass(frozen=True, kw_only=True)
class BgpPeer(Resource):
    """Its status is that of the session once it is configured, so it is ready when the site's router talks."""

    KIND = "bgp_peer"
    TITLE = "BGP session"
    LISTS = ("DescribeBgpPeers", "DescribeRouteEntryList", "ListTransitRouterRouteEntries")
    READY = ready("bgp_peer", "Established")
    GONE = gone("bgp_peer")

    group: Ref
    site_ip: str
    cloud_ip: str
    vlan: int
    mask: int
    asn: int
    key_env: str | None = None
    bfd: bool = False

    def find(self, scope: Scope) -> Found | None:
        group = scope.found(self.group)
        assert group is not None
        rows = scope.inventory.rows("DescribeBgpPeers", region=self.region, RegionId=self.region, BgpGroupId=group.id)
        row = next((r for r in rows if r["PeerIpAddress"] == self.site_ip), None)
        row = row or next((r for r in rows if not group.adopted), None)
        if row is None:
            return None
        status = row.get("BgpStatus") or "Idle" if row["Status"] == "Available" else row["Status"]
        fields = {} if group.adopted else {"site_ip": row["PeerIpAddress"], "bfd": bool(row.get("EnableBfd"))}
        return Found(row["BgpPeerId"], status, fields, group.owner, group.adopted, shown(row))

    def wants(self, scope: Scope) -> Mapping[str, Any]:
        return {"site_ip": self.site_ip, "bfd": self.bfd}

    def create(self, scope: Scope, token: str) -> str:
        params = {"RegionId": self.region, "BgpGroupId": scope.id_of(self.group), **self._settings()}
        return str(scope.cloud.call("vpc", "CreateBgpPeer", params, region=self.region, token=token)["BgpPeerId"])

    def update(self, scope: Scope, found: Found, changes: Mapping[str, Any]) -> None:
        params = {"RegionId": self.region, "BgpPeerId": found.id, **self._settings()}
        scope.cloud.call("vpc", "ModifyBgpPeerAttribute", params, region=self.region, subject=found.id)

    def delete(self, scope: Scope, found: Found) -> None:
        params = {"RegionId": self.region, "BgpPeerId": found.id}
        scope.cloud.call("vpc", "DeleteBgpPeer", params, region=self.region, subject=found.id)

    def remedy(self, scope: Scope, found: Found | None) -> str:
        if found is None:
            return ""
        key = f"the MD5 key that {self.key_env} holds" if self.key_env else "no MD5 key"
        return (
            f"the session is {found.status}, not Established. On the site's router: VLAN {self.vlan}, own address "
            f"{self.site_ip}/{self.mask}; neighbour {self.cloud_ip} with AS {found.row.get('LocalAsn') or CLOUD_ASN}; "
            f"own AS {self.asn}; {key}; TCP port 179 open. Then run this again."
        )

    def _settings(self) -> dict[str, Any]:
        """One hop: the circuit is direct (help page of CreateBgpPeer)."""
        return {"PeerIpAddress": self.site_ip, "EnableBfd": self.bfd, "BfdMultiHop": 1 if self.bfd else None}


@dataclass(frozen=True, kw_only=True)
class BgpNetwork(Resource):
    """Announced to the site by hand: with router interfaces nothing else tells it. ``cidr``, or the egress blocks of
    ``gateway``, for the answers of back ends at the site. It has no mark: it is ours when the connection is."""

    KIND = "bgp_network"
    TITLE = "announced network"
    LISTS = ("DescribeBgpNetworks", "DescribeBgpPeers")
    READY = ready("bgp_network", "Available", "Enabled")
    GONE = gone("bgp_network")

    vbr: Ref
    interface: Ref
    vpc: Ref
    cidr: str | None = None
    gateway: Ref | None = None

    def find(self, scope: Scope) -> Found | None:
        vbr, interface, wanted = scope.found(self.vbr), scope.found(self.interface), self._blocks(scope)
        assert vbr and interface
        if not wanted:
            return Found(vbr.id, "Available", adopted=True)  # the gateway has no egress blocks: nothing to announce
        rows = scope.inventory.rows("DescribeBgpNetworks", region=self.region, RegionId=self.region, RouterId=vbr.id)
        held = {r["DstCidrBlock"]: r["Status"] for r in rows if r["DstCidrBlock"] in wanted}
        if not held:
            return None
        status = next((s for s in held.values() if s not in self.READY.good), "Available")
        fields = {"announced": sorted(held)}
        return Found(f"{vbr.id}:{','.join(held)}", status, fields, interface.owner, interface.adopted, held)

    def wants(self, scope: Scope) -> Mapping[str, Any]:
        return {"announced": sorted(self._blocks(scope))}

    def create(self, scope: Scope, token: str) -> None:
        for at, block in enumerate(self._blocks(scope)):
            self._announce(scope, block, f"{token[:56]}-{at}")

    def update(self, scope: Scope, found: Found, changes: Mapping[str, Any]) -> None:
        for block in set(changes["announced"]) - set(found.row):
            self._announce(scope, block, None)

    def delete(self, scope: Scope, found: Found) -> None:
        for block, status in found.row.items():
            if status != "Deleting":
                params = self._which(scope, block)
                scope.cloud.call("vpc", "DeleteBgpNetwork", params, region=self.region, subject=block)

    def _blocks(self, scope: Scope) -> tuple[str, ...]:
        gateway = scope.found(self.gateway) if self.gateway else None
        blocks = egress_blocks(gateway.row) if gateway else ()
        return (self.cidr,) if self.cidr else blocks

    def _announce(self, scope: Scope, block: str, token: str | None) -> None:
        params = {**self._which(scope, block), "VpcId": scope.id_of(self.vpc)}
        with suppress(Conflict):  # it is there already, perhaps by a call whose answer was lost
            scope.cloud.call("vpc", "AddBgpNetwork", params, region=self.region, token=token, subject=block)

    def _which(self, scope: Scope, block: str) -> dict[str, Any]:
        return {"RegionId": self.region, "RouterId": scope.id_of(self.vbr), "DstCidrBlock": block}


def shown(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """The row without the key."""
    return {name: value for name, value in row.items() if name != "AuthKey"}
