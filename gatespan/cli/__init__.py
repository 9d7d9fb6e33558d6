"""The ``gatespan`` command. Everything heavy is imported inside the commands, so that ``--help`` is quick."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line. Exit codes: 0 done or nothing to do, 2 changes are due (``plan``), 3 people outside the
    cloud must act first (``apply``), 1 everything else.

    A wrong command line exits with 1, not with the parser's customary 2, which here means "changes".
    """
    from gatespan.cli.commands import app

    try:
        code = app(standalone_mode=False)
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted. Whatever was made is found again: run the same command to go on.\n")
        sys.exit(130)
    except Exception as error:
        show = getattr(error, "show", None)
        if show is None or not hasattr(error, "exit_code"):
            raise
        show()
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)
