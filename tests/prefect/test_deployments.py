"""deployments/prefect.yaml: Prefect ignores unknown keys without a word, so this reads it strictly, then deploys it."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

import httpx
from prefect import Flow
from pydantic import BaseModel, ConfigDict
from ruamel.yaml import YAML

from flows.local_server import Server

ROOT = Path(__file__).parents[2]
FILE = ROOT / "deployments" / "prefect.yaml"
NAMES = ["cross-region", "on-premises-clients", "on-premises-backend", "hub", "drift", "teardown", "verify"]
NEEDS: dict[str, list[str]] = {"drift": []}
"""What the form asks for; everywhere else: the topology."""


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class JobVariables(Strict):
    env: dict[str, str]


class WorkPool(Strict):
    name: str
    job_variables: JobVariables


class Limit(Strict):
    limit: int
    collision_strategy: Literal["ENQUEUE", "CANCEL_NEW"]


class Schedule(Strict):
    cron: str
    timezone: str
    slug: str
    active: bool
    parameters: dict[str, Any]


class Deployment(Strict):
    name: str
    description: str
    entrypoint: str
    tags: list[str]
    work_pool: WorkPool
    concurrency_limit: Limit | None = None
    schedules: list[Schedule] = []


class PrefectFile(Strict):
    name: str
    definitions: dict[str, Any]
    deployments: list[Deployment]


def test_the_file_is_strictly_right() -> None:
    file = PrefectFile.model_validate(YAML(typ="safe").load(FILE))
    assert [d.name for d in file.deployments] == NAMES
    for one in file.deployments:
        path, _, function = one.entrypoint.partition(":")
        flow = getattr(importlib.import_module(path.removesuffix(".py").replace("/", ".")), function)
        assert isinstance(flow, Flow) and flow.name == one.name
        assert list(flow.parameters.required or []) == NEEDS.get(one.name, ["topology"])
        assert all(p.get("description") for p in flow.parameters.properties.values())


def test_it_deploys_on_a_process_pool(server: Server, python: dict[str, str]) -> None:
    made = httpx.post(f"{server.api}/work_pools/", json={"name": "gatespan", "type": "process"})
    assert made.status_code == 201, made.text
    command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all", "--prefect-file", str(FILE)]
    done = subprocess.run(command, cwd=ROOT, env=python, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = httpx.post(f"{server.api}/deployments/filter", json={}).json()
    assert sorted(d["name"] for d in found) == sorted(NAMES)
    for one in found:
        assert one["work_pool_name"] == "gatespan"
        assert one["job_variables"]["env"]["DO_NOT_TRACK"] == "1"
        needed = one["parameter_openapi_schema"].get("required", [])
        assert needed == NEEDS.get(one["name"], ["topology"])
    (drift,) = (one for one in found if one["name"] == "drift")
    assert [(s["active"], s["schedule"]["cron"]) for s in drift["schedules"]] == [(False, "7 * * * *")]
