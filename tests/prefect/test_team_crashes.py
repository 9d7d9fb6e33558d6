"""The host of the worker is lost in the middle of a build and of a repair: both are finished, and nothing twice.

What a team has: the server of `deployments/server/compose.yaml` with PostgreSQL and Redis, set up with
`python -m deployments`, a process worker, clouds; all as processes of their own, met over HTTP. Answers are held back,
so that at the moment of the kill the cloud has made what nobody was told of.
Two clocks are turned, or this would take two minutes: the runs are said to have crashed as the shipped automation says
it of a silent one (after 90 s), and the leases of the dead (60 s) are made to end at once. The server itself then sees
that, and frees what they held.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from gatespan.planning.drift import drift
from gatespan.topology import Loaded
from tests.planning.lab import EXAMPLES, Lab, edited
from tests.planning.lab import running as running_lab
from tests.prefect.composed import Composed
from tests.timing import until

SOURCE = {"source: functions/hello": f"source: {EXAMPLES / 'functions/hello'}"}
BUILT = edited("cross-region", SOURCE)
MENDED = edited("cross-region", SOURCE | {"name: cross-region\n": "name: mended\n"})
"""The same under another name: who builds and who repairs must not wait for each other's lock."""
HELD = 12
"""Seconds that an answer is held back; the worker is killed while it waits for it."""
ZOMBIES = "gatespan-crash-zombies"


# --- what a team has -------------------------------------------------------------------------------------------


class Api:
    """Prefect's API, as a script meets it."""

    def __init__(self, api: str, auth: tuple[str, str] | None = None) -> None:
        self._http = httpx.Client(base_url=api, auth=auth, timeout=30)

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """Raises for refusals."""
        answer = self._http.request(method, path, json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def get(self, path: str) -> Any:
        return self.ask("GET", path)

    def post(self, path: str, body: object) -> Any:
        return self.ask("POST", path, body)

    def automations(self) -> dict[str, dict[str, Any]]:
        """Those of Gatespan, by name."""
        found = self.post("/automations/filter", {})
        return {one["name"]: one for one in found if one["name"].startswith("gatespan-")}

    def silent_for(self, seconds: float) -> float:
        """How long a run may be silent before the shipped automation has it Crashed; what it was before."""
        given = self.automations()[ZOMBIES]
        before = float(given["trigger"]["within"])
        given["trigger"]["within"] = seconds
        kept = ("name", "description", "enabled", "trigger", "actions", "actions_on_trigger", "actions_on_resolve")
        self.ask("PUT", f"/automations/{given['id']}", {key: given[key] for key in kept})
        return before

    def deployment(self, flow: str) -> str:
        return str(self.get(f"/deployments/name/{flow}/{flow}")["id"])

    def start(self, flow: str, **parameters: Any) -> str:
        body = {"parameters": parameters}
        return str(self.post(f"/deployments/{self.deployment(flow)}/create_flow_run", body)["id"])

    def say(self, run: str, type: str, name: str, message: str) -> None:
        """Change a run's state, as an automation's action does."""
        body = {"state": {"type": type, "name": name, "message": message}}
        assert self.post(f"/flow_runs/{run}/set_state", body)["status"] == "ACCEPT"

    def states(self, run: str) -> list[dict[str, Any]]:
        """What a run went through: the first state first."""
        return list(self.get(f"/flow_run_states/?flow_run_id={run}"))


@contextmanager
def worker(team: Composed, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as out:
        process = subprocess.Popen(
            team.worker_command,
            env={**team.worker, "PREFECT_WORKER_QUERY_SECONDS": "1"},
            cwd=log.parent,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    try:
        yield process
    finally:
        lose(process)


def lose(process: subprocess.Popen[bytes]) -> None:
    """kill -9 of the worker and of all that it has started: the host is gone."""
    for pid in [process.pid, *_below(process.pid)]:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    process.wait(10)


def _below(pid: int) -> list[int]:
    """The processes that a process has started, and those that they have. From /proc."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        parents.setdefault(int(fields[1]), []).append(int(entry.parent.name))

    def deep(one: int) -> list[int]:
        return [found for child in parents.get(one, []) for found in (child, *deep(child))]

    return deep(pid)


# --- the story -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A run that is killed in the middle of its work on a cloud of its own."""

    api: Api
    lab: Lab
    run: str
    topology: Loaded

    @property
    def states(self) -> list[str]:
        return [state["name"] for state in self.api.states(self.run)]

    @property
    def last(self) -> dict[str, Any]:
        return self.api.states(self.run)[-1]

    def sent(self) -> Counter[str]:
        """The calls that changed the cloud, by action."""
        return Counter(call["action"] for call in self._changes())

    def twice(self) -> list[str]:
        """The changes that were made more than once: the same action with the same parameters in the same region."""
        loose = ("ClientToken", "Token")
        bodies = ({k: v for k, v in call["params"].items() if k not in loose} for call in self._changes())
        same = Counter(
            f"{call['region']} {call['action']} {json.dumps(body, sort_keys=True)}"
            for call, body in zip(self._changes(), bodies, strict=True)
        )
        return [what for what, times in same.items() if times > 1]

    def _changes(self) -> list[dict[str, Any]]:
        return [call for call in self.lab.log() if call["changed"]]

    def held(self) -> int:
        """Slots of the topology's lock that somebody holds."""
        return int(
            self.api.get(f"/v2/concurrency_limits/gatespan-topology-{self.topology.topology.name}")["active_slots"]
        )


@dataclass(frozen=True)
class Story:
    """``following``: the run after the repair that was killed. ``answered``: the changes that the killed runs had an
    answer to, by action."""

    build: Case
    repair: Case
    following: Case
    answered: dict[str, Counter[str]]


@pytest.fixture(scope="module")
def story(composed: Composed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    home = tmp_path_factory.mktemp("crashes")
    with ExitStack() as stack:
        api = Api(composed.api, composed.auth)
        with worker(composed, home / "first.log") as process:  # it starts while the clouds are prepared
            empty, spoiled = (stack.enter_context(_cloud(home / name)) for name in ("empty", "spoiled"))
            spoil(spoiled)
            hold(empty, "CreateTransitRouterVpcAttachment", "CreateCenBandwidthPackage")
            hold(spoiled, "CreateApi")
            run = api.start("cross-region", topology=BUILT.text, cloud=empty.url)
            build = Case(api, empty, run, BUILT)
            mend: dict[str, Any] = {"topologies": [MENDED.text], "cloud": spoiled.url, "repair": "safe"}
            repair = Case(api, spoiled, api.start("drift", **mend), MENDED)
            until(lambda: empty.things("vpc_attachment") and empty.things("bandwidth_package"), "the build's middle")
            until(lambda: len(spoiled.things("api")) == 2, "the repair's middle")
            lose(process)
        answered = {case.run: case.sent() for case in (build, repair)}
        assert [build.last["name"], repair.last["name"]] == ["Running", "Running"]  # nobody was told
        assert [build.held(), repair.held()] == [1, 1]
        assert composed.end_leases() >= 4  # the locks of two topologies, the slots of two deployments
        for case in (repair, build):  # as ``test_a_silent_run_is_crashed`` shows that it happens
            api.say(case.run, "CRASHED", "Crashed", "No heartbeat.")
        with worker(composed, home / "second.log"):
            until(lambda: "AwaitingRetry" in build.states, "the build is started again")
            following = replace(repair, run=api.start("drift", **mend))
            until(lambda: build.last["type"] in ("COMPLETED", "FAILED"), "the end of the build", 120)
            until(lambda: following.last["type"] in ("COMPLETED", "FAILED"), "the end of the next repair", 120)
        # The cloud notes a call when its answer is gone; those that were held back may have been overtaken.
        until(lambda: build.sent()["CreateCenBandwidthPackage"] and following.sent()["CreateApi"], "the held answers")
        yield Story(build, repair, following, answered)


@contextmanager
def _cloud(home: Path) -> Iterator[Lab]:
    home.mkdir()
    with running_lab(home) as lab:
        lab.world()
        lab.control("clock", {"freeze": False})
        yield lab


def hold(lab: Lab, *actions: str) -> None:
    """The cloud does as it is told, and takes its time to say so."""
    for action in actions:
        lab.control("faults", {"action": action, "kind": "delay", "when": "after", "seconds": HELD})


def spoil(lab: Lab) -> None:
    """Scenario 1 as it was built; then somebody takes an API away, and a VPC's association."""
    engine, cloud = lab.engine(MENDED), lab.cloud()
    engine.converge()
    group, api = engine.found("group.hello_group"), engine.found("api.hello_group/whoami")
    association = engine.found("association.vpc-3")
    assert group and api and association
    given = {"GroupId": group.id, "ApiId": api.id}
    cloud.call("cloudapi", "AbolishApi", given | {"StageName": "RELEASE"}, region="cn-hangzhou")
    cloud.call("cloudapi", "DeleteApi", given, region="cn-hangzhou")
    attachment, _, table = association.id.partition(":")
    given = {"TransitRouterAttachmentId": attachment, "TransitRouterRouteTableId": table}
    cloud.call("cbn", "DissociateTransitRouterAttachmentFromRouteTable", given, region="cn-beijing")
    lab.control("log", method="DELETE")


@pytest.fixture(params=["build", "repair"])
def case(request: pytest.FixtureRequest, story: Story) -> Case:
    """The run that finished the work."""
    return story.build if request.param == "build" else story.following


def test_the_shipped_automations_have_a_build_started_again(story: Story) -> None:
    begun = ["Pending", "Submitting", "Running"]
    assert story.build.states == ["Scheduled", *begun, "Crashed", "AwaitingRetry", *begun, "Completed"]
    told = {state["name"]: state["message"] for state in story.build.api.states(story.build.run)}
    assert told["AwaitingRetry"] == "Started again after a crash."


def test_a_build_goes_on_from_where_it_was(story: Story) -> None:
    before, case = story.answered[story.build.run], story.build
    assert before["CreateCen"] == 1 and before["CreateCenBandwidthPackage"] == 0  # made, but nobody was told
    sent = case.sent()
    once = ("CreateCen", "CreateCenBandwidthPackage", "CreateTransitRouterPeerAttachment", "CreateApiGroup")
    assert {action: sent[action] for action in once} == dict.fromkeys(once, 1)
    assert sent["CreateTransitRouter"] == sent["CreateTransitRouterVpcAttachment"] == sent["CreateApi"] == 2
    assert "steps are done" in case.last["message"]
    assert len(case.lab.control("walks")["walks"]) >= 2  # the verifying calls


def test_the_run_after_it_finishes_a_repair(story: Story) -> None:
    assert story.repair.last["name"] == "Crashed"  # no tag auto-resume: the next run goes on
    before, case = story.answered[story.repair.run], story.following
    assert before["CreateApi"] == before["DeployApi"] == 0
    actions = ("CreateApi", "DeployApi", "SetAppsAuthorities", "AssociateTransitRouterAttachmentWithRouteTable")
    assert case.sent() == dict.fromkeys(actions, 1)
    assert "repaired, 0 wait for a yes, 0 left" in case.last["message"]


def test_nothing_is_done_twice_and_nothing_is_left_to_do(case: Case) -> None:
    assert case.twice() == []
    report = drift(case.lab.engine(case.topology))
    assert report.clean, [finding.text for finding in report.findings]


def test_nothing_stays_held(case: Case) -> None:
    """Neither the lock on the topology, nor the slot of the deployment: the next run begins at once."""
    until(lambda: case.held() == 0, "the lock is free", 20)
    slots = case.api.post("/v2/concurrency_limits/filter", {})
    assert [one["name"] for one in slots if one["active_slots"]] == []
