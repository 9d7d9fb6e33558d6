"""``python -m deployments.audit FILE`` (or ``-``): post the audit records of a file to the events API.

PREFECT_API_URL names the server. Exit code 0, or 1 when the text holds no audit records or the server refuses.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import httpx

from deployments.audit import read


def main(arguments: list[str]) -> int:
    api = os.environ.get("PREFECT_API_URL")
    if len(arguments) != 1 or not api:
        print("usage: PREFECT_API_URL=... python -m deployments.audit FILE|-", file=sys.stderr)  # noqa: T201
        return 1
    text = sys.stdin.read() if arguments[0] == "-" else Path(arguments[0]).read_text()
    try:
        found = read(text, datetime.now(UTC))
    except ValueError as error:
        print(f"{arguments[0]}: {error}", file=sys.stderr)  # noqa: T201
        return 1
    user, _, password = os.environ.get("PREFECT_API_AUTH_STRING", "").partition(":")
    if found.events:
        answer = httpx.post(f"{api}/events", json=list(found.events), auth=(user, password) if user else None)
        if answer.status_code != 204:
            print(f"{api}/events: {answer.status_code} {answer.text[:300]}", file=sys.stderr)  # noqa: T201
            return 1
    for id, why in found.left:
        print(f"left out {id}: {why}")  # noqa: T201
    print(f"{len(found.events)} posted, {len(found.left)} left out.")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
