"""Reading an account: whole lists through the one door, and the marks for what could not be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gatespan.cloud import Cloud, Inventory

Row = Mapping[str, Any]
Path = tuple[str | int, ...]


class NotAdoptable(Exception):
    """What stands there cannot be described: the message says what, where, and what to do."""


@dataclass(frozen=True)
class Mark:
    """A place of the file that a person must look at, and why."""

    path: Path
    why: str


@dataclass
class Reader:
    """The door, lists read once, and the marks gathered on the way."""

    cloud: Cloud
    region: str
    marks: list[Mark] = field(default_factory=list)
    inventory: Inventory = field(init=False)

    def __post_init__(self) -> None:
        self.inventory = Inventory(self.cloud)

    def rows(self, action: str, region: str | None = None, **params: Any) -> tuple[Row, ...]:
        return self.inventory.rows(action, region=region or self.region, **params)

    def vpc_rows(self, action: str, region: str, **params: Any) -> tuple[Row, ...]:
        """Lists of the VPC product name their region."""
        return self.inventory.rows(action, region=region, RegionId=region, **params)

    def mark(self, path: Path, why: str) -> None:
        self.marks.append(Mark(path, why))


def unique(name: str, taken: set[str]) -> str:
    """The name, or the name with a number behind it when it is taken; taken from now on."""
    wanted, n = name, 2
    while wanted in taken:
        wanted, n = f"{name}-{n}", n + 1
    taken.add(wanted)
    return wanted
