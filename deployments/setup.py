"""One command sets up a Prefect server for Gatespan, and can be run again: blocks, pool, deployments, automations.

Prefect ignores keys of a deployment that it does not know, keeps deployments that were taken out of the file, and makes
an automation anew every time it is told of it; so all three are seen to here.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
from prefect import get_client
from prefect.blocks.core import Block
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.responses import DeploymentResponse
from prefect.events.schemas.automations import AutomationCore
from prefect.exceptions import ObjectAlreadyExists
from ruamel.yaml import YAML

import blocks

FOLDER = Path(__file__).parent
FILE, AUTOMATIONS = FOLDER / "prefect.yaml", FOLDER / "automations.yaml"
POOL, TAG = "gatespan", "gatespan"
TELLS = "gatespan-tell-of-drift"
KEYS = frozenset(
    ("name", "description", "entrypoint", "tags", "work_pool", "concurrency_limit", "schedules", "parameters")
)
"""Of a deployment in prefect.yaml; anything else is a slip that Prefect would pass over in silence."""


class SetupError(Exception):
    """The server cannot be set up: the message says why and what to do."""


async def set_up(notify: str | None = None) -> list[str]:
    """Do it all; return what was done, line by line. Raises SetupError."""
    wanted = _deployments()
    async with get_client() as client:
        await _reach(client)
        if notify:
            await _document(client, notify)  # before anything is changed
        switched = await _switched(client)
        said = [f"blocks: {', '.join([name async for name in _blocks()])}", await _pool(client), _deploy()]
        said += [line async for line in _as_before(client, switched)]
        said += [line async for line in _pruned(client, wanted)]
        said += [line async for line in _automations(client, notify)]
    return said


def _deployments() -> frozenset[str]:
    """The names in prefect.yaml, strictly read."""
    entries = YAML(typ="safe").load(FILE)["deployments"]
    for entry in entries:
        strange = sorted(set(entry) - KEYS)
        if strange:
            raise SetupError(f"{FILE.name}: {entry.get('name')}: Prefect would ignore {', '.join(strange)} in silence.")
    return frozenset(entry["name"] for entry in entries)


async def _reach(client: PrefectClient) -> None:
    try:
        error = await client.api_healthcheck()
        if error is None:
            await client.read_work_pools()
    except httpx.HTTPStatusError as refused:
        code = refused.response.status_code
        hint = "Set PREFECT_API_AUTH_STRING to user:password." if code in (401, 403) else ""
        raise SetupError(f"The Prefect server at {client.api_url} answers {code}. {hint}".strip()) from None
    except httpx.HTTPError as failed:
        error = failed
    if error is not None:
        raise SetupError(f"No Prefect server answers at {client.api_url}: {error}. Set PREFECT_API_URL.")


async def _blocks() -> AsyncIterator[str]:
    for name in blocks.__all__:
        kind = getattr(blocks, name)
        if isinstance(kind, type) and issubclass(kind, Block):
            registered: Any = kind.register_type_and_schema()
            await registered
            yield name


async def _pool(client: PrefectClient) -> str:
    try:
        await client.create_work_pool(WorkPoolCreate(name=POOL, type="process"))
    except ObjectAlreadyExists:
        return f"work pool {POOL}: there already"
    return f"work pool {POOL}: created"


def _deploy() -> str:
    command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all", "--prefect-file", str(FILE)]
    root = FOLDER.parent
    done = subprocess.run(command, cwd=root, env=dict(os.environ), capture_output=True, text=True, check=False)
    if done.returncode:
        raise SetupError(f"Deploying {FILE.name} failed:\n{done.stdout}{done.stderr}")
    return f"deployments: those of {FILE.name}, to be run in {root}"


Switched = dict[tuple[str, str | None], bool]
"""Whether schedules are active, by deployment and slug."""


async def _switched(client: PrefectClient) -> Switched:
    """As people have switched them: deploying puts them back to what the file says."""
    return {(d.name, s.slug): s.active for d in await _ours(client) for s in d.schedules}


async def _as_before(client: PrefectClient, switched: Switched) -> AsyncIterator[str]:
    for deployment in await _ours(client):
        for schedule in deployment.schedules:
            before = switched.get((deployment.name, schedule.slug), schedule.active)
            if before != schedule.active:
                await client.update_deployment_schedule(deployment.id, schedule.id, active=before)
                yield f"schedule {schedule.slug} of {deployment.name}: {'active' if before else 'inactive'}, as before"


async def _ours(client: PrefectClient) -> list[DeploymentResponse]:
    return [d for d in await client.read_deployments() if TAG in d.tags and d.work_pool_name == POOL]


async def _pruned(client: PrefectClient, wanted: frozenset[str]) -> AsyncIterator[str]:
    """Deployments of ours that are no longer in the file."""
    for one in await _ours(client):
        if one.name not in wanted:
            await client.delete_deployment(one.id)
            yield f"deployment {one.name}: removed, it is not in {FILE.name} any more"


async def _automations(client: PrefectClient, notify: str | None) -> AsyncIterator[str]:
    if not notify and await client.read_automations_by_name(TELLS):
        yield f"automation {TELLS}: left as it is"
    elif not notify:
        yield f"automation {TELLS}: left out, nobody is told; name a notification block with --notify"
    for entry in _entries(notify):
        core = AutomationCore.model_validate(await _resolved(client, entry, notify))
        found = await client.read_automations_by_name(core.name)
        if found:
            await client.update_automation(found[0].id, core)
            for double in found[1:]:
                await client.delete_automation(double.id)
        else:
            await client.create_automation(core)
        yield f"automation {core.name}: {'as it should be' if found else 'created'}"


def _entries(notify: str | None) -> Iterator[dict[str, Any]]:
    for entry in YAML(typ="safe").load(AUTOMATIONS):
        if notify or not entry.pop("notify", False):
            entry.pop("notify", None)
            yield entry


async def _resolved(client: PrefectClient, entry: dict[str, Any], notify: str | None) -> dict[str, Any]:
    """With ids in place of names, as the server wants it."""
    actions = []
    for action in entry["actions"]:
        if action["type"] == "run-deployment":
            name = action.pop("deployment")
            action = {**action, "source": "selected", "deployment_id": (await client.read_deployment_by_name(name)).id}
        if action["type"] == "send-notification":
            action = {**action, "block_document_id": await _document(client, notify or "")}
        actions.append(action)
    return {**entry, "trigger": {"type": "event", **entry["trigger"]}, "actions": actions}


async def _document(client: PrefectClient, notify: str) -> Any:
    kind, _, name = notify.partition("/")
    try:
        return (await client.read_block_document_by_name(name, kind)).id
    except Exception as error:
        raise SetupError(
            f"--notify {notify}: there is no such block. It is TYPE/NAME of a notification block, such as "
            "slack-webhook/ops."
        ) from error
