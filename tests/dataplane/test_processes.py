"""The functions' processes: hostile archives, the end of a cloud that is killed, and what is left behind (nothing)."""

from __future__ import annotations

import asyncio
import base64
import io
import os
import signal
import stat
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from gatespan.emulator.dataplane.programs import ProgramFailedError, unpack
from tests.dataplane.conftest import Plane
from tests.emulator.fc.conftest import archive


def packed(name: str, text: str = "x", mode: int = stat.S_IFREG | 0o644) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        info = zipfile.ZipInfo(name)
        info.external_attr = mode << 16
        z.writestr(info, text, zipfile.ZIP_DEFLATED)
    return out.getvalue()


HOSTILE = [
    (packed("../outside"), "outside its folder"),
    (packed("/etc/outside"), "outside its folder"),
    (packed("a/../../outside"), "outside its folder"),
    (packed("a\\..\\outside"), "outside its folder"),
    (packed("link", "/etc/passwd", stat.S_IFLNK | 0o777), "not a plain file"),
    (packed("bomb", "0" * 200_000), "more than 100000 bytes"),
]


@pytest.mark.parametrize(("code", "reason"), HOSTILE, ids=["up", "root", "through", "other slash", "link", "bomb"])
def test_nothing_gets_outside_the_folder(tmp_path: Path, code: bytes, reason: str) -> None:
    with pytest.raises(ProgramFailedError, match=reason):
        unpack(code, tmp_path / "code", limit=100_000)
    assert {p.name for p in tmp_path.iterdir()} == {"code"}


def test_executables_stay_executable(tmp_path: Path) -> None:
    unpack(packed("bin/run", mode=stat.S_IFREG | 0o755), tmp_path / "a")
    unpack(packed("bootstrap"), tmp_path / "b")
    unpack(base64.b64decode(archive({"plain": ""})), tmp_path / "c")
    modes = [os.access(tmp_path / p, os.X_OK) for p in ("a/bin/run", "b/bootstrap", "c/plain")]
    assert modes == [True, True, False]


def test_all_is_gone_when_the_plane_closes(plane: Plane) -> None:
    assert plane.get("ecs-1", "/hello").status_code == 200
    (running,) = plane.kernel.processes._running.values()
    assert running.alive and running.folder.is_dir()
    plane.run(plane.kernel.processes.aclose())
    assert not running.alive and not running.folder.exists()


CHILD = """
import asyncio, sys
from gatespan.emulator.dataplane.processes import Processes
from gatespan.emulator.dataplane.programs import of_function
from gatespan.emulator.services.fc.models import Function

async def main():
    function = Function(id="f", account="1", region="r", name="f", function_id="f", code=sys.argv[1], digest="1",
        spec={"runtime": "custom", "customRuntimeConfig": {"command": ["python3", "s.py"]}})
    processes = Processes()
    await processes.port(of_function(function))
    print(processes._running["f"].process.pid, processes._running["f"].folder, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""
LISTEN = """
import os, socket, time
s = socket.create_server(("127.0.0.1", int(os.environ["FC_SERVER_PORT"])))
time.sleep(60)
"""


def test_a_killed_cloud_leaves_no_process_behind(loop: asyncio.AbstractEventLoop) -> None:
    command = [sys.executable, "-c", CHILD, archive({"s.py": LISTEN})]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as cloud:
        assert cloud.stdout is not None
        pid, folder = cloud.stdout.readline().split()
        cloud.send_signal(signal.SIGKILL)
    end = time.monotonic() + 5
    while _alive(int(pid)) and time.monotonic() < end:
        time.sleep(0.01)
    assert not _alive(int(pid))
    another = Plane(loop)
    assert another.get("ecs-1", "/hello").status_code == 200  # its first start sweeps up
    another.run(another.kernel.processes.aclose())
    another.close()
    assert not Path(folder).exists()


def _alive(pid: int) -> bool:
    """True for a process that runs; one that is dead but not yet collected by its new parent is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
