"""deployments/prefect.yaml: Prefect ignores unknown keys without a word, so this reads it strictly, then deploys it."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any, Literal

from prefect import Flow
from pydantic import BaseModel, ConfigDict
from ruamel.yaml import YAML

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
