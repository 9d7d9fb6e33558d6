"""`gatespan drift`: exit codes, what it says, what it repairs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gatespan.cli.commands import app
from tests.planning.lab import EXAMPLES, Lab
from tests.planning.lab import running as running_lab

FILE = str(EXAMPLES / "cross-region.yaml")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running_lab(tmp_path_factory.mktemp("drift")) as lab:
        lab.world()
        lab.engine().converge()
        lab.control("snapshot", {"name": "built"})
        yield lab


@pytest.fixture
def lab(built: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    monkeypatch.setenv("GATESPAN_HOME", str(tmp_path))
    built.control("restore", {"name": "built"})
    return built


def said(lab: Lab, *more: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["drift", FILE, "--cloud", lab.url, *more])
    return result.exit_code, result.stdout


def dissociate(lab: Lab) -> None:
    association = lab.engine().found("association.vpc-3")
    assert association
    attachment, _, table = association.id.partition(":")
    params = {"TransitRouterAttachmentId": attachment, "TransitRouterRouteTableId": table}
    lab.cloud().call("cbn", "DissociateTransitRouterAttachmentFromRouteTable", params, region="cn-beijing")


def test_clean_drift_repaired(lab: Lab) -> None:
    assert said(lab) == (0, f"Target: embedded cloud at {lab.url}\ncross-region: no drift; 37 compared\n")
    dissociate(lab)
    code, text = said(lab)
    assert code == 2 and "✗ outage: vpc-3 cannot call the APIs: association of tr-attach-" in text
    code, text = said(lab, "--repair")
    assert code == 0 and "created  association vpc-3" in text and "✓ ecs-3 calls hello" in text
    assert said(lab)[0] == 0


def test_a_document_and_markdown_for_programs(lab: Lab, tmp_path: Path) -> None:
    dissociate(lab)
    out = tmp_path / "drift.md"
    code, text = said(lab, "--json", "--markdown", str(out))
    (report,) = json.loads(text)["reports"]
    assert code == 2 and report["counts"] == {"outage": 1}
    assert out.read_text().startswith("**cross-region: 1 outage") and "| ✗ outage |" in out.read_text()


def test_many_topologies_at_once(lab: Lab) -> None:
    code, text = said(lab, str(EXAMPLES / "from-scratch.yaml"))
    assert code == 2 and "cross-region: no drift" in text and "from-scratch: " in text


def test_a_wrong_file_hides_no_drift_of_the_others(lab: Lab, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("name: x y\n")
    dissociate(lab)
    result = CliRunner().invoke(app, ["drift", FILE, str(wrong), "nowhere.yaml", "--cloud", lab.url, "--json"])
    told = json.loads(result.stdout)
    assert result.exit_code == 1 and not told["ok"]
    assert f"{wrong}:1:" in result.stderr and "nowhere.yaml" in result.stderr and "Not compared" in result.stderr
    assert {Path(one["file"]).name for one in told["problems"]} == {"wrong.yaml", "nowhere.yaml"}
    assert [one["counts"] for one in told["reports"]] == [{"outage": 1}]


@pytest.mark.parametrize(
    ("more", "says"),
    [(["--quiet", "late"], "quiet hours 'late' are not like"), (["nowhere.yaml"], "nowhere.yaml")],
    ids=["quiet", "file"],
)
def test_bad_input_is_one_clear_error(lab: Lab, more: list[str], says: str) -> None:
    result = CliRunner().invoke(app, ["drift", FILE, "--cloud", lab.url, "--repair", *more])
    assert result.exit_code == 1 and says in result.stderr
