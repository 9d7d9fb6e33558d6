"""Going from one world to another with the same embedded cloud: each world keeps its own data, so that coming back
finds what was built there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from gatespan import local_cloud
from gatespan.local_cloud import LocalCloud, LocalCloudError

FILES = ("", "-wal", "-shm")
"""Endings of the files that SQLite keeps one database in."""


@dataclass(frozen=True)
class Used:
    """The cloud that runs now; ``left``: the world that ran before, when it was another."""

    cloud: LocalCloud
    world: str
    left: str | None = None


def use(home: Path, world: Path) -> Used:
    """Have the embedded cloud of this home run the world of the file. Raises LocalCloudError, OSError.

    The data of the world that ran before is put aside as ``worlds/NAME.sqlite``; that of the wanted one is taken from
    there, or made from the file."""
    wanted = _name(world)
    running = local_cloud.find(home) or local_cloud.start(home, world=world.resolve())
    present = str(running.health["world"])
    if present == wanted:
        return Used(running, wanted)
    local_cloud.stop(home)
    data = home / "cloud.sqlite"
    _move(data, _kept(home, present))
    _move(_kept(home, wanted), data)
    return Used(local_cloud.start(home, world=world.resolve()), wanted, left=present)


def _name(world: Path) -> str:
    try:
        read = YAML(typ="safe").load(world.read_text())
    except YAMLError as error:
        raise LocalCloudError(f"{world} is no world file: {error}") from None
    name = read.get("name") if isinstance(read, dict) else None
    if not name:
        raise LocalCloudError(f"{world} is no world file: it has no `name`.")
    return str(name)


def _kept(home: Path, world: str) -> Path:
    return home / "worlds" / f"{re.sub('[^A-Za-z0-9._-]+', '-', world)}.sqlite"


def _move(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    for ending in FILES:
        file, place = (path.with_name(path.name + ending) for path in (source, target))
        place.unlink(missing_ok=True)
        if file.exists():
            file.rename(place)
