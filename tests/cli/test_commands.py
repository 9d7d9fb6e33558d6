"""The command line as people and programs meet it: real processes, exit codes, one JSON document, the target first."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.planning.conftest import lab, lab_process  # noqa: F401 - fixtures
from tests.planning.lab import EXAMPLES, Lab, edited

CROSS = str(EXAMPLES / "cross-region.yaml")


class Ran:
    """A finished command."""

    def __init__(self, process: subprocess.CompletedProcess[str]) -> None:
        self.code, self.out, self.err = process.returncode, process.stdout, process.stderr

    @property
    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.out)
        return document


@pytest.fixture
def gatespan(lab: Lab, tmp_path: Path):  # noqa: F811
    """Run the command against the lab's embedded cloud, in a home of its own."""

    def run(*words: str, cloud: bool = True, **environment: str) -> Ran:
        command = [sys.executable, "-c", "from gatespan.cli import main; main()", *words]
        command += ["--cloud", lab.url] if cloud else []
        env = {**os.environ, "GATESPAN_HOME": str(tmp_path), "COLUMNS": "200", **environment}
        return Ran(subprocess.run(command, capture_output=True, text=True, env=env, timeout=60, check=False))

    return run


def test_plan_says_2_when_changes_are_due_and_0_when_not(gatespan, lab: Lab) -> None:  # noqa: F811
    due = gatespan("plan", CROSS)
    assert due.code == 2
    assert due.out.startswith(f"Target: embedded cloud at {lab.url}")
    assert "Plan: 30 to create" in due.out
    assert "costs money" in due.out
    lab.engine().converge()
    done = gatespan("plan", CROSS)
    assert done.code == 0
    assert "No changes. The cloud is as the topology says." in done.out


def test_plan_as_json_is_one_document_and_the_rest_is_on_stderr(gatespan, lab: Lab) -> None:  # noqa: F811
    ran = gatespan("plan", CROSS, "--json")
    assert ran.code == 2
    assert ran.document["counts"] == {"create": 30, "keep": 7}
    assert ran.err.startswith(f"Target: embedded cloud at {lab.url}")
    api = next(c for c in ran.document["changes"] if c["key"] == "api.hello_group/hello")
    backend = next(f for f in api["fields"] if f["name"] == "backend")
    assert backend["known_after_apply"] is True


def test_what_it_costs_comes_first(gatespan, lab: Lab, tmp_path: Path) -> None:  # noqa: F811
    comment = tmp_path / "deep" / "comment.md"
    ran = gatespan("plan", CROSS, "--markdown", str(comment))
    assert ran.code == 2
    price = "bandwidth plan China-China (2 Mbit/s) for 1 month: 222.22 CNY once"
    assert 0 < ran.out.index("Cost") < ran.out.index(price) < ran.out.index("+ CEN gatespan-cross-region")
    assert "unknown per hour" in ran.out and "cannot be given back" in ran.out
    text = comment.read_text()
    assert text.startswith("**cross-region** on embedded cloud") and "Plan: 30 to create" in text.splitlines()[0]
    assert text.index("222.22 CNY once") < text.index("| + create | CEN gatespan-cross-region |")
    document = gatespan("plan", CROSS, "--json").document
    assert document["cost"]["committed"] == {"CNY": "222.22"} and document["cost"]["hourly_unknown"] == 3
    lab.engine().converge()
    done = gatespan("plan", CROSS, "--markdown", str(comment))
    assert done.code == 0 and "Cost" not in done.out + comment.read_text()


def test_a_comment_says_why_it_is_blocked_and_what_people_do(gatespan, unfinished: Lab, tmp_path: Path) -> None:
    comment = tmp_path / "comment.md"
    ran = gatespan("plan", CLIENTS, "--markdown", str(comment))
    text = comment.read_text()
    assert (ran.code, "Blocked:" in text.splitlines()[0]) == (1, True)
    assert "| ! blocked | circuit dc-1/pc-dc1" in text and "is Allocated, not Enabled" in text
    assert "**Outside the cloud**" in text and "10.1.0.0/16 via 10.255.0.1" in text


def test_a_blocked_plan_is_an_error(gatespan, tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(
        Path(CROSS)
        .read_text()
        .replace("gateway-1}", "gateway-9}")
        .replace("functions/hello", str(EXAMPLES / "functions/hello"))
    )
    ran = gatespan("plan", str(file))
    assert ran.code == 1
    assert "gateway instance gateway-9 (cn-hangzhou) does not exist in cn-hangzhou" in ran.out
    applied = gatespan("apply", str(file))
    assert applied.code == 1
    assert "Nothing was changed." in applied.err


def test_a_bad_file_gives_every_error_with_its_place_and_no_traceback(gatespan, tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(
        "name: bad\n"
        "gateway: {region: cn-hangzhou, instance: {name: g}}\n"
        "hub: {name: h, cidr: 10.0.0.1/16}\n"
        "cen: {nam: x}\n"
    )
    for command in ("check", "plan", "apply", "verify", "destroy"):
        ran = gatespan(command, str(file))
        assert ran.code == 1
        assert f"{file}:3:" in ran.err
        assert f"{file}:4:" in ran.err
        assert "Traceback" not in ran.err
    ran = gatespan("plan", str(file), "--json")
    assert ran.document["ok"] is False
    assert {p["line"] for p in ran.document["problems"]} >= {3, 4}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["plan", "missing.yaml"], "missing.yaml"),
        (["plan", CROSS, "--no-such-option"], "--no-such-option"),
        (["plan"], "FILE"),
        (["no-such-command"], "no-such-command"),
    ],
)
def test_a_wrong_command_line_is_1_and_never_2(gatespan, words: list[str], said: str) -> None:
    ran = gatespan(*words, cloud=False)
    assert ran.code == 1
    assert said.lower() in (ran.err + ran.out).lower()
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    ("cloud", "said"),
    [
        ("http://127.0.0.1:9", "No embedded cloud answers"),
        ("http://example.com", "loopback"),
        ("https://127.0.0.1:1", "loopback"),
    ],
)
def test_a_cloud_that_is_not_there_is_said_plainly(gatespan, cloud: str, said: str) -> None:
    ran = gatespan("plan", CROSS, "--cloud", cloud, cloud=False)
    assert ran.code == 1
    assert said in ran.err
    assert "Traceback" not in ran.err


def test_apply_with_nothing_to_do_changes_nothing_says_so_and_proves_it(gatespan, lab: Lab, tmp_path: Path) -> None:  # noqa: F811
    lab.engine().converge()
    lab.control("log", method="DELETE")
    picture = tmp_path / "deep" / "picture.svg"
    ran = gatespan("apply", CROSS, "--picture", str(picture))
    assert ran.code == 0, ran.err
    assert "No changes. The cloud is as the topology says." in ran.out
    assert "Nothing was changed. 2 of 2 calls passed." in ran.out
    assert "hello from the function" in ran.out
    assert picture.read_text().startswith("<svg")
    assert [c["action"] for c in lab.log() if c["changed"]] == []


def test_verify_tells_which_call_failed_and_exits_with_1(gatespan, lab: Lab) -> None:  # noqa: F811
    lab.engine().converge()
    assert gatespan("verify", CROSS).code == 0
    group = lab.things("api_group")[0]["id"]
    api = next(a for a in lab.things("api") if a["name"] == "hello")["id"]
    params = {"GroupId": group, "ApiId": api, "StageName": "RELEASE"}
    lab.cloud().call("cloudapi", "AbolishApi", params, region="cn-hangzhou")
    ran = gatespan("verify", CROSS)
    assert ran.code == 1
    assert "status 404, expected 200" in ran.out
    assert "I404" in ran.out
    assert "1 of 2 calls passed." in ran.out


def test_verify_before_anything_is_built_says_what_to_do(gatespan) -> None:
    ran = gatespan("verify", CROSS)
    assert ran.code == 1
    assert "run apply" in ran.out


def test_check_reads_only_and_names_what_to_know(gatespan, lab: Lab) -> None:  # noqa: F811
    ran = gatespan("check", CROSS)
    assert ran.code == 0
    assert "the file is in order" in ran.out
    assert "costs money" in ran.out
    assert "2027-09-21" in ran.out
    assert [c["action"] for c in lab.log() if c["changed"]] == []


def test_destroy_of_nothing_is_done_at_once(gatespan) -> None:
    ran = gatespan("destroy", CROSS)
    assert ran.code == 0
    assert "Nothing to remove." in ran.out
    assert "Nothing of cross-region is left: " in ran.out and ran.out.rstrip().endswith("Gone.")


def test_a_real_account_is_not_changed_without_a_yes(gatespan) -> None:
    """No credentials here, so it already stops at the first read; nothing is ever sent to the real cloud."""
    keys = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": ""}
    ran = gatespan("plan", CROSS, "--cloud", "alibaba", cloud=False, HOME="/nonexistent", **keys)
    assert ran.code == 1
    assert "Traceback" not in ran.err
    assert "credential" in ran.err.lower()


def test_schema_is_for_editors(gatespan) -> None:
    ran = gatespan("schema", cloud=False)
    assert ran.code == 0
    assert {"gateway", "hub", "networks", "groups"} <= ran.document["properties"].keys()


def test_secrets_do_not_show(gatespan, lab: Lab) -> None:  # noqa: F811
    lab.engine().converge()
    app = lab.things("app")[0]
    ran = gatespan("verify", CROSS, "--json")
    assert ran.code == 0
    for secret in (app["secret"], app["code"], "embedded-secret"):
        assert secret not in ran.out + ran.err


def test_an_edited_file_plans_what_was_edited(gatespan, lab: Lab, tmp_path: Path) -> None:  # noqa: F811
    lab.engine().converge()
    text = edited("cross-region", {"path: /hello": "path: /hallo"}).text
    file = tmp_path / "edited.yaml"
    file.write_text(text.replace("functions/hello", str(EXAMPLES / "functions/hello")))
    ran = gatespan("plan", str(file))
    assert ran.code == 2
    assert "path: /hello → /hallo" in ran.out


CLIENTS = str(EXAMPLES / "on-premises-clients.yaml")


@pytest.fixture
def unfinished(lab: Lab) -> Lab:  # noqa: F811
    """Scenario 2's world, but the carrier is not done with the circuit."""
    world = (EXAMPLES / "worlds" / "on-premises-clients.yaml").read_text()
    assert "state: enabled" in world
    lab.control("seed", world.replace("state: enabled", "state: allocated"))
    lab.control("log", method="DELETE")
    return lab


def test_apply_that_waits_for_people_is_3_and_changes_nothing(gatespan, unfinished: Lab) -> None:
    ran = gatespan("apply", CLIENTS, "--json")
    assert (ran.code, ran.document["ok"], ran.document["waiting"]) == (3, False, True)
    assert ran.document["checklist"][0]["state"] == "to do"
    assert "Waiting for people: Nothing was changed. circuit dc-1/pc-dc1 (cn-hangzhou)" in ran.err
    assert "is Allocated, not Enabled" in ran.err
    assert "run the same command again" in ran.err
    assert "○ dc-1/pc-dc1: have the circuit in service  (to do)" in ran.err
    assert [c["action"] for c in unfinished.log() if c["changed"]] == []


def test_what_else_blocks_comes_before_people(gatespan, unfinished: Lab, tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    text = Path(CLIENTS).read_text().replace("gateway-1}", "gateway-9}")
    file.write_text(text.replace("functions/hello", str(EXAMPLES / "functions/hello")))
    ran = gatespan("apply", str(file))
    assert (ran.code, "Waiting for people" in ran.err) == (1, False)


def test_checklist_is_for_people_and_programs(gatespan, unfinished: Lab) -> None:
    ran = gatespan("checklist", CLIENTS)
    assert ran.code == 0
    assert "10.1.0.0/16 via 10.255.0.1" in ran.out
    assert "10.255.254.1/32 via 10.255.0.1" in ran.out
    items = gatespan("checklist", CLIENTS, "--json").document["checklist"]
    assert {i["where"] for i in items} == {"dc-1/pc-dc1", "dc-1", "dc1-desk"}
    assert {i["state"] for i in items} == {"to do", "cannot be seen from here"}
    assert [c["action"] for c in unfinished.log() if c["changed"]] == []


def test_without_a_data_center_the_checklist_is_empty(gatespan, lab: Lab) -> None:  # noqa: F811
    ran = gatespan("checklist", CROSS)
    assert (ran.code, "Nothing is left for people to do outside the cloud." in ran.out) == (0, True)
