"""No secret lies anywhere in Prefect: neither in parameters, logs, artifacts, results, events, variables, nor in any
other row or file of a server, but for Prefect's own encrypted block documents.

Distinctive secrets are planted wherever a team has one; whole runs use them, well and badly (refused keys make errors,
and errors tell too much at times); then everything that server and worker have written is searched for all of them.
"""

from __future__ import annotations

import base64
import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from cryptography.fernet import Fernet
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings

from blocks.lookup import TYPES
from flows import local_server
from tests.planning.lab import EXAMPLES, ROOT, Lab, edited
from tests.planning.lab import running as running_lab

SECRETS = {
    "access key": "Pl4ntedAccessKeySecret7Qx",
    "key of the environment": "Pl4ntedEnvironmentSecret3Zk",
    "mistyped key": "Pl4ntedMistypedSecret4Ld",
    "refused key": "Pl4ntedRefusedStsSecret9Ww",
    "security token": "Pl4ntedSecurityTokenCAIS5Tt",
    "role's key": "Pl4ntedRamRoleSecret2Vb",
    "BGP key": "Pl4ntedBgpKey6Jm",
    "password of the API": "Pl4ntedApiPassword8Hn",
    "encryption key": Fernet.generate_key().decode(),
}
"""Planted by this test. Those of the apps are made by the gateway and come to it."""
WORLD = {
    "- {id: embedded, secret: embedded-secret}": (
        f"- {{id: LTAIgood, secret: {SECRETS['access key']}}}\n"
        f"      - {{id: LTAIenv, secret: {SECRETS['key of the environment']}}}\n"
        f"      - {{id: STS.old, secret: {SECRETS['refused key']}}}"
    ),
    "    prefixes: [10.200.0.0/16]": (
        "    prefixes: [10.200.0.0/16]\n    asn: 65010\n    announces: [10.200.0.0/16]\n"
        f"    bgp_key: {SECRETS['BGP key']}"
    ),
}
TOPOLOGY = edited(
    "on-premises-clients",
    {
        "source: functions/hello": f"source: {EXAMPLES / 'functions/hello'}",
        "routing: static ": "routing: bgp\n    bgp: {asn: 65010, key_env: DC1_BGP_KEY} ",
        "auth: app_code\n": "auth: signature\n",
        "        auth: anonymous\n": "        auth: app_code\n        apps: [demo_caller]\n",
    },
)
BLOCKS: dict[str, dict[str, str]] = {
    "alibaba-cloud-access-key/good": {"access_key_id": "LTAIgood", "access_key_secret": SECRETS["access key"]},
    "alibaba-cloud-access-key/mistyped": {"access_key_id": "LTAIgood", "access_key_secret": SECRETS["mistyped key"]},
    "alibaba-cloud-sts-token/old": {
        "access_key_id": "STS.old",
        "access_key_secret": SECRETS["refused key"],
        "security_token": SECRETS["security token"],
    },
    "alibaba-cloud-ram-role/nowhere": {
        "role_arn": "acs:ram::1000000000000001:role/gatespan",
        "access_key_id": "LTAIrole",
        "access_key_secret": SECRETS["role's key"],
        "sts_endpoint": "127.0.0.1:9",
    },
}


# --- searching -------------------------------------------------------------------------------------------------


def disguises(secret: str) -> set[bytes]:
    """How it may be written: as it is, in URLs, as hexadecimal digits, inside a base64 text at any of three places."""
    plain = secret.encode()
    # The characters that only bytes of the secret decide: the first and the last may hold bits of what is around it.
    shifted = (base64.b64encode(b"\0" * n + plain)[(0, 2, 3)[n] :] for n in range(3))
    found = {code.rstrip(b"=")[:-1] for code in shifted}
    return {
        plain,
        quote(secret, safe="").encode(),
        plain.hex().encode(),
        *found,
        *(c.translate(URL_SAFE) for c in found),
    }


URL_SAFE = bytes.maketrans(b"+/", b"-_")


def leaks(home: Path, secrets: Mapping[str, str]) -> list[str]:
    """Where each secret is: in the bytes of a file, or in a cell of a table as SQLite reads it."""
    needles = {name: disguises(secret) for name, secret in secrets.items()}

    def names_in(data: bytes) -> Iterator[str]:
        return (name for name, codes in needles.items() if any(code in data for code in codes))

    files = [path for path in sorted(home.rglob("*")) if path.is_file()]
    found = [f"{name}: file {path.relative_to(home)}" for path in files for name in names_in(path.read_bytes())]
    for path in (path for path in files if path.suffix == ".db"):
        found += [f"{name}: table {table}" for table, cell in cells(path) for name in names_in(cell)]
    return sorted(set(found))


def cells(database: Path) -> Iterator[tuple[str, bytes]]:
    """Every cell of every table, JSON texts unpacked (in them a slash may be written in two ways)."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=20)) as db:
        db.text_factory = bytes
        tables = [row[0].decode() for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for row in db.execute(f'SELECT * FROM "{table}"'):
                for cell in row:
                    if isinstance(cell, bytes):
                        yield table, cell
                        yield table, _unpacked(cell)


def _unpacked(cell: bytes) -> bytes:
    """The texts in a JSON document, and in the JSON documents that they are."""
    try:
        value = json.loads(cell)
    except ValueError:
        return b""
    texts, todo = [], [value]
    while todo:
        one = todo.pop()
        if isinstance(one, dict):
            todo += [*one, *one.values()]
        elif isinstance(one, list):
            todo += one
        elif isinstance(one, str):
            texts.append(one.encode())
            if one[:1] in ("{", "["):
                texts.append(_unpacked(one.encode()))
    return b"\n".join(texts)


# --- a team that has secrets -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Team:
    """A server of its own with a password, its worker and a cloud. ``runs``: the last state of each run, by name."""

    home: Path
    http: httpx.Client
    password: str
    runs: dict[str, dict[str, Any]] = field(default_factory=dict)
    apps: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: object = None) -> Any:
        answer = self.http.request(method, path, json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def deploy(self, flow: str) -> str:
        name = flow.replace("-", "_")
        made = {
            "name": flow,
            "flow_id": self.ask("POST", "/flows/", {"name": flow})["id"],
            "work_pool_name": "team",
            "path": str(ROOT),
            "entrypoint": f"flows/{name}.py:{name}",
            "pull_steps": [{"prefect.deployments.steps.set_working_directory": {"directory": str(ROOT)}}],
        }
        return str(self.ask("POST", "/deployments/", made)["id"])

    def run(self, **flows: tuple[str, dict[str, Any]]) -> None:
        """Let the worker do them at the same time, each ``name=(deployment, parameters)``; wait for their ends."""
        started = {
            name: self.ask("POST", f"/deployments/{of}/create_flow_run", {"parameters": given})["id"]
            for name, (of, given) in flows.items()
        }
        end = time.monotonic() + 120
        while set(started) - set(self.runs):
            assert time.monotonic() < end, f"{set(started) - set(self.runs)} did not end"
            time.sleep(0.25)
            for name, id in started.items():
                run = self.ask("GET", f"/flow_runs/{id}")
                if run["state_type"] in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED"):
                    self.runs[name] = run["state"]


@pytest.fixture(scope="module")
def team(guarded: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    home, ground = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("ground")
    password = SECRETS["password of the API"]
    env = guarded | local_server.quiet(home) | {"GATESPAN_HOME": str(home), "DC1_BGP_KEY": SECRETS["BGP key"]}
    env |= {"GATESPAN_ACCESS_KEY_ID": "LTAIenv", "GATESPAN_ACCESS_KEY_SECRET": SECRETS["key of the environment"]}
    env |= {"PREFECT_API_AUTH_STRING": f"admin:{password}"}
    env |= {"PREFECT_WORKER_QUERY_SECONDS": "1"}
    secured = {"PREFECT_SERVER_API_AUTH_STRING": f"admin:{password}"}
    secured |= {"PREFECT_SERVER_ENCRYPTION_KEY": SECRETS["encryption key"]}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (env | secured).items():
            patch.setenv(name, value)
        patch.setattr(local_server, "PORT", 0)
        server = local_server.start(home)
        with running_lab(ground) as lab:
            world = (EXAMPLES / "worlds" / "on-premises-clients.yaml").read_text()
            for old, new in WORLD.items():
                assert old in world
                world = world.replace(old, new)
            (ground / "world.yaml").write_text(world)
            lab.control("seed", {"path": str(ground / "world.yaml")})
            local_server.await_ready(server)
            env |= {"PREFECT_API_URL": server.api, "PREFECT_LOGGING_LEVEL": "DEBUG"}
            with httpx.Client(base_url=server.api, auth=("admin", password), timeout=65) as http:
                team = Team(home, http, f"admin:{password}")
                _work(team, lab, env)
                yield team
        assert local_server.stop(home)


def _work(team: Team, lab: Lab, env: dict[str, str]) -> None:
    """Build with a block's key and call the APIs; compare with the environment's key; be refused in three ways."""
    team.ask("POST", "/work_pools/", {"name": "team", "type": "process"})
    with (team.home / "worker.log").open("wb") as log:
        command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", "team"]
        worker = subprocess.Popen(command, env=env, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        with temporary_settings({PREFECT_API_URL: env["PREFECT_API_URL"], PREFECT_API_AUTH_STRING: team.password}):
            for name, values in BLOCKS.items():
                slug, _, document = name.partition("/")
                TYPES[slug].model_validate(values).save(document)
        build, drift, verify = (team.deploy(flow) for flow in ("on-premises-clients", "drift", "verify"))
        where = {"topology": TOPOLOGY.text, "cloud": lab.url}
        team.run(
            build=(build, where | {"credentials": "alibaba-cloud-access-key/good"}),
            mistyped=(verify, where | {"credentials": "alibaba-cloud-access-key/mistyped"}),
            nowhere=(verify, where | {"credentials": "alibaba-cloud-ram-role/nowhere"}),
        )
        team.run(
            drift=(drift, {"topologies": [TOPOLOGY.text], "cloud": lab.url, "repair": "safe"}),
            refused=(verify, where | {"credentials": "alibaba-cloud-sts-token/old"}),
        )
    finally:
        worker.terminate()
        worker.wait(20)
    for app in lab.things("app"):
        team.apps[f"secret of app {app['name']}"] = app["secret"]
        team.apps[f"code of app {app['name']}"] = app["code"]


# --- the proof -------------------------------------------------------------------------------------------------


def test_the_secrets_were_really_used(team: Team) -> None:
    said = {name: (state["type"], state["message"]) for name, state in team.runs.items()}
    assert said["build"][0] == "COMPLETED", said
    assert said["drift"] == ("COMPLETED", "No drift in 1 topologies."), said
    assert said["mistyped"][0] == "FAILED" and "SignatureDoesNotMatch" in said["mistyped"][1], said
    assert said["refused"][0] == "FAILED" and "InvalidSecurityToken" in said["refused"][1], said
    assert said["nowhere"][0] == "FAILED", said
    assert len(team.apps) >= 2 and all(len(value) > 20 for value in team.apps.values()), team.apps


def test_no_secret_lies_anywhere(team: Team) -> None:
    assert leaks(team.home, SECRETS | team.apps) == []


def test_the_blocks_hold_them_encrypted(team: Team) -> None:
    """And who may use the API gets them: there is a password on it."""
    shown = json.dumps(team.ask("POST", "/block_documents/filter", {"include_secrets": True}))
    masked = json.dumps(team.ask("POST", "/block_documents/filter", {}))
    kept = {secret for values in BLOCKS.values() for name, secret in values.items() if secret in SECRETS.values()}
    assert len(kept) == 5 and all(secret in shown and secret not in masked for secret in kept)
    assert httpx.post(f"{team.http.base_url}block_documents/filter", json={}).status_code == 401


@pytest.mark.parametrize("disguise", ["plain", "base64", "hex"])
@pytest.mark.parametrize("place", ["variable", "log", "artifact", "file"])
def test_the_search_would_find_one(team: Team, place: str, disguise: str) -> None:
    secret = f"Planted{place}{disguise}4Control"
    text = {
        "plain": secret,
        "base64": base64.b64encode(f'{{"it is": "{secret}"}}'.encode()).decode(),
        "hex": secret.encode().hex(),
    }[disguise]
    if place == "variable":
        team.ask("POST", "/variables/", {"name": f"planted_{disguise}", "value": {"a": ["b", text]}})
    if place == "log":
        line = {"name": "x", "level": 20, "message": f"see: {text}", "timestamp": "2026-11-23T00:00:00Z"}
        team.ask("POST", "/logs/", [line])
    if place == "artifact":
        body = {"key": f"planted-{disguise}", "type": "markdown", "data": f"* {text}"}
        team.ask("POST", "/artifacts/", body)
    if place == "file":
        (team.home / "prefect" / "storage").mkdir(exist_ok=True)
        (team.home / "prefect" / "storage" / disguise).write_bytes(b"\x80\x04" + text.encode())
    found = leaks(team.home, {"control": secret, "another": "Planted0Nowhere"})
    where = f"file prefect/storage/{disguise}" if place == "file" else f"table {place}"
    assert f"control: {where}" in found and not any(line.startswith("another") for line in found), found
