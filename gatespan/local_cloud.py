"""The embedded cloud as a background process of this machine: start, find, stop.

It is a program of its own, met only over HTTP; this module knows its command line, its health answer and the file
that says where it runs (``$GATESPAN_HOME/cloud.json``), nothing else.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import ProxyHandler, Request, build_opener

START_BUDGET = 20.0


class LocalCloudError(Exception):
    """The embedded cloud cannot be started, found or stopped; the message says what to do."""


@dataclass(frozen=True)
class LocalCloud:
    """A running embedded cloud: its base URL and what its health answer said."""

    url: str
    health: Mapping[str, Any]

    @property
    def pid(self) -> int:
        return int(self.health["pid"])


def control(url: str, path: str, body: object = None, *, method: str | None = None, timeout: float = 10.0) -> Any:
    """Ask the control API of an embedded cloud; a text is sent as it is, anything else as JSON.

    Raises LocalCloudError with the cloud's own words when it refuses.
    """
    data = body.encode() if isinstance(body, str) else json.dumps(body).encode() if body is not None else None
    request = Request(f"{url}/_cloud/{path}", data=data, method=method or ("POST" if data is not None else "GET"))
    request.add_header("Content-Type", "application/json")
    try:
        with build_opener(ProxyHandler({})).open(request, timeout=timeout) as answer:
            text = answer.read().decode()
    except URLError as error:
        said = getattr(error, "read", lambda: b"")().decode(errors="replace")
        try:
            reason = json.loads(said)["error"]
        except (ValueError, KeyError, TypeError):
            reason = str(getattr(error, "reason", error))
        raise LocalCloudError(f"{url}/_cloud/{path}: {reason}") from None
    except OSError as error:
        raise LocalCloudError(f"{url}/_cloud/{path}: {error}") from None
    return json.loads(text) if text else None


def find(home: Path) -> LocalCloud | None:
    """The embedded cloud that was started from this home, if it still answers."""
    try:
        said = json.loads((home / "cloud.json").read_text())
        health = control(said["url"], "health", timeout=3.0)
    except (OSError, ValueError, KeyError, LocalCloudError):
        return None
    if health.get("name") != "gatespan-embedded-cloud" or health.get("pid") != said.get("pid"):
        return None
    return LocalCloud(said["url"], health)


def start(home: Path, *, world: Path | None = None, latency: str = "fast", port: int | None = None) -> LocalCloud:
    """Start it in the background, or return the one that runs. Its world is kept in ``$GATESPAN_HOME/cloud.sqlite``."""
    running = find(home)
    if running is not None:
        return running
    home.mkdir(parents=True, exist_ok=True)
    ready = home / "cloud.json"
    ready.unlink(missing_ok=True)
    command = [sys.executable, "-m", "gatespan.emulator", "serve", "--data", str(home / "cloud.sqlite")]
    command += ["--latency", latency, "--ready-file", str(ready)]
    command += ["--world", str(world)] if world else []
    command += ["--port", str(port)] if port is not None else []
    log = home / "cloud.log"
    with log.open("ab") as out:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True, cwd=home
        )
    end = time.monotonic() + START_BUDGET
    while time.monotonic() < end:
        if process.poll() is not None:
            raise LocalCloudError(f"The embedded cloud ended at once ({process.returncode}): {_tail(log)}")
        found = find(home)
        if found is not None:
            return found
        time.sleep(0.03)
    process.terminate()
    raise LocalCloudError(f"The embedded cloud did not come up in {START_BUDGET:.0f} s: {_tail(log)}")


def stop(home: Path) -> bool:
    """Stop it and wait until it is gone. False when none runs."""
    running = find(home)
    if running is None:
        return False
    os.kill(running.pid, signal.SIGTERM)
    end = time.monotonic() + 10.0
    while time.monotonic() < end:
        if find(home) is None:
            (home / "cloud.json").unlink(missing_ok=True)
            return True
        time.sleep(0.05)
    raise LocalCloudError(f"The embedded cloud (process {running.pid}) does not stop. Its log: {home / 'cloud.log'}")


def _tail(log: Path, lines: int = 6) -> str:
    try:
        return "\n".join(log.read_text(errors="replace").strip().splitlines()[-lines:])
    except OSError:
        return f"(no log at {log})"
