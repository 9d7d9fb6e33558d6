"""What a team runs, on this machine: Prefect server with its UI, a process worker, the shipped deployments, clouds.

All of it lives in one empty home, listens on loopback ports of its own, and ends with it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from flows import local_server
from gatespan import local_cloud

ROOT = Path(__file__).parents[2]
WORLDS = ROOT / "examples" / "worlds"


@dataclass(frozen=True)
class Stack:
    """``cloud``: the embedded cloud's URL, in the default world; ``site_cloud``: one in the world of scenario 2."""

    home: Path
    server: local_server.Server
    cloud: str
    site_cloud: str

    @property
    def ui(self) -> str:
        return self.server.ui

    def api(self, path: str, body: object = None) -> Any:
        """Ask Prefect's API. Raises for refusals."""
        url = f"{self.server.api}/{path}"
        answer = httpx.get(url) if body is None else httpx.post(url, json=body)
        answer.raise_for_status()
        return answer.json()

    def keep(self, name: str, topology: str) -> None:
        """Keep a topology's text as a block."""
        [kind] = [one for one in self.api("block_types/filter", {}) if one["slug"] == "gatespan-topology"]
        [schema] = self.api("block_schemas/filter", {"block_schemas": {"block_type_id": {"any_": [kind["id"]]}}})
        ids = {"block_type_id": kind["id"], "block_schema_id": schema["id"]}
        self.api("block_documents/", {"name": name, "data": {"text": topology}, **ids})

    def deployment(self, flow: str) -> str:
        """The id of a flow's deployment, which carries the flow's name."""
        return str(self.api(f"deployments/name/{flow}/{flow}")["id"])


@contextmanager
def running(home: Path) -> Iterator[Stack]:
    """Start all of it; end all of it. What takes long starts side by side."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("PREFECT_API_URL", "PREFECT_UI_URL", "PREFECT_PROFILE"):
            patch.delenv(name, raising=False)
        patch.setenv("GATESPAN_HOME", str(home))
        patch.setattr(local_server, "PORT", 0)
        server = local_server.start(home)
        clouds = [home / "cloud", home / "site-cloud"]
        try:
            cloud = local_cloud.start(clouds[0], latency="none", port=0)
            site = WORLDS / "on-premises-clients.yaml"
            site_cloud = local_cloud.start(clouds[1], world=site, latency="none", port=0)
            local_server.await_ready(server)
            stack = Stack(home, server, cloud.url, site_cloud.url)
            env = os.environ | local_server.quiet(home) | {"PREFECT_API_URL": server.api, "PREFECT_UI_URL": server.ui}
            stack.api("work_pools/", {"name": "gatespan", "type": "process"})
            _deploy(env)
            with _worker(home, env):  # it is up when the first form has been filled
                yield stack
        finally:
            for one in clouds:
                local_cloud.stop(one)
            local_server.stop(home)


def _deploy(env: dict[str, str]) -> None:
    command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"]
    command += ["--prefect-file", "deployments/prefect.yaml"]
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def _worker(home: Path, env: dict[str, str]) -> Iterator[None]:
    command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", "gatespan", "--type", "process"]
    with (home / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            env=env | {"PREFECT_WORKER_QUERY_SECONDS": "1"},
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield
    finally:
        for how in (signal.SIGTERM, signal.SIGKILL):
            process.send_signal(how)
            try:
                process.wait(timeout=10)
                break
            except subprocess.TimeoutExpired:
                continue
