"""Rules about data centres: their names, their circuits, and how their routes are known."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network

from gatespan.topology.errors import Finding
from gatespan.topology.rules.raw import Raw, no_duplicates


def circuit_rules(top: Raw) -> Iterator[Finding]:
    yield from no_duplicates(top["sites"], "sites")
    yield from _not_a_vpc(top)
    yield from _lines(top)
    yield from _vlans(top)
    for site in top["sites"]:
        yield from _routing(site, top["hub"]["cidr"].block)
        if site["connect"].text == "router-interface":
            yield from _interface(site)


def _interface(site: Raw) -> Iterator[Finding]:
    """What a pair of router interfaces, the way into the hub without a CEN, can do less."""
    for second in list(site["circuits"])[1:2]:
        yield second.finding(
            "A second circuit would carry nothing: without a CEN a route of the hub leads to one circuit only",
            "Write `connect: cen`, or keep one circuit",
        )
    check = site["health_check"]
    if check.readable and not check.has("source_ip"):
        yield check.finding(
            "The probes need a source address: without a CEN the cloud picks none",
            "Add `source_ip`, an idle address of the hub, or remove `health_check`",
            at_key=True,
        )


def _not_a_vpc(top: Raw) -> Iterator[Finding]:
    """Both are places that calls may come `from`, and both give their names to routes."""
    vpcs = {vpc["name"].text for vpc in (top["hub"], *top["networks"])}
    for site in top["sites"]:
        name = site["name"].text
        if name and name in vpcs:
            yield site["name"].finding(f"`{name}` is the name of a VPC of this file already", "Give the site another")


def _lines(top: Raw) -> Iterator[Finding]:
    """What stands on a circuit is known by its site and circuit; a border router stands on one circuit of the file."""
    routers: set[tuple[str, str]] = set()
    for site in top["sites"]:
        own: set[str] = set()
        for circuit in site["circuits"]:
            name, region, vbr = circuit["circuit"].text, site["region"].text, circuit["vbr"].text
            if name and name in own:
                yield circuit["circuit"].finding(
                    f"The circuit `{name}` is in this site twice; both would fail with it",
                    "Write a second circuit, or remove this one",
                )
            own |= {name} if name else set()
            if region and vbr and (region, vbr) in routers:
                yield circuit["vbr"].finding(
                    f"The border router `{vbr}` is on another circuit of this file already",
                    "Write each circuit's own border router, or leave `vbr` out to have one made",
                )
            routers |= {(region, vbr)} if region and vbr else set()


def _vlans(top: Raw) -> Iterator[Finding]:
    """Border routers share a circuit by their VLANs (CreateVirtualBorderRouter); 0 means that it is not divided."""
    taken: dict[tuple[str, str], dict[int, str]] = {}
    for site in top["sites"]:
        own: set[str] = set()
        for circuit in site["circuits"]:
            name, region, vlan = circuit["circuit"].text, site["region"].text, circuit["vlan"].number
            if name is None or region is None or vlan is None or name in own:
                continue
            own.add(name)
            others = taken.setdefault((region, name), {})
            if vlan in others:
                yield circuit["vlan"].finding(
                    f"VLAN {vlan} of the circuit `{name}` carries the site `{others[vlan]}` already",
                    "Agree on another VLAN, 1 to 2999, with the circuit's owner",
                )
            elif others and 0 in (vlan, *others):
                yield circuit["vlan"].finding(
                    f"The circuit `{name}` carries several sites, and with VLAN 0 it can carry only one",
                    "Give each of them a VLAN of its own, 1 to 2999",
                )
            others.setdefault(vlan, site["name"].text or "?")


def _routing(site: Raw, hub: IPv4Network | None) -> Iterator[Finding]:
    routing, bgp = site["routing"], site["bgp"]
    if routing.unclear:
        return
    if routing.text == "bgp" and bgp.value is None:
        yield routing.finding(
            "Routes are to be learnt by BGP, and nothing is said of the site's BGP speaker",
            "Add `bgp: {asn: 65010}`, or write `routing: static`",
        )
    elif routing.text in (None, "static") and bgp.value is not None:
        yield bgp.finding(
            "A BGP speaker is described, and the routes are static",
            "Write `routing: bgp`, or remove `bgp`",
            at_key=True,
        )
    elif routing.text == "bgp":
        yield from _announced(site, hub)


def _announced(site: Raw, hub: IPv4Network | None) -> Iterator[Finding]:
    announced = site["bgp"]["announce"]
    if announced.value and site["connect"].value in (None, "cen"):
        yield announced.finding(
            "Over a CEN the border router announces what the transit router knows; nothing is announced by hand",
            "Remove `announce`, or write `connect: router-interface`",
            at_key=True,
        )
        return
    # Of a prefix that overlaps the hub it is told already.
    own = [p.block for p in site["prefixes"] if p.block and not (hub and p.block.overlaps(hub))]
    for entry in announced:
        block = entry.block
        clash = next((prefix for prefix in own if block and prefix.overlaps(block)), None)
        if clash:
            yield entry.finding(
                f"`{block}` overlaps `{clash}`, which lies in the site itself",
                "Announce what lies in the cloud, such as the hub's block",
            )
