"""``gatespan cloud``: the embedded cloud as a background process whose world outlives it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gatespan.access import open_cloud
from gatespan.settings import Settings
from tests.planning.lab import EXAMPLES, ROOT


class Shell:
    """The command in a home of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.env = {**os.environ, "GATESPAN_HOME": str(home), "COLUMNS": "200"}

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from gatespan.cli import main; main()", *words]
        return subprocess.run(command, capture_output=True, text=True, env=self.env, timeout=60, check=False, cwd=ROOT)

    def document(self, *words: str) -> dict[str, Any]:
        ran = self.run(*words, "--json")
        document: dict[str, Any] = json.loads(ran.stdout)
        return document


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    shell = Shell(tmp_path / "home")
    yield shell
    shell.run("cloud", "stop")


def test_start_stop_and_start_again_keeps_the_world(shell: Shell) -> None:
    started = shell.document("cloud", "start", "--port", "0")
    assert started["started"] is True
    again = shell.document("cloud", "start")
    assert (again["started"], again["url"]) == (False, started["url"])
    assert shell.document("cloud", "status")["holds"]["vpc"] == 2
    assert shell.document("cloud", "seed", str(EXAMPLES / "worlds" / "empty.yaml"))["ok"]
    assert shell.document("cloud", "stop")["stopped"] is True
    gone = shell.run("cloud", "status")
    assert gone.returncode == 1
    assert "gatespan cloud start" in gone.stderr
    shell.document("cloud", "start", "--port", "0")
    assert "vpc" not in shell.document("cloud", "status")["holds"]


def test_a_killed_cloud_is_noticed_and_comes_back_with_its_world(shell: Shell) -> None:
    started = shell.document("cloud", "start", "--port", "0")
    before = shell.document("cloud", "status")["holds"]
    os.kill(started["pid"], signal.SIGKILL)
    end = time.monotonic() + 5
    while shell.run("cloud", "status").returncode == 0 and time.monotonic() < end:
        time.sleep(0.05)
    plan = shell.run("plan", str(EXAMPLES / "cross-region.yaml"))
    assert plan.returncode == 2, plan.stderr
    assert shell.document("cloud", "status")["holds"] == before


def test_curl_sits_where_it_is_told(shell: Shell) -> None:
    shell.document("cloud", "start", "--port", "0")
    nowhere = shell.run("cloud", "curl", "--from", "ecs-99", "http://example.test/")
    assert nowhere.returncode == 1
    assert "ecs-3" in nowhere.stdout + nowhere.stderr


def test_coverage_is_made_from_the_code(shell: Shell) -> None:
    shell.document("cloud", "start", "--port", "0")
    names = {a["name"] for p in shell.document("cloud", "coverage")["products"] for a in p["actions"]}
    assert {"CreateCen", "CreateVpc", "DeployApi", "InvokeFunction", "AssumeRole", "DescribeEndpoints"} <= names


def test_a_bad_world_is_refused_and_the_old_one_stays(shell: Shell, tmp_path: Path) -> None:
    shell.document("cloud", "start", "--port", "0")
    before = shell.document("cloud", "status")["holds"]
    bad = tmp_path / "bad.yaml"
    bad.write_text("name: bad\nvpcz: []\n")
    ran = shell.run("cloud", "seed", str(bad))
    assert ran.returncode == 1
    assert "vpcz" in ran.stderr
    assert shell.document("cloud", "status")["holds"] == before


def test_every_world_keeps_its_own_data(shell: Shell) -> None:
    """`use` goes to another world and back: what was made in the first is still there."""
    worlds = EXAMPLES / "worlds"
    first = shell.document("cloud", "use", str(worlds / "cross-region.yaml"))
    assert (first["world"], first["left"]) == ("cross-region", None)
    made = {"RegionId": "cn-hangzhou", "CidrBlock": "10.9.0.0/16"}
    open_cloud(first["url"], settings=Settings(home=shell.home)).call("vpc", "CreateVpc", made, region="cn-hangzhou")
    assert shell.document("cloud", "status")["holds"]["vpc"] == 3
    other = shell.run("cloud", "use", str(worlds / "empty.yaml"))
    assert "The world cross-region was put aside with all that was built in it" in other.stdout
    assert "vpc" not in shell.document("cloud", "status")["holds"]
    again = shell.document("cloud", "use", str(worlds / "empty.yaml"))
    assert (again["world"], again["left"]) == ("empty", None)
    back = shell.document("cloud", "use", str(worlds / "cross-region.yaml"))
    assert (back["world"], back["left"]) == ("cross-region", "empty")
    assert shell.document("cloud", "status")["holds"]["vpc"] == 3


def test_a_file_that_is_no_world_is_said_plainly(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text("accounts: []\n")
    ran = shell.run("cloud", "use", str(file))
    assert (ran.returncode, "no `name`" in ran.stderr, "Traceback" in ran.stderr) == (1, True, False)
