"""The embedded cloud as a server: one process, one event loop, several listening sockets.

One central listener, and one per region for the products that take the region from the host name. It listens on the
loopback address unless told otherwise. Start it with ``python -m gatespan.emulator serve``, or in a thread of a test.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import errno
import logging
import socket
import threading
from collections.abc import AsyncIterator, Callable, Generator
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import uvicorn
import uvloop
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gatespan.emulator.app import App
from gatespan.emulator.cloud import Cloud
from gatespan.emulator.control import Host
from gatespan.emulator.dataplane.proxy import serve_proxy
from gatespan.emulator.regions import Endpoints, regions

CENTRAL_PORT = 8750
KEEP_ALIVE = 600
"""Seconds an idle connection stays open: longer than SDK pools keep theirs, so that no call meets a closing one."""
LARGEST_HEAD = 256 * 1024
"""Bytes of request line and headers: RPC calls carry all their parameters in the query."""
TIDY_EVERY = 300.0

log = logging.getLogger("gatespan.emulator")
T = TypeVar("T")


class PortError(Exception):
    """An address that was asked for cannot be listened on."""


class Protocol(HttpToolsProtocol):
    """uvicorn's own, which also hands the transport on (lost answers) and bounds the head of a request."""

    _head: int | None = None
    """Bytes of a head that has not ended yet."""

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._head is not None:
            self._head += len(data)
            if self._head > LARGEST_HEAD and not self.transport.is_closing():
                self.send_400_response("The head of the request is too large.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["gatespan.transport"] = self.transport  # type: ignore[typeddict-unknown-key]
        self._head = 0

    def on_headers_complete(self) -> None:
        self._head = None
        super().on_headers_complete()


class _Uvicorn(uvicorn.Server):
    """Leaves signals alone (the command line handles them; a thread cannot) and can listen on further sockets."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield

    async def listen(self, sock: socket.socket) -> None:
        def protocol() -> asyncio.Protocol:
            return Protocol(self.config, self.server_state, {})

        self.servers.append(await asyncio.get_running_loop().create_server(protocol, sock=sock))


@dataclass(frozen=True)
class Address:
    """Where to listen. ``port`` None: the default ports, or free ones where those are taken; 0: free ones."""

    host: str = "127.0.0.1"
    port: int | None = None


class Server:
    """One running embedded cloud. Use ``running`` (an event loop of one's own) or ``start_in_thread``."""

    def __init__(self, cloud: Cloud, address: Address | None = None) -> None:
        self.cloud = cloud
        self.address = address or Address()
        self.notes: list[str] = []
        self.region_of_port: dict[int, str] = {}
        self.stopping = asyncio.Event()
        host = Host(self.address.host, self.stopping.set, self.open_regions)
        self.app = App(cloud, self.region_of_port, host)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Server]:
        """Listen; the body runs while the cloud serves. Everything is closed afterwards."""
        config = uvicorn.Config(
            self.app,
            http=Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # the control API must know the true address of its caller
            timeout_keep_alive=KEEP_ALIVE,
            timeout_graceful_shutdown=3,
        )
        self._uvicorn = _Uvicorn(config)
        central = self._socket(self._port(0))
        serving = asyncio.create_task(self._uvicorn.serve([central]))
        while not self._uvicorn.started and not serving.done():
            await asyncio.sleep(0.001)
        kernel = self.cloud.kernel
        kernel.endpoints = Endpoints(central=_text(central))
        tidying = asyncio.create_task(self._tidy())
        proxy = None
        try:
            await self.open_regions()
            proxy = await self._open_proxy()
            yield self
        finally:
            tidying.cancel()
            if proxy is not None:
                proxy.close()
            self._uvicorn.should_exit = True
            await serving
            await kernel.processes.aclose()

    async def open_regions(self) -> None:
        """Open a listener for each region of the world that has none."""
        endpoints = self.cloud.kernel.endpoints
        opened = dict(endpoints.regions)
        for i, region in enumerate(regions(self.cloud.world)):
            if region not in opened:
                sock = self._socket(self._port(1 + i))
                self.region_of_port[sock.getsockname()[1]] = region
                await self._uvicorn.listen(sock)
                opened[region] = _text(sock)
        self.cloud.kernel.endpoints = dataclasses.replace(endpoints, regions=opened)

    async def _open_proxy(self) -> Any:
        """The data plane's forward proxy, one port below the central one."""
        sock = self._socket(self._port(-1))
        proxy = await serve_proxy(self.cloud.kernel, *sock.getsockname()[:2], sock=sock)
        endpoints = self.cloud.kernel.endpoints
        self.cloud.kernel.endpoints = dataclasses.replace(endpoints, proxy=_text(proxy.sockets[0]))
        return proxy

    def _port(self, place: int) -> int:
        """The port for a place: 0 central, -1 proxy, from 1 the regions; 0 when any will do."""
        if self.address.port == 0:
            return 0
        return (CENTRAL_PORT if self.address.port is None else self.address.port) + place

    def _socket(self, port: int) -> socket.socket:
        """A listening address. A taken default port is replaced by a free one and noted; a demanded one is an error."""
        host = self.address.host
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((host, port))
            sock.listen()  # at once: two sockets may be bound to one port, but only one listens
        except OSError as error:
            if self.address.port is None and error.errno == errno.EADDRINUSE:
                sock.close()
                sock = socket.create_server((host, 0), family=family)
                self.notes.append(f"port {port} is taken; using {sock.getsockname()[1]} instead")
            else:
                sock.close()
                raise PortError(f"cannot listen on {host}:{port}: {error.strerror}") from None
        sock.setblocking(False)
        return sock

    async def _tidy(self) -> None:
        while True:
            self.cloud.tidy()
            await asyncio.sleep(TIDY_EVERY)


def _text(sock: socket.socket) -> str:
    host, port = sock.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class Running:
    """A server in a thread of this process. ``do`` runs a function on its event loop, where the world lives."""

    def __init__(self, server: Server, loop: asyncio.AbstractEventLoop, thread: threading.Thread) -> None:
        self.server = server
        self.cloud = server.cloud
        self._loop = loop
        self._thread = thread

    def do(self, function: Callable[[], T]) -> T:
        async def run() -> T:
            return function()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self.server.stopping.set)
        self._thread.join()


def start_in_thread(make: Callable[[], Cloud], address: Address | None = None) -> Running:
    """Start a server in a thread and wait until it listens. ``make`` is called in that thread."""
    started: Future[Running] = Future()

    async def serve() -> None:
        try:
            async with Server(make(), address or Address(port=0)).running() as server:
                started.set_result(Running(server, asyncio.get_running_loop(), threading.current_thread()))
                await server.stopping.wait()
        except BaseException as error:
            if started.done():
                raise
            started.set_exception(error)

    def main() -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve())

    threading.Thread(target=main, name="embedded cloud", daemon=True).start()
    return started.result()
