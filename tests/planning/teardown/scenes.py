"""The scenarios to tear down, and what is compared."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gatespan.topology import Loaded
from tests.planning.lab import Lab, edited

TRAFFIC = "traffic: {cap_mbps: 100}"
SCENES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "cross-region": ("cross-region", {"plan: {mbps: 2, months: 1}": TRAFFIC}),
    "from-scratch": ("cross-region", {}),
    "on-premises-clients": ("on-premises-clients", {}),
    "on-premises-backend": ("on-premises-backend", {}),
    "hub": (
        "hub",
        {"plan: &mainland {mbps: 4, months: 1}": TRAFFIC, "plan: *mainland": TRAFFIC, "    share: 2\n": ""},
    ),
    "basic": ("basic", {}),
}
"""World and edits by example. Nothing is prepaid, so that everything can be gone; Basic knows no other bandwidth."""


@dataclass(frozen=True)
class Scene:
    lab: Lab
    topology: Loaded

    def state(self) -> dict[str, Any]:
        """Everything in the cloud but plans whose term holds them."""
        state: dict[str, Any] = json.loads(self.lab.state())
        plans = [p for p in state.pop("bandwidth_package", []) if p["cen_id"]]
        return {**state, "bandwidth_package": plans}


def scene(lab: Lab, name: str, more: Mapping[str, str] | None = None, **settings: Any) -> Scene:
    """The world of a scenario, with nothing built."""
    world, edits = SCENES[name]
    lab.world(world, **settings)
    return Scene(lab, edited(name, {**edits, **(more or {})}))
