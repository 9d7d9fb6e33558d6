"""``python -m deployments [--notify TYPE/NAME]``: set up the Prefect server of PREFECT_API_URL, else the one of this
machine, started on demand as ``gatespan apply`` does it. Run it at will."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from prefect.settings import PREFECT_API_URL, temporary_settings

from deployments.setup import SetupError, set_up
from flows import local_server
from flows.local_server import ServerError


def main() -> int:
    """Exit code 0, or 1 with one error."""
    parser = argparse.ArgumentParser(prog="python -m deployments", description="Set up a Prefect server for Gatespan.")
    parser.add_argument("--notify", metavar="TYPE/NAME", help="notification block that is told of drift")
    given = parser.parse_args()
    try:
        with _server() as named:
            for line in asyncio.run(set_up(given.notify)):
                print(line)  # noqa: T201
    except (SetupError, ServerError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    print(f"Now start a worker where Gatespan is installed: {named}prefect worker start --pool gatespan")  # noqa: T201
    return 0


@contextmanager
def _server() -> Iterator[str]:
    """The server that the environment or Prefect's profile names, else this machine's: without one, Prefect would start
    a temporary server and forget all with it. Yields what a worker's command must begin with to find it."""
    if PREFECT_API_URL.value():
        yield ""
        return
    server = local_server.connect(local_server.gatespan_home())
    local_server.await_ready(server)
    print(f"server: {server.ui}, of this machine (PREFECT_API_URL names no other)")  # noqa: T201
    with temporary_settings({PREFECT_API_URL: server.api}):
        yield f"PREFECT_API_URL={server.api} "


if __name__ == "__main__":
    sys.exit(main())
