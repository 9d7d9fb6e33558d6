"""Starting task runs at the right time: independent ones together, each with an edge to what it waits for.

A flow says ``each(task, parts, after=[...])``; the parts' own needs tell which of the runs before it a run really
waits for, so that a slow region holds up nobody else, and the graph in the UI shows the true edges.

Task runs are awaited as asyncio tasks and handed on as Prefect states: measured, ``submit`` costs 45-90 ms a task in an
async flow, this 6-11 ms.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from prefect import Task
from prefect.client.schemas.objects import State
from prefect.states import Cancelled, Completed, Failed
from prefect.utilities.annotations import quote

from tasks import purchases
from tasks.parts import Part
from tasks.plan_changes import plan_changes
from tasks.purchases import LEFT_OUT, Approve, Permission, leave_out
from tasks.session import Run, work
from tasks.waiting import WAITING, OnWaiting, ask_people, is_waiting
from tasks.watching import tell


@dataclass(frozen=True, eq=False)
class TaskRun:
    """A task run that has been started or waits for others. ``part`` None: it concerns the whole topology. ``behind``:
    all that it waits for, near and far."""

    name: str
    part: Part | None
    state: asyncio.Task[State[Any]]
    behind: frozenset[TaskRun] = frozenset()


Runs = Sequence[TaskRun]


class Procedure:
    """The task runs of one flow run. As a context manager it leaves no task behind when the flow is cancelled."""

    def __init__(self, run: Run, *, reverse: bool = False) -> None:
        self._run = run
        self._reverse = reverse
        self._runs: list[TaskRun] = []
        self._permission: asyncio.Task[Permission] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        for run in self._runs:
            run.state.cancel()
        await asyncio.gather(*(r.state for r in self._runs), return_exceptions=True)

    def plan(self, approve: Approve) -> Runs:
        """The first step: what differs, and whether that may be bought which costs money. What may not is left out,
        with all that rests on it."""
        (planned,) = runs = self.once(plan_changes)
        self._permission = asyncio.create_task(self._settle(planned, approve), name="purchases")
        return runs

    async def _settle(self, planned: TaskRun, approve: Approve) -> Permission:
        state = await planned.state
        if not state.is_completed():
            return Permission()
        permission = await purchases.settle(await state.aresult(), approve)
        await work(self._run, lambda engine: engine.allow_purchases(permission.bought))
        return permission

    async def _permitted(self) -> Permission:
        return await self._permission if self._permission else Permission()

    def once(self, task: Task[Any, Any], *, after: Iterable[Runs] = (), whole: bool = False) -> Runs:
        """One run for the whole topology, after all that is named. ``whole``: only when nothing was left out."""
        return (self._start(task, None, [up for runs in after for up in runs], whole=whole),)

    def at_the_end(self, task: Task[Any, Any], *, whole: bool = False) -> Runs:
        """One run for the whole topology, after every part that no other part waits for."""
        parts = [run for run in self._runs if run.part]
        return self.once(task, after=[_ends(parts)], whole=whole)

    def each(self, task: Task[Any, Any], parts: Iterable[Part], *, after: Iterable[Runs] = ()) -> Runs:
        """One run per part, each after those of the named runs that it rests on (on removal: that rest on it), and
        after those that concern everything. A removal has none for what was there before."""
        before = [up for runs in after for up in runs]
        parts = [part for part in parts if part.made or not self._reverse]
        return [self._start(task, part, [up for up in before if self._rests(part, up.part)]) for part in parts]

    def _rests(self, part: Part, other: Part | None) -> bool:
        if other is None:
            return True
        mine = part.users if self._reverse else part.needs
        return not mine.isdisjoint(other.keys) or part.keys == other.keys

    def _start(
        self, task: Task[Any, Any], part: Part | None, ups: Sequence[TaskRun], *, whole: bool = False
    ) -> TaskRun:
        if not ups and self._runs:
            ups = self._runs[:1]  # nothing to wait for but the plan, which comes first
        ups = _ends(ups)
        name = str(task.task_run_name or task.name).format(run=self._run, part=part)
        waiting = asyncio.create_task(self._await(task, name, part, ups, whole), name=name)
        made = TaskRun(name, part, waiting, frozenset(ups).union(*(up.behind for up in ups)))
        self._runs.append(made)
        return made

    async def _await(
        self, task: Task[Any, Any], name: str, part: Part | None, ups: Sequence[TaskRun], whole: bool
    ) -> State[Any]:
        states = [await up.state for up in ups]
        if part or whole:
            permission = await self._permitted()
            if permission.refused if part is None else permission.leaves_out(part):
                return await self._leave_out(name, states)
        if all(s.is_completed() for s in states):
            tell("task", name=name, state="Running")
        start = time.monotonic()
        # Quoted, Prefect does not look inside for results of other tasks, which it finds by `id` and draws edges from.
        # The first step is not: its edge from the one that read the topology is right.
        given: list[Any] = [quote(self._run) if ups else self._run]
        given += [] if part is None else [quote(part)]
        state: State[Any] = await task(*given, wait_for=states, return_state=True)
        said = await state.aresult(raise_on_failure=False) if state.is_completed() else None
        tell("task", name=name, state=state.name, seconds=round(time.monotonic() - start, 3), result=said)
        return state

    async def _leave_out(self, name: str, ups: list[State[Any]]) -> State[Any]:
        step: Task[Any, Any] = leave_out.with_options(task_run_name=name)
        state: State[Any] = await step("It waits for a purchase.", wait_for=ups, return_state=True)
        tell("task", name=name, state=state.name)
        return state

    async def end(self, on_waiting: OnWaiting = "stop") -> State[Any]:
        """The state of the flow: Completed, or Failed with every error and what was not tried. Where nothing is wrong
        but that somebody must say yes to a purchase, the run is suspended until they have; the same where people must
        act first (``pause``), or it fails saying so (``stop``). Cancelled: somebody said no, all else is done."""
        states = await asyncio.gather(*(r.state for r in self._runs))
        permission = await self._permitted()
        wrong, untried, errors, left_out = [], [], [], []
        for run, state in zip(self._runs, states, strict=True):
            if state.name == LEFT_OUT:
                left_out.append(run.name)
            elif state.is_pending():
                untried.append(run.name)
            elif not state.is_completed():
                error = await state.aresult(raise_on_failure=False)
                errors.append(error)
                wrong.append(f"{run.name}: {error if isinstance(error, Exception) and str(error) else state.message}")
        if not wrong and not untried and not permission.refused:
            return Completed(message=f"All {len(states)} steps are done.")
        waiting = bool(errors) and all(is_waiting(error) for error in errors)
        if permission.asks and (waiting or not errors):
            await purchases.ask(self._run, permission, left_out)
        if waiting:
            why = [str(error) for error in errors]
            await ask_people(self._run, why, on_waiting)
            wrong[0] = f"{WAITING} {wrong[0]}"
        if untried:
            wrong.append(f"Not tried, because they wait for that: {', '.join(untried)}.")
        if permission.refused:
            wrong.append(permission.told(left_out))
        said_no = permission.answer is not None and len(wrong) == 1
        return (Cancelled if said_no else Failed)(message="\n".join(wrong))


def _ends(runs: Sequence[TaskRun]) -> Sequence[TaskRun]:
    """Those that none of the others waits for: the others have ended when these have."""
    behind = frozenset[TaskRun]().union(*(run.behind for run in runs))
    return [run for run in runs if run not in behind]
