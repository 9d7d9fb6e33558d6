"""One Prefect server for this folder: the project's own local server, in a home that was empty before.

Every process that the tests start, the server included, has a guard that refuses what would leave the machine.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUARD = Path(__file__).parent / "guard"
HOME = Path(tempfile.mkdtemp(prefix="gatespan-prefect-"))
LEAKS = HOME / "leaks.txt"
atexit.register(shutil.rmtree, HOME, ignore_errors=True)

# Before Prefect is imported: it reads its home once.
os.environ["PREFECT_HOME"] = str(HOME / "client")
os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"
for name in ("PREFECT_API_URL", "PREFECT_UI_URL"):
    os.environ.pop(name, None)

from prefect.blocks.notifications import CustomWebhookNotificationBlock  # noqa: E402
from prefect.settings import (  # noqa: E402
    PREFECT_API_URL,
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
    PREFECT_LOGGING_TO_API_ENABLED,
    temporary_settings,
)

from flows import local_server  # noqa: E402
from tests.prefect.composed import Composed, missing, running  # noqa: E402


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Prefect leaves sockets of async flows to the garbage collector; the server outlives what started it."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.filterwarnings("ignore::ResourceWarning"))


@pytest.fixture(scope="session")
def guarded() -> dict[str, str]:
    """The environment of processes that the tests start: guarded, in the empty home."""
    return os.environ | {
        "PYTHONPATH": str(GUARD),
        "GATESPAN_TEST_LEAKS": str(LEAKS),
        "GATESPAN_HOME": str(HOME),
    }


@pytest.fixture(scope="session")
def server(guarded: dict[str, str]) -> Iterator[local_server.Server]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in guarded.items():
            patch.setenv(name, value)
        patch.setattr(local_server, "PORT", 0)
        started = local_server.start(HOME)
        local_server.await_ready(started)
    settings = {
        PREFECT_API_URL: started.api,
        PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None,
        PREFECT_LOGGING_TO_API_ENABLED: False,
    }
    with temporary_settings(settings):
        yield started
    assert local_server.stop(HOME)


def set_up(env: Mapping[str, str], *more: str) -> subprocess.CompletedProcess[str]:
    """`python -m deployments`."""
    command = [sys.executable, "-m", "deployments", *more]
    return subprocess.run(command, cwd=ROOT, env=dict(env), capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="session")
def shipped(server: local_server.Server, python: dict[str, str]) -> str:
    """The server as `python -m deployments` sets it up, with somebody who is told of drift; what the command said.
    It stays so: the files that use it are called ``test_team_*``, and come last."""
    hook = CustomWebhookNotificationBlock(name="ops", url="http://127.0.0.1:9/", json_data={})
    hook.save("ops", overwrite=True)
    done = set_up(python, "--notify", "custom-webhook/ops")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def python(guarded: dict[str, str], server: local_server.Server) -> dict[str, str]:
    """The environment of a process that uses this server."""
    assert sys.executable
    return guarded | {"PREFECT_API_URL": server.api, "PREFECT_UI_URL": server.ui}


@pytest.fixture(scope="session")
def composed(guarded: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Composed]:
    """The server of `deployments/server/compose.yaml`, set up with `python -m deployments`; no worker."""
    if gone := missing():
        pytest.skip(gone)
    often = {"PREFECT_SERVER_SERVICES_REPOSSESSOR_LOOP_SECONDS": "1"}  # it looks every 15 s for leases that ended
    with running(tmp_path_factory.mktemp("composed"), guarded | often) as composed:
        done = set_up(composed.worker)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "nobody is told" in done.stdout
        yield composed
