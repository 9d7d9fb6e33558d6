"""The resources of a topology as a graph, and the one way to run over it: everything whose needs are met, at the
same time; what needs a failed one is skipped, everything else goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter
from typing import Generic, TypeVar

from gatespan.resources.base import Resource, Step

R = TypeVar("R")


class Graph:
    """Resources by key, with what each needs. Raises ValueError for a reference that leads nowhere, or a cycle."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self.nodes: Mapping[str, Resource] = {r.key: r for r in resources}
        self.needs: Mapping[str, frozenset[str]] = {k: frozenset(r.refs()) for k, r in self.nodes.items()}
        for key, needs in self.needs.items():
            missing = needs - self.nodes.keys()
            if missing:
                raise ValueError(f"{key} refers to {', '.join(sorted(missing))}, which the topology does not have")
        self.order: tuple[str, ...] = tuple(TopologicalSorter(self.needs).static_order())
        users: dict[str, set[str]] = {k: set() for k in self.nodes}
        for key, needs in self.needs.items():
            for need in needs:
                users[need].add(key)
        self.users: Mapping[str, frozenset[str]] = {k: frozenset(v) for k, v in users.items()}

    def __getitem__(self, key: str) -> Resource:
        return self.nodes[key]

    def keys(self, *, kind: str | None = None, step: Step | None = None) -> tuple[str, ...]:
        """The keys in building order, of one kind or one step of the procedure."""
        return tuple(
            k
            for k in self.order
            if (kind is None or kind == self.nodes[k].KIND) and (step is None or self.nodes[k].step == step)
        )


class Run(Generic[R]):
    """The results of a run over a graph."""

    def __init__(self) -> None:
        self.results: dict[str, R] = {}
        self.errors: dict[str, Exception] = {}
        self.skipped: list[str] = []


def run(keys: Iterable[str], needs: Mapping[str, frozenset[str]], work: Callable[[str], R], workers: int) -> Run[R]:
    """Do ``work`` for every key after its needs (needs outside ``keys`` count as met). Interrupts pass through."""
    wanted = set(keys)
    sorter = TopologicalSorter({k: [n for n in needs.get(k, ()) if n in wanted] for k in wanted})
    sorter.prepare()
    out: Run[R] = Run()
    dead: set[str] = set()
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="gatespan") as pool:
        running: dict[Future[R], str] = {}
        try:
            while sorter.is_active():
                for key in sorter.get_ready():
                    if any(n in dead for n in needs.get(key, ())):
                        dead.add(key)
                        out.skipped.append(key)
                        sorter.done(key)
                    else:
                        running[pool.submit(work, key)] = key
                if not running:
                    continue
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    key = running.pop(future)
                    try:
                        out.results[key] = future.result()
                    except Exception as error:  # noqa: BLE001 - reported by key, with what could not be tried
                        dead.add(key)
                        out.errors[key] = error
                    sorter.done(key)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return out
