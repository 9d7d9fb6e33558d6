"""Rules about what pairs of regions may carry, and how it is paid for."""

from __future__ import annotations

from collections.abc import Iterator

from gatespan.topology.errors import Finding
from gatespan.topology.facts import MAINLAND, area
from gatespan.topology.rules.raw import Raw, cen_sites, exactly_one


def bandwidth_rules(top: Raw) -> Iterator[Finding]:
    entries = list(top["bandwidth"])
    for entry in entries:
        yield from exactly_one(entry, "This pair of regions", "plan", "traffic")
        yield from _share(entry)
        yield from _border(entry, basic=top["cen"]["edition"].text == "basic")
    yield from _pairs(top, entries)
    yield from _shared_plans(entries)


def _pair(entry: Raw) -> tuple[str, str] | None:
    """The two regions, sorted; None when they are not two texts."""
    regions = entry["between"].texts
    return (min(regions), max(regions)) if len(regions) == 2 else None


def _pairs(top: Raw, entries: list[Raw]) -> Iterator[Finding]:
    """Each pair joins two regions of this file, once; and every client region is joined to the hub's."""
    hub = top["gateway"]["region"].text
    networks = [*top["networks"], *cen_sites(top)]
    regions = {hub, *(network["region"].text for network in networks)}
    doubtful = top["networks"].unclear or top["sites"].unclear or any(s["connect"].unclear for s in top["sites"])
    all_known = None not in regions and not doubtful
    joined: set[tuple[str, str]] = set()
    unclear = top["bandwidth"].unclear
    for entry in entries:
        pair = _pair(entry)
        if pair is None:
            unclear = True
            continue
        if pair[0] == pair[1]:
            yield entry["between"].finding(
                f"`{pair[0]}` is joined to itself: within a region no bandwidth is to be bought",
                "Write two different regions, or remove the entry",
            )
            continue
        if pair in joined:
            yield entry["between"].finding(
                f"`{pair[0]}` and `{pair[1]}` have bandwidth already", "Keep one entry for each pair of regions"
            )
        joined.add(pair)
        for place in entry["between"]:
            if all_known and place.text not in regions:
                yield place.finding(
                    f"Neither the gateway nor a network, nor a site that the CEN joins, is in `{place.text}`",
                    f"Write one of {', '.join(sorted(filter(None, regions)))}, or add the network",
                )
    told: set[str] = set()
    for network in networks:
        region = network["region"].text
        if not hub or not region or region == hub or unclear or region in told:
            continue
        if (min(hub, region), max(hub, region)) not in joined:
            told.add(region)
            yield network["region"].finding(
                f"No bandwidth joins `{region}` and `{hub}`, the gateway's region",
                f"Add under `bandwidth`: `- {{between: [{hub}, {region}], plan: {{mbps: 2, months: 1}}}}`",
            )


def _share(entry: Raw) -> Iterator[Finding]:
    share, whole = entry["share"].number, entry["plan"]["mbps"].number
    if share is not None and entry.has("traffic") and not entry.has("plan"):
        yield entry["share"].finding(
            "`share` is a part of a plan, and this pair pays by traffic",
            "Remove `share`; the cap is `cap_mbps`",
            at_key=True,
        )
    elif share is not None and whole is not None and share > whole:
        yield entry["share"].finding(
            f"The share of {share} Mbit/s is more than the plan's {whole}", f"Write {whole} or less, or a larger plan"
        )


def _border(entry: Raw, *, basic: bool) -> Iterator[Finding]:
    pair = _pair(entry)
    if pair is None or not entry.has("plan"):
        return
    areas = {area(region) for region in pair}
    if MAINLAND in areas and len(areas) > 1:
        yield entry["plan"].finding(
            f"A plan between `{pair[0]}` and `{pair[1]}` crosses the border of the Chinese mainland: "
            "such plans need a compliance check of the account, which this version does not handle",
            ("Keep" if basic else "Pay by traffic: `traffic: {cap_mbps: 10}`; or keep") + " both regions on one side",
            at_key=True,
        )


def _shared_plans(entries: list[Raw]) -> Iterator[Finding]:
    """A CEN holds one plan for each pair of areas: pairs of regions of the same areas divide it."""
    shared: dict[tuple[str, ...], list[Raw]] = {}
    for entry in entries:
        pair = _pair(entry)
        if pair and entry["plan"]["mbps"].number is not None:
            shared.setdefault(tuple(sorted(map(area, pair))), []).append(entry)
    for areas, group in shared.items():
        if len(group) < 2:
            continue
        where = areas[0] if areas[0] == areas[1] else " and ".join(areas)
        first = group[0]["plan"]
        same = [entry for entry in group if entry["plan"].value == first.value]
        for entry in group:
            if entry not in same:
                yield entry["plan"].finding(
                    f"A CEN holds one plan for an area, and the pairs in {where} have different ones",
                    f"Repeat the first (mbps: {first['mbps'].number}, months: {first['months'].number or 1}), "
                    "and take a `share` of it",
                    at_key=True,
                )
        whole, taken = first["mbps"].number or 0, 0
        for entry in same:
            share = entry["share"].number
            if share is None and not entry.has("share"):
                yield entry.finding(
                    f"Several pairs divide the plan of {whole} Mbit/s in {where}, and this one does not say its part",
                    f"Add `share:`; all of them together at most {whole}",
                )
            taken += share or 0
            if share and taken > whole and share <= whole:
                yield entry["share"].finding(
                    f"The shares of the plan in {where} come to {taken} Mbit/s, and it has {whole}",
                    f"Write {max(whole - taken + share, 0)} or less here, or a larger plan",
                )
