"""The managed server: one per home, found again, not misled by what a dead one left behind."""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

import httpx
import pytest

from flows import local_server, prepared
from flows.local_server import Server
from tests.prefect.conftest import HOME


def test_it_is_found_again_and_not_started_twice(server: Server) -> None:
    found = local_server.find(HOME)
    assert found is not None and (found.pid, found.api) == (server.pid, server.api)
    again = local_server.start(HOME)
    assert again.pid == server.pid and not again.started


def test_it_listens_on_loopback_and_keeps_quiet(server: Server) -> None:
    assert server.api.startswith("http://127.0.0.1:")
    settings = httpx.get(f"{server.api}/admin/settings").json()["server"]
    assert settings["analytics_enabled"] is False
    assert settings["concurrency"]["lease_storage"].endswith("filesystem")
    assert settings["api"]["csrf_protection_enabled"] is False
    assert settings["ui"]["show_promotional_content"] is False
    ui = httpx.get(server.api.removesuffix("/api") + "/ui-settings").json()
    assert ui["api_url"] == server.api, "the UI must call this port, not Prefect's own"


def test_status_says_where(server: Server, guarded: dict[str, str]) -> None:
    command = [sys.executable, "-m", "flows", "server", "status"]
    said = subprocess.run(command, env=guarded, capture_output=True, text=True, timeout=30, check=False)
    assert said.returncode == 0 and said.stdout == f"{server.ui} (process {server.pid})\n"


def test_writers_wait_for_each_other(server: Server) -> None:
    """As it comes, Prefect refuses some of them (503), and then stands still for a minute: flows.server_app."""
    answers: list[int] = []

    def write(name: str) -> None:
        with httpx.Client(base_url=server.api, timeout=20) as http:
            flow = http.post("/flows/", json={"name": f"writer-{name}"}).json()["id"]
            for _ in range(12):
                run = http.post("/flow_runs/", json={"flow_id": flow, "state": {"type": "PENDING"}})
                state = http.post(f"/flow_runs/{run.json()['id']}/set_state", json={"state": {"type": "COMPLETED"}})
                line = {"name": "n", "level": 20, "message": "m", "timestamp": "2026-01-01T00:00:00Z"}
                answers.extend(a.status_code for a in (run, state, http.post("/logs/", json=[line])))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, "abcdef"))
    assert Counter(answers) == {201: 6 * 12 * 3}


def test_an_empty_home_has_none(tmp_path: Path) -> None:
    assert local_server.find(tmp_path) is None
    assert local_server.stop(tmp_path) is False


def test_a_new_home_begins_with_what_was_prepared(tmp_path: Path) -> None:
    """What is prepared is nobody's."""
    kept = prepared.kept()
    if not kept.is_dir():
        pytest.skip("nothing is prepared for these block types: make setup")
    assert {one.name for one in kept.iterdir()} == {prepared.MEMO, local_server.DATABASE}
    with closing(sqlite3.connect(kept / local_server.DATABASE)) as made:
        assert made.execute("SELECT count(*) FROM configuration").fetchone() == (0,)  # where keys would be
    home = local_server.prefect_home(tmp_path)
    home.mkdir()
    prepared.furnish(tmp_path)
    for name in (prepared.MEMO, local_server.DATABASE):
        assert (home / name).read_bytes() == (kept / name).read_bytes()


def test_a_home_is_not_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_server, "PORT", 0)
    monkeypatch.setattr(sys, "executable", "/bin/false")  # what is started does not matter here
    database = local_server.prefect_home(tmp_path) / local_server.DATABASE
    database.parent.mkdir()
    database.write_bytes(b"somebody's")
    with suppress(local_server.ServerError):
        local_server.start(tmp_path)
    assert database.read_bytes() == b"somebody's"


def test_a_stale_note_misleads_nobody(tmp_path: Path) -> None:
    """Even when its process id belongs to somebody else by now."""
    folder = local_server.prefect_home(tmp_path)
    folder.mkdir()
    (folder / "server.json").write_text(json.dumps({"pid": os.getpid(), "api": "http://127.0.0.1:1/api"}))
    assert local_server.find(tmp_path) is None
    assert local_server.stop(tmp_path) is False


def test_a_killed_server_is_gone(tmp_path: Path) -> None:
    """What holds the lock is the server, for life: here a process that only sleeps stands in for it."""
    folder = local_server.prefect_home(tmp_path)
    folder.mkdir()
    with (folder / "server.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], pass_fds=(lock.fileno(),))
    (folder / "server.json").write_text(json.dumps({"pid": process.pid, "api": "http://127.0.0.1:1/api"}))
    found = local_server.find(tmp_path)
    assert found is not None and found.pid == process.pid
    process.kill()
    process.wait()
    end = time.monotonic() + 5
    while local_server.find(tmp_path) is not None:
        assert time.monotonic() < end
    assert local_server.find(tmp_path) is None


def test_a_server_that_ends_while_starting_is_told_with_its_log(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PREFECT_SERVER_DATABASE_CONNECTION_URL", "nonsense://nowhere")
        patch.setattr(local_server, "PORT", 0)
        started = local_server.start(tmp_path)
    with pytest.raises(local_server.ServerError, match="ended while starting"):
        local_server.await_ready(started)


def test_a_given_server_is_used_as_it_is(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api/")
        patch.setenv("PREFECT_UI_URL", "")
        server = local_server.connect(tmp_path)
    assert server == Server("http://127.0.0.1:9/api", tmp_path) and server.ui == "http://127.0.0.1:9/v2"
    assert not local_server.prefect_home(tmp_path).exists()
