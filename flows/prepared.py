"""A new server's database, made once: Prefect migrates an empty one for 11 s (two cores), and begins with a copy in 4.

Apart from ``local_server``, which needs it for new homes only: what is imported here would delay every start.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import sys
import tempfile
from contextlib import closing, suppress
from importlib.metadata import version
from pathlib import Path

from flows import local_server
from flows.local_server import DATABASE, ServerError, prefect_home

MEMO = "memo_store.toml"
"""What a server knows to be in its database."""
ELSEWHERE = ("PREFECT_API_URL", "PREFECT_SERVER_DATABASE_CONNECTION_URL")
"""With one of these the server or its database is somebody else's: theirs to prepare."""


def kept() -> Path:
    """The folder that ``prepare`` makes: beside the packages that made it, named by Prefect's version and by the text
    of the block types that are in it."""
    types = sorted((Path(__file__).parents[1] / "blocks").glob("*.py"))
    text = hashlib.sha256(b"".join(one.read_bytes() for one in types)).hexdigest()
    return Path(sys.prefix) / "var" / "gatespan" / f"prefect-{version('prefect')}-{text[:12]}"


def prepare() -> None:
    """Make it, unless it is there. Nothing of a home is in it. Raises ServerError."""
    folder = kept()
    if folder.is_dir() or any(name in os.environ for name in ELSEWHERE):
        return
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as empty:
            _make(Path(empty) / "home", Path(empty) / "made")
            with suppress(OSError):  # somebody else was quicker
                (Path(empty) / "made").rename(folder)
    except OSError as error:
        raise ServerError(f"A server's database cannot be kept in {folder.parent}: {error}") from None


def _make(home: Path, folder: Path) -> None:
    local_server.await_ready(local_server.start(home))
    local_server.stop(home)
    folder.mkdir()
    with closing(sqlite3.connect(prefect_home(home) / DATABASE)) as database:
        database.execute("VACUUM INTO ?", (str(folder / DATABASE),))
    shutil.copyfile(prefect_home(home) / MEMO, folder / MEMO)


def furnish(home: Path) -> None:
    """Give a new home what was prepared, if anything. The database comes last: with it the home is no longer new."""
    folder = kept()
    for name in (MEMO, DATABASE) if folder.is_dir() else ():
        copy = prefect_home(home) / f"{name}.new"
        shutil.copyfile(folder / name, copy)
        copy.replace(prefect_home(home) / name)
