"""The engine of a flow run, made once per process from plain data.

Tasks carry a ``Run``, which any process can turn into an engine; the engine itself (open connections, a rate limiter,
what is known of the cloud) is worth sharing between the tasks of one run and impossible to serialise. So the last few
sessions are kept in one cache, the only state of these packages; losing it costs a few reads.
"""

from __future__ import annotations

import asyncio
import functools
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from tasks.watching import WATCH, Watch

if TYPE_CHECKING:
    from gatespan.planning import Engine, Progress

T = TypeVar("T")
Say = Callable[["Progress"], None]

THREADS = 128
"""Every sensor holds a thread while it waits; threads are made only when needed."""


@dataclass(frozen=True)
class Run:
    """One run over one topology: everything that a task needs to know, as plain data and without a secret.

    ``cloud``: embedded, alibaba, the URL of an embedded cloud, or ``gatespan-cloud/NAME`` (a block); None: as set by
    the environment. ``credentials``: the name of a credentials block. ``id``: of the flow run.
    """

    id: str
    name: str
    text: str = field(repr=False)
    base: str
    cloud: str | None = None
    credentials: str | None = None


def open_engine(run: Run, say: Say) -> Engine:
    """The engine on the real door: a cloud, real time, real randomness. Raises the errors of topology and access."""
    from blocks import credentials_named, target_named
    from gatespan.access import open_cloud
    from gatespan.cloud import SystemClock
    from gatespan.planning import Engine
    from gatespan.settings import Settings
    from gatespan.topology import loads

    settings, base = Settings(), Path(run.base)
    cloud, keys = target_named(run.cloud or settings.cloud)
    credentials = credentials_named(run.credentials or keys)
    return Engine(
        loads(run.text, name=run.name, base=base).topology,
        open_cloud(cloud, settings=settings, credentials=credentials),
        base=base,
        clock=SystemClock(),
        random=random.Random(),
        progress=say,
        workers=settings.workers,
    )


OPEN: ContextVar[Callable[[Run, Say], Engine]] = ContextVar("gatespan_open_engine", default=open_engine)
"""How a run gets its engine; tests put another one here."""


class Stopped(Exception):
    """The task was cancelled or ran out of time: its thread gives up at the next poll."""


_STOP: ContextVar[threading.Event | None] = ContextVar("gatespan_stop", default=None)


@dataclass(frozen=True)
class Session:
    """An engine, and the threads that work with it."""

    engine: Engine
    threads: ThreadPoolExecutor


_OPENING = threading.Lock()


@functools.lru_cache(maxsize=4)
def _opened(run: Run, opener: Callable[[Run, Say], Engine], watch: Watch) -> Session:
    def say(progress: Progress) -> None:
        stop = _STOP.get()
        if stop is not None and stop.is_set():
            raise Stopped(f"{progress.label}: stopped")
        watch({"event": "progress", "kind": progress.kind, "label": progress.label, "text": progress.text})

    return Session(opener(run, say), ThreadPoolExecutor(THREADS, thread_name_prefix="gatespan-task"))


def session(run: Run) -> Session:
    """The session of a run in this process. Blocks while it is opened: call it from a thread."""
    with _OPENING:
        return _opened(run, OPEN.get(), WATCH.get())


async def work(run: Run, call: Callable[[Engine], T]) -> T:
    """Do one thing with the run's engine, in a thread. When the task is cancelled the thread ends at its next poll,
    so that no process hangs on a wait of half an hour that nobody needs any more."""
    stop = threading.Event()
    opened = await asyncio.to_thread(session, run)
    context = copy_context()
    context.run(_STOP.set, stop)
    try:
        return await asyncio.get_running_loop().run_in_executor(
            opened.threads, functools.partial(context.run, call, opened.engine)
        )
    except asyncio.CancelledError:
        stop.set()
        raise
