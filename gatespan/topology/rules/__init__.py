"""The rules between parts of a topology file: all that can be known to be wrong without asking a cloud.

They read plain data (`raw`), so that they run on a half-right file as well as on a finished `Topology`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gatespan.topology.errors import Finding
from gatespan.topology.rules.addresses import address_rules
from gatespan.topology.rules.apis import api_rules
from gatespan.topology.rules.bandwidth import bandwidth_rules
from gatespan.topology.rules.circuits import circuit_rules
from gatespan.topology.rules.editions import edition_rules
from gatespan.topology.rules.grants import grant_rules
from gatespan.topology.rules.network import network_rules
from gatespan.topology.rules.quotas import quota_rules
from gatespan.topology.rules.raw import Raw


def check(data: Any, base: Path | None = None) -> Iterator[Finding]:
    """Every broken rule. With `base`, the folders that functions are made from are looked for there."""
    top = Raw(data)
    for rules in (
        network_rules,
        circuit_rules,
        address_rules,
        bandwidth_rules,
        edition_rules,
        grant_rules,
        quota_rules,
    ):
        yield from rules(top)
    yield from api_rules(top, base)
