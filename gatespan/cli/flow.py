"""Running a Prefect flow from the command line: the flow is a process of its own (``python -m flows run``), which
writes its progress as JSON lines. This package stays free of Prefect."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from gatespan.cli.output import Output
from gatespan.trace.live import CallResult

SIGNS = {
    "Completed": "✓",
    "Cached": "✓",
    "Failed": "✗",
    "Crashed": "✗",
    "TimedOut": "✗",
    "NotReady": "-",
    "LeftOut": "-",
}
QUIET = 10.0
"""Seconds of a wait after which it is told, and told again."""


@dataclass(frozen=True)
class FlowResult:
    """How the run ended: what it did, the calls it sent, and where to look at it."""

    ok: bool
    message: str
    outcomes: tuple[Mapping[str, Any], ...]
    calls: tuple[CallResult, ...]
    flow_run_url: str | None

    @property
    def waiting(self) -> bool:
        """Nothing is wrong, but people must act before it can go on."""
        return not self.ok and self.message.startswith("Waiting for people:")

    @property
    def not_bought(self) -> bool:
        """All is built but what must be bought, and what rests on that."""
        return not self.ok and self.message.startswith("Not bought:")


def run_flow(
    name: str,
    file: Path,
    cloud: str | None,
    out: Output,
    *,
    verify: bool,
    lock: float,
    approve: Literal["yes", "no"] = "no",
) -> FlowResult:
    """Run it and show every task as it ends. The result is the run's own last word, never guessed. ``approve``:
    whether it may buy."""
    read, write = os.pipe()
    command = [sys.executable, "-m", "flows", "run", name, "--topology", str(file.resolve())]
    command += ["--progress-fd", str(write), "--lock-timeout", str(lock), "--on-waiting", "stop"]
    command += ["--approve", approve]
    command += ["--cloud", cloud] if cloud else []
    command += [] if verify else ["--no-verify"]
    out.line(f"\nFlow {name}", "bold")
    process = subprocess.Popen(command, pass_fds=(write,), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    os.close(write)
    result: Mapping[str, Any] = {}
    waits = _Waits()
    try:
        with os.fdopen(read, encoding="utf-8") as lines:
            for line in lines:
                event = json.loads(line)
                if event["event"] == "result":
                    result = event
                else:
                    _show(out, event, waits)
        code = process.wait()
    except KeyboardInterrupt:
        process.wait()
        raise
    if not result:
        return FlowResult(False, f"The flow process ended without a result (exit code {code}).", (), (), None)
    return FlowResult(
        ok=bool(result["ok"]),
        message=str(result.get("message") or ""),
        outcomes=tuple(result.get("outcomes") or ()),
        calls=tuple(CallResult(**c) for c in result.get("calls") or ()),
        flow_run_url=result.get("flow_run_url"),
    )


class _Waits:
    """Which waits were told: one line per thing and ten seconds, so that a slow cloud is not silence."""

    def __init__(self) -> None:
        self._told: dict[str, float] = {}

    def worth_telling(self, event: Mapping[str, Any], now: float) -> bool:
        if event["event"] != "progress" or event.get("kind") != "wait":
            return False
        last = self._told.setdefault(event["label"], now)
        if now - last < QUIET:
            return False
        self._told[event["label"]] = now
        return True


def _show(out: Output, event: Mapping[str, Any], waits: _Waits) -> None:
    if event["event"] == "note":
        out.line(f"  {event['text']}", "dim")
    if waits.worth_telling(event, time.monotonic()):
        out.line(f"  … {event['label']}: {event['text']}", "dim")
    if event["event"] != "task" or event["state"] not in SIGNS:
        return
    sign = SIGNS[event["state"]]
    style = {"✓": "green", "✗": "bold red"}.get(sign, "dim")
    more = f"  {event['seconds']:.1f} s" if event.get("seconds") is not None else ""
    more += "  waits for a purchase" if event["state"] == "LeftOut" else ""
    out.line(f"  {sign} {event['name']}{more}", style)
