"""One flow run in this process, told as JSON lines. Imports Prefect: import it after the server was connected."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import logging
import os
import signal
import threading
from collections.abc import Awaitable, Coroutine
from concurrent.futures import Future, wait
from contextvars import copy_context
from pathlib import Path
from typing import Any, Generic, NoReturn, TypeVar, cast

from prefect import Flow
from prefect.client.schemas.objects import State
from prefect.events.worker import EventsWorker
from prefect.logging.configuration import setup_logging
from prefect.logging.handlers import PrefectConsoleHandler

from flows import local_server
from flows.cross_region import cross_region
from flows.hub import hub
from flows.on_premises_backend import on_premises_backend
from flows.on_premises_clients import on_premises_clients
from flows.progress import Lines
from flows.teardown import teardown
from flows.verify import verify
from gatespan.cloud.sdk import PACKAGES
from tasks.watching import WATCH

T = TypeVar("T")

FLOWS: dict[str, Flow[..., Any]] = {
    f.name: f for f in (cross_region, on_premises_clients, on_premises_backend, hub, teardown, verify)
}


def run(given: argparse.Namespace, home: Path, server: local_server.Server, lines: Lines) -> int:
    """Run the flow and write its progress and its result. 0 when it completed, else 1. Raises ServerError."""
    log = _log_to_file(home)
    chosen = FLOWS[given.flow]
    wanted = {name: getattr(given, name) for name in chosen.parameters.properties}
    _import_sdks()
    local_server.await_ready(server)
    WATCH.set(lines)
    flow = _InThread(_run(chosen, wanted))
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        state, message = flow.result()
    except KeyboardInterrupt:
        flow.cancel(patience=10)
        lines(_result(lines, log, ok=False, message="Interrupted. Run it again to go on from there.", url=None))
        _leave()
    ok, id = state.is_completed(), state.state_details.flow_run_id
    lines(_result(lines, log, ok=ok, message=message, url=f"{server.ui}/runs/flow-run/{id}" if id else None))
    return 0 if ok else 1


def _result(lines: Lines, log: Path, *, ok: bool, message: str, url: str | None) -> dict[str, Any]:
    return {
        "event": "result",
        "ok": ok,
        "message": message,
        "outcomes": lines.outcomes,
        "calls": lines.calls,
        "flow_run_url": url,
        "log": str(log),
    }


def _leave() -> NoReturn:
    """End now. A thread may be in the middle of a call that the cloud keeps busy for minutes, and Python would wait
    for it; what it would have done is found or done again by the next run. The server still hears how it ended."""
    EventsWorker.drain_all(timeout=5)
    os._exit(1)


async def _run(chosen: Flow[..., Any], wanted: dict[str, Any]) -> tuple[State[Any], str]:
    """The final state, and what it says to a person: the error itself where the flow ended with one."""
    state = await cast(Awaitable[State[Any]], chosen(**wanted, return_state=True))
    if not state.is_completed():
        error = await state.aresult(raise_on_failure=False)
        if isinstance(error, Exception) and str(error):
            return state, str(error)
    return state, state.message or str(state.name)


class _InThread(Generic[T]):
    """A coroutine in a thread of its own. Prefect answers SIGTERM by raising in the middle of whatever the main thread
    does, which at times is its own book-keeping; like this the main thread only waits, and cancels cleanly."""

    def __init__(self, coroutine: Coroutine[Any, Any, T]) -> None:
        self._ended: Future[T] = Future()
        self._loop = asyncio.new_event_loop()
        self._task = self._loop.create_task(coroutine, context=copy_context())
        threading.Thread(target=self._work, name="flow", daemon=True).start()

    def _work(self) -> None:
        try:
            self._ended.set_result(self._loop.run_until_complete(self._task))
        except BaseException as error:  # noqa: BLE001 - raised in ``result``
            self._ended.set_exception(error)

    def result(self) -> T:
        return self._ended.result()

    def cancel(self, patience: float) -> None:
        """Cancel it, and give it some seconds to say so to the server."""
        self._loop.call_soon_threadsafe(self._task.cancel)
        wait([self._ended], timeout=patience)


def _import_sdks() -> None:
    """A second of imports that the first task would wait for; here the server is starting meanwhile. Not those that
    most runs do without: prices, tokens of roles."""
    for product in ("cbn", "vpc", "cloudapi", "fc"):
        importlib.import_module(f"{PACKAGES[product]}.client")


def _log_to_file(home: Path) -> Path:
    """Prefect's log for people goes to a file: the terminal shows the steps. The API gets its copy as ever."""
    setup_logging()
    log = local_server.prefect_home(home) / "logs" / "flows.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    file = logging.FileHandler(log)
    file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    for logger in (logging.root, *(logging.getLogger(name) for name in list(logging.root.manager.loggerDict))):
        for handler in [h for h in logger.handlers if isinstance(h, PrefectConsoleHandler)]:
            logger.removeHandler(handler)
            logger.addHandler(file)
    return log
