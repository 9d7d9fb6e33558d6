"""How commands speak: people read stdout, programs read one JSON document there and progress on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console
from rich.text import Text


class Output:
    """Where a command writes. With ``as_json`` everything but the final document goes to stderr; ``aside``: all that
    is for people does, because a file goes to stdout."""

    def __init__(self, as_json: bool, *, aside: bool = False) -> None:
        self.as_json = as_json
        self.console = Console(stderr=as_json or aside, highlight=False, soft_wrap=True)

    def line(self, text: str = "", style: str = "") -> None:
        self.console.print(Text(text, style=style), soft_wrap=True)

    def target(self, name: str) -> None:
        """The first line of every command that touches a cloud."""
        self.line(f"Target: {name}", "bold")

    def document(self, document: dict[str, Any]) -> None:
        if self.as_json:
            sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False, default=str) + "\n")

    def warn(self, message: str) -> None:
        """Say what is wrong, on stderr, and go on."""
        Console(stderr=True, highlight=False, soft_wrap=True).print(Text(message, style="red"), soft_wrap=True)

    def fail(self, message: str, *, code: int = 1, **more: Any) -> typer.Exit:
        """Say what went wrong and return the exit to raise."""
        self.warn(message)
        self.document({"ok": False, "error": message, **more})
        return typer.Exit(code)


@contextmanager
def told_plainly(out: Output) -> Iterator[None]:
    """Turn every error that a person can do something about into its message and exit code 1. Anything else is a
    defect of ours and keeps its traceback."""
    from gatespan.cloud import CloudError, TargetError
    from gatespan.local_cloud import LocalCloudError
    from gatespan.planning import Failed
    from gatespan.resources.base import Blocked
    from gatespan.topology import TopologyErrors

    try:
        yield
    except TopologyErrors as errors:
        problems = [vars(p) if hasattr(p, "__dict__") else str(p) for p in errors.problems]
        raise out.fail(str(errors), problems=problems) from None
    except (CloudError, TargetError, LocalCloudError, Blocked, Failed) as error:
        raise out.fail(str(error)) from None
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        raise out.fail(f"{where}{error.strerror or error}") from None
