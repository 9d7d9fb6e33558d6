"""What people read: in a terminal, as markdown, as JSON."""

from __future__ import annotations

import io
import json

from rich.console import Console

from gatespan.planning.drift import Report, drift
from gatespan.planning.history import History
from gatespan.planning.repair import repair
from gatespan.report.drift import (
    drift_lines,
    drift_markdown,
    drift_summary,
    repair_lines,
    repair_markdown,
    show_drift,
)
from tests.drift.stage import Stage, scenes
from tests.drift.test_repair import DISSOCIATED, HALVED, spoil


def test_in_a_terminal(stage: Stage) -> None:
    report = spoil(stage, DISSOCIATED, HALVED)
    history = History().noted(report)
    lines = list(drift_lines(report, history))
    assert lines[0] == "cross-region: 1 outage, 1 degraded; 37 compared"
    assert lines[1].startswith("  ✗ outage: vpc-3 cannot call the APIs: association of tr-attach-")
    assert lines[1].endswith(" is gone")
    assert "(first seen); may be repaired unasked" in lines[2]
    assert "      mbps: 1, wanted 2" in lines
    out = Console(file=io.StringIO(), width=60)
    show_drift(out, [report], history)
    assert isinstance(out.file, io.StringIO)
    assert out.file.getvalue().splitlines() == lines


def test_as_markdown(stage: Stage) -> None:
    report = spoil(stage, DISSOCIATED, HALVED)
    text = drift_markdown([report])
    assert "**cross-region: 1 outage, 1 degraded; 37 compared**" in text
    rows = [line for line in text.splitlines() if line.startswith(("| ✗", "| !"))]
    assert len(rows) == 2
    assert all(row.count("|") == 6 for row in rows)


def test_as_json(stage: Stage) -> None:
    report = spoil(stage, HALVED)
    told = json.loads(json.dumps(report.to_json()))
    assert (told["clean"], told["counts"], report.exit_code) == (False, {"degraded": 1}, 2)
    (finding,) = told["findings"]
    assert finding["fields"] == [{"name": "mbps", "old": 1, "new": 2}]
    assert (finding["difference"], finding["rank"], finding["cure"]) == ("changed", "degraded", "ask")


def test_of_a_repair(stage: Stage) -> None:
    report = spoil(stage, DISSOCIATED, HALVED)
    repaired = repair(stage.lab.engine(), report, "safe")
    assert [line.split()[0] for line in repair_lines(repaired)] == ["created", "asks"]
    assert "| asks | change inter-region connection" in repair_markdown(repaired)
    nothing = repair(stage.lab.engine(), drift_free(report), "safe")
    assert list(repair_lines(nothing)) == ["  nothing to repair"]
    assert repair_markdown(nothing) == "Nothing to repair.\n"


def test_the_sum_of_a_clean_and_of_an_unread_topology(stage: Stage) -> None:
    report = drift_free(spoil(stage))
    assert drift_summary(report) == "cross-region: no drift; 37 compared"
    unread = Report("t", "somewhere", 0.0, 3, unread=("the list",))
    assert drift_summary(unread) == "t: not known; 1 could not be read; 3 compared"
    assert (report.exit_code, unread.exit_code) == (0, 1)


def drift_free(report: Report) -> Report:
    return Report(report.topology, report.target, report.at, report.checked)


def test_since_is_what_the_cloud_says(stage: Stage) -> None:
    scene = next(s for s in scenes() if s.name == "gateway")
    stage.set(scene)
    stage.spoil(scene, next(c for c in scene.cases if c["name"] == "the group got another base path"))
    (finding,) = drift(stage.lab.engine()).findings
    assert finding.since.endswith("Z")
