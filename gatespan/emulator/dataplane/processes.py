"""Functions as real processes: the code in a folder of its own, a web server on a loopback port, one per function.

A process is started on first use, started anew when code or settings change or when it has died, and ends with the
cloud: it runs in a process group of its own whose watcher reads a pipe that only this process holds open, so that
nothing is left behind even when the cloud is killed.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from gatespan.emulator.dataplane.http import BadMessageError, Headers, Request, exchange
from gatespan.emulator.services.fc import errors, rules
from gatespan.emulator.services.fc.models import Function

START_BUDGET = 5.0
"""Seconds until a function's web server must accept connections."""
GRACE = 1.0
"""Seconds between the request to end and the end."""
TAIL = 2000
"""Characters of a function's last words in an error."""
HOST = "127.0.0.1"
FOLDERS = "gatespan-fc-"

_WATCHED = 'exec 3<&0; ( read -r _ <&3; kill -KILL 0 ) >/dev/null 2>&1 & exec "$@" </dev/null 3<&-'
"""Becomes the function; beside it waits a shell that ends the whole group when the pipe closes."""


class FunctionFailedError(Exception):
    """The function cannot run; the text says why, with the tail of what it wrote."""


@dataclass
class _Running:
    """``made_of``: the settings and code it was started with."""

    process: subprocess.Popen[bytes]
    port: int
    folder: Path
    made_of: tuple[object, ...]

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def last_words(self) -> str:
        with contextlib.suppress(OSError):
            return (self.folder / "output").read_text(errors="replace")[-TAIL:].strip()
        return ""

    def signal(self) -> None:
        """Ask the group to end."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGTERM)

    def finish(self) -> None:
        """Close the pipe: what is left of the group is killed. Then forget the folder."""
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        try:
            self.process.wait(GRACE)
        except subprocess.TimeoutExpired:  # the watcher was ended by the function
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass
class Processes:
    """The processes of one cloud, by function id. Costs nothing until a function is called."""

    start_budget: float = START_BUDGET
    _running: dict[str, _Running] = field(default_factory=dict)
    _locks: dict[str, asyncio.Lock] = field(default_factory=dict)
    _swept: bool = False

    async def port(self, function: Function) -> int:
        """The loopback port of the function's web server, started if need be. Raises FunctionFailedError."""
        async with self._locks.setdefault(function.id, asyncio.Lock()):
            running = self._running.get(function.id)
            made_of = _made_of(function)
            if running is not None and running.alive and running.made_of == made_of:
                return running.port
            if running is not None:
                await self._end(self._running.pop(function.id))
            self._sweep()
            running = await asyncio.to_thread(_launch, function, made_of)
            try:
                await self._accepts(function, running)
            except BaseException:
                await self._end(running)
                raise
            self._running[function.id] = running
            return running.port

    async def invoke(self, function: Function, event: bytes, request_id: str) -> tuple[int, Headers, bytes]:
        """Give the function an event, as custom runtimes get it: ``POST /invoke``. Status, headers and body.

        Raises CloudError: FunctionError, FunctionTimeout.
        """
        headers = (
            ("Host", HOST),
            ("Content-Type", "application/octet-stream"),
            ("x-fc-request-id", request_id),
            ("x-fc-function-name", function.name),
            ("x-fc-region", function.region),
            ("x-fc-account-id", function.account),
        )
        seconds = float(function.spec.get("timeout", 3))
        try:
            port = await self.port(function)
            request = Request("POST", "/invoke", headers, event)
            try:
                answer = await exchange(HOST, port, request, connect=GRACE, wait=seconds)
            except ConnectionRefusedError:
                # The process is dying at this moment, and nothing was sent: a fresh one answers.
                await self.stop(function.id)
                port = await self.port(function)
                answer = await exchange(HOST, port, request, connect=GRACE, wait=seconds)
            try:
                return answer.status, answer.headers, await asyncio.wait_for(answer.read(), seconds)
            finally:
                answer.close()
        except TimeoutError:
            raise errors.timed_out(seconds) from None
        except (FunctionFailedError, OSError, BadMessageError, asyncio.IncompleteReadError) as error:
            raise errors.failed(str(error)) from None

    async def stop(self, function_id: str) -> None:
        running = self._running.pop(function_id, None)
        if running is not None:
            await self._end(running)

    def _sweep(self) -> None:
        """Remove, once, the folders that killed clouds of this user left behind (their names hold the process id)."""
        if self._swept:
            return
        self._swept = True
        for folder in Path(tempfile.gettempdir()).glob(f"{FOLDERS}*-*"):
            owner = folder.name.removeprefix(FOLDERS).partition("-")[0]
            with contextlib.suppress(OSError):
                if owner.isdigit() and folder.stat().st_uid == os.getuid() and not _exists(int(owner)):
                    shutil.rmtree(folder, ignore_errors=True)

    def abandon(self) -> None:
        """End all at once, without grace (another world was put in place)."""
        running, self._running = self._running, {}
        for one in running.values():
            one.finish()

    async def aclose(self) -> None:
        running, self._running = self._running, {}
        await asyncio.gather(*(self._end(one) for one in running.values()))

    async def _end(self, running: _Running) -> None:
        running.signal()
        end = time.monotonic() + GRACE
        while running.alive and time.monotonic() < end:
            await asyncio.sleep(0.01)
        await asyncio.to_thread(running.finish)

    async def _accepts(self, function: Function, running: _Running) -> None:
        end = time.monotonic() + self.start_budget
        while time.monotonic() < end:
            if not running.alive:
                code = running.process.returncode
                raise FunctionFailedError(f"function '{function.name}' ended with {code}: {running.last_words()}")
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection(HOST, running.port)
                writer.close()
                return
            await asyncio.sleep(0.01)
        raise FunctionFailedError(
            f"function '{function.name}' accepts no connection on port FC_SERVER_PORT ({running.port}) of {HOST} after "
            f"{self.start_budget:g} s: {running.last_words()}"
        )


def _made_of(function: Function) -> tuple[object, ...]:
    custom = function.spec.get("customRuntimeConfig") or {}
    variables = function.spec.get("environmentVariables") or {}
    words = tuple(custom.get("command") or ()), tuple(custom.get("args") or ())
    return (function.function_id, function.digest, *words, tuple(sorted(variables.items())))


def _launch(function: Function, made_of: tuple[object, ...]) -> _Running:
    """Unpack and start; blocks for some milliseconds. Raises FunctionFailedError."""
    runtime = str(function.spec.get("runtime"))
    if runtime not in rules.RUNNABLE:
        raise FunctionFailedError(errors.not_emulated(runtime).message)
    folder = Path(tempfile.mkdtemp(prefix=f"{FOLDERS}{os.getpid()}-"))
    try:
        code = folder / "code"
        unpack(base64.b64decode(function.code), code)
        port = _free_port()
        custom = function.spec.get("customRuntimeConfig") or {}
        command = [*(custom.get("command") or ["./bootstrap"]), *(custom.get("args") or [])]
        if not shutil.which(command[0], path=_path(code)) and not (code / command[0]).is_file():
            raise FunctionFailedError(f"function '{function.name}': its command {command[0]} is not in the code")
        with (folder / "output").open("wb") as output:
            process = subprocess.Popen(
                ["/bin/sh", "-c", _WATCHED, "sh", *command],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                cwd=code,
                env=_environment(function, port, code),
                start_new_session=True,
            )
    except BaseException as error:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, OSError | zipfile.BadZipFile):
            raise FunctionFailedError(f"function '{function.name}' cannot be started: {error}") from error
        raise
    return _Running(process, port, folder, made_of)


def unpack(archive: bytes, folder: Path, limit: int = rules.UNPACKED_LIMIT) -> None:
    """Unpack a zip into a new folder, executables kept executable. Nothing gets outside the folder, nothing that is
    not a file or folder gets in, and no more than ``limit`` bytes are written whatever the archive says of itself.
    Raises FunctionFailedError, zipfile.BadZipFile."""
    folder.mkdir(parents=True)
    root, left = folder.resolve(), limit
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        for entry in packed.infolist():
            path = (root / entry.filename).resolve()
            if not path.is_relative_to(root) or "\\" in entry.filename:
                raise FunctionFailedError(f"the archive holds {entry.filename!r}, which lies outside its folder")
            mode = entry.external_attr >> 16
            if entry.is_dir():
                path.mkdir(parents=True, exist_ok=True)
                continue
            if mode & 0o170000 not in (0, 0o100000):
                raise FunctionFailedError(f"the archive holds {entry.filename!r}, which is not a plain file")
            path.parent.mkdir(parents=True, exist_ok=True)
            with packed.open(entry) as source, path.open("wb") as target:
                while piece := source.read(65536):
                    left -= len(piece)
                    if left < 0:
                        raise FunctionFailedError(f"the code unpacks to more than {limit} bytes")
                    target.write(piece)
            path.chmod(0o755 if mode & 0o111 or entry.filename == "bootstrap" else 0o644)


def _environment(function: Function, port: int, code: Path) -> dict[str, str]:
    """Nothing of this process's own environment but the search path: it may hold credentials."""
    spec = function.spec
    return {
        **(spec.get("environmentVariables") or {}),
        "PATH": _path(code),
        "HOME": str(code),
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "FC_SERVER_PORT": str(port),
        "FC_REGION": function.region,
        "FC_ACCOUNT_ID": function.account,
        "FC_FUNCTION_NAME": function.name,
        "FC_FUNCTION_HANDLER": str(spec.get("handler", "")),
        "FC_FUNCTION_MEMORY_SIZE": str(spec.get("memorySize", "")),
    }


def _path(code: Path) -> str:
    """The search path: the cloud's own, then its Python's folder (a function may say ``python3``), then the code."""
    return os.pathsep.join((os.environ.get("PATH", os.defpath), str(Path(sys.executable).parent), str(code)))


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _free_port() -> int:
    with socket.socket() as s:
        s.bind((HOST, 0))
        return int(s.getsockname()[1])
