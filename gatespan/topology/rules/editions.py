"""Rules of the Basic edition of a CEN: what its routers do by themselves, and what they cannot do."""

from __future__ import annotations

from collections.abc import Iterator

from gatespan.topology.errors import Finding
from gatespan.topology.rules.raw import Raw, cen_sites


def edition_rules(top: Raw) -> Iterator[Finding]:
    if top["cen"]["edition"].text != "basic":
        return
    for entry in top["bandwidth"]:
        if entry.has("traffic") and not entry.has("plan"):
            yield entry["traffic"].finding(
                "Regions of a Basic CEN are joined out of a bandwidth plan; it has no pay by traffic",
                "Write `plan: {mbps: 2, months: 1}`",
                at_key=True,
            )
    for vpc in (top["hub"], *top["networks"]):
        if vpc["routes"].text == "explicit":
            yield vpc["routes"].finding(
                "The routers of a Basic CEN write their routes into every VPC by themselves", "Remove `routes`"
            )
    yield from _way_back(top)


def _way_back(top: Raw) -> Iterator[Finding]:
    """The route service serves border routers of the gateway's own region only (ResolveAndRouteServiceInCen)."""
    here = top["gateway"]["region"].text
    for site in cen_sites(top):
        region = site["region"].text
        if not here or not region or region == here:
            continue
        blocks = [prefix.block for prefix in site["prefixes"] if prefix.block]
        for grant in top["grants"]:
            address = grant["address"].address
            if address and any(address in block for block in blocks):
                name = site["name"].text or "?"
                yield grant["address"].finding(
                    f"`{address}` is in the site `{name}` in `{region}`: over a Basic CEN answers find the way back to "
                    f"the gateway from its own region, `{here}`, only",
                    f"Join `{name}` in `{here}`, or use a CEN of the Enterprise edition",
                )
