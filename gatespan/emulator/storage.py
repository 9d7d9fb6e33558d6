"""The world in one SQLite file: every committed transaction is in it before the answer leaves.

WAL with ``synchronous=NORMAL``: what is committed outlives the process (kill -9 included); only a crash of the whole
machine may cost the last moments. The file is held exclusively, so two clouds cannot share one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from gatespan.emulator import codec
from gatespan.emulator.wire.reply import json_bytes
from gatespan.emulator.world import KINDS, Change, Thing

FORMAT = 1
"""Version stamp of the file; a file with another one is refused, never guessed at."""
_SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE thing (seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL,
                    UNIQUE (kind, id));
"""


class StorageError(Exception):
    """The data file cannot be used: which one, why, what to do."""


@dataclass(frozen=True)
class Kept:
    """What a data file holds: the objects in the order of their creation, and notes by name (clock, settings)."""

    things: tuple[Thing, ...]
    meta: Mapping[str, Any]


class Storage:
    """``path`` is made when it is absent. Raises StorageError: locked, foreign, damaged, of another format."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=2.0)
            self._open()
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise StorageError(
                    f"{path} is in use by another embedded cloud. Stop that one, or give another file with --data."
                ) from None
            raise StorageError(f"{path} cannot be opened: {error}.") from None
        except sqlite3.DatabaseError as error:
            raise StorageError(f"{path} is not a readable data file ({error}). {self._remedy()}") from None
        except OSError as error:
            raise StorageError(f"{path} cannot be opened: {error.strerror}.") from None

    def _open(self) -> None:
        db = self._db
        db.execute("PRAGMA locking_mode=EXCLUSIVE")
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=NORMAL")
        db.execute("BEGIN EXCLUSIVE")
        tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not tables:
            for statement in filter(str.strip, _SCHEMA.split(";")):
                db.execute(statement)
            self._note("format", FORMAT)
        elif tables != {"meta", "thing"}:
            raise StorageError(f"{self.path} is some other program's database. Give another file with --data.")
        db.execute("COMMIT")

    def load(self) -> Kept | None:
        """What the file holds, None when it is new."""
        try:
            meta = {name: orjson.loads(value) for name, value in self._db.execute("SELECT name, value FROM meta")}
            if meta.get("format") != FORMAT:
                found = meta.get("format")
                raise StorageError(f"{self.path} has format {found}, this cloud writes {FORMAT}. {self._remedy()}")
            rows = self._db.execute("SELECT kind, body FROM thing ORDER BY seq")
            things = tuple(decode({"kind": kind, **orjson.loads(body)}) for kind, body in rows)
        except (sqlite3.DatabaseError, orjson.JSONDecodeError, codec.ShapeError) as error:
            raise StorageError(f"{self.path} is damaged or of another version ({error}). {self._remedy()}") from None
        return Kept(things, meta) if "origin" in meta else None

    def _remedy(self) -> str:
        return "Remove it, or move it away, to begin with a new world."

    def commit(self, changes: Iterable[Change]) -> None:
        """Write one transaction of the world."""
        execute = self._db.execute
        execute("BEGIN")
        try:
            for kind, id, thing in _last(changes):
                if thing is None:
                    execute("DELETE FROM thing WHERE kind = ? AND id = ?", (kind, id))
                else:
                    execute(
                        "INSERT INTO thing (kind, id, body) VALUES (?, ?, ?) "
                        "ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body",
                        (kind, id, json_bytes(thing)),
                    )
            execute("COMMIT")
        except BaseException:
            execute("ROLLBACK")
            raise

    def replace(self, things: Iterable[Thing], **notes: Any) -> None:
        """Write a whole other world, and notes that belong to it, in one transaction."""
        execute = self._db.execute
        execute("BEGIN")
        try:
            execute("DELETE FROM thing")
            rows = ((thing.KIND, thing.id, json_bytes(thing)) for thing in things)
            self._db.executemany("INSERT INTO thing (kind, id, body) VALUES (?, ?, ?)", rows)
            for name, value in notes.items():
                self._note(name, value)
            execute("COMMIT")
        except BaseException:
            execute("ROLLBACK")
            raise

    def note(self, **values: Any) -> None:
        """Keep notes by name."""
        self._db.execute("BEGIN")
        for name, value in values.items():
            self._note(name, value)
        self._db.execute("COMMIT")

    def _note(self, name: str, value: Any) -> None:
        self._db.execute("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", (name, json_bytes(value)))

    def close(self) -> None:
        self._db.close()


def _last(changes: Iterable[Change]) -> list[tuple[str, str, Thing | None]]:
    """The changes without those that later ones overwrite. The order of creation stays: a changed object keeps its
    place, one that was removed and made anew goes to the end."""
    folded: dict[tuple[str, str], list[tuple[str, str, Thing | None]]] = {}
    for change in changes:
        key, row = (change.kind, change.id), (change.kind, change.id, change.after)
        earlier = folded.get(key, [])
        if change.after is not None and earlier and earlier[-1][2] is not None:
            earlier[-1] = row
        else:
            folded.pop(key, None)
            folded[key] = [row] if change.after is None else [*earlier, row]
    return [row for rows in folded.values() for row in rows]


# --- objects as plain data, for the file and for snapshots ------------------------------------------------


def encode(thing: Thing) -> dict[str, Any]:
    """The object as plain data, with its kind."""
    return {"kind": thing.KIND, **orjson.loads(json_bytes(thing))}


def decode(data: Mapping[str, Any], path: str = "") -> Thing:
    """The object that ``encode`` made plain. Raises ShapeError."""
    fields = dict(data)
    kind = fields.pop("kind", None)
    if kind not in KINDS:
        raise codec.ShapeError(path, f"unknown kind of object {kind!r}")
    return codec.read(KINDS[kind], fields, path or f"{kind} {fields.get('id')}")
