"""The drift corpus (cases/*.yaml): what somebody did to a built topology, what is found, and what repair makes of it.

Each case is repaired twice: unasked, which mends what is declared safe and nothing else, and with everything approved,
which leaves only what a person must do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from gatespan.planning.drift import drift
from gatespan.planning.findings import Finding, Report
from gatespan.planning.ranks import Cure
from gatespan.planning.repair import repair
from tests.drift.stage import Hand, Scene, Stage, scenes, text

CASES = [(scene, case) for scene in scenes() for case in scene.cases]


@pytest.mark.parametrize(("scene", "case"), CASES, ids=[f"{s.name}: {c['name']}" for s, c in CASES])
def test_case(stage: Stage, scene: Scene, case: Mapping[str, Any]) -> None:
    stage.set(scene)
    hand = stage.spoil(scene, case)
    loaded = scene.loaded(case.get("edit"))

    engine = stage.lab.engine(loaded)
    report = drift(engine)
    assert sorted(map(shown, report.findings)) == sorted(text(row[:4]) for row in case["found"]), details(report)
    for row in case["found"]:
        check(next(f for f in report.findings if shown(f) == text(row[:4])), row[4] if len(row) > 4 else {}, hand)

    mended = repair(engine, report, "safe")
    assert {a.name for a in mended.asks} == names(report, Cure.ASK)
    assert {one.name for one in mended.left} == names(report, Cure.LEAVE)
    assert not mended.failed
    assert bool(mended.done) == bool(names(report, Cure.SAFE))
    if case.get("stops", False):
        return
    engine = stage.lab.engine(loaded)
    after = drift(engine)
    assert {f.name for f in after.findings} == names(report, Cure.ASK, Cure.LEAVE), details(after)

    if after.findings:
        approved = repair(engine, after, "approved")
        assert not approved.failed
        last = drift(stage.lab.engine(loaded))
        assert {f.name for f in last.findings} == names(after, Cure.LEAVE), details(last)


def shown(finding: Finding) -> str:
    return text([finding.key, str(finding.difference), str(finding.rank), str(finding.cure)])


def names(report: Report, *cures: Cure) -> set[str]:
    return {f.name for f in report.findings if f.cure in cures}


def details(report: Report) -> str:
    return "\n".join(
        f"{shown(f)} {f.text} {[(c.name, c.old, c.new) for c in f.fields]} {f.follows}" for f in report.findings
    )


def check(finding: Finding, expect: Mapping[str, Any], hand: Hand) -> None:
    """The rest of what a case says about a finding."""
    if "fields" in expect:
        fields = {f.name: [f.old, f.new] for f in finding.fields}
        assert text(fields) == text(hand.fill(expect["fields"]))
    if "names" in expect:
        assert sorted(f.name for f in finding.fields) == sorted(expect["names"])
    if "follows" in expect:
        assert list(finding.follows) == expect["follows"]
    if "id" in expect:
        assert finding.id == hand.fill(expect["id"])
    for words in [expect["says"]] if "says" in expect else []:
        assert words in finding.text
    assert " - " not in f" {finding.text} ", f"a word is missing: {finding.text}"


def test_the_corpus_is_large_enough_and_says_what_it_is_about() -> None:
    found = Counter(row[1] for _, case in CASES for row in case["found"])
    assert len(CASES) >= 60
    assert {"missing", "changed", "foreign", "duplicated", "orphan", "not ready", "not comparable"} <= set(found)
