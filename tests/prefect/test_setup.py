"""`python -m deployments` on a real server: everything is there after it, and nothing twice after the second time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from ruamel.yaml import YAML

from deployments import setup
from flows.local_server import Server

ROOT = Path(__file__).parents[2]
AUTOMATIONS: list[dict[str, Any]] = YAML(typ="safe").load(ROOT / "deployments" / "automations.yaml")


def run(python: dict[str, str], *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "deployments", *more]
    return subprocess.run(command, cwd=ROOT, env=python, capture_output=True, text=True, timeout=120, check=False)


def there(server: Server) -> dict[str, list[str]]:
    def names(what: str) -> list[str]:
        rows = httpx.post(f"{server.api}/{what}/filter", json={}).json()
        return sorted(str(row.get("name")) for row in rows)

    kinds = {"deployments", "automations", "work_pools", "block_types"}
    found = {kind: names(kind) for kind in kinds}
    found["automations"] = [n for n in found["automations"] if n.startswith("gatespan-")]
    return found


def test_it_sets_up_everything_and_can_be_run_again(server: Server, python: dict[str, str]) -> None:
    done = run(python)
    assert done.returncode == 0, done.stdout + done.stderr
    first = there(server)
    assert first["automations"] == sorted(a["name"] for a in AUTOMATIONS if not a.get("notify"))
    assert {"drift", "hub", "cross-region", "teardown", "verify"} <= set(first["deployments"])
    assert "gatespan" in first["work_pools"]
    assert {"Gatespan Cloud", "Gatespan Topology", "Alibaba Cloud OIDC Role"} <= set(first["block_types"])
    assert "nobody is told" in done.stdout
    again = run(python)
    assert again.returncode == 0 and "as it should be" in again.stdout and "created" not in again.stdout
    assert there(server) == first


def test_an_unknown_notification_block_is_one_clear_error(python: dict[str, str]) -> None:
    done = run(python, "--notify", "slack-webhook/nowhere")
    assert done.returncode == 1
    assert "there is no such block" in done.stderr and "Traceback" not in done.stderr


def test_no_server_is_one_clear_error(python: dict[str, str]) -> None:
    done = run(python | {"PREFECT_API_URL": "http://127.0.0.1:9/api"})
    assert done.returncode == 1
    assert "No Prefect server answers at http://127.0.0.1:9/api" in done.stderr and "Traceback" not in done.stderr


def test_a_slip_in_the_file_is_not_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slip = tmp_path / "prefect.yaml"
    slip.write_text("deployments: [{name: x, entrypoint: y, concurency_limit: 1}]")
    monkeypatch.setattr(setup, "FILE", slip)
    with pytest.raises(setup.SetupError, match="concurency_limit"):
        setup._deployments()
