"""Flows from the command line: ``python -m flows run FLOW --topology FILE`` and ``python -m flows server ACTION``.

``run`` runs the flow in this process against the local Prefect server, which is started on demand, and writes its
progress as JSON lines: ``{"event": "task" | "progress" | "call" | "note", ...}`` and at the end ``{"event": "result",
"ok", "message", "outcomes", "calls", "flow_run_url"}``. Exit code 0 or 1. Prefect's own log goes to a file.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from flows import local_server

FLOWS = ("cross-region", "on-premises-clients", "on-premises-backend", "hub", "teardown", "verify")


def main(arguments: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    try:
        return run(given) if given.command == "run" else server(given.action)
    except local_server.ServerError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m flows", description="Run Gatespan's flows on a local server.")
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("run", help="run a flow in this process")
    one.add_argument("flow", choices=FLOWS)
    one.add_argument("--topology", required=True, help="the topology file")
    one.add_argument(
        "--cloud", help="embedded, alibaba, a URL, or gatespan-cloud/NAME; default: as the environment says"
    )
    one.add_argument("--credentials", help="credentials block, TYPE/NAME")
    one.add_argument("--approve", choices=("auto", "yes", "no"), default="auto", help="buying what costs money")
    one.add_argument("--no-verify", dest="verify", action="store_false", help="send no verifying calls")
    one.add_argument("--on-waiting", choices=("stop", "pause"), default="stop", help="when people must act first")
    one.add_argument("--lock-timeout", type=float, default=600.0, help="seconds to wait for another run; default 600")
    one.add_argument("--progress-fd", default="-", help="file descriptor for the JSON lines; -: stderr")
    serve = commands.add_parser("server", help="the local Prefect server")
    serve.add_argument("action", choices=("start", "stop", "status", "prepare"))
    return parser


def run(given: argparse.Namespace) -> int:
    """Start the server while Prefect is imported here; then run."""
    from flows.progress import Lines

    lines = Lines(sys.stderr.fileno() if given.progress_fd == "-" else int(given.progress_fd))
    home = local_server.gatespan_home()
    server = local_server.connect(home)
    if server.started:
        lines({"event": "note", "text": "Starting the local Prefect server ..."})
    from flows import running

    return running.run(given, home, server, lines)


def server(action: str) -> int:
    """Start, stop or name the managed server; ``prepare`` makes a new one's database, for quick first starts."""
    home = local_server.gatespan_home()
    if action == "stop":
        print("Stopped." if local_server.stop(home) else "None was running.")  # noqa: T201
        return 0
    if action == "status":
        found = local_server.find(home)
        answers = found is not None and local_server.healthy(found)
        print(f"{found.ui} (process {found.pid}){'' if answers else ': starting'}" if found else "Not running.")  # noqa: T201
        return 0 if answers else 1
    if action == "prepare":
        from flows import prepared

        prepared.prepare()
        return 0
    found = local_server.start(home)
    local_server.await_ready(found)
    print(f"{found.ui} (process {found.pid})")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
