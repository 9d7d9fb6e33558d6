"""Progress as JSON lines on a file descriptor, from any thread; what must be told at the end is kept on the way."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from typing import Any


class Lines:
    """A watch (``tasks.watching``). ``outcomes`` and ``calls`` gather what the tasks returned. The result is the last
    line: a thread that still has something to say after that is not heard."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._lock = threading.Lock()
        self._ended = False
        self.outcomes: list[Mapping[str, Any]] = []
        self.calls: list[Mapping[str, Any]] = []

    def __call__(self, event: Mapping[str, Any]) -> None:
        said = dict(event)
        result = said.pop("result", None)
        with self._lock:
            if isinstance(result, list):
                self.outcomes += [one for one in result if "did" in one]
            if said["event"] == "call":
                self.calls.append({k: v for k, v in said.items() if k != "event"})
            if self._ended:
                return
            self._ended = said["event"] == "result"
            self._write(json.dumps(said, ensure_ascii=False, default=str) + "\n")

    def _write(self, line: str) -> None:
        data = line.encode()
        try:
            while data:
                data = data[os.write(self._fd, data) :]
        except BrokenPipeError:
            # Whoever listened is gone (a closed terminal). The run itself goes on, and the server knows how it ends.
            self._ended = True
