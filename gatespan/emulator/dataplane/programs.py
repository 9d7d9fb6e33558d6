"""What runs as a real process: a function's code, or the command behind a port of a host.

A program is a command and how it is told its loopback port; ``processes`` starts it and keeps it going.
"""

from __future__ import annotations

import base64
import io
import os
import shutil
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gatespan.emulator.services.fc import errors, rules
from gatespan.emulator.services.fc.models import Function


class ProgramFailedError(Exception):
    """The program cannot run; the text says why, with the tail of what it wrote."""


@dataclass(frozen=True)
class Program:
    """Equal programs need no new start. ``name`` is for people. The command runs in the unpacked ``code`` (base64 of a
    zip archive, told apart by its ``digest``), else in ``folder``, else in an empty folder; it finds its loopback port
    in the variable ``port_variable``."""

    id: str
    name: str
    command: tuple[str, ...]
    port_variable: str
    variables: tuple[tuple[str, str], ...] = ()
    folder: str = ""
    digest: str = ""
    code: str = field(default="", compare=False, repr=False)

    def place(self, folder: Path) -> Path:
        """Where the command runs; ``folder`` is the process's own. Raises ProgramFailedError, OSError, BadZipFile."""
        place = Path(self.folder) if self.folder else folder / "code"
        if self.code:
            unpack(base64.b64decode(self.code), place)
        elif not self.folder:
            place.mkdir()
        elif not place.is_dir():
            raise ProgramFailedError(f"{self.name}: its folder {place} is not there")
        if not shutil.which(self.command[0], path=_path(place)) and not (place / self.command[0]).is_file():
            raise ProgramFailedError(f"{self.name}: its command {self.command[0]} is not in {self._searched}")
        return place

    @property
    def _searched(self) -> str:
        return "the code" if self.code else f"the search path nor in {self.folder or 'its folder'}"

    def environment(self, port: int, place: Path) -> dict[str, str]:
        """Nothing of this process's own environment but the search path: it may hold credentials."""
        return {
            **dict(self.variables),
            "PATH": _path(place),
            "HOME": str(place),
            "LANG": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",  # a host's folder is somebody's, not this process's own
            self.port_variable: str(port),
        }


def of_function(function: Function) -> Program:
    """The program of a function in a custom runtime. Raises ProgramFailedError for another runtime."""
    spec = function.spec
    runtime = str(spec.get("runtime"))
    if runtime not in rules.RUNNABLE:
        raise ProgramFailedError(errors.not_emulated(runtime).message)
    custom = spec.get("customRuntimeConfig") or {}
    named = {
        **(spec.get("environmentVariables") or {}),
        "FC_REGION": function.region,
        "FC_ACCOUNT_ID": function.account,
        "FC_FUNCTION_NAME": function.name,
        "FC_FUNCTION_HANDLER": str(spec.get("handler", "")),
        "FC_FUNCTION_MEMORY_SIZE": str(spec.get("memorySize", "")),
    }
    return Program(
        id=function.id,
        name=f"function '{function.name}'",
        command=(*(custom.get("command") or ("./bootstrap",)), *(custom.get("args") or ())),
        port_variable="FC_SERVER_PORT",
        variables=tuple(sorted(named.items())),
        digest=f"{function.function_id}:{function.digest}",
        code=function.code,
    )


def on_host(
    owner_id: str, host: str, processes: Mapping[str, tuple[str, ...]], port: int, folder: str
) -> Program | None:
    """The program that listens on a port of a host; None where there is none. ``owner_id``: of the machine or site."""
    command = tuple(processes.get(str(port), ()))
    if not command:
        return None
    return Program(f"{owner_id}/{host}:{port}", f"port {port} of {host}", command, "PORT", folder=folder)


def unpack(archive: bytes, folder: Path, limit: int = rules.UNPACKED_LIMIT) -> None:
    """Unpack a zip into a new folder, executables kept executable. Nothing gets outside the folder, nothing that is
    not a file or folder gets in, and no more than ``limit`` bytes are written whatever the archive says of itself.
    Raises ProgramFailedError, zipfile.BadZipFile."""
    folder.mkdir(parents=True)
    root, left = folder.resolve(), limit
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        for entry in packed.infolist():
            path = (root / entry.filename).resolve()
            if not path.is_relative_to(root) or "\\" in entry.filename:
                raise ProgramFailedError(f"the archive holds {entry.filename!r}, which lies outside its folder")
            mode = entry.external_attr >> 16
            if entry.is_dir():
                path.mkdir(parents=True, exist_ok=True)
                continue
            if mode & 0o170000 not in (0, 0o100000):
                raise ProgramFailedError(f"the archive holds {entry.filename!r}, which is not a plain file")
            path.parent.mkdir(parents=True, exist_ok=True)
            with packed.open(entry) as source, path.open("wb") as target:
                while piece := source.read(65536):
                    left -= len(piece)
                    if left < 0:
                        raise ProgramFailedError(f"the code unpacks to more than {limit} bytes")
                    target.write(piece)
            path.chmod(0o755 if mode & 0o111 or entry.filename == "bootstrap" else 0o644)


def _path(place: Path) -> str:
    """The search path: the cloud's own, then its Python's folder (a program may say ``python3``), then its place."""
    return os.pathsep.join((os.environ.get("PATH", os.defpath), str(Path(sys.executable).parent), str(place)))
