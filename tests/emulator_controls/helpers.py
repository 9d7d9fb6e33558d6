"""Asking the control API over HTTP, and running the embedded cloud as a process of its own."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Said:
    status: int
    value: Any
    raw: bytes


def control(base: str, method: str, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None) -> Said:
    """Ask the control API of the cloud at the base URL. ``body``: text is sent as it is, all else as JSON."""
    connection = http.client.HTTPConnection(base.removeprefix("http://"), timeout=10)
    data = body if isinstance(body, str | bytes) or body is None else json.dumps(body)
    connection.request(method, f"/_cloud/{path}", data, dict(headers or {}))
    answer = connection.getresponse()
    raw = answer.read()
    connection.close()
    return Said(answer.status, json.loads(raw), raw)


class Process:
    """An embedded cloud in a process of its own."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        read, write = os.pipe()
        command = [sys.executable, "-m", "gatespan.emulator", "serve", "--port", "0", "--ready-fd", str(write)]
        self.popen = subprocess.Popen(
            [*command, *arguments],
            pass_fds=(write,),
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        os.close(write)
        with os.fdopen(read) as ready:
            line = ready.readline()
        self.base = json.loads(line)["url"] if line else ""

    def kill(self) -> None:
        """End it at once, whatever it does; harmless when it has ended."""
        self.popen.kill()
        self.popen.wait()
        for pipe in (self.popen.stdout, self.popen.stderr):
            if pipe is not None:
                pipe.close()

    def stop(self) -> tuple[int, str, str]:
        self.popen.send_signal(signal.SIGTERM)
        out, err = self.popen.communicate(timeout=10)
        return self.popen.returncode, out, err

    def end(self) -> tuple[int, str, str]:
        """Wait for an end that comes by itself."""
        out, err = self.popen.communicate(timeout=10)
        return self.popen.returncode, out, err


@contextmanager
def process(folder: Path, *arguments: str) -> Iterator[Process]:
    running = Process(folder, *arguments)
    try:
        yield running
    finally:
        running.kill()
