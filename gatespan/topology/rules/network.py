"""Rules about where things lie: the gateway, the hub, the client VPCs, their vSwitches and zones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

from gatespan.topology.errors import Finding
from gatespan.topology.facts import RESERVED, TRANSIT_ROUTER_ZONES, VPC_MASKS, VSWITCH_MASKS
from gatespan.topology.rules.raw import Raw, cen_sites, exactly_one, no_duplicates


def network_rules(top: Raw) -> Iterator[Finding]:
    gateway, hub, networks = top["gateway"], top["hub"], list(top["networks"])
    yield from exactly_one(gateway["instance"], "The gateway's instance", "id", "name", "create")
    yield from _hub(gateway, hub)
    joined = bool(networks or cen_sites(top))
    yield from _cen(top, joined)
    yield from no_duplicates([hub, *networks], "VPCs")
    yield from no_duplicates([hub, *networks], "VPCs", "id")
    for vpc in (hub, *networks):
        yield from _vpc(vpc)
        region = (gateway if vpc is hub else vpc)["region"].text
        yield from _zones(vpc, region, attached=joined and top["cen"]["edition"].text != "basic")


def _hub(gateway: Raw, hub: Raw) -> Iterator[Finding]:
    here, there = hub["region"], gateway["region"]
    if here.text and there.text and here.text != there.text:
        yield here.finding(
            f"The hub lies in `{here.text}`, and its gateway in `{there.text}`; they must be in one region",
            f"Write `region: {there.text}`, or leave it out",
        )
    wanted = hub["bind_vswitch"]
    known = [name for vswitch in hub["vswitches"] for name in (vswitch["name"].text, vswitch["id"].text) if name]
    doubtful = hub["vswitches"].unclear or any(one["name"].unclear or one["id"].unclear for one in hub["vswitches"])
    if wanted.text and wanted.text not in known and not doubtful:
        yield wanted.finding(
            f"`{wanted.text}` is not among the hub's vSwitches",
            f"Write one of {', '.join(known)}" if known else "List it under `vswitches` of the hub",
        )


def _cen(top: Raw, joined: bool) -> Iterator[Finding]:
    cen = top["cen"]
    if joined and top.readable and cen.value is None:
        yield top.finding(
            "The key `cen` is missing: networks and sites are joined by it", "Write `cen: {name: my-network}`"
        )
    yield from exactly_one(cen, "The CEN", "id", "name")
    if cen["id"].text and cen["adopt"].true:
        yield cen["adopt"].finding(
            "A CEN named by `id` is used as it is; there is nothing to adopt", "Remove `adopt`", at_key=True
        )


def _vpc(vpc: Raw) -> Iterator[Finding]:
    """Existing and made VPCs are described differently; both have addresses that must make sense."""
    label = vpc["name"].text or "this VPC"
    existing = bool(vpc.has("id")) or vpc["existing"].true
    if vpc.has("id") and vpc["existing"].true:
        yield vpc["existing"].finding(
            f"`{label}` has both `id` and `existing`", "Keep `id`; `existing: true` finds it by its name", at_key=True
        )
    if existing and vpc["adopt"].true:
        yield vpc["adopt"].finding(
            f"`{label}` exists and is used as it is; there is nothing to adopt", "Remove `adopt`", at_key=True
        )
    yield from _range(vpc, VPC_MASKS, "VPC")
    yield from no_duplicates(vpc["vswitches"], "vSwitches of this VPC")
    for vswitch in vpc["vswitches"]:
        if not vpc["existing"].unclear:
            yield from _named_or_described(vswitch, label, existing)
        yield from _range(vswitch, VSWITCH_MASKS, "vSwitch")
        inner, outer = vswitch["cidr"].block, vpc["cidr"].block
        if inner and outer and not inner.subnet_of(outer):
            yield vswitch["cidr"].finding(
                f"The vSwitch's block `{inner}` is not inside `{outer}`, the block of `{label}`",
                f"Write a block inside `{outer}`" + (", or leave `cidr` out" if existing else ""),
            )
    for one, other in combinations(vpc["vswitches"], 2):
        first, second = one["cidr"].block, other["cidr"].block
        if first and second and first.overlaps(second):
            name = one["name"].text or one["id"].text or "another vSwitch"
            yield other["cidr"].finding(
                f"The vSwitch's block `{second}` overlaps `{first}` of `{name}`", "Give each vSwitch its own block"
            )


def _named_or_described(vswitch: Raw, label: str, existing: bool) -> Iterator[Finding]:
    if not vswitch.readable:
        return
    if existing:
        if not vswitch.has("name", "id"):
            yield vswitch.finding(
                f"`{label}` exists, and this vSwitch of it is named by nothing", "Write its `name` or its `id`"
            )
        return
    if vswitch.has("id"):
        yield vswitch["id"].finding(
            f"`{label}` is to be made, so none of its vSwitches exists yet",
            "Write `name`, `zone` and `cidr`; or `existing: true` if the VPC exists",
            at_key=True,
        )
        return
    missing = [key for key in ("name", "zone", "cidr") if not vswitch.has(key)]
    if missing:
        yield vswitch.finding(
            f"`{label}` is to be made, and this vSwitch of it has no {' and no '.join(f'`{key}`' for key in missing)}",
            f"Add {', '.join(f'`{key}`' for key in missing)}; or `existing: true` to the VPC if it exists",
        )


def _range(holder: Raw, masks: range, kind: str) -> Iterator[Finding]:
    block = holder["cidr"].block
    if not block:
        return
    for reserved, use in RESERVED.items():
        if block.overlaps(reserved):
            yield holder["cidr"].finding(
                f"`{block}` overlaps `{reserved}`, which is reserved for {use}",
                "Write a private block, inside 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16",
            )
            return
    if block.prefixlen not in masks:
        yield holder["cidr"].finding(
            f"`{block}`: the prefix length of a {kind} is {masks.start} to {masks.stop - 1}",
            f"Write `{block.network_address}/{min(max(block.prefixlen, masks.start), masks.stop - 1)}`"
            if block.prefixlen > masks.start
            else f"Write a prefix length from /{masks.start} to /{masks.stop - 1}",
        )


def _zones(vpc: Raw, region: str | None, *, attached: bool) -> Iterator[Finding]:
    """Zones are the region's own; an attachment needs two of those that transit routers are in."""
    label, vswitches = vpc["name"].text or "this VPC", list(vpc["vswitches"])
    letters = TRANSIT_ROUTER_ZONES.get(region or "", ()) if attached else ()
    routers = [f"{region}-{letter}" for letter in letters]
    # cn-hangzhou-h, but ap-southeast-1a
    stem = f"{region}-" if region and not region[-1].isdigit() else region or ""
    useful: set[str] = set()
    unsaid = misplaced = 0
    for vswitch in vswitches:
        zone = vswitch["zone"].text
        if zone is None:
            unsaid += 1  # an existing vSwitch may lie in a good zone: the preflight asks the cloud
        elif region and not re.fullmatch(re.escape(stem) + "[A-Za-z]+", zone):
            misplaced += 1
            yield vswitch["zone"].finding(
                f"The zone `{zone}` is not in `{region}`, the region of `{label}`",
                f"Write a zone such as `{routers[-1] if routers else stem + 'a'}`",
            )
        elif zone in routers or not routers:
            useful.add(zone)
    made = vpc.readable and not vpc.has("id") and not vpc["existing"].true and not vpc["existing"].unclear
    wanted = 2 if len(routers) > 1 else 1
    doubtful = region is None or misplaced or vpc["vswitches"].unclear
    if doubtful or len(useful) + unsaid >= wanted or not (made or vswitches):
        return
    place = vpc["vswitches" if vpc.has("vswitches") else "name"]
    if wanted == 1:
        yield place.finding(f"`{label}` is to be made and has no vSwitch", "Add `vswitches` to it", at_key=True)
        return
    yield place.finding(
        f"`{label}` needs vSwitches in two zones of the region's transit router; "
        + (f"it has only `{useful.pop()}`" if useful else "it has none"),
        f"Add vSwitches until two of these zones have one: {', '.join(routers)}",
        at_key=True,
    )
