"""The way in and the way out, from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gatespan.cli.commands import app
from tests.planning.lab import EXAMPLES, Lab
from tests.planning.lab import running as running_lab

GATEWAY = ["--gateway", "gateway-1", "--region", "cn-hangzhou"]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    """Scenario 1, built once; the commands only read."""
    with running_lab(tmp_path_factory.mktemp("ways")) as lab:
        lab.world()
        lab.engine().converge()
        yield lab


def said(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.stdout, result.stderr


def test_adopt_writes_a_file_that_plans_no_change(built: Lab, tmp_path: Path) -> None:
    out = tmp_path / "adopted.yaml"
    code, text, _ = said("adopt", *GATEWAY, "--cloud", built.url, "--out", str(out))
    assert code == 0 and f"Written: {out}" in text and "check verify" in text
    code, text, _ = said("plan", str(out), "--cloud", built.url)
    assert code == 0, text
    assert "No changes" in text


def test_adopt_without_a_file_prints_nothing_but_the_topology(built: Lab) -> None:
    code, text, progress = said("adopt", *GATEWAY, "--cloud", built.url, "--name", "mine")
    assert code == 0 and "Target: " in progress
    assert text.startswith("# What stands behind the gateway") and "\nname: mine\n" in text


def test_adopt_says_what_is_not_there(built: Lab) -> None:
    code, text, error = said("adopt", "--gateway", "nowhere", "--region", "cn-hangzhou", "--cloud", built.url)
    assert code == 1 and text == "" and "The gateway instance nowhere is not there in cn-hangzhou." in error


def test_export_writes_the_file_and_says_what_is_not_in_it(built: Lab, tmp_path: Path) -> None:
    out = tmp_path / "built.tf"
    topology = str(EXAMPLES / "cross-region.yaml")
    code, text, _ = said("export", "terraform", topology, "--cloud", built.url, "--out", str(out))
    assert code == 0 and f"resources written to {out}" in text and "not in the file: " in text
    assert out.read_text().count("\nimport {") > 15
    code, text, _ = said("export", "terraform", topology, "--cloud", built.url, "--json")
    document = json.loads(text)
    assert code == 0 and document["text"] == out.read_text()


def test_export_knows_no_other_format(built: Lab) -> None:
    code, _, _ = said("export", "pulumi", str(EXAMPLES / "cross-region.yaml"))
    assert code != 0
