"""The real flows on the embedded cloud, as the command line starts them: build, prove, nothing to do, remove."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from prefect.client.schemas.objects import State

from flows.cross_region import cross_region
from flows.local_server import Server
from flows.progress import Lines
from flows.verify import verify
from gatespan.local_cloud import LocalCloud, control, start, stop
from tasks.watching import WATCH
from tests.prefect.conftest import LEAKS
from tests.prefect.fake import EXAMPLES

CROSS_REGION = EXAMPLES / "cross-region.yaml"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    home = tmp_path_factory.mktemp("cloud")
    yield start(home, latency="none", port=0)
    assert stop(home)


class Told:
    """What `python -m flows run` said."""

    def __init__(self, code: int, lines: list[dict[str, Any]], noise: str) -> None:
        self.code, self.lines, self.noise = code, lines, noise
        self.result = lines[-1]

    def ended(self, state: str) -> list[str]:
        return [e["name"] for e in self.lines if e["event"] == "task" and e["state"] == state]


def run(flow: str, *more: str, env: dict[str, str]) -> Told:
    read, write = os.pipe()
    command = [sys.executable, "-m", "flows", "run", flow, "--progress-fd", str(write), *more]
    with subprocess.Popen(
        command, env=env, pass_fds=(write,), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        os.close(write)
        with os.fdopen(read, encoding="utf-8") as told:
            lines = [json.loads(line) for line in told]
        assert process.stdout is not None
        noise = process.stdout.read()
    assert lines and lines[-1]["event"] == "result", noise
    return Told(process.returncode, lines, noise)


def here(flow: Any, cloud: LocalCloud, **parameters: Any) -> tuple[State[Any], Lines]:
    """The same without a process of its own: quicker, for what needs no command line."""
    lines = Lines(os.open(os.devnull, os.O_WRONLY))

    async def watched() -> State[Any]:
        WATCH.set(lines)
        state: State[Any] = await flow(str(CROSS_REGION), cloud.url, return_state=True, **parameters)
        return state

    return asyncio.run(watched()), lines


def test_build_prove_again_remove(cloud: LocalCloud, server: Server, python: dict[str, str]) -> None:
    where = ("--topology", str(CROSS_REGION), "--cloud", cloud.url)
    built = run("cross-region", *where, env=python)
    assert (built.code, built.result["ok"], built.noise) == (0, True, ""), built.result["message"]
    assert {o["did"] for o in built.result["outcomes"]} == {"created", "kept"}
    assert [c["status"] for c in built.result["calls"]] == [200, 200]
    assert built.ended("Completed")[0] == "plan cross-region" and built.ended("Completed")[-1] == "verify cross-region"
    assert "attach vpc-3 (cn-beijing)" in built.ended("Running")
    progress = {(e["kind"], e["label"]) for e in built.lines if e["event"] == "progress"}
    assert {("start", "VPC attachment vpc-3 (cn-beijing)"), ("done", "VPC attachment vpc-3 (cn-beijing)")} <= progress
    run_id = built.result["flow_run_url"].rpartition("/")[2]
    assert httpx.get(f"{server.api}/flow_runs/{run_id}").json()["state_name"] == "Completed"

    again, lines = here(cross_region, cloud, verify=False)
    assert again.is_completed() and lines.calls == []
    assert {o["did"] for o in lines.outcomes} == {"kept"}

    proven, lines = here(verify, cloud)
    assert proven.is_completed() and [c["ok"] for c in lines.calls] == [True, True]

    removed = run("teardown", *where, env=python)
    assert removed.code == 0, removed.result["message"]
    left = [o for o in removed.result["outcomes"] if o["did"] == "left" and o["why"] != "not made by this topology"]
    assert all(o["key"].startswith(("bandwidth_plan", "plan_association")) for o in left)

    unproven, lines = here(verify, cloud)
    assert unproven.name == "Failed" and "2 of 2 calls failed" in str(unproven.message)
    assert [c["ok"] for c in lines.calls] == [False, False]

    published = httpx.post(f"{server.api}/artifacts/latest/filter", json={}).json()
    texts = {a["key"]: a["data"] for a in published}
    assert "```mermaid" in texts["topology-cross-region"]
    assert "data:image/svg+xml;base64," in texts["topology-cross-region"]
    assert len(texts["topology-cross-region"]) < 200_000
    assert "vpc-3" in texts["plan-cross-region"] and "| - delete |" in texts["plan-cross-region"]
    assert "**failed**" in texts["calls-cross-region"]
    assert "[plan](/v2/artifacts/key/plan-cross-region)" in texts["calls-cross-region"]
    assert "Nothing of cross-region is left" in texts["removal-cross-region"]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_ends_at_once(
    cloud: LocalCloud, server: Server, python: dict[str, str], how: signal.Signals
) -> None:
    """Though a sensor is in the middle of its wait: a CEN takes ten seconds here. Another run goes on from there."""
    control(cloud.url, "reset", {})
    control(cloud.url, "latency", {"mode": "realistic"})
    command = [sys.executable, "-m", "flows", "run", "cross-region", "--topology", str(CROSS_REGION)]
    command += ["--cloud", cloud.url]
    with subprocess.Popen(command, env=python, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "wait for CEN" in line:
                break
        sent = time.monotonic()
        process.send_signal(how)
        told = process.stderr.read()
        assert process.wait(timeout=5) == 1 and time.monotonic() - sent < 5
    result = json.loads(told.splitlines()[-1])
    assert result["message"] == "Interrupted. Run it again to go on from there."
    control(cloud.url, "latency", {"mode": "none"})
    control(cloud.url, "clock", {"advance": 60})
    state, _ = here(cross_region, cloud, verify=False, lock_timeout=5.0)
    assert state.is_completed(), state.message
    runs = httpx.post(f"{server.api}/flow_runs/filter", json={"limit": 2, "sort": "START_TIME_DESC"}).json()
    assert [r["state_name"] for r in runs] == ["Completed", "Crashed"]


def test_what_cannot_start_is_told_in_the_result(python: dict[str, str], tmp_path: Path) -> None:
    missing = run("cross-region", "--topology", str(tmp_path / "none.yaml"), env=python)
    assert missing.code == 1 and "There is no such file" in missing.result["message"]


def test_a_cloud_that_is_not_there_is_told(cloud: LocalCloud, server: Server) -> None:
    state, _ = here(verify, LocalCloud("http://127.0.0.1:1", {}))
    assert state.name == "Failed" and "No embedded cloud answers at http://127.0.0.1:1" in str(state.message)


def test_the_guard_would_see_a_leak(guarded: dict[str, str], tmp_path: Path) -> None:
    noted = tmp_path / "leaks.txt"
    script = "import urllib.request as u; u.urlopen('http://sens-o-matic.prefect.io')"
    env = guarded | {"GATESPAN_TEST_LEAKS": str(noted)}
    done = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, timeout=30, check=False)
    assert done.returncode != 0 and noted.read_text() == "sens-o-matic.prefect.io\n"


def test_nothing_left_the_machine(server: Server) -> None:
    """Of all that the tests of this folder started; the server's first telemetry would be at its start."""
    assert not LEAKS.exists(), LEAKS.read_text()
