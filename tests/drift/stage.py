"""Built topologies to spoil by hand: each is built once, kept as a snapshot, and restored before every case.

What people do goes through the official SDK (``do``); what only the vendor, a carrier or time can do is written into
the world itself (``put``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from gatespan.planning import Engine
from gatespan.resources.cen.transit_router import system_table
from gatespan.topology import Loaded, load, loads
from tests.planning.lab import EXAMPLES, Lab

HERE = Path(__file__).parent
WORLDS = HERE / "worlds"


@dataclass(frozen=True)
class Scene:
    """A file of cases: the world, the topology (an example's name, or its text), and the cases."""

    name: str
    world: str
    topology: str
    cases: tuple[Mapping[str, Any], ...]

    def loaded(self, edits: Mapping[str, str] | None = None) -> Loaded:
        """The topology, with pieces of its text replaced."""
        text = self.topology
        if "\n" not in text:
            if not edits:
                return load(EXAMPLES / f"{text}.yaml")
            text = (EXAMPLES / f"{text}.yaml").read_text()
        for old, new in (edits or {}).items():
            assert old in text, f"{old!r} is not in the topology"
            text = text.replace(old, new)
        return loads(text, name=self.name, base=EXAMPLES)


def scenes() -> Iterator[Scene]:
    for file in sorted(HERE.glob("cases/*.yaml")):
        raw = YAML(typ="safe", pure=True).load(file.read_text())
        yield Scene(file.stem, raw["world"], raw["topology"], tuple(raw["cases"]))


class Stage:
    """One embedded cloud; the scenes that were built on it."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self._built: set[str] = set()

    def set(self, scene: Scene) -> None:
        """The scene as it was freshly built."""
        if scene.name in self._built:
            self.lab.control("restore", {"name": scene.name})
            return
        self.lab.world()
        own = WORLDS / f"{scene.world}.yaml"
        self.lab.control("seed", {"path": str(own if own.exists() else EXAMPLES / "worlds" / own.name)})
        self.lab.engine(scene.loaded()).converge()
        self.lab.control("snapshot", {"name": scene.name})
        self._built.add(scene.name)

    def spoil(self, scene: Scene, case: Mapping[str, Any]) -> Hand:
        """Do what the case says."""
        hand = Hand(self.lab, self.lab.engine(scene.loaded()))
        for product, region, action, params in case.get("do", ()):
            hand.call(product, region, action, params)
        for change in case.get("put", ()):
            hand.put(**change)
        return hand


class Hand:
    """Calls made by hand, with placeholders for what is in the cloud: ``{key}`` is the id of a resource of the
    topology, ``{key Field}`` a field of its row, ``{table REGION}`` the system table of a region's router, ``{vtable
    KEY}`` the table of a VPC, ``{thing KIND NAME}`` the id of something else in the world, ``{last Field}`` a field of
    what the calls before answered."""

    def __init__(self, lab: Lab, engine: Engine) -> None:
        self.lab, self.cloud, self.engine = lab, lab.cloud(), engine
        self.last: dict[str, Any] = {}

    def call(self, product: str, region: str, action: str, params: Mapping[str, Any]) -> None:
        self.last |= self.cloud.call(product, action, self.fill(params), region=region)

    def put(self, kind: str, where: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        """Write into a thing of the world itself."""
        kept = self.lab.control("snapshot", {})
        where, hits = self.fill(where), 0
        for thing in kept["things"]:
            if thing["kind"] == kind and all(thing.get(k) == v for k, v in where.items()):
                thing |= self.fill(values)
                hits += 1
        assert hits, f"no {kind} with {where}; kinds: {sorted({t['kind'] for t in kept['things']})}"
        self.lab.control("restore", {"things": kept["things"], "clock": kept["clock"]})

    def fill(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {k: self.fill(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self.fill(v) for v in value]
        if isinstance(value, str) and re.fullmatch(r"\{[^{}\"]+\}", value):
            return self._known(value[1:-1])
        return value

    def _known(self, name: str) -> Any:
        first, _, second = name.partition(" ")
        if first == "last":
            return self.last[second]
        if first == "table":
            router = self.engine.found(f"transit_router.{second}")
            assert router is not None
            return system_table(self.engine, router, second)
        if first == "thing":
            kind, _, called = second.partition(" ")
            return next(t["id"] for t in self.lab.things(kind) if t["name"] == called)
        if first == "vtable":
            return self.engine.found(second).row["RouterTableIds"]["RouterTableIds"][0]  # type: ignore[union-attr]
        found = self.engine.found(first)
        assert found is not None, f"{first} is not in the cloud"
        return found.row[second] if second else found.id


def text(value: Any) -> str:
    """For comparing and for messages."""
    return json.dumps(value, sort_keys=True, default=str)
