"""The engine on the embedded cloud, with one clock for both: when the engine sleeps, the cloud's time passes.

The embedded cloud is a process of its own, met over HTTP; the engine uses the official SDKs, as always.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gatespan.cloud import CallRecord, Cloud, Credentials, emulator_target
from gatespan.local_cloud import control
from gatespan.planning import Engine
from gatespan.topology import Loaded, load, loads

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
KEYS = Credentials("embedded", "embedded-secret")
NOT_COMPARED = "transit_router_service"
"""An account's transit-router service can be opened but not closed: it stays after a teardown, there as here."""


class LabClock:
    """The engine's clock: sleeping turns the embedded cloud's clock."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._now = time.time()
        self._lock = threading.Lock()

    def now(self) -> float:
        with self._lock:
            return self._now

    def sleep(self, seconds: float) -> None:
        control(self._url, "clock", {"advance": seconds})
        with self._lock:
            self._now += seconds


class Lab:
    """One running embedded cloud for many tests; each test seeds the world it wants."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.target = emulator_target(url)

    def world(self, name: str = "cross-region", *, latency: str = "none", **settings: Any) -> None:
        """A fresh world, a frozen clock, no faults, nothing remembered."""
        self.control("faults", method="DELETE")
        self.control("seed", {"path": str(EXAMPLES / "worlds" / f"{name}.yaml")})
        self.control("clock", {"freeze": True})
        self.control("clock", {"advance": 60})
        mode, _, reads = latency.partition(":")
        self.control("latency", {"mode": mode, **({"reads": int(reads)} if reads else {})})
        self.control("settings", {"list_lag": 0, "keep_rates": False, "connect_timeout": 3, **settings})
        self.control("log", method="DELETE")

    def control(self, path: str, body: object = None, **more: Any) -> Any:
        return control(self.url, path, body, **more)

    def state(self) -> str:
        """Everything in the cloud, canonical, as text."""
        return json.dumps(self.control(f"state?exclude={NOT_COMPARED}"), sort_keys=True, indent=1)

    def things(self, kind: str) -> list[dict[str, Any]]:
        return self.control("state").get(kind, [])

    def log(self) -> list[dict[str, Any]]:
        """The calls that the cloud has seen."""
        return self.control("log")["calls"]

    def engine(
        self,
        topology: Loaded | str = "cross-region",
        *,
        before_call: Callable[[str, str], None] | None = None,
        observer: Callable[[CallRecord], None] | None = None,
        seed: int = 1,
        workers: int = 8,
    ) -> Engine:
        """A fresh engine, as a process that was just started would have it."""
        loaded = load(EXAMPLES / f"{topology}.yaml") if isinstance(topology, str) else topology
        clock = LabClock(self.url)
        cloud = Cloud(
            self.target, KEYS, clock=clock, random=random.Random(seed), before_call=before_call, observer=observer
        )
        return Engine(
            loaded.topology, cloud, base=loaded.base, clock=clock, random=random.Random(seed), workers=workers
        )

    def cloud(self) -> Cloud:
        """A door for what a test does by hand."""
        return Cloud(self.target, KEYS, clock=LabClock(self.url), random=random.Random(0))


def edited(name: str, edits: Mapping[str, str]) -> Loaded:
    """An example with pieces of its text replaced; every piece must be there."""
    text = (EXAMPLES / f"{name}.yaml").read_text()
    for old, new in edits.items():
        assert old in text, f"{old!r} is not in {name}.yaml"
        text = text.replace(old, new)
    return loads(text, name=f"{name} (edited)", base=EXAMPLES)


@contextmanager
def running(home: Path) -> Iterator[Lab]:
    """Start the embedded cloud as a process on free ports; end it."""
    ready = home / "cloud.json"
    command = [sys.executable, "-m", "gatespan.emulator", "serve", "--port", "0", "--data", str(home / "world.sqlite")]
    command += ["--latency", "none", "--ready-file", str(ready)]
    with (home / "cloud.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    try:
        end = time.monotonic() + 20
        while not ready.exists():
            assert process.poll() is None, (home / "cloud.log").read_text()
            assert time.monotonic() < end, "the embedded cloud did not come up"
            time.sleep(0.02)
        yield Lab(json.loads(ready.read_text())["url"])
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)
