"""An engine without a cloud: the real graph of a topology, and a diary of what the tasks asked for.

It refuses to make a thing before everything that it needs is ready, so a wrong order in a flow is an error here.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from gatespan.cloud import SystemClock, Throttled
from gatespan.planning import Action, Change, Did, Engine, Outcome, Plan
from gatespan.resources.base import Found
from gatespan.topology import loads
from tasks.session import OPEN, Run, Say

EXAMPLES = Path(__file__).parents[2] / "examples"
TWO_REGIONS = (EXAMPLES / "cross-region.yaml").read_text()


def throttled() -> Throttled:
    return Throttled(action="CreateCen", product="cbn", region="cn-hangzhou", code="Throttling", message="slow down")


class FakeEngine(Engine):
    """``fails``: errors to raise for a key, one per call. ``before``: called at every ensure, in its thread.
    ``blocked_why``: what a person must settle first. ``circuits``: the state of the circuits. ``price``: of a bandwidth
    plan."""

    def __init__(self, run: Run, say: Say) -> None:
        topology = loads(run.text, base=Path(run.base)).topology
        cloud: Any = SimpleNamespace(target=SimpleNamespace(name="no cloud at all", kind="url"), call=self._prices)
        super().__init__(
            topology, cloud, base=Path(run.base), clock=SystemClock(), random=random.Random(1), progress=say
        )
        # No list shows anything, so nothing is left over of another file.
        self.inventory: Any = SimpleNamespace(
            rows=lambda *_, **__: (), forget=lambda *_: None, refresh=lambda **_: None
        )
        self.made: set[str] = set()
        self.ready: set[str] = set()
        self.diary: list[tuple[str, str]] = []
        self.tried: Counter[str] = Counter()
        self.fails: dict[str, list[Exception]] = {}
        self.before: Callable[[str], None] = lambda _: None
        self.blocked_why = ""
        self.circuits = "Enabled"
        self.price = 222.22
        self._diary_lock = threading.Lock()

    def plan(self) -> Plan:
        if self.circuits != "Enabled":
            return self._plan(self.graph.keys(kind="circuit"), Action.BLOCKED, f"the circuit is {self.circuits}.")
        if self.blocked_why:
            return self._plan(self.graph.order, Action.BLOCKED, self.blocked_why)
        due = [k for k in self.graph.order if k not in self.made and self.graph[k].makes]
        return self._plan(due, Action.CREATE, "")

    def plan_removal(self) -> Plan:
        made = [k for k in self.graph.order if k in self.made and self.graph[k].makes]
        return self._plan(made, Action.DELETE, "")

    def found(self, ref: str) -> Found | None:
        if ref.startswith("circuit."):
            return Found("pc-bp1", self.circuits)
        return Found(f"id-of-{ref}") if ref in self.made else None

    def _plan(self, keys: Iterable[str], action: Action, why: str) -> Plan:
        nodes = [self.graph[k] for k in keys]
        changes = (Change(n.key, n.label, str(n.step), n.region, action, why=why) for n in nodes)
        return Plan(self.topology, "no cloud at all", tuple(changes))

    def ensure(self, key: str) -> Outcome:
        self._write("ensure", key)
        self.before(key)
        missing = self.graph.needs[key] - self.made
        assert not missing, f"{key} was to be made before {missing}"
        if self.fails.get(key):
            raise self.fails[key].pop(0)
        self.made.add(key)
        return Outcome(key, self.graph[key].label, Did.CREATED, f"id-of-{key}")

    def wait(self, key: str) -> Found:
        self._write("wait", key)
        assert key in self.made, f"{key} was awaited before it was made"
        self.ready.add(key)
        return Found(f"id-of-{key}")

    def remove(self, key: str) -> Outcome:
        self._write("remove", key)
        users = self.graph.users[key] & self.made
        assert not users, f"{key} was to be removed before {users}"
        if self.fails.get(key):
            raise self.fails[key].pop(0)
        self.made.discard(key)
        return Outcome(key, self.graph[key].label, Did.REMOVED, f"id-of-{key}")

    def _prices(self, product: str, action: str, *_: Any, **__: Any) -> Any:
        """The price of a bandwidth plan; the only call that does not go through the methods above."""
        assert (product, action) == ("bss", "GetSubscriptionPrice")
        details = {"ModuleDetail": [{"ModuleCode": "bandwidth"}]}
        return {"Success": True, "Data": {"TradePrice": self.price, "Currency": "CNY", "ModuleDetails": details}}

    def _write(self, verb: str, key: str) -> None:
        with self._diary_lock:
            self.diary.append((verb, key))
            self.tried[key] += verb != "wait"


class Bench:
    """Opens one fake engine for every run, set up by ``prepare``."""

    def __init__(self, prepare: Callable[[FakeEngine], None] = lambda _: None) -> None:
        self.engines: list[FakeEngine] = []
        self._prepare = prepare

    def __call__(self, run: Run, say: Say) -> FakeEngine:
        engine = FakeEngine(run, say)
        self._prepare(engine)
        self.engines.append(engine)
        return engine

    @contextmanager
    def open(self) -> Iterator[Bench]:
        token = OPEN.set(self)
        try:
            yield self
        finally:
            OPEN.reset(token)
