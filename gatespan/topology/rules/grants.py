"""Rules about VPC access authorisations: what the gateway may open connections to, seen from the hub."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network

from gatespan.topology.errors import Finding
from gatespan.topology.facts import SERVICES
from gatespan.topology.rules.raw import Raw, exactly_one, no_duplicates


def grant_rules(top: Raw) -> Iterator[Finding]:
    grants = list(top["grants"])
    yield from no_duplicates(grants, "grants")
    reachable = _reachable(top)
    targets: dict[tuple[str, int], str] = {}
    for grant in grants:
        yield from exactly_one(grant, "A grant", "address", "instance")
        yield from _address(grant["address"], reachable, list(top["networks"]))
        yield from _same_target(grant, targets)


def _reachable(top: Raw) -> dict[IPv4Network, str] | None:
    """The blocks that a grant may point into and whose they are; None where one of them is unclear."""
    hub, found = top["hub"], {}
    doubtful = hub["cidr"].block is None or top["sites"].unclear
    if block := hub["cidr"].block:
        found[block] = f"`{block}` of the hub"
    for site in top["sites"]:
        doubtful |= site["prefixes"].unclear or not site.has("prefixes")
        for prefix in site["prefixes"]:
            doubtful |= prefix.block is None
            if block := prefix.block:
                found[block] = f"`{block}` of the site `{site['name'].text or '?'}`"
    return None if doubtful else found


def _address(address: Raw, reachable: dict[IPv4Network, str] | None, networks: list[Raw]) -> Iterator[Finding]:
    given = address.address
    if given is None:
        return
    if given in SERVICES:
        yield address.finding(
            f"`{given}` lies in `{SERVICES}`, where the gateway's egress and the cloud's own services live",
            "Write the address of a host of the hub or of a site",
        )
        return
    if reachable is None or any(given in block for block in reachable):
        return
    client = next((one for one in networks if (block := one["cidr"].block) and given in block), None)
    where = f"lies in the network `{client['name'].text or '?'}`" if client else "is nowhere in this file"
    yield address.finding(
        f"`{given}` {where}; a grant leads to the hub or to a site, for only from there answers find the gateway",
        f"Write an address in {' or '.join(list(reachable.values())[:5])}, or add its block to a site's `prefixes`"
        if client is None
        else f"Write an address in {' or '.join(list(reachable.values())[:5])}",
    )


def _same_target(grant: Raw, seen: dict[tuple[str, int], str]) -> Iterator[Finding]:
    """The cloud removes an authorisation by VPC, target and port: two of one target could not be told apart."""
    place = grant["address" if grant.has("address") else "instance"]
    target, port = place.text, grant["port"].number
    if target is None or port is None or len(grant.has("address", "instance")) != 1:
        return
    if (target, port) in seen:
        yield place.finding(
            f"The grant `{seen[target, port]}` leads to `{target}` port {port} already",
            f"Use `grant: {seen[target, port]}` for both, or write another port",
        )
    seen.setdefault((target, port), grant["name"].text or "?")
