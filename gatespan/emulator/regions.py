"""The regions and zones of the embedded cloud, and where each of its products listens.

Zones: those in which the transit router offers enterprise-edition service (product page of CEN, "supported regions").
Worlds may add regions or redefine their zones: ``Region`` things.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gatespan.emulator.world import Thing, World

REGIONS: Mapping[str, tuple[str, ...]] = {
    region: tuple(f"{region}-{letter}" for letter in letters.split())
    for region, letters in {
        "cn-hangzhou": "b h i j k",
        "cn-beijing": "c f g h i j k l",
        "cn-shanghai": "b e f g l m n",
        "cn-shenzhen": "a c d e f",
    }.items()
}
"""Zones by region, as every world has them."""


@dataclass(frozen=True, kw_only=True)
class Region(Thing):
    """A region that the world adds, or whose zones it redefines; ``id`` is the region id, ``account`` empty."""

    KIND = "region"
    account: str = ""
    zones: tuple[str, ...] = ()


def regions(world: World) -> dict[str, tuple[str, ...]]:
    """Zones by region of this world: the built-in ones first, then those that the world adds."""
    return {**REGIONS, **{r.id: r.zones for r in world.all(Region)}}


def zones(world: World, region: str) -> tuple[str, ...]:
    """The zones of a region, empty when there is no such region."""
    return regions(world).get(region, ())


@dataclass(frozen=True)
class Endpoints:
    """``host:port`` of the central listener, of each region's listener, of the data plane's proxy (empty: none)."""

    central: str = ""
    regions: Mapping[str, str] = field(default_factory=dict)
    proxy: str = ""

    def of(self, regional: bool, region: str) -> str:
        """The address that serves a product in a region."""
        return self.regions.get(region, self.central) if regional else self.central
