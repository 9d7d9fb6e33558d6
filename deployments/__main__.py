"""``python -m deployments [--notify TYPE/NAME]``: set up the Prefect server of PREFECT_API_URL. Run it at will."""

from __future__ import annotations

import argparse
import asyncio
import sys

from deployments.setup import SetupError, set_up


def main() -> int:
    """Exit code 0, or 1 with one error."""
    parser = argparse.ArgumentParser(prog="python -m deployments", description="Set up a Prefect server for Gatespan.")
    parser.add_argument("--notify", metavar="TYPE/NAME", help="notification block that is told of drift")
    given = parser.parse_args()
    try:
        for line in asyncio.run(set_up(given.notify)):
            print(line)  # noqa: T201
    except SetupError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    print("Now start a worker where Gatespan is installed: prefect worker start --pool gatespan")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
