"""A wait is data: which states are good, which are bad, how long it may take. One loop serves all."""

from __future__ import annotations

import random as random_module
from collections.abc import Callable
from dataclasses import dataclass

from gatespan.cloud.clock import Clock
from gatespan.cloud.errors import Fatal, Temporary, TimedOut


@dataclass(frozen=True)
class Wait:
    """``gone``: wait for absence. ``budget``, ``first`` and ``most`` (pause between looks) in seconds.

    ``absent_polls``: how often the thing may be missing at first while a good state is awaited (lists lag).
    """

    good: frozenset[str]
    bad: frozenset[str] = frozenset()
    gone: bool = False
    budget: float = 300.0
    first: float = 0.03
    most: float = 10.0
    absent_polls: int = 60


BUDGETS: dict[str, tuple[float, float]] = {
    # kind: (until ready, until gone), seconds. Ceilings of the vendor's Terraform provider; real durations are far
    # shorter. Where the provider waits for nothing: 120.
    "service": (300, 300),
    "cen": (300, 300),
    "transit_router": (300, 300),
    "vpc_attachment": (42 * 60, 20 * 60),
    "vpc_attachment_update": (8 * 60, 8 * 60),
    "vbr_attachment": (10 * 60, 15 * 60),
    "peer_attachment": (300, 300),
    "association": (300, 300),
    "propagation": (300, 300),
    "transit_router_route": (180, 180),
    "published_route": (240, 480),
    "child_instance": (600, 600),
    "region_bandwidth": (600, 600),
    "route_service": (360, 360),
    "health_check": (360, 360),
    "bandwidth_plan": (11 * 60, 11 * 60),
    "plan_association": (300, 300),
    "vpc": (600, 300),
    "vswitch": (300, 600),
    "route_entry": (600, 600),
    "circuit": (20 * 60, 20 * 60),
    "vbr": (300, 300),
    "bgp_group": (300, 300),
    "bgp_peer": (180, 300),  # a session that the site answers comes up within a minute or two
    "bgp_network": (300, 300),
    "router_interface": (300, 300),
    "gateway": (25 * 60, 25 * 60),
    "binding": (25 * 60, 25 * 60),
    "group": (120, 120),
    "vpc_domain": (120, 120),
    "vpc_access": (120, 120),
    "vpc_access_task": (600, 600),  # of a change that published APIs follow; the provider knows no such task
    "api": (120, 120),
    "deployment": (120, 120),
    "app": (300, 300),
    "authorization": (120, 1000),
    "function": (120, 120),
    "trigger": (120, 120),
}

GROWTH = 1.5


def wait_until(
    probe: Callable[[], str | None],
    wait: Wait,
    *,
    what: str,
    clock: Clock,
    random: random_module.Random,
    on_poll: Callable[[str | None, float], None] | None = None,
) -> str | None:
    """Look until the state is good (or the thing is gone). The pause grows from ``first`` with the time waited, so
    that the last look is never more than about a quarter of the whole wait too late.

    Raises Fatal at once in a bad state, TimedOut when the budget is spent. A look that fails for a temporary reason
    counts as no look.
    """
    start = clock.now()
    pause, absent, state = wait.first, 0, None
    while True:
        try:
            state = probe()
        except Temporary as error:
            state = state or f"(could not be read: {error.code})"
        else:
            if wait.gone and state is None:
                return None
            if state in wait.good and not wait.gone:
                return state
            if state in wait.bad:
                raise _ended(Fatal, "BadState", what, f"its state is {state}, which is final")
            if state is None:
                absent += 1
                if absent > wait.absent_polls:
                    raise _ended(TimedOut, "NotThere", what, f"it does not appear (looked {absent} times)")
        waited = clock.now() - start
        if waited >= wait.budget:
            wanted = "be gone" if wait.gone else f"become {' or '.join(sorted(wait.good))}"
            raise _ended(TimedOut, "TimedOut", what, f"after {waited:.0f} s it did not {wanted}; last state: {state}")
        if on_poll:
            on_poll(state, waited)
        clock.sleep(min(pause * (0.8 + 0.4 * random.random()), max(wait.budget - waited, 0.001)))
        pause = min(max(pause * GROWTH, wait.first), max(wait.first, 0.25 * waited), wait.most)


def _ended(kind: type[Fatal] | type[TimedOut], code: str, what: str, message: str) -> Fatal | TimedOut:
    return kind(action="waiting", product="", region="", code=code, message=message, subject=what)
