"""The parameters of a run for a topology file: ``python -m deployments.ci.parameters FILE``.

Prints the name of the flow that builds the file, then the parameters as JSON. A file with errors is not sent anywhere.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from gatespan.topology import TopologyErrors, load


def main(arguments: list[str]) -> int:
    """Exit code 0, or 1 with the errors of the file on stderr."""
    file = Path(arguments[0])
    try:
        topology = load(file).topology
    except TopologyErrors as errors:
        print(errors, file=sys.stderr)  # noqa: T201
        return 1
    given = {
        "topology": file.read_text(),
        "cloud": os.environ.get("GATESPAN_CLOUD"),
        "credentials": os.environ.get("GATESPAN_CREDENTIALS"),
        "on_waiting": "stop",
    }
    print(topology.flow)  # noqa: T201
    print(json.dumps({name: value for name, value in given.items() if value is not None}))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
