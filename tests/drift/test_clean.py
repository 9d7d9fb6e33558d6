"""A topology that was just built shows no drift, whatever its things took to get ready, and however often one looks."""

from __future__ import annotations

import pytest

from gatespan.planning import Failed, is_temporary
from gatespan.planning.drift import drift
from gatespan.report.drift import drift_lines
from tests.planning.lab import EXAMPLES, Lab

SCENARIOS = ["cross-region", "basic", "on-premises-clients", "on-premises-backend", "hub"]
TIMES = 50


def build(lab: Lab, scenario: str) -> None:
    """Build it; where things get on only by being read, what nobody reads stays busy until it is run again."""
    for again in (True, True, True, False):
        try:
            lab.engine(scenario).converge()
            return
        except Failed as error:
            if not (again and is_temporary(error)):
                raise


@pytest.mark.parametrize("latency", ["none", "fast", "realistic", "reads:3"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_freshly_built(lab: Lab, scenario: str, latency: str) -> None:
    lab.world(scenario, latency=latency)
    build(lab, scenario)
    report = drift(lab.engine(scenario))
    assert report.clean, list(drift_lines(report))
    assert report.exit_code == 0


def test_fifty_times_in_a_row(lab: Lab) -> None:
    lab.world(latency="reads:2")
    lab.engine().converge()
    before = lab.state()
    engine = lab.engine()
    reports = [drift(engine) for _ in range(TIMES)]
    assert [r.findings for r in reports] == [()] * TIMES
    assert lab.state() == before
    assert not any(call["changed"] for call in lab.log()[-200:])


def test_nothing_built_is_all_missing_and_told_by_its_causes(lab: Lab) -> None:
    """Before anything is built the report is short: what needs a missing thing is told with it."""
    report = drift(lab.engine())
    assert report.exit_code == 2
    told = {f.key for f in report.findings}
    folded = {key for f in report.findings for key in f.follows}
    made = {c.key for c in lab.engine().plan().changing}
    assert told | folded == made
    assert not told & folded
    assert "cen.cen" in told
    assert "association.vpc-3" in folded


def test_what_cannot_be_read_is_an_error_and_not_drift(lab: Lab) -> None:
    lab.engine().converge()
    rule = {"product": "cloudapi", "action": "DescribeApis", "kind": "error", "code": "Forbidden.RAM", "status": 403}
    lab.control("faults", [rule])
    report = drift(lab.engine())
    assert report.exit_code == 1
    assert not report.findings
    assert any("Forbidden" in line for line in report.unread)
    assert not report.clean


def test_every_example_was_looked_at() -> None:
    made = {"from-scratch"}
    """In the corpus: it has its own world."""
    assert set(SCENARIOS) | made == {f.stem for f in EXAMPLES.glob("*.yaml")}
