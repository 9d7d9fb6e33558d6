"""Functions, and what listens on hosts, as real processes: each a web server on a loopback port.

A process is started on first use, started anew when its program changes or when it has died, and ends with the
cloud: it runs in a process group of its own whose watcher reads a pipe that only this process holds open, so that
nothing is left behind even when the cloud is killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from gatespan.emulator.dataplane.http import BadMessageError, Headers, Request, Response, exchange
from gatespan.emulator.dataplane.programs import Program, ProgramFailedError, of_function
from gatespan.emulator.services.fc import errors
from gatespan.emulator.services.fc.models import Function

START_BUDGET = 5.0
"""Seconds until a web server must accept connections."""
GRACE = 1.0
"""Seconds between the request to end and the end."""
NOTICE = 0.1
"""Seconds within which the end of a process is noticed."""
REPEATABLE = frozenset(("GET", "HEAD", "OPTIONS", "PUT", "DELETE"))
"""Methods of requests that do no harm when they come twice (RFC 9110)."""
TAIL = 2000
"""Characters of a process's last words in an error."""
HOST = "127.0.0.1"
FOLDERS = "gatespan-fc-"

_WATCHED = 'exec 3<&0; ( read -r _ <&3; kill -KILL 0 ) >/dev/null 2>&1 & exec "$@" </dev/null 3<&-'
"""Becomes the program; beside it waits a shell that ends the whole group when the pipe closes."""


@dataclass
class _Running:
    process: subprocess.Popen[bytes]
    port: int
    folder: Path
    program: Program

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
        except subprocess.TimeoutExpired:  # the watcher was ended by the program
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass
class Processes:
    """The processes of one cloud, by program id. Costs nothing until one is called."""

    start_budget: float = START_BUDGET
    _running: dict[str, _Running] = field(default_factory=dict)
    _locks: dict[str, asyncio.Lock] = field(default_factory=dict)
    _swept: bool = False

    async def port(self, program: Program, dead: int = 0) -> int:
        """The loopback port of the program's web server, started if need be, or again when it was found ``dead`` on
        that port. Raises ProgramFailedError."""
        async with self._locks.setdefault(program.id, asyncio.Lock()):
            running = self._running.get(program.id)
            if running is not None and running.alive and running.program == program and running.port != dead:
                return running.port
            if running is not None:
                await self._end(self._running.pop(program.id))
            self._sweep()
            running = await asyncio.to_thread(_launch, program)
            try:
                await self._accepts(running)
            except BaseException:
                await self._end(running)
                raise
            self._running[program.id] = running
            return running.port

    async def exchange(self, program: Program, request: Request, wait: float) -> Response:
        """What the program answers within ``wait`` seconds (its start not counted). Where it is dying at this moment a
        fresh one answers: when the connection was refused, so that nothing was sent, or when it broke and the request
        may be sent twice.

        Raises ProgramFailedError, and what ``http.exchange`` raises.
        """
        port = await self.port(program)
        try:
            return await exchange(HOST, port, request, connect=GRACE, wait=wait)
        except (ConnectionRefusedError, ConnectionResetError, BrokenPipeError, BadMessageError) as error:
            refused = isinstance(error, ConnectionRefusedError)
            if not refused and (request.method not in REPEATABLE or await self._lives(program)):
                raise
            port = await self.port(program, dead=port)
            return await exchange(HOST, port, request, connect=GRACE, wait=wait)

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
            answer = await self.exchange(of_function(function), Request("POST", "/invoke", headers, event), seconds)
            try:
                return answer.status, answer.headers, await asyncio.wait_for(answer.read(), seconds)
            finally:
                answer.close()
        except TimeoutError:
            raise errors.timed_out(seconds) from None
        except (ProgramFailedError, OSError, BadMessageError, asyncio.IncompleteReadError) as error:
            raise errors.failed(str(error)) from None

    async def stop(self, program_id: str) -> None:
        running = self._running.pop(program_id, None)
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

    async def _lives(self, program: Program) -> bool:
        """Whether the process is there still: its end is seen a moment after that of its connections."""
        end = time.monotonic() + NOTICE
        while (running := self._running.get(program.id)) is not None and running.alive:
            if time.monotonic() >= end:
                return True
            await asyncio.sleep(0.01)
        return False

    async def _accepts(self, running: _Running) -> None:
        end = time.monotonic() + self.start_budget
        while time.monotonic() < end:
            if not running.alive:
                code = running.process.returncode
                raise ProgramFailedError(f"{running.program.name} ended with {code}: {running.last_words()}")
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection(HOST, running.port)
                writer.close()
                return
            await asyncio.sleep(0.01)
        raise ProgramFailedError(
            f"{running.program.name} accepts no connection on port {running.program.port_variable} ({running.port}) of "
            f"{HOST} after {self.start_budget:g} s: {running.last_words()}"
        )


def _launch(program: Program) -> _Running:
    """Start it; blocks for some milliseconds. Raises ProgramFailedError."""
    folder = Path(tempfile.mkdtemp(prefix=f"{FOLDERS}{os.getpid()}-"))
    try:
        place = program.place(folder)
        port = _free_port()
        with (folder / "output").open("wb") as output:
            process = subprocess.Popen(
                ["/bin/sh", "-c", _WATCHED, "sh", *program.command],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                cwd=place,
                env=program.environment(port, place),
                start_new_session=True,
            )
    except BaseException as error:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, OSError | zipfile.BadZipFile):
            raise ProgramFailedError(f"{program.name} cannot be started: {error}") from error
        raise
    return _Running(process, port, folder, program)


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
