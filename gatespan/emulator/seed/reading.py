"""World files from texts, paths and the packaged ones by name."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from gatespan.emulator import codec
from gatespan.emulator.seed.format import SeedError, WorldFile

DEFAULT_WORLD = "cross-region"


def read_world(text: str, file: str, folder: Path | None = None) -> WorldFile:
    """A world from YAML or JSON text; its sources are relative to ``folder`` (default: the working directory).
    Raises SeedError that names the file and the path in it."""
    from ruamel.yaml import YAML  # imported here: a start from a data file needs no YAML
    from ruamel.yaml.error import YAMLError

    try:
        data = YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        raise SeedError(f"{file} is not valid YAML: {error}") from None
    if not isinstance(data, Mapping):
        raise SeedError(f"{file} must hold keys and values (accounts, vpcs, ...), found {type(data).__name__}")
    for own in ("file", "folder"):
        if own in data:
            raise SeedError(f"{file}: {own}: unknown key")
    try:
        return codec.read(WorldFile, {**data, "file": file, "folder": str((folder or Path()).resolve())})
    except codec.ShapeError as error:
        raise SeedError(f"{file}: {error}") from None


def load_world(source: str | Path) -> WorldFile:
    """A world by path, or one of the packaged worlds by name (``cross-region``, ``empty``)."""
    packaged = _packaged() / f"{source}.yaml"
    try:
        if isinstance(source, str) and "/" not in source and packaged.is_file():
            return read_world(packaged.read_text("utf-8"), f"{source} (packaged world)", packaged.parent)
        return read_world(Path(source).read_text("utf-8"), str(source), Path(source).parent)
    except UnicodeDecodeError:
        raise SeedError(f"{source} is not UTF-8 text") from None
    except OSError as error:
        known = ", ".join(packaged_worlds())
        raise SeedError(f"{source} cannot be read: {error.strerror}. Packaged worlds: {known}") from None


def packaged_worlds() -> list[str]:
    return sorted(file.stem for file in _packaged().glob("*.yaml"))


def _packaged() -> Path:
    """A real folder: the back ends of a packaged world are started in it."""
    return Path(str(files("gatespan.emulator"))) / "worlds"
