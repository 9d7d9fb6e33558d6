"""Who looks on while a flow runs: the command line shows progress, a worker logs it.

A watch is a function that takes one event, a mapping that JSON takes: ``{"event": "task", "name", "state",
"seconds"}``, ``{"event": "progress", "kind", "label", "text"}``, ``{"event": "call", ...}`` or ``{"event": "note",
"text"}``. It is found through a context variable, so two flows of one process have one each. It may be called from
any thread.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any

from prefect import get_run_logger
from prefect.exceptions import MissingContextError

Watch = Callable[[Mapping[str, Any]], None]


def _log(event: Mapping[str, Any]) -> None:
    """Without a watcher, as on a worker: into the log of the task or flow that it happens in."""
    try:
        logger: logging.Logger | logging.LoggerAdapter[Any] = get_run_logger()
    except MissingContextError:  # a thread of the engine's own
        logger = logging.getLogger("gatespan.progress")
    if event["event"] == "progress":
        logger.info("%s: %s", event["label"], event["text"] or event["kind"])
    elif event["event"] == "note":
        logger.warning(event["text"])


WATCH: ContextVar[Watch] = ContextVar("gatespan_watch", default=_log)


def tell(event: str, **said: Any) -> None:
    WATCH.get()({"event": event, **said})
