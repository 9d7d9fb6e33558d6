"""Rules about how many: what the cloud would refuse half-way through a build is refused before its first call.

They count what the file alone asks for; what else the account holds is for the cloud to count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gatespan.topology import facts
from gatespan.topology.errors import Finding
from gatespan.topology.facts import Quota
from gatespan.topology.rules.raw import Raw, cen_sites


def quota_rules(top: Raw) -> Iterator[Finding]:
    yield from _circuits(top)
    joined = [site["connect"] for site in top["sites"] if site["connect"].text == "router-interface"]
    yield from _over(facts.INTERFACES_PER_ROUTER, joined, "of the hub", "Write `connect: cen` for some of the sites")
    told = list(_site_routes(top))
    yield from told or _hub_routes(top)
    yield from _basic(top) if top["cen"]["edition"].text == "basic" else _enterprise(top)


def _over(quota: Quota, places: Sequence[Raw], where: str, hint: str) -> Iterator[Finding]:
    """Points to the first that is too many."""
    if len(places) > quota.most:
        yield places[quota.most].finding(quota.exceeded(len(places), where), hint)


def _circuits(top: Raw) -> Iterator[Finding]:
    """One border router per site that uses the circuit; that a site has it twice is told elsewhere."""
    uses: dict[str, list[Raw]] = {}
    for site in top["sites"]:
        for name, place in {one["circuit"].text: one["circuit"] for one in site["circuits"]}.items():
            if name:
                uses.setdefault(name, []).append(place)
    for name, places in uses.items():
        yield from _over(facts.VBRS_PER_CIRCUIT, places, f"on the circuit `{name}`", "Use another circuit for this one")


def _site_routes(top: Raw) -> Iterator[Finding]:
    quotas = {None: facts.ROUTES_PER_VBR, "static": facts.ROUTES_PER_VBR, "bgp": facts.ROUTES_PER_BGP_PEER}
    for site in top["sites"]:
        if site["routing"].value is None or site["routing"].text:
            quota, where = quotas.get(site["routing"].text), f"of the site `{site['name'].text or '?'}`"
            if quota:
                yield from _over(quota, list(site["prefixes"]), where, "Write fewer, larger blocks")


def _hub_routes(top: Raw) -> Iterator[Finding]:
    """The hub knows every network and every prefix, whoever writes the routes."""
    places = [network["cidr"] for network in top["networks"]]
    places += [prefix for site in top["sites"] for prefix in site["prefixes"]]
    yield from _over(facts.ROUTES_PER_VPC_TABLE, places, "(the hub's)", "Write fewer, larger blocks")


def _vpcs(top: Raw) -> dict[str, list[Raw]]:
    """The VPCs by region; those whose region is unclear are left out."""
    found: dict[str, list[Raw]] = {}
    for region, vpc in ((top["gateway"]["region"], top["hub"]), *((one["region"], one) for one in top["networks"])):
        if region.text:
            found.setdefault(region.text, []).append(vpc)
    return found


def _enterprise(top: Raw) -> Iterator[Finding]:
    for region, vpcs in _vpcs(top).items():
        filled = [vpc["name"] for vpc in vpcs if vpc["routes"].value in (None, "auto-publish")]
        names, where = [vpc["name"] for vpc in vpcs], f"in `{region}`"
        yield from _over(facts.VPCS_PER_ROUTER, names, where, "Split the topology")
        hint = "Write `routes: explicit` for some of them"
        yield from _over(facts.PUBLISHED_VPCS_PER_ROUTER, filled, where, hint)


def _basic(top: Raw) -> Iterator[Finding]:
    children = {region: [vpc["name"] for vpc in vpcs] for region, vpcs in _vpcs(top).items()}
    for site in cen_sites(top):
        if region := site["region"].text:
            children.setdefault(region, []).extend(circuit["circuit"] for circuit in site["circuits"])
    for region, places in children.items():
        hint = "Use a CEN of the Enterprise edition, or split the topology"
        yield from _over(facts.CHILDREN_PER_BASIC_ROUTER, places, f"in `{region}`", hint)
