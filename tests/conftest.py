"""What every test needs: no metadata service, no proxies, a home of its own; and which tests one worker runs."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest

os.environ["ALIBABA_CLOUD_ECS_METADATA_DISABLED"] = "true"
os.environ["DO_NOT_TRACK"] = "1"
for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
    os.environ.pop(name, None)

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell's background job; what the tests start would inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)

TOGETHER = {
    "tests/prefect/test_team_": "a team's server",
    "tests/prefect/test_secrets.py": "a team's server",
    "tests/prefect/": "a Prefect server",
    "tests/browser/": "a browser",
    "tests/hybrid/test_backend_faults.py": "a whole scenario",
}
"""Tests that share what is dear to make, by the beginning of their names; the first that fits counts."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With ``--dist loadgroup``, each of ``TOGETHER`` is a group. Not by the mark ``xdist_group``: pytest 9.2 keeps
    pytest-xdist 3.8 from seeing it (pytest-xdist issue 1386)."""
    if config.getoption("dist") != "loadgroup":
        return None
    from xdist.scheduler import LoadGroupScheduling

    class Scheduling(LoadGroupScheduling):
        def _split_scope(self, nodeid: str) -> str:
            groups = (group for start, group in TOGETHER.items() if nodeid.startswith(start))
            return next(groups, None) or super()._split_scope(nodeid)

    return Scheduling(config, log)
