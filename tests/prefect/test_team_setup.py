"""`python -m deployments` on a real server: everything is there after it, and nothing twice after the second time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from ruamel.yaml import YAML

from deployments import setup
from flows.local_server import Server
from tests.prefect.conftest import ROOT, set_up
from tests.prefect.test_deployments import NAMES, NEEDS

AUTOMATIONS: list[dict[str, Any]] = YAML(typ="safe").load(ROOT / "deployments" / "automations.yaml")


def there(server: Server) -> dict[str, list[str]]:
    def names(what: str) -> list[str]:
        rows = httpx.post(f"{server.api}/{what}/filter", json={}).json()
        return sorted(str(row.get("name")) for row in rows)

    kinds = {"deployments", "automations", "work_pools", "block_types"}
    found = {kind: names(kind) for kind in kinds}
    found["automations"] = [n for n in found["automations"] if n.startswith("gatespan-")]
    return found


def deployed_as_the_file_says(server: Server) -> None:
    found = httpx.post(f"{server.api}/deployments/filter", json={}).json()
    assert sorted(d["name"] for d in found) == sorted(NAMES)
    for one in found:
        assert one["work_pool_name"] == "gatespan"
        assert one["job_variables"]["env"]["DO_NOT_TRACK"] == "1"
        assert one["parameter_openapi_schema"].get("required", []) == NEEDS.get(one["name"], ["topology"])
    (drift,) = (one for one in found if one["name"] == "drift")
    assert [(s["active"], s["schedule"]["cron"]) for s in drift["schedules"]] == [(False, "7 * * * *")]


def switch_on(server: Server, flow: str) -> str:
    """Switch a deployment's schedule on, as people do in the UI; the schedule's path."""
    found = httpx.get(f"{server.api}/deployments/name/{flow}/{flow}").json()
    path = f"{found['id']}/schedules/{found['schedules'][0]['id']}"
    httpx.patch(f"{server.api}/deployments/{path}", json={"active": True}).raise_for_status()
    return path


def test_it_sets_up_everything_and_can_be_run_again(server: Server, shipped: str, guarded: dict[str, str]) -> None:
    first = there(server)
    assert first["automations"] == sorted(a["name"] for a in AUTOMATIONS)
    deployed_as_the_file_says(server)
    assert "gatespan" in first["work_pools"]
    assert {"Gatespan Cloud", "Gatespan Topology", "Alibaba Cloud OIDC Role"} <= set(first["block_types"])
    assert "automation gatespan-tell-of-drift: created" in shipped
    schedule = switch_on(server, "drift")
    again = set_up(guarded)  # which names no server
    assert again.returncode == 0, again.stderr
    assert f"server: {server.ui}, of this machine" in again.stdout
    worker = f"PREFECT_API_URL={server.api} prefect worker start --pool gatespan"
    assert again.stdout.splitlines()[-1] == f"Now start a worker where Gatespan is installed: {worker}"
    assert "as it should be" in again.stdout and "created" not in again.stdout
    assert "automation gatespan-tell-of-drift: left as it is" in again.stdout
    assert there(server) == first
    assert "schedule hourly of drift: active, as before" in again.stdout
    assert httpx.get(f"{server.api}/deployments/name/drift/drift").json()["schedules"][0]["active"]
    httpx.patch(f"{server.api}/deployments/{schedule}", json={"active": False}).raise_for_status()


def test_an_unknown_notification_block_is_one_clear_error(python: dict[str, str]) -> None:
    done = set_up(python, "--notify", "slack-webhook/nowhere")
    assert done.returncode == 1
    assert "there is no such block" in done.stderr and "Traceback" not in done.stderr


def test_no_server_is_one_clear_error(python: dict[str, str]) -> None:
    done = set_up(python | {"PREFECT_API_URL": "http://127.0.0.1:9/api"})
    assert done.returncode == 1
    assert "No Prefect server answers at http://127.0.0.1:9/api" in done.stderr and "Traceback" not in done.stderr


def test_a_slip_in_the_file_is_not_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slip = tmp_path / "prefect.yaml"
    slip.write_text("deployments: [{name: x, entrypoint: y, concurency_limit: 1}]")
    monkeypatch.setattr(setup, "FILE", slip)
    with pytest.raises(setup.SetupError, match="concurency_limit"):
        setup._deployments()
