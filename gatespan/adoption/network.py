"""The network part: the hub VPC that the gateway is bound to, the CEN, what is attached to it, and its bandwidth."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from gatespan.adoption.reading import NotAdoptable, Reader, Row, unique


def read_network(reader: Reader, gateway: Row, cen_id: str | None) -> dict[str, Any]:
    """The sections ``hub``, ``cen``, ``networks``, ``sites`` and ``bandwidth``. Raises NotAdoptable."""
    hub_id = gateway.get("UserVpcId")
    if not hub_id:
        raise NotAdoptable(
            f"The gateway instance {gateway['InstanceId']} is bound to no VPC, so there is no hub to describe. "
            "Write a topology file and let `gatespan apply` bind it, or bind it first."
        )
    cen = _cen(reader, hub_id, cen_id)
    taken: set[str] = set()
    hub = _vpc(reader, hub_id, reader.region, cen, taken)
    if gateway.get("UserVswitchId"):
        hub["bind_vswitch"] = gateway["UserVswitchId"]
        if gateway["UserVswitchId"] not in {v.get("id") for v in hub["vswitches"]}:
            hub["vswitches"] = [*hub["vswitches"], {"id": gateway["UserVswitchId"]}]
            reader.mark(("hub", "vswitches"), "the gateway's entry vSwitch carries no attachment; keep it listed")
    found: dict[str, Any] = {"hub": hub}
    if cen is None:
        return found
    found["cen"] = {"id": cen["CenId"]}
    regions = {r["RegionId"] for r in reader.rows("ListTransitRouters", CenId=cen["CenId"])}
    if any(r.get("Type") == "Basic" for r in reader.rows("ListTransitRouters", CenId=cen["CenId"])):
        raise NotAdoptable(f"{cen['CenId']} has transit routers of the Basic edition: describe it by hand.")
    found["networks"] = list(_networks(reader, cen, hub_id, regions, taken))
    found["sites"] = list(_sites(reader, cen, regions, taken))
    found["bandwidth"] = list(_bandwidth(reader, cen, regions))
    return {name: part for name, part in found.items() if part}


def _cen(reader: Reader, vpc_id: str, wanted: str | None) -> Row | None:
    """The CEN that was named, or the one that the hub is attached to."""
    cens = {c["CenId"]: c for c in reader.rows("DescribeCens")}
    if wanted and wanted not in cens:
        raise NotAdoptable(f"There is no CEN {wanted} in this account; there are: {', '.join(sorted(cens)) or 'none'}.")
    holding = [c for id, c in cens.items() if wanted in (None, id) and _attachment(reader, c, vpc_id, reader.region)]
    if len(holding) > 1:
        ids = ", ".join(c["CenId"] for c in holding)
        raise NotAdoptable(f"{vpc_id} is attached to several CENs ({ids}): say which one with --cen.")
    return holding[0] if holding else cens.get(wanted or "")


def _attachment(reader: Reader, cen: Row, vpc_id: str, region: str) -> Row | None:
    rows = reader.rows("ListTransitRouterVpcAttachments", region, CenId=cen["CenId"])
    return next((r for r in rows if r["VpcId"] == vpc_id), None)


def _vpc(reader: Reader, vpc_id: str, region: str, cen: Row | None, taken: set[str]) -> dict[str, Any]:
    row = next((r for r in reader.vpc_rows("DescribeVpcs", region) if r["VpcId"] == vpc_id), None)
    if row is None:
        raise NotAdoptable(
            f"{vpc_id} is not in {region} of this account: a VPC of another account cannot be described."
        )
    attachment = _attachment(reader, cen, vpc_id, region) if cen else None
    zones = (attachment.get("ZoneMappings") if attachment else None) or ()
    publish = bool(attachment and attachment.get("AutoPublishRouteEnabled"))
    return {
        "name": unique(row.get("VpcName") or vpc_id, taken),
        "id": vpc_id,
        "cidr": row["CidrBlock"],
        "vswitches": [{"id": z["VSwitchId"], "zone": z["ZoneId"]} for z in zones],
        **({} if publish or not attachment else {"routes": "explicit"}),
    }


def _networks(reader: Reader, cen: Row, hub_id: str, regions: set[str], taken: set[str]) -> Iterator[dict[str, Any]]:
    for region in sorted(regions):
        for row in reader.rows("ListTransitRouterVpcAttachments", region, CenId=cen["CenId"]):
            if row["VpcId"] != hub_id and row.get("VpcRegionId", region) == region:
                yield {"region": region, **_vpc(reader, row["VpcId"], region, cen, taken)}


def _bandwidth(reader: Reader, cen: Row, regions: set[str]) -> Iterator[dict[str, Any]]:
    plans = {p["CenBandwidthPackageId"]: p for p in reader.rows("DescribeCenBandwidthPackages")}
    rows = [
        r
        for region in sorted(regions)
        for r in reader.rows("ListTransitRouterPeerAttachments", region, CenId=cen["CenId"])
    ]
    for one, other in combinations(sorted(regions, key=lambda r: (r != reader.region, r)), 2):
        row = next((r for r in rows if {r["RegionId"], r["PeerTransitRouterRegionId"]} == {one, other}), None)
        if row is None:
            continue
        entry: dict[str, Any] = {"between": [one, other]}
        plan = plans.get(row.get("CenBandwidthPackageId") or "")
        if plan:
            whole, used = int(plan["Bandwidth"]), int(row["Bandwidth"])
            entry["plan"] = {"id": plan["CenBandwidthPackageId"], "mbps": whole}
            entry |= {"share": used} if used != whole else {}
        else:
            entry["traffic"] = {"cap_mbps": int(row.get("Bandwidth") or 1)}
        yield entry


# --- sites ------------------------------------------------------------------------------------------------


def _sites(reader: Reader, cen: Row, regions: set[str], taken: set[str]) -> Iterator[dict[str, Any]]:
    """Border routers with the same prefixes in one region are the circuits of one site."""
    found: dict[tuple[str, tuple[str, ...], int], dict[str, Any]] = {}
    for region in sorted(regions):
        vbrs = {r["VbrId"]: r for r in reader.vpc_rows("DescribeVirtualBorderRouters", region)}
        for tie in reader.rows("ListTransitRouterVbrAttachments", region, CenId=cen["CenId"]):
            vbr = vbrs.get(tie["VbrId"])
            if vbr is None:
                continue
            prefixes, asn = _behind(reader, vbr, region)
            if not prefixes:
                reader.mark(("sites",), f"border router {vbr['VbrId']} in {region} leads to no prefix: left out")
                continue
            site = found.setdefault((region, prefixes, asn), _site(vbr, region, prefixes, asn, taken))
            site["circuits"].append(_circuit(vbr))
            check = _check(reader, cen, vbr, region)
            if check:
                site["health_check"] = check
    for n, site in enumerate(found.values()):
        if "bgp" in site:
            reader.mark(("sites", n, "bgp"), "a key cannot be read; if there is one, name its variable: key_env")
        yield site


def _behind(reader: Reader, vbr: Row, region: str) -> tuple[tuple[str, ...], int]:
    """The prefixes that its table leads to over the circuit, and the site's ASN (0: static routes)."""
    entries = reader.vpc_rows("DescribeRouteEntryList", region, RouteTableId=vbr["RouteTableId"])
    to_site = [e for e in entries if _hop(e) == vbr["VlanInterfaceId"]]
    groups = reader.vpc_rows("DescribeBgpGroups", region, RouterId=vbr["VbrId"])
    asn = int(groups[0]["PeerAsn"]) if groups else 0
    return tuple(sorted(e["DestinationCidrBlock"] for e in to_site)), asn


def _hop(entry: Row) -> str:
    hops = (entry.get("NextHops") or {}).get("NextHop") or ()
    return str(hops[0].get("NextHopId")) if hops else ""


def _site(vbr: Row, region: str, prefixes: tuple[str, ...], asn: int, taken: set[str]) -> dict[str, Any]:
    speaks = {"routing": "bgp", "bgp": {"asn": asn}} if asn else {}
    name = unique(vbr.get("Name") or vbr["VbrId"], taken)
    return {"name": name, "region": region, "prefixes": list(prefixes), "circuits": [], **speaks}


def _circuit(vbr: Row) -> dict[str, Any]:
    length = sum(bin(int(part)).count("1") for part in vbr["PeeringSubnetMask"].split("."))
    return {
        "circuit": vbr["PhysicalConnectionId"],
        "vbr": vbr["VbrId"],
        "vlan": int(vbr["VlanId"]),
        "cloud_ip": vbr["LocalGatewayIp"],
        "site_ip": vbr["PeerGatewayIp"],
        "mask": length,
        "bfd": bool(vbr.get("DetectMultiplier")),
    }


def _check(reader: Reader, cen: Row, vbr: Row, region: str) -> dict[str, Any] | None:
    rows = reader.rows("DescribeCenVbrHealthCheck", region, CenId=cen["CenId"], VbrInstanceRegionId=region)
    row = next((r for r in rows if r["VbrInstanceId"] == vbr["VbrId"]), None)
    if row is None:
        return None
    return {
        "source_ip": row["HealthCheckSourceIp"],
        "interval_s": int(row["HealthCheckInterval"]),
        "threshold": int(row["HealthyThreshold"]),
        "only": bool(row.get("HealthCheckOnly")),
    }
