"""The door of the data plane: an HTTP forward proxy whose user name is the seat that a request is sent from.

    curl -x http://ecs-3:x@127.0.0.1:8751 http://<vpc-domain>/hello

The request resolves the name as that machine would, takes the computed way there and back, is paced to the links it
crosses, and meets the gateway. Where packets would be lost the client learns nothing: it waits as long as a connection
attempt takes and gets an empty 504; why, is written into the cloud's own log.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import dataclasses
import logging
import random
import re
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from gatespan.emulator.dataplane import reach, seats
from gatespan.emulator.dataplane.gateway import Caller, Gateway
from gatespan.emulator.dataplane.http import (
    MOST_BODY,
    MOST_HEAD,
    BadMessageError,
    Head,
    Request,
    Response,
    find,
    passed_on,
    pieces,
    plain,
    read_head,
    send_head,
    whole,
)
from gatespan.emulator.dataplane.programs import Program, ProgramFailedError
from gatespan.emulator.dataplane.refusal import NoAnswerError
from gatespan.emulator.dataplane.shaping import HEAD_BYTES, Crossing, Shaper, crossings, size_of
from gatespan.emulator.ids import Ids
from gatespan.emulator.kernel import Kernel

GATEWAY_PORT = 80
PATIENCE = 60.0
"""Seconds that a client waits for the answer of a host's process."""
LINGER = 65.0
"""Seconds that an idle client connection stays open."""

Log = Callable[[dict[str, Any]], None]
_log = logging.getLogger("gatespan.emulator.dataplane")
_APP_CODE = re.compile(r"(?i)(appcode=)[^&]*")
TEXT = (("Content-Type", "text/plain; charset=utf-8"),)


class DeniedError(Exception):
    """The proxy itself answers."""

    def __init__(self, status: int, text: str = "", error: str = "") -> None:
        super().__init__(text)
        self.response = plain(status, text.encode(), (*TEXT, *((("X-Gatespan-Error", error),) if error else ())))


@dataclass
class Proxy:
    """One data plane over one kernel. Request ids are not minted by the kernel: what it makes must not depend on how
    often somebody calls an API."""

    kernel: Kernel
    gateway: Gateway
    log: Log
    ids: Ids = dataclasses.field(default_factory=lambda: Ids(random.Random()))

    @property
    def shaper(self) -> Shaper:
        """The lines are shared with the way from the gateway to its back ends."""
        return self.gateway.shaper

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client connection: requests one after the other."""
        try:
            while await self._one(reader, writer):
                pass
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            pass  # the client is gone
        except BadMessageError as error:
            with contextlib.suppress(OSError):
                await _send(writer, plain(error.status, f"{error}\n".encode(), TEXT), False)
        except Exception:  # noqa: BLE001 - the last line of defence: one connection's bug must not be silent
            _log.exception("a bug of the data plane")
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await asyncio.wait_for(read_head(reader), LINGER)
        if head is None:
            return False
        note = _Note(self.log, {"method": head.first[0], "url": _APP_CODE.sub(r"\1***", head.first[1])})
        back: tuple[Crossing, ...] = ()
        response: Response | None = None
        try:
            try:
                seat, request, host, port = await self._accepted(head, reader, writer, note.said)
                response, back = await self._through(seat, request, host, port, note.said)
            except DeniedError as denied:
                response = denied.response
            except NoAnswerError as lost:
                note.said.setdefault("reason", str(lost))
                await asyncio.sleep(self.kernel.connect_timeout)
                response = plain(504)
            wish = head.get("connection", head.get("proxy-connection")).lower()
            keep = "keep-alive" in wish if head.first[2] == "HTTP/1.0" else "close" not in wish
            note.said["status"] = response.status
            if head.first[0] == "HEAD":
                response.pieces = whole(b"")
                note.tell()
            await _send(writer, response, keep, lambda size: self.shaper.carry(size, back), note.tell)
            return keep and response.length is not None
        finally:
            note.tell()
            if response is not None:
                response.close()

    async def _accepted(
        self, head: Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, note: dict[str, Any]
    ) -> tuple[seats.Seat, Request, str, int]:
        """The seat, the request with its body, the host and port it is for. Raises DeniedError."""
        method, url, _ = head.first
        if method == "CONNECT" or url.lower().startswith("https:"):
            raise DeniedError(501, "The data plane of the embedded cloud speaks plain http only: use an http:// URL.\n")
        parts = urlsplit(url)
        if head.get("expect").lower() == "100-continue":
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = b"".join([piece async for piece in _bounded(pieces(reader, head, answer=False))])
        if parts.scheme != "http" or not parts.hostname:
            raise DeniedError(400, "This is a forward proxy: ask for an absolute URL, such as http://name/path.\n")
        name = _user(head)
        note["seat"] = name
        world = self.kernel.world
        seat = seats.seat(world, name) if name else None
        if seat is None:
            what = f"There is no machine '{name}'" if name else "Say where you sit: the proxy's user name is a machine"
            text = f"{what}. Seats: {', '.join(seats.names(world))}\n"
            denied = DeniedError(403 if name else 407, text)
            if not name:
                denied.response.headers += (("Proxy-Authenticate", 'Basic realm="seat"'),)
            raise denied
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = passed_on(head.headers)
        if not find(headers, "host"):
            headers = (("Host", parts.netloc), *headers)
        try:
            port = parts.port or 80
        except ValueError:
            raise DeniedError(400, "The URL has no valid port.\n") from None
        return seat, Request(method, target, headers, body), parts.hostname, port

    async def _through(
        self, seat: seats.Seat, request: Request, host: str, port: int, note: dict[str, Any]
    ) -> tuple[Response, tuple[Crossing, ...]]:
        """The answer, and the links that it crosses on its way back. Raises DeniedError, NoAnswerError."""
        self.kernel.settle()
        world = self.kernel.world
        request_id = self.ids.request_id()
        note["request_id"] = request_id
        address = seats.resolve(world, seat, host)
        note["address"] = address or ""
        if address is None:
            note["reason"] = "client.dns_unresolvable"
            raise DeniedError(502, f"Could not resolve host: {host}\n", "dns")
        if seat.origin is None:
            if address != seats.PUBLIC_ENTRY:
                note["reason"] = "client.not_on_the_internet"
                raise NoAnswerError
            return await self.gateway.answer(Caller(seat.ip), request, request_id, note), ()
        way = reach.way(world, seat.origin, seat.ip, address, port)
        note.update(way.told())
        if way.lost:
            note["reason"] = way.lost
            raise NoAnswerError
        instance = seats.instance_at(world, way.there.vpc_id, address) if port == GATEWAY_PORT else None
        if instance is None and way.program is None:
            note["reason"] = reach.NOTHING_LISTENS
            raise _refused(host, port)
        await self.shaper.carry(size_of(request), crossings(world, way.there))
        back = crossings(world, way.back)
        if instance is None:
            assert way.program is not None
            return await self._direct(way.program, request, host, port, note), back
        # What comes from a site has come in by way of the VPC of the entry: it counts as that VPC's (choice).
        caller = Caller(seat.ip, way.there.vpc_id if way.back.site_id else seat.origin.network, instance)
        return await self.gateway.answer(caller, request, request_id, note), back

    async def _direct(self, program: Program, request: Request, host: str, port: int, note: dict[str, Any]) -> Response:
        """The answer of what listens on a host. Raises DeniedError, NoAnswerError."""
        try:
            response = await self.kernel.processes.exchange(program, request, PATIENCE)
        except TimeoutError:
            raise NoAnswerError(f"{program.name}: no answer in {PATIENCE:g} s") from None
        except (BadMessageError, asyncio.IncompleteReadError, ConnectionResetError, BrokenPipeError) as error:
            note["reason"] = f"{program.name}: {error}"
            raise DeniedError(502, f"{host} port {port} closed the connection\n", "closed") from None
        except (ProgramFailedError, OSError) as error:
            note["reason"] = str(error)
            raise _refused(host, port) from None
        response.headers = passed_on(response.headers)
        return response


def _refused(host: str, port: int) -> DeniedError:
    return DeniedError(502, f"Failed to connect to {host} port {port}: Connection refused\n", "refused")


def _user(head: Head) -> str:
    """The user name of ``Proxy-Authorization: Basic``; empty when there is none."""
    scheme, _, text = head.get("proxy-authorization").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(text).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


async def _bounded(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The body; one byte more than allowed is passed on and the rest is dropped, for the gateway to refuse."""
    size = 0
    async for piece in body:
        if size <= MOST_BODY:
            yield piece
        size += len(piece)


async def _unpaced(size: int) -> None:
    """No link is crossed."""


async def _send(
    writer: asyncio.StreamWriter,
    response: Response,
    keep: bool,
    carry: Callable[[int], Awaitable[None]] = _unpaced,
    before_last: Callable[[int], None] = lambda sent: None,
) -> None:
    """Send the answer at the pace that ``carry`` allows. ``before_last`` is told the size of the body before the
    client can have all of it: who has an answer finds it in the log."""
    length, sent = response.length, 0
    bodiless = response.status in (204, 304)
    framing = (("Content-Length", str(length)),) if length is not None and not bodiless else ()
    keep = keep and length is not None
    await carry(HEAD_BYTES)
    if length == 0:
        before_last(0)
    first = f"HTTP/1.1 {response.status} {_reason(response.status)}"
    await send_head(writer, first, (*response.headers, *framing, ("Connection", "keep-alive" if keep else "close")))
    try:
        async for piece in response.pieces:
            await carry(len(piece))
            sent += len(piece)
            if sent == length:
                before_last(sent)
            writer.write(piece)
            await writer.drain()
    except BadMessageError as error:  # too late for another answer: the client sees a broken one
        raise ConnectionAbortedError(str(error)) from error
    before_last(sent)


class _Note:
    """What the log is told of one request, once."""

    def __init__(self, log: Log, said: dict[str, Any]) -> None:
        self.said = said
        self._log: Log | None = log
        self._began = time.monotonic()

    def tell(self, sent: int = 0) -> None:
        log, self._log = self._log, None
        if log is not None:
            self.said.update(bytes=sent, seconds=round(time.monotonic() - self._began, 4))
            log(self.said)


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Status"


async def serve_proxy(
    kernel: Kernel,
    host: str,
    port: int,
    log: Log | None = None,
    *,
    sock: socket.socket | None = None,
) -> asyncio.Server:
    """Serve the data plane of the kernel's world; port 0 takes a free one, ``sock`` is listened on instead. ``log``
    gets one object per request (default: the kernel's own). The caller closes the server, and ``kernel.processes``."""
    proxy = Proxy(kernel, Gateway(kernel), log or kernel.log.note_walk)
    if sock is not None:
        return await asyncio.start_server(proxy.serve, sock=sock, limit=MOST_HEAD)
    return await asyncio.start_server(proxy.serve, host, port, limit=MOST_HEAD)
