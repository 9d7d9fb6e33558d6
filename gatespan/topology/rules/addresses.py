"""Rules about addresses across the file: every block must be routable from every other.

VPCs, what lies in the sites, and the small blocks on the circuits themselves; then the single addresses that probes
come from. The cloud takes overlapping blocks without a word and rejects the later route (help page).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network

from gatespan.topology.errors import Finding
from gatespan.topology.facts import EVERYTHING, PRIVATE, RESERVED, SERVICES
from gatespan.topology.rules.raw import Raw, circuits

ON_CIRCUITS = tuple(block for block in RESERVED if not block.is_link_local)
"""What the addresses of a circuit must stay out of; link-local ones are no network's."""


@dataclass(frozen=True)
class Block:
    """A block of the file: where it is written, and whose it is in words."""

    place: Raw
    cidr: IPv4Network
    whose: str


def address_rules(top: Raw) -> Iterator[Finding]:
    for site in top["sites"]:
        for prefix in site["prefixes"]:
            yield from _prefix(prefix, top["hub"])
        for circuit in site["circuits"]:
            yield from _ends(circuit)
    blocks = list(_blocks(top))
    yield from _overlaps(blocks)
    yield from _sources(top, blocks)


def _blocks(top: Raw) -> Iterator[Block]:
    """In the order in which a clash is told of the later one."""
    for vpc in (top["hub"], *top["networks"]):
        if vpc["cidr"].block:
            yield Block(vpc["cidr"], vpc["cidr"].block, f"`{vpc['name'].text or 'another VPC'}`")
    for site in top["sites"]:
        for prefix in site["prefixes"]:
            if prefix.block and prefix.block != EVERYTHING:
                yield Block(prefix, prefix.block, f"the site `{site['name'].text or '?'}`")
    for circuit in circuits(top):
        block, cloud, site_ip = _whole(circuit), circuit["cloud_ip"].address, circuit["site_ip"].address
        if block and site_ip and site_ip in block and site_ip != cloud:
            yield Block(circuit["cloud_ip"], block, f"the circuit `{circuit['circuit'].text or '?'}`")


def _overlaps(blocks: list[Block]) -> Iterator[Finding]:
    """Each block is held against those before it; the first clash is told."""
    for number, later in enumerate(blocks):
        first = next((b for b in blocks[:number] if b.cidr.overlaps(later.cidr)), None)
        if first is None:
            continue
        clash, place = f"`{later.cidr}` overlaps `{first.cidr}` of {first.whose}", later.place
        if "circuits" in place.path:
            yield place.finding(
                f"The circuit's block {clash}", "Agree on a block of its own with the site, such as 10.255.0.0/30"
            )
        elif place.path[:-1] == first.place.path[:-1]:
            yield place.finding(f"`{later.cidr}` overlaps `{first.cidr}` of this site", "Keep the larger of them")
        else:
            yield place.finding(
                f"{clash}, so that routes between them would be rejected", f"Give {later.whose} a block of its own"
            )


def _prefix(prefix: Raw, hub: Raw) -> Iterator[Finding]:
    """What a site may hold: not everything, nothing that the cloud needs, nothing that a VPC keeps from its routes."""
    block = prefix.block
    if block is None:
        return
    if block == EVERYTHING:
        yield prefix.finding(
            "The default route would draw all traffic of the VPCs into the site, that to the Internet too",
            "Write the site's own prefixes, such as `10.200.0.0/16`",
        )
        return
    reserved = next((one for one in RESERVED if one.overlaps(block)), None)
    if reserved == SERVICES:
        yield prefix.finding(
            f"`{block}` overlaps `{SERVICES}`, where the gateway calls from and the cloud's own services are: "
            "no VPC can route it to a site",
            "Leave it out if nobody there calls or answers; else translate it on site (NAT) and write the block that "
            "it is translated to",
        )
    elif reserved:
        yield prefix.finding(
            f"`{block}` overlaps `{reserved}`, which is reserved for {RESERVED[reserved]}",
            "Write the prefixes that the site's machines are in",
        )
    elif _made(hub) and not any(block.subnet_of(private) for private in PRIVATE):
        yield prefix.finding(
            f"`{block}` is not private, and a VPC that is made here sends only private blocks to a site",
            "Use a hub that exists and has the block as a user CIDR (it is set when a VPC is made)",
        )


def _made(vpc: Raw) -> bool:
    return vpc.readable and not vpc.has("id") and not vpc["existing"].true and not vpc["existing"].unclear


def _whole(circuit: Raw) -> IPv4Network | None:
    """The block on a circuit that its border router's address lies in."""
    address, mask = circuit["cloud_ip"].address, circuit["mask"]
    length = 30 if mask.value is None else mask.number
    return None if address is None or length is None else IPv4Network((address, length), strict=False)


def _ends(circuit: Raw) -> Iterator[Finding]:
    """Both addresses of a circuit are hosts of one block (CreateVirtualBorderRouter)."""
    cloud, site, whole = circuit["cloud_ip"].address, circuit["site_ip"].address, _whole(circuit)
    if cloud is None or site is None or whole is None:
        return
    edges = {whole.network_address: "network", whole.broadcast_address: "broadcast"}
    reserved = next((one for one in ON_CIRCUITS if one.overlaps(whole)), None)
    if cloud == site:
        yield circuit["site_ip"].finding(
            f"Both ends of the circuit have the address `{site}`",
            "Write the address of the site's router here, and the border router's as `cloud_ip`",
        )
    elif site not in whole:
        yield circuit["site_ip"].finding(
            f"`{site}` is not in `{whole}`, the block of `{cloud}` on this circuit",
            f"Write an address of `{whole}`, or the `mask` that holds both",
        )
    elif cloud in edges or site in edges:
        key, address = ("cloud_ip", cloud) if cloud in edges else ("site_ip", site)
        yield circuit[key].finding(
            f"`{address}` is the {edges[address]} address of `{whole}`, which no router can have",
            f"Write an address from `{whole[1]}` to `{whole[-2]}`",
        )
    elif reserved:
        yield circuit["cloud_ip"].finding(
            f"The circuit's block `{whole}` overlaps `{reserved}`, which is reserved for {RESERVED[reserved]}",
            "Agree on a private block with the site, such as 10.255.0.0/30",
        )


def _sources(top: Raw, blocks: list[Block]) -> Iterator[Finding]:
    """Probes come from a private address that nobody has: over a CEN one of no network, without it one of the hub."""
    seen: set[object] = set()
    for site in top["sites"]:
        place = site["health_check"]["source_ip"]
        source, connect = place.address, site["connect"]
        if source is None or connect.unclear:
            continue
        hub, own = top["hub"]["cidr"].block, connect.text == "router-interface"
        holder = next((b for b in blocks if source in b.cidr), None)
        if not any(source in private for private in PRIVATE):
            yield place.finding(
                f"`{source}` is not a private address, and probes must come from one",
                "Write an idle address of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16"
                + ("" if own else ", or leave `source_ip` out: the cloud picks one of 100.96.0.0/16"),
            )
        elif own and hub and source not in hub:
            yield place.finding(
                f"`{source}` is not in `{hub}`: without a CEN probes start in the hub",
                f"Write an idle address of `{hub}`",
            )
        elif holder and not own:
            yield place.finding(
                f"`{source}` lies in `{holder.cidr}` of {holder.whose}, so that answers to probes would go there",
                "Write an address that is in no network of this file",
            )
        elif source in seen:
            yield place.finding(f"Another site's probes come from `{source}` already", "Give each site its own address")
        elif not own and len(list(site["circuits"])) > 1:
            yield place.finding(
                f"`{source}` cannot be where the probes of several circuits come from: each needs its own",
                "Leave `source_ip` out: the cloud picks one of 100.96.0.0/16 for each",
            )
        seen.add(source)
