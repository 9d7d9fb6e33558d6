"""What repair does of its own accord, what it asks, and where it stops."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gatespan.planning import Did, orphans
from gatespan.planning.drift import Report, drift
from gatespan.planning.history import History, Mended
from gatespan.planning.repair import Limits, Quiet, Repaired, repair
from tests.drift.stage import Hand, Stage, scenes

NETWORK = next(s for s in scenes() if s.name == "network")
ASSOCIATION = "association.vpc-3"
MISSING = f"missing {ASSOCIATION}"
NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC).timestamp()
MINUTE, HOUR = 60.0, 3600.0


def spoil(stage: Stage, *names: str) -> Report:
    """Scenario 1 with cases of the corpus done to it."""
    stage.set(NETWORK)
    return again(stage, *names)


def again(stage: Stage, *names: str) -> Report:
    for name in names:
        stage.spoil(NETWORK, next(c for c in NETWORK.cases if c["name"] == name))
    return drift(stage.lab.engine())


DISSOCIATED = "the association of a client network is gone"
UNPUBLISHED = "route publication was switched off"
HALVED = "somebody halved the bandwidth"


def mend(stage: Stage, report: Report, mode: Any = "safe", **more: Any) -> Repaired:
    return repair(stage.lab.engine(), report, mode, **more)


def test_off_means_off(stage: Stage) -> None:
    report = spoil(stage, DISSOCIATED)
    stage.lab.control("log", method="DELETE")
    repaired = mend(stage, report, "none")
    assert [(one.name, one.why) for one in repaired.left] == [(MISSING, "repair is off")]
    assert not any(call["changed"] for call in stage.lab.log())


def test_safe_repairs_and_asks_for_the_rest_with_a_plan(stage: Stage) -> None:
    report = spoil(stage, DISSOCIATED, HALVED)
    repaired = mend(stage, report)
    assert [o.key for o in repaired.done] == [ASSOCIATION]
    assert repaired.changed
    (ask,) = repaired.asks
    assert "mbps 1 → 2" in ask.text
    assert json.dumps(repaired.to_json())


def test_only_what_was_approved_is_done(stage: Stage) -> None:
    gone = "the attachment of a client network is gone, and all that hung on it"
    report = spoil(stage, gone, HALVED)
    name = next(f.name for f in report.findings if f.kind == "peer_attachment")
    repaired = mend(stage, report, "approved", approved={name})
    assert [o.key for o in repaired.done] == ["peer_attachment.cn-hangzhou-cn-beijing"]
    (ask,) = repaired.asks
    assert ask.text.startswith("create VPC attachment vpc-3 (cn-beijing), then association vpc-3")
    after = drift(stage.lab.engine())
    assert [f.key for f in after.findings] == ["vpc_attachment.vpc-3"]
    repaired = mend(stage, after, "approved", approved=[ask.name])
    assert {o.key for o in repaired.done} == {ask.finding.key, *ask.finding.follows}
    assert drift(stage.lab.engine()).clean


def test_at_most_so_many_changes_a_run(stage: Stage) -> None:
    report = spoil(stage, DISSOCIATED, UNPUBLISHED)
    repaired = mend(stage, report, limits=Limits(changes=1))
    assert len(repaired.done) == 1
    (left,) = repaired.left
    assert "more than the 0 left of 1 a run" in left.why
    assert len(mend(stage, drift(stage.lab.engine()), limits=Limits(changes=1)).done) == 1
    assert drift(stage.lab.engine()).clean


def test_a_repaired_thing_is_left_alone_for_a_while_and_given_up_after_twice(stage: Stage) -> None:
    limits, history = Limits(minutes=30, times=2, hours=24), History()

    def run(minute: float) -> Repaired:
        nonlocal history
        repaired = mend(stage, again(stage, DISSOCIATED), limits=limits, history=history, now=NOON + minute * MINUTE)
        history = History.from_json(json.loads(json.dumps(repaired.history.to_json())))
        return repaired

    stage.set(NETWORK)
    assert run(0).done
    stage.set(NETWORK)
    soon = run(10)
    assert not soon.done
    assert "10 minutes ago" in soon.left[0].why
    stage.set(NETWORK)
    assert run(40).done
    stage.set(NETWORK)
    late = run(120)
    assert not late.done
    assert "2 times in 24 hours" in late.left[0].why
    stage.set(NETWORK)
    assert run(25 * 60).done, "a day later it may try again"
    assert [m.did for m in history.repairs] == ["created"] * 3


def test_a_yes_is_not_held_back_by_earlier_repairs(stage: Stage) -> None:
    report = spoil(stage, DISSOCIATED)
    history = History(repairs=(Mended(ASSOCIATION, NOON, "created"),) * 3)
    assert not mend(stage, report, history=history, now=NOON + MINUTE).done
    assert mend(stage, report, "approved", history=history, now=NOON + MINUTE).done


def test_what_fails_is_said_and_counts_as_tried(stage: Stage) -> None:
    report = spoil(stage, DISSOCIATED, UNPUBLISHED)
    action = "AssociateTransitRouterAttachmentWithRouteTable"
    stage.lab.control("faults", {"action": action, "kind": "error", "code": "Forbidden.RAM", "status": 403})
    try:
        repaired = mend(stage, report, now=NOON)
    finally:
        stage.lab.control("faults", method="DELETE")
    assert [o.key for o in repaired.done] == []
    assert "Forbidden.RAM" in repaired.failed[ASSOCIATION]
    assert {m.key: m.did for m in repaired.history.repairs} == dict.fromkeys(
        [ASSOCIATION, "route_sync.vpc-3"], "failed"
    )
    assert "not tried" in repaired.failed["route_sync.vpc-3"]
    assert mend(stage, report, history=repaired.history, now=NOON + 2 * HOUR).done


def test_quiet_hours_hold_back_what_nobody_asked_for(stage: Stage) -> None:
    report = spoil(stage, DISSOCIATED)
    limits = Limits(quiet=(Quiet.read("11:00-13:00 UTC"),))
    repaired = mend(stage, report, limits=limits, now=NOON)
    assert repaired.left[0].why == "quiet hours until 13:00 UTC"
    assert mend(stage, report, limits=limits, now=NOON + 2 * HOUR).done


@pytest.mark.parametrize(
    ("hours", "at", "until"),
    [
        ("22:00-06:00 Asia/Shanghai", "2026-05-04T14:00:00+00:00", "2026-05-05T06:00:00+08:00"),
        ("22:00-06:00 Asia/Shanghai", "2026-05-04T21:59:59+00:00", "2026-05-05T06:00:00+08:00"),
        ("22:00-06:00 Asia/Shanghai", "2026-05-04T22:00:00+00:00", None),
        ("22:00-06:00 Asia/Shanghai", "2026-05-04T13:59:59+00:00", None),
        ("9:30-17:00 Europe/Berlin", "2026-03-29T07:30:00+00:00", "2026-03-29T17:00:00+02:00"),
        ("9:30-17:00 Europe/Berlin", "2026-03-28T07:30:00+00:00", None),
        ("00:00-00:00", "2026-05-04T12:00:00+00:00", "2026-05-05T00:00:00+00:00"),
    ],
    ids=["begins", "before its end", "over", "not yet", "summer time", "winter time", "always"],
)
def test_quiet_hours_follow_the_clock_on_the_wall(hours: str, at: str, until: str | None) -> None:
    ends = Quiet.read(hours).until(datetime.fromisoformat(at).timestamp())
    assert ends == (datetime.fromisoformat(until) if until else None)


@pytest.mark.parametrize("text", ["", "22-6", "25:00-06:00", "22:00-06:00 Mars/Olympus", "22:00 06:00"])
def test_quiet_hours_that_cannot_be_read_are_named(text: str) -> None:
    with pytest.raises(ValueError, match="quiet hours"):
        Quiet.read(text)


def test_history_remembers_since_when_and_forgets_what_is_over(stage: Stage, tmp_path: Path) -> None:
    path = tmp_path / "state" / "drift.json"
    report = spoil(stage, DISSOCIATED)
    history = History.load(path).noted(report)
    history.save(path)
    assert History.load(path) == history
    later = Report(report.topology, report.target, report.at + HOUR, report.checked, report.findings)
    assert History.load(path).noted(later).seen == {MISSING: report.at}
    clean = Report(report.topology, report.target, report.at + 2 * HOUR, report.checked)
    over = history.noted(later).noted(clean)
    assert over.seen == {}
    assert [dict(r.counts) for r in over.runs] == [{"outage": 1}, {"outage": 1}, {}]


def test_a_file_that_is_no_history_is_named(tmp_path: Path) -> None:
    path = tmp_path / "drift.json"
    path.write_text("[1]")
    with pytest.raises(ValueError, match=r"drift\.json is no drift history"):
        History.load(path)


def test_repair_twice_does_nothing_the_second_time(stage: Stage) -> None:
    report = spoil(stage, DISSOCIATED)
    assert mend(stage, report).done
    stage.lab.control("log", method="DELETE")
    assert mend(stage, report).done == ()
    assert not any(call["changed"] for call in stage.lab.log())


def test_look_alikes_of_others_are_untouched_by_the_removal_of_orphans(stage: Stage) -> None:
    stage.set(NETWORK)
    hand = Hand(stage.lab, stage.lab.engine())
    place = {"RegionId": "cn-beijing", "CidrBlock": "10.99.0.0/16", "VpcName": "vpc-old"}
    marks = [{"Key": "gatespan:topology", "Value": "cross-region"}, {"Key": "gatespan:resource", "Value": "vpc.old"}]
    others = [{"Key": "gatespan:topology", "Value": "another"}, {"Key": "gatespan:resource", "Value": "vpc.old"}]
    ours = hand.cloud.call("vpc", "CreateVpc", {**place, "Tag": marks}, region="cn-beijing")["VpcId"]
    before = {v["id"] for v in stage.lab.things("vpc")} - {ours}
    theirs = [
        hand.cloud.call("vpc", "CreateVpc", {**place, "Tag": tags}, region="cn-beijing")["VpcId"]
        for tags in (others, None)
    ]
    outcomes = orphans.remove(stage.lab.engine(), [ours, *theirs])
    assert {o.id: o.did for o in outcomes} == {ours: Did.REMOVED, **dict.fromkeys(theirs, Did.ABSENT)}
    assert {v["id"] for v in stage.lab.things("vpc")} == before | set(theirs)
