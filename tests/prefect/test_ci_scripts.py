"""What CI jobs call, really called: plan into a comment, apply on a Prefect server, fetch the job's token."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from deployments.ci.apply import parameters
from flows.cross_region import cross_region
from flows.hub import hub
from flows.local_server import Server
from flows.on_premises_backend import on_premises_backend
from flows.on_premises_clients import on_premises_clients
from gatespan.topology import load
from tests.planning.lab import EXAMPLES, ROOT, Lab, edited
from tests.planning.lab import running as running_lab
from tests.prefect.test_team_crashes import Api

CI = ROOT / "deployments" / "ci"
SOURCE = {"source: functions/hello": f"source: {EXAMPLES / 'functions/hello'}"}
WRONG = "name: wrong\ngateway: {region: cn-hangzhou, instance: {name: gateway-1}}\nspeed: 9\n"
FLOWS: dict[str, Any] = {flow.name: flow for flow in (cross_region, on_premises_clients, on_premises_backend, hub)}
Done = subprocess.CompletedProcess[str]


def script(name: str, *arguments: object, env: dict[str, str], cwd: Path = ROOT) -> Done:
    """As a job runs it: from the top of the checkout, with the installed commands first on the path."""
    env = env | {"PATH": f"{env.get('FIRST', '')}:{Path(sys.executable).parent}:{env['PATH']}"}
    command = [str(CI / name), *map(str, arguments)]
    return subprocess.run(command, env=env, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def labs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Lab, Lab]]:
    """Two clouds with scenario 1's world before anything is built, with clocks that run."""
    with running_lab(tmp_path_factory.mktemp("ci")) as one, running_lab(tmp_path_factory.mktemp("ci")) as other:
        for lab in (one, other):
            lab.world()
            lab.control("clock", {"freeze": False})
        yield one, other


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    made = {"shop": edited("cross-region", SOURCE | {"name: cross-region\n": "name: shop\n"}).text, "wrong": WRONG}
    made["bar"] = made["shop"].replace("name: shop\n", "name: bar\n")  # else they would wait for one lock
    for name, text in made.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    return {name: tmp_path / f"{name}.yaml" for name in made}


@pytest.fixture(scope="module")
def worker(server: Server, python: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The deployment of scenario 1 with a process worker, and the hub's with none; taken away again, as other tests
    begin with a bare server."""
    home, api = tmp_path_factory.mktemp("worker"), Api(server.api)
    api.post("/work_pools/", {"name": "ci", "type": "process"})
    made = [_deployed(api, cross_region, work_pool_name="ci"), _deployed(api, hub)]
    command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", "ci"]
    env = python | {"PREFECT_WORKER_QUERY_SECONDS": "1"}
    with (home / "worker.log").open("wb") as log:
        process = subprocess.Popen(command, env=env, cwd=home, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    yield
    process.terminate()
    process.wait(20)
    for run in api.post("/flow_runs/filter", {"deployments": {"id": {"any_": made}}}):
        api.ask("DELETE", f"/flow_runs/{run['id']}")
    for deployment in made:
        api.ask("DELETE", f"/deployments/{deployment}")
    api.ask("DELETE", "/work_pools/ci")


def _deployed(api: Api, flow: Any, **more: str) -> str:
    here = {"prefect.deployments.steps.set_working_directory": {"directory": str(ROOT)}}
    body = {
        "name": flow.name,
        "flow_id": api.post("/flows/", {"name": flow.name})["id"],
        "path": str(ROOT),
        "entrypoint": f"flows/{flow.__name__}.py:{flow.__name__}",
        "pull_steps": [here],
        "parameter_openapi_schema": flow.parameters.model_dump(),
        "enforce_parameter_schema": True,
    }
    return str(api.post("/deployments/", body | more)["id"])


def stand_in(folder: Path, name: str, text: str) -> dict[str, str]:
    """An environment in which a command of that name is another one."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/bash\n{text}\n")
    (folder / name).chmod(0o755)
    return os.environ | {"FIRST": str(folder)}


# --- plan.sh ---------------------------------------------------------------------------------------------------


def heads(comment: str) -> list[tuple[str, str]]:
    """What it says of each file, before any plan."""
    return [(found[1], found[2]) for found in re.finditer(r"^\* `.*/(\S+)`: (.+)$", comment, re.MULTILINE)]


@pytest.mark.usefixtures("worker")  # it starts meanwhile
def test_every_file_is_planned_though_one_is_wrong(
    labs: tuple[Lab, Lab], guarded: dict[str, str], files: dict[str, Path], tmp_path: Path
) -> None:
    out = tmp_path / "plan.md"
    env = guarded | {"GATESPAN_CLOUD": labs[0].url}
    done = script("plan.sh", out, files["wrong"], files["shop"], env=env)
    assert done.returncode == 1, done.stdout + done.stderr
    comment = out.read_text()
    assert heads(comment) == [("wrong.yaml", "**cannot be applied**"), ("shop.yaml", "changes")]
    wrong, shop = comment.split("\n### ")[1:]
    assert f"{files['wrong']}:3:1" in wrong and "speed" in wrong and "Traceback" not in wrong
    assert "**Cost**" in shop and "222.22 CNY" in shop and "| + create | VPC attachment vpc-3 (cn-beijing) |" in shop
    assert "bandwidth plan China-China (2 Mbit/s)" in done.stdout  # the log has it as well

    alone = script("plan.sh", out, files["shop"], env=env)
    assert alone.returncode == 0, alone.stdout + alone.stderr
    assert heads(out.read_text()) == [("shop.yaml", "changes")]


def test_what_is_too_long_for_a_comment_is_cut_at_a_line_and_said_so(tmp_path: Path) -> None:
    """GitHub refuses a comment of more than 65,536 characters."""
    rows = 'for i in $(seq 3000); do printf "| %s | a row of the plan | |\\n" $i; done'
    env = stand_in(tmp_path / "bin", "gatespan", f'if [[ $2 == a ]]; then {rows} > "$4"; exit 2; fi; {rows}; exit 1')
    done = script("plan.sh", tmp_path / "plan.md", "a", "b", env=env)
    comment = (tmp_path / "plan.md").read_text()
    assert done.returncode == 1 and 50_000 < len(comment) < 65_536
    a, b = comment.split("\n### ")[1:]
    for part in (a, b):
        assert "Cut here" in part.splitlines()[-1]
        assert {line for line in part.splitlines() if re.match(r"\| \d", line) and not line.endswith("| |")} == set()
    assert b.count("````") == 2 and b.index("| 1 |") > b.index("````text")
    assert "| 3000 |" in done.stdout and "| 3000 |" not in comment


@pytest.mark.parametrize(
    ("out", "said", "kept"),
    [
        ("plan.md", "gatespan: I have no such command", True),
        ("no/such/folder/plan.md", "No such file or directory", False),
    ],
    ids=["it-fails-otherwise", "nowhere-to-write"],
)
def test_what_goes_wrong_otherwise_is_an_error_too(out: str, said: str, kept: bool, tmp_path: Path) -> None:
    env = stand_in(tmp_path / "bin", "gatespan", "echo gatespan: I have no such command; exit 127")
    done = script("plan.sh", tmp_path / out, "a", env=env)
    assert done.returncode == 1 and said in done.stdout + done.stderr
    assert (tmp_path / out).exists() is kept and (not kept or said in (tmp_path / out).read_text())


@pytest.mark.parametrize("known", [[], [7, 9]], ids=["first", "again"])
def test_the_comment_replaces_the_one_before(known: list[int], tmp_path: Path) -> None:
    ids = "".join(f"echo {id};" for id in known)
    notes = tmp_path / "calls"
    env = stand_in(tmp_path / "bin", "gh", f'echo "$*" >> {notes}; [[ $* != *--jq* ]] || {{ {ids} true; }}')
    (tmp_path / "plan.md").write_text("<!-- gatespan plan -->\n* all is well\n")
    done = script("comment.sh", tmp_path / "plan.md", 3, env=env | {"GITHUB_REPOSITORY": "us/it"})
    assert done.returncode == 0, done.stderr
    asked, sent = notes.read_text().splitlines()
    assert 'startswith("<!-- gatespan plan -->")' in asked and "repos/us/it/issues/3/comments" in asked
    wanted = "PATCH repos/us/it/issues/comments/7 " if known else "POST repos/us/it/issues/3/comments "
    assert wanted in sent and sent.endswith(f"body=@{tmp_path / 'plan.md'}")


def test_a_plan_that_is_not_there_is_no_comment(tmp_path: Path) -> None:
    done = script("comment.sh", tmp_path / "plan.md", 3, env=stand_in(tmp_path / "bin", "gh", "exit 0"))
    assert done.returncode == 1 and "nothing was planned" in done.stderr


# --- apply.sh --------------------------------------------------------------------------------------------------


class Web(BaseHTTPRequestHandler):
    """Writes down what it is asked, and answers it all the same way."""

    status, answer = 200, b""
    seen: list[tuple[str, str | None]]

    def do_GET(self) -> None:
        self.seen.append((self.path, self.headers["Authorization"]))
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(self.answer)

    do_POST = do_GET  # noqa: N815 - a name of the base class

    def log_message(self, *_: object) -> None: ...


@contextmanager
def web(status: int = 200, answer: bytes = b"") -> Iterator[tuple[str, list[tuple[str, str | None]]]]:
    seen: list[tuple[str, str | None]] = []
    handler = type("Handler", (Web,), {"status": status, "answer": answer, "seen": seen})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as http:
        threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"http://127.0.0.1:{http.server_port}", seen
        http.shutdown()


@pytest.mark.parametrize(
    ("env", "file", "said"),
    [
        ({}, "wrong", "wrong.yaml:3:1"),
        ({"GATESPAN_APPROVE": "auto"}, "shop", "apply.sh: GATESPAN_APPROVE is 'auto'; it must be no, ask or yes\n"),
        ({"GATESPAN_WATCH_TIMEOUT": "2h"}, "shop", "apply.sh: GATESPAN_WATCH_TIMEOUT is '2h'; it must be seconds\n"),
        ({"PREFECT_API_URL": ""}, "shop", "apply.sh: set PREFECT_API_URL: where the Prefect server is\n"),
        ({}, None, "apply.sh: no topology file was given\n"),
    ],
    ids=["wrong-file", "wrong-approval", "wrong-time", "no-server", "no-file"],
)
def test_what_is_wrong_is_not_sent(env: dict[str, str], file: str | None, said: str, files: dict[str, Path]) -> None:
    with web() as (url, seen):
        given = dict(os.environ) | {"PREFECT_API_URL": f"{url}/api"} | env
        done = script("apply.sh", *([files[file]] if file else []), env=given)
    assert done.returncode == 1 and seen == [] and done.stdout == ""
    assert done.stderr.startswith(said) if said.endswith("\n") else said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("example", ["cross-region", "on-premises-clients", "on-premises-backend", "hub"])
def test_its_parameters_are_those_of_the_flow(example: str) -> None:
    """Prefect refuses a run with a parameter that the flow does not have."""
    loaded = load(EXAMPLES / f"{example}.yaml")
    given = parameters(loaded.topology, loaded.text, {"GATESPAN_CLOUD": "gatespan-cloud/a", "GATESPAN_APPROVE": "yes"})
    known = FLOWS[loaded.topology.flow].parameters.properties
    assert set(given) <= set(known)
    assert given["approve"] == "yes" and given["cloud"] == "gatespan-cloud/a" and "credentials" not in given
    assert given.get("on_waiting") == ("stop" if "on_waiting" in known else None)


def bought(lab: Lab) -> list[str]:
    return [call["action"] for call in lab.log() if call["action"] == "CreateCenBandwidthPackage"]


@pytest.mark.usefixtures("worker")
def test_runs_are_started_and_watched_to_their_ends(
    labs: tuple[Lab, Lab], server: Server, python: dict[str, str], files: dict[str, Path]
) -> None:
    """Two jobs at the same time: for one nobody has approved what must be bought, for the other somebody has."""
    nobody, somebody = ({"GATESPAN_CLOUD": lab.url} for lab in labs)
    with ThreadPoolExecutor() as pool:
        one = pool.submit(script, "apply.sh", files["wrong"], files["shop"], env=python | nobody)
        other = pool.submit(script, "apply.sh", files["bar"], env=python | somebody | {"GATESPAN_APPROVE": "yes"})
        refused, done = one.result(), other.result()
    assert refused.returncode == 1, refused.stdout + refused.stderr
    assert "wrong.yaml:3:1" in refused.stderr and f"== {files['shop']}: cross-region\n" in refused.stdout
    said = refused.stdout.rpartition("-- Failed: ")[2]
    assert said.startswith("Not bought: bandwidth plan China-China (2 Mbit/s)") and "Nobody has approved it." in said
    assert refused.stdout.count("VPC attachment vpc-3 (cn-beijing): created\n") == 1  # the log of the run, once
    assert bought(labs[0]) == [] and len(labs[0].things("vpc_attachment")) == 2

    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"\n-- Completed: All \d+ steps are done\.\n", done.stdout) and len(bought(labs[1])) == 1
    link = re.search(rf"^{re.escape(server.ui)}/runs/flow-run/([0-9a-f-]+)$", done.stdout, re.MULTILINE)
    assert link and Api(server.api).get(f"/flow_runs/{link[1]}")["parameters"]["approve"] == "yes"


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize(
    ("example", "told", "error"),
    [
        (
            "on-premises-clients",
            "",
            "the Prefect server has no deployment on-premises-clients/on-premises-clients: set",
        ),
        ("hub", "-- Scheduled\n-- Not done after 0 seconds (GATESPAN_WATCH_TIMEOUT). The run goes on.\n", ""),
    ],
    ids=["no-deployment", "nobody-works"],
)
def test_a_server_that_cannot_is_one_clear_error(example: str, told: str, error: str, python: dict[str, str]) -> None:
    env = python | {"GATESPAN_WATCH_TIMEOUT": "0"}
    done = script("apply.sh", EXAMPLES / f"{example}.yaml", env=env)
    assert done.returncode == 1 and done.stdout.endswith(told) and error in done.stderr
    assert done.stderr.count("\n") == bool(error)


# --- oidc.sh ---------------------------------------------------------------------------------------------------

ROLE = {
    "ALIBABA_CLOUD_ROLE_ARN": "acs:ram::1:role/plan",
    "ALIBABA_CLOUD_OIDC_PROVIDER_ARN": "acs:ram::1:oidc-provider/github",
    "GITHUB_RUN_ID": "42",
}
SHOW = 'echo "$ALIBABA_CLOUD_ROLE_SESSION_NAME"; cat "$ALIBABA_CLOUD_OIDC_TOKEN_FILE"'


def sourced(env: dict[str, str], then: str) -> Done:
    """As a step of a GitHub job: bash -e."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    command = ["bash", "-e", "-c", f"source {shlex.quote(str(CI / 'oidc.sh'))}\n{then}"]
    env = dict(os.environ) | ROLE | {"PATH": path} | env
    return subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def asking(url: str, folder: Path) -> dict[str, str]:
    return {
        "ACTIONS_ID_TOKEN_REQUEST_URL": f"{url}/token?api-version=2.0",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "of-this-job",
        "RUNNER_TEMP": str(folder),
    }


def test_the_token_of_the_job_is_fetched_into_a_file_of_its_own(tmp_path: Path) -> None:
    with web(answer=json.dumps({"value": "a.b.c", "count": 1}).encode()) as (url, seen):
        done = sourced(asking(url, tmp_path), SHOW)
    assert (done.returncode, done.stdout, done.stderr) == (0, "gatespan-42\na.b.c", "")
    assert seen == [("/token?api-version=2.0&audience=sts.aliyuncs.com", "Bearer of-this-job")] or seen == [
        ("/token?api-version=2.0&audience=sts.aliyuncs.com", "bearer of-this-job")
    ]
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("status", "answer", "more", "said"),
    [
        (403, b"no", {}, "the token could not be fetched"),
        (200, b"<html>", {}, "the token could not be fetched"),
        (200, b"{}", {"ACTIONS_ID_TOKEN_REQUEST_TOKEN": ""}, "give the job the permission id-token: write"),
        (200, b"{}", {"ALIBABA_CLOUD_ROLE_ARN": ""}, "set ALIBABA_CLOUD_ROLE_ARN"),
    ],
    ids=["refused", "nonsense", "no-permission", "no-role"],
)
def test_without_a_token_the_step_ends(
    status: int, answer: bytes, more: dict[str, str], said: str, tmp_path: Path
) -> None:
    with web(status, answer) as (url, _):
        done = sourced(asking(url, tmp_path) | more, "echo it went on")
    assert done.returncode == 1 and done.stdout == "" and done.stderr.endswith(f"oidc.sh: {said}\n")
    assert "of-this-job" not in done.stderr and list(tmp_path.iterdir()) == []


# --- the jobs --------------------------------------------------------------------------------------------------


def steps() -> Iterator[tuple[str, str]]:
    """Every line of shell in the jobs, with the job's name."""
    yaml = YAML(typ="safe")
    github = yaml.load(ROOT / ".github" / "workflows" / "gatespan.yml")
    for name, job in github["jobs"].items():
        for step in job["steps"]:
            yield from ((f"github {name}", line) for line in str(step.get("run", "")).splitlines())
    gitlab = yaml.load(CI / "gitlab-ci.yml")
    for name in gitlab["stages"]:
        yield from ((f"gitlab {name}", line) for line in gitlab[name]["script"])


def test_the_jobs_call_scripts_that_are_there() -> None:
    called: dict[str, list[str]] = {}
    for job, line in steps():
        for path in re.findall(r"deployments/ci/[\w.-]+", line):
            called.setdefault(job, []).append(Path(path).name)
            assert os.access(ROOT / path, os.X_OK), path
            checked = subprocess.run(["bash", "-n", str(ROOT / path)], capture_output=True, check=False)
            assert checked.returncode == 0, checked.stderr
    assert called == {
        "github plan": ["oidc.sh", "plan.sh", "comment.sh"],
        "github apply": ["apply.sh"],
        "gitlab plan": ["plan.sh"],
        "gitlab apply": ["apply.sh"],
    }


def test_no_job_holds_a_secret_of_its_own() -> None:
    """Keys of the account come by OIDC or stay in the server's blocks."""
    for file in (ROOT / ".github" / "workflows" / "gatespan.yml", CI / "gitlab-ci.yml"):
        assert set(re.findall(r"secrets\.(\w+)", file.read_text())) <= {"PREFECT_API_AUTH_STRING"}
        assert not re.search(r"ACCESS_KEY_(ID|SECRET)", file.read_text())
