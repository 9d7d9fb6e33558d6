"""The Prefect server of this machine: found, started in the background on demand, stopped.

With ``PREFECT_API_URL`` in the environment that server is used as it is. Otherwise one lives in
``$GATESPAN_HOME/prefect`` (default ``~/.gatespan``): loopback only, and nothing of it goes out to the internet. It
holds a lock on ``server.lock`` for as long as it lives, however it ends, so a stale ``server.json`` misleads nobody.

Only the standard library is imported here: the server starts while its caller is still importing Prefect.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

PORT = 4270
START_BUDGET = 120.0
"""Seconds; a start on a new database migrates it first: 11 s measured on two cores, 4 s when it was prepared."""
DATABASE = "prefect.db"
"""In the server's home; without it the home is new."""


class ServerError(Exception):
    """The server cannot be started, reached or stopped; the message says what to do."""


@dataclass(frozen=True)
class Server:
    """Where the API answers. ``pid`` is None for a server that is not ours; ``started``: just now, by this call."""

    api: str
    home: Path
    pid: int | None = None
    started: bool = False

    @property
    def ui(self) -> str:
        """Version 2 of the UI draws graphs and mermaid; Prefect's own links would open version 1."""
        return os.environ.get("PREFECT_UI_URL") or self.api.removesuffix("/api") + "/v2"


def gatespan_home() -> Path:
    return Path(os.environ.get("GATESPAN_HOME") or Path.home() / ".gatespan").expanduser().absolute()


def prefect_home(home: Path) -> Path:
    return home / "prefect"


def quiet(home: Path) -> dict[str, str]:
    """Settings of every Prefect process that Gatespan starts: its own home, and not a word to the internet."""
    return {
        "PREFECT_HOME": str(prefect_home(home)),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",
        "PREFECT_CLI_PROMPT": "false",
    }


def server_settings(home: Path, port: int) -> dict[str, str]:
    """Settings of the server. The batches record 100 tasks in 1 s in place of 5 (measured); leases in files survive
    a restart, so that no lock is held for ever."""
    batches = ("TASK_RUN_RECORDER_READ", "TASK_RUN_RECORDER", "EVENT_PERSISTER_READ", "TRIGGERS_READ")
    return quiet(home) | {
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_UI_URL": f"http://127.0.0.1:{port}/v2",
        "PREFECT_SERVER_API_HOST": "127.0.0.1",
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED": "false",
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
        "PREFECT_LOGGING_SERVER_LEVEL": "WARNING",
        "PREFECT__SERVER_FINAL": "1",
        **{f"PREFECT_SERVER_SERVICES_{b}_BATCH_SIZE": "50" for b in batches},
    }


def connect(home: Path) -> Server:
    """The server to use, started when none runs, not yet awaited. Points this process's environment at it, so call
    it before Prefect is imported."""
    given = os.environ.get("PREFECT_API_URL")
    if given:
        os.environ.setdefault("DO_NOT_TRACK", "1")
        return Server(given.rstrip("/"), home)
    server = start(home)
    os.environ.update(quiet(home))
    os.environ |= {"PREFECT_API_URL": server.api, "PREFECT_UI_URL": server.ui}
    return server


def find(home: Path) -> Server | None:
    """The managed server, if it lives (it may still be starting)."""
    with _Lock(home, fcntl.LOCK_SH) as lock:
        if lock.got:
            return None
    return _read(home)


def start(home: Path) -> Server:
    """Start it, or return the one that lives. Does not wait: see ``await_ready``."""
    started: list[Server] = []

    def settled() -> bool:
        with _Lock(home, fcntl.LOCK_EX) as lock:
            if lock.got:
                started.append(_spawn(home, lock.fd))
                return True
        return _noted(home) is not None  # else somebody only looks, or is about to say where it is

    _until(settled, 5.0)
    return started[0] if started else _read(home)


def _spawn(home: Path, lock: int) -> Server:
    note = prefect_home(home) / "server.json"
    note.unlink(missing_ok=True)
    if not (prefect_home(home) / DATABASE).exists():
        from flows import prepared

        prepared.furnish(home)
    listening = _listen()
    port = int(listening.getsockname()[1])
    log = prefect_home(home) / "logs" / "server.log"
    log.parent.mkdir(exist_ok=True)
    # Not `prefect server start`: that imports Prefect once more in a process of its own, 2 s for nothing.
    command = [sys.executable, "-m", "uvicorn", "--factory", "flows.server_app:create_app"]
    # It inherits the socket: a port that was only looked up could be another server's by the time it is taken.
    command += ["--fd", str(listening.fileno()), "--timeout-keep-alive", "60", "--log-level", "warning"]
    with log.open("ab") as out, listening:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env=os.environ | server_settings(home, port),
            cwd=prefect_home(home),
            pass_fds=(lock, listening.fileno()),
            start_new_session=True,
        )
    made = Server(f"http://127.0.0.1:{port}/api", home, process.pid, started=True)
    temporary = note.with_suffix(".new")
    temporary.write_text(json.dumps({"pid": made.pid, "api": made.api}))
    temporary.replace(note)
    return made


def await_ready(server: Server, budget: float = START_BUDGET) -> None:
    """Wait until the API answers. Raises ServerError."""
    log = prefect_home(server.home) / "logs" / "server.log"
    if server.pid is None:
        if not _until(lambda: healthy(server), 10.0):
            raise ServerError(f"No Prefect server answers at {server.api} (PREFECT_API_URL).")
        return
    if _until(lambda: healthy(server) or find(server.home) is None, budget) and healthy(server):
        return
    if find(server.home) is None:
        raise ServerError(f"The Prefect server ended while starting. Its log, {log}, ends:\n{_tail(log)}")
    raise ServerError(f"The Prefect server does not answer at {server.api} after {budget:.0f} s. Its log: {log}")


def stop(home: Path) -> bool:
    """Stop it and wait until it is gone. False when none lives."""
    server = find(home)
    if server is None or server.pid is None:
        return False
    for how, patience in ((signal.SIGTERM, 10.0), (signal.SIGKILL, 5.0)):
        try:
            os.kill(server.pid, how)
        except ProcessLookupError:
            break
        if _until(lambda: find(home) is None, patience):
            break
    else:
        raise ServerError(f"The Prefect server (process {server.pid}) does not stop.")
    (prefect_home(home) / "server.json").unlink(missing_ok=True)
    return True


def healthy(server: Server) -> bool:
    try:
        with build_opener(ProxyHandler({})).open(f"{server.api}/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


class _Lock:
    """An attempt at the server's lock: ``got`` it, so no server lives. The server inherits it open, for life."""

    def __init__(self, home: Path, how: int) -> None:
        prefect_home(home).mkdir(parents=True, exist_ok=True)
        self._path, self._how = prefect_home(home) / "server.lock", how

    def __enter__(self) -> _Lock:
        self.fd = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self.fd, self._how | fcntl.LOCK_NB)
            self.got = True
        except BlockingIOError:
            self.got = False
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.fd)


def _noted(home: Path) -> Server | None:
    """What the server's starter wrote down, if that process lives."""
    try:
        said = json.loads((prefect_home(home) / "server.json").read_text())
        os.kill(int(said["pid"]), 0)
        return Server(said["api"], home, int(said["pid"]))
    except (OSError, ValueError, KeyError):
        return None


def _read(home: Path) -> Server:
    """As ``_noted``, when something holds the lock."""
    if not _until(lambda: _noted(home) is not None, 5.0):
        note = prefect_home(home) / "server.json"
        raise ServerError(f"A Prefect server holds {note.with_suffix('.lock')}, but {note} does not say where it is.")
    server = _noted(home)
    assert server is not None
    return server


def _until(done: Callable[[], bool], budget: float) -> bool:
    end = time.monotonic() + budget
    while not done():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def _listen() -> socket.socket:
    """A socket on the usual port, or on a free one. Connections wait in it until the server takes it over."""
    for port in (PORT, 0):
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(("127.0.0.1", port))
            listening.listen(128)
        except OSError:
            listening.close()
            continue
        return listening
    raise ServerError("No free port on 127.0.0.1 for the Prefect server.")


def _tail(log: Path, lines: int = 8) -> str:
    try:
        return "\n".join(log.read_text(errors="replace").strip().splitlines()[-lines:])
    except OSError:
        return "(no log)"
