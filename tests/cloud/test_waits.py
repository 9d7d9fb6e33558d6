"""Waits: quick for what is quick, bounded for what is slow, at once where the end is bad."""

from __future__ import annotations

import random

import pytest

from gatespan.cloud import BUDGETS, Busy, Fatal, TimedOut, Wait, wait_until
from tests.cloud.clocks import TurnedClock

ACTIVE = Wait(good=frozenset({"Active"}), bad=frozenset({"Failed"}), budget=600)


def run(states, wait: Wait, clock: TurnedClock, **more):
    """``states``: function of the seconds that have passed."""
    start = clock.now()
    return wait_until(
        lambda: states(clock.now() - start), wait, what="thing", clock=clock, random=random.Random(1), **more
    )


@pytest.mark.parametrize("takes", [0.0, 0.1, 0.5, 2.0, 10.0, 45.0, 300.0])
def test_the_last_look_is_little_too_late(takes: float) -> None:
    clock = TurnedClock()
    start = clock.now()
    assert run(lambda t: "Active" if t >= takes else "Creating", ACTIVE, clock) == "Active"
    late = clock.now() - start - takes
    assert late <= 0.05 + min(0.3 * takes, 12.0)


def test_a_long_wait_does_not_hammer() -> None:
    clock = TurnedClock()
    run(lambda t: "Active" if t >= 300 else "Creating", ACTIVE, clock)
    assert len(clock.slept) <= 80


def test_a_bad_state_fails_at_once_and_names_it() -> None:
    clock = TurnedClock()
    with pytest.raises(Fatal, match="Failed"):
        run(lambda t: "Failed", ACTIVE, clock)
    assert clock.slept == []


def test_a_spent_budget_names_the_last_state() -> None:
    clock = TurnedClock()
    start = clock.now()
    with pytest.raises(TimedOut, match="last state: Creating"):
        run(lambda t: "Creating", ACTIVE, clock)
    assert clock.now() - start == pytest.approx(600, abs=1)


def test_absence_is_waited_for() -> None:
    clock = TurnedClock()
    gone = Wait(good=frozenset(), gone=True, budget=100)
    assert run(lambda t: None if t > 3 else "Deleting", gone, clock) is None


def test_a_new_thing_may_be_missing_from_lists_at_first() -> None:
    clock = TurnedClock()
    assert run(lambda t: "Active" if t > 2 else None, ACTIVE, clock) == "Active"


def test_a_thing_that_never_appears_is_not_waited_for_for_ever() -> None:
    clock = TurnedClock()
    with pytest.raises(TimedOut, match="does not appear"):
        run(lambda t: None, Wait(good=frozenset({"Active"}), absent_polls=5), clock)


def test_a_look_that_fails_for_a_moment_is_no_look() -> None:
    clock = TurnedClock()

    def states(t: float) -> str:
        if t < 1:
            raise Busy(action="ListX", product="cbn", region="r", code="Operation.Blocking", message="busy")
        return "Active"

    assert run(states, ACTIVE, clock) == "Active"


def test_progress_is_told() -> None:
    told: list[tuple[str | None, float]] = []
    clock = TurnedClock()
    run(lambda t: "Active" if t > 5 else "Creating", ACTIVE, clock, on_poll=lambda s, t: told.append((s, t)))
    assert told
    assert {s for s, _ in told} == {"Creating"}


def test_an_end_without_one_look_says_why() -> None:
    def states(t: float) -> str:
        raise Busy(action="ListX", product="cbn", region="r", code="Operation.Blocking", message="busy")

    with pytest.raises(TimedOut, match=r"could not be read: Operation\.Blocking"):
        run(states, Wait(good=frozenset({"Active"}), budget=5), TurnedClock())


def test_waits_end_at_their_budget_and_not_after() -> None:
    clock = TurnedClock()
    start = clock.now()
    with pytest.raises(TimedOut):
        run(lambda t: "Creating", Wait(good=frozenset({"Active"}), budget=42 * 60, most=60), clock)
    assert clock.now() - start == pytest.approx(42 * 60, abs=1)


def test_threads_that_wait_for_the_same_do_not_look_in_step() -> None:
    clocks = [TurnedClock(), TurnedClock()]
    for seed, clock in enumerate(clocks):
        start = clock.now()
        wait_until(
            lambda clock=clock, start=start: "Active" if clock.now() - start > 30 else "Creating",
            ACTIVE,
            what="thing",
            clock=clock,
            random=random.Random(seed),
        )
    assert clocks[0].slept != clocks[1].slept


def test_budgets_are_bounded() -> None:
    assert BUDGETS["vpc_attachment"] == (42 * 60, 20 * 60)
    assert all(60 <= seconds <= 42 * 60 for both in BUDGETS.values() for seconds in both)
