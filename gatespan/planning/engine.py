"""The engine: one code that plans, builds, waits and removes, resource by resource.

``ensure`` looks, then creates or changes; ``wait`` waits until the thing is ready; ``converge`` does both for the
whole graph. There is no state: whatever was there is found again, so a run that was interrupted anywhere is simply
run again. ``remove`` and ``destroy`` are the reverse, and end only when a look finds nothing.
"""

from __future__ import annotations

import hashlib
import json
import random as random_module
from collections.abc import Callable, Iterable
from pathlib import Path

from gatespan.cloud import (
    Clock,
    Cloud,
    CloudError,
    Conflict,
    InUse,
    Inventory,
    NotFound,
    Refused,
    TimedOut,
    UnknownOutcome,
    Wait,
    client_token,
    wait_until,
)
from gatespan.planning.graph import Graph, run
from gatespan.planning.looking import Looking
from gatespan.planning.model import (
    NOT_MADE,
    Action,
    Change,
    Did,
    Failed,
    FieldChange,
    Outcome,
    Plan,
    Progress,
    plain,
)
from gatespan.resources.base import LEAVING, Blocked, Found, Resource
from gatespan.resources.build import build
from gatespan.resources.obstacles import InTheWay, Obstacle, obstacles
from gatespan.resources.terms import paid_until
from gatespan.topology import Topology

ATTEMPT_GROUP = 30.0
ATTEMPT_GROUP_PAID = 600.0
"""Seconds that share one client token per thing and parameters: long enough to cover a crash and its restart, short
enough that building again after a teardown seldom meets a token that is spent."""

STANDS = 20.0
"""Seconds for which the same things must be seen in the way of a removal: what lists show lags behind."""

APPEARS = 8.0
APPEARS_PAID = 180.0
"""Seconds that a new thing may take to show in lists before its token counts as spent on something since removed. What
is made without a token has the time until it must be ready: some is listed only then."""


class Engine(Looking):
    """One topology on one cloud. Thread-safe: resources of one topology may be worked on at the same time."""

    def __init__(
        self,
        topology: Topology,
        cloud: Cloud,
        *,
        base: Path,
        clock: Clock,
        random: random_module.Random,
        progress: Callable[[Progress], None] | None = None,
        workers: int = 8,
        inventory: Inventory | None = None,
    ) -> None:
        """``inventory``: one that several topologies of the account share, so that a list is read once for all."""
        self.design = topology
        self.workers = workers
        self._purchases: frozenset[str] | None = None
        super().__init__(
            Graph(build(topology, base)),
            cloud,
            inventory or Inventory(cloud),
            clock,
            random,
            progress or (lambda _: None),
        )

    @property
    def topology(self) -> str:
        return self.design.name

    # --- plan ----------------------------------------------------------------------------------------------

    def plan(self) -> Plan:
        """Compare everything. Reads only. A resource that a person must settle first is ``blocked``, with the why."""
        self.forget()
        done = run(self.graph.order, self.graph.needs, self._compare, self.workers)
        if done.errors:
            raise next(iter(done.errors.values()))
        return Plan(self.topology, self.cloud.target.name, tuple(done.results[k] for k in self.graph.order))

    def _compare(self, key: str) -> Change:
        resource = self.graph[key]
        settle_first = [self.graph[r].label for r in resource.refs() if r in self._blocked]
        if settle_first:
            self._blocked.add(key)
            return _change(resource, Action.BLOCKED, why=f"waits for {', '.join(settle_first)}")
        try:
            found = self._find(resource)
            if found is None:
                if not resource.makes and all(self.found(r) for r in resource.parts()):
                    raise Blocked(f"{resource.label} does not exist in {resource.region}.")
                resource.foresee(self)
                fields = [FieldChange(n, None, v) for n, v in resource.wants(self).items()]
                return _change(resource, Action.CREATE, fields=fields)
            changes = self._differences(resource, found)
        except Blocked as why:
            self._blocked.add(key)
            return _change(resource, Action.BLOCKED, why=str(why))
        return _change(resource, Action.UPDATE if changes else Action.KEEP, found, changes)

    def _differences(self, resource: Resource, found: Found) -> list[FieldChange]:
        wants = resource.wants(self)
        changes = [
            FieldChange(name, found.fields[name], new)
            for name, new in wants.items()
            if name in found.fields and found.fields[name] != new
        ]
        fixed = [c for c in changes if c.name in resource.FIXED]
        if fixed:
            what = ", ".join(f"{c.name} is {c.old}, wanted {c.new}" for c in fixed)
            raise Blocked(
                f"{resource.label} ({found.id}): {what}. The cloud cannot change that in place: put the file right, or "
                "remove the thing and apply again."
            )
        return changes

    def addresses(self) -> dict[str, dict[str, str]]:
        """What a verifying call needs: VPC domain by group name, app id by app name, for all that exist."""
        self.forget()

        def ids(kind: str) -> dict[str, str]:
            pairs = ((self.graph[k].name, self.found(k)) for k in self.graph.keys(kind=kind))
            return {name: found.id for name, found in pairs if found}

        return {"domains": ids("vpc_domain"), "apps": ids("app")}

    # --- build ---------------------------------------------------------------------------------------------

    def converge(self, keys: Iterable[str] | None = None) -> tuple[Outcome, ...]:
        """Make everything (or the given keys) as wanted and ready. Raises Failed with what went wrong and what did
        not; running it again goes on from there."""
        wanted = tuple(keys) if keys is not None else self.graph.order
        done = run(wanted, self.graph.needs, self.settle, self.workers)
        outcomes = tuple(done.results[k] for k in wanted if k in done.results)
        if done.errors:
            raise Failed(done.errors, outcomes, tuple(done.skipped))
        return outcomes

    def settle(self, key: str) -> Outcome:
        """``ensure`` and ``wait`` in one."""
        outcome = self.ensure(key)
        self.wait(key)
        return outcome

    def allow_purchases(self, keys: Iterable[str]) -> None:
        """From now on make or change nothing that costs money at once but these resources: what somebody has removed
        since the plan was shown must not be bought again unasked."""
        self._purchases = frozenset(keys)

    def ensure(self, key: str) -> Outcome:
        """Look; create what is missing, change what differs. Does not wait until it is ready."""
        resource, start = self.graph[key], self._clock.now()
        missing = [r for r in resource.refs() if self.found(r) is None]
        if missing:
            raise Blocked(f"{resource.label} needs {', '.join(missing)}, which is not there. Make that first.")
        did, found = self._act(resource)
        with self._lock:
            self._known[key] = found
        outcome = Outcome(key, resource.label, did, found.id, self._clock.now() - start)
        self._progress(Progress("done", key, resource.label, str(did)))
        return outcome

    def wait(self, key: str) -> Found:
        """Wait until the thing is ready. Raises Fatal at once when the cloud says that it never will be."""
        resource = self.graph[key]
        return self._until(resource, resource.READY)

    def _act(self, resource: Resource) -> tuple[Did, Found]:
        for again in (True, True, False):
            found = self._look(resource)
            if found is not None and found.status in LEAVING:
                self._until_gone(resource)
                found = None
            try:
                if found is None:
                    self._may_buy(resource)
                    return Did.CREATED, self._create(resource)
                changes = self._differences(resource, found)
                if not changes:
                    return Did.KEPT, found
                self._may_buy(resource)
                self._say("start", resource, "changing " + ", ".join(c.name for c in changes))
                resource.update(self, found, {c.name: c.new for c in changes})
                return Did.CHANGED, self._look(resource) or found
            except UnknownOutcome:
                # No answer came: the effect may have happened. Look again before acting again.
                if not again:
                    raise
        raise AssertionError("unreachable")

    def _may_buy(self, resource: Resource) -> None:
        if resource.PAID and self._purchases is not None and resource.key not in self._purchases:
            raise Blocked(
                f"{resource.label} is not as the plan found it, and putting it right costs money that nobody has "
                "approved. Run it again: the plan will show the price."
            )

    def _create(self, resource: Resource) -> Found:
        if not resource.makes:
            raise Blocked(f"{resource.label} does not exist in {resource.region}.")
        self._say("start", resource, "creating")
        for attempt in range(4):
            try:
                id = resource.create(self, self._token(resource, attempt))
            except Conflict:
                # Somebody, perhaps we ourselves a moment ago, made it already.
                found = self._appears(resource, None)
                if found is None:
                    raise
                return found
            found = self._appears(resource, id)
            if found is not None:
                return found
            if not resource.TOKEN:
                break
            # The token was spent on a thing that has been removed since: take the next one.
        raise TimedOut(
            action=f"create {resource.KIND}",
            product="",
            region=resource.region,
            code="NotListed",
            message="the cloud accepted it but does not show it",
            subject=resource.label,
        )

    def _appears(self, resource: Resource, id: str | None) -> Found | None:
        """The thing as lists show it after its creation; None when it stays away too long."""
        most = APPEARS_PAID if resource.PAID else APPEARS if resource.TOKEN else resource.READY.budget
        seen: list[Found] = []

        def probe() -> str | None:
            found = self._look(resource)
            if found is None or (id is not None and found.id != id):
                return None
            seen.append(found)
            return "seen"

        wait = Wait(good=frozenset({"seen"}), budget=most, absent_polls=10_000)
        try:
            wait_until(probe, wait, what=resource.label, clock=self._clock, random=self._random)
        except TimedOut:
            return None
        return seen[-1]

    def _token(self, resource: Resource, attempt: int) -> str:
        wants = json.dumps(plain(dict(resource.wants(self))), sort_keys=True, default=str)
        needs = [str(self.id_of(r)) for r in resource.refs()]
        digest = hashlib.sha256(json.dumps([wants, needs]).encode()).hexdigest()
        group = int(self._clock.now() // (ATTEMPT_GROUP_PAID if resource.PAID else ATTEMPT_GROUP))
        return client_token(self.topology, resource.key, "create", digest, str(group), str(attempt))

    # --- remove --------------------------------------------------------------------------------------------

    def plan_removal(self) -> Plan:
        """What ``destroy`` would do, in its order. Reads only."""
        self.forget()
        done = run(self.graph.order, self.graph.needs, self._compare_removal, self.workers)
        if done.errors:
            raise next(iter(done.errors.values()))
        changes = tuple(done.results[k] for k in reversed(self.graph.order))
        return Plan(self.topology, self.cloud.target.name, changes, removal=True)

    def _compare_removal(self, key: str) -> Change:
        resource = self.graph[key]
        try:
            found = self._find(resource)
        except Blocked as why:
            return _change(resource, Action.LEAVE, why=f"not ours: {why}")
        if found is None:
            return _change(resource, Action.KEEP, why="absent")
        if not resource.removable(self, found):
            return _change(resource, Action.LEAVE, found, why=NOT_MADE)
        if resource.PAID and (until := paid_until(found.row, self.now())):
            return _change(resource, Action.LEAVE, found, why=f"it is paid until {until} and stays until then")
        return _change(resource, Action.DELETE, found)

    def destroy(self) -> tuple[Outcome, ...]:
        """Remove everything that is ours, users before what they use, then look once more that it is all gone."""
        self.forget()
        order = tuple(reversed(self.graph.order))
        done = run(order, self.graph.users, self.remove, self.workers)
        outcomes = tuple(done.results[k] for k in order if k in done.results)
        if done.errors:
            raise Failed(done.errors, outcomes, tuple(done.skipped))
        return outcomes

    def remove(self, key: str) -> Outcome:
        """Remove one resource if it is ours, and wait until it is gone."""
        resource, start = self.graph[key], self._clock.now()
        try:
            found = self._look(resource)
        except Blocked as why:
            return Outcome(key, resource.label, Did.LEFT, why=f"not ours: {why}")
        if found is None:
            resource.tidy(self)
            return Outcome(key, resource.label, Did.ABSENT)
        if not resource.removable(self, found):
            return Outcome(key, resource.label, Did.LEFT, found.id, why=NOT_MADE)
        self._say("start", resource, "removing")
        try:
            if found.status not in LEAVING:
                self._delete(resource, found)
        except Refused as error:
            if not resource.PAID:
                raise
            return Outcome(
                key, resource.label, Did.LEFT, found.id, why=f"it is paid until its term ends ({error.code})"
            )
        self._until_gone(resource, ours=True)
        resource.tidy(self)
        with self._lock:
            self._known.pop(key, None)
        self._say("done", resource, "removed")
        return Outcome(key, resource.label, Did.REMOVED, found.id, self._clock.now() - start)

    def _delete(self, resource: Resource, found: Found) -> None:
        """Ask for the removal. What is in the way may be on its way out itself, so that refusal is tried again, unless
        things of others are seen in the way and stay there. Raises InTheWay with their names."""
        end = self._clock.now() + resource.GONE.budget
        pause, since = 0.2, self._clock.now()
        seen: tuple[Obstacle, ...] = ()
        while True:
            try:
                resource.delete(self, found)
            except NotFound:
                return
            except UnknownOutcome:
                if self._look(resource) is None:
                    return
            except InUse as error:
                standing, now = obstacles(resource, found, self), self._clock.now()
                if standing != seen:
                    seen, since = standing, now
                if seen and now - since >= STANDS:
                    raise InTheWay(resource, found, seen, f"{error.code}: {error.message.strip()}") from error
                if now + pause > end:
                    raise
                self._clock.sleep(pause * (0.8 + 0.4 * self._random.random()))
                pause = min(pause * 1.6, 10.0)
            else:
                return


def _change(
    resource: Resource,
    action: Action,
    found: Found | None = None,
    fields: Iterable[FieldChange] = (),
    why: str = "",
) -> Change:
    return Change(
        key=resource.key,
        label=resource.label,
        step=str(resource.step),
        region=resource.region,
        action=action,
        id=found.id if found else None,
        fields=tuple(fields),
        why=why,
        adopted=bool(found and found.adopted),
        paid=resource.PAID,
    )


def is_temporary(error: BaseException) -> bool:
    """True when trying again may help: the one question that everything above the engine asks of an error."""
    if isinstance(error, Failed):
        return bool(error.errors) and all(is_temporary(e) for e in error.errors.values())
    return isinstance(error, CloudError) and error.temporary
