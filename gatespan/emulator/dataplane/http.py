"""HTTP/1.1 over asyncio streams, as little of it as a forward proxy and a gateway need.

Requests are held whole (up to ``MOST_BODY``), since signatures cover them; answers flow piece by piece, so that a
large one needs no memory and a slow link is felt from its first byte.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field

PIECE = 8192
"""Bytes that are read, shaped and sent at a time."""
MOST_HEAD = 65536
MOST_BODY = 32 * 1024 * 1024
"""Bytes of a request's body; the gateway answers I413RL above (help page: 32 MB on dedicated instances)."""

Headers = tuple[tuple[str, str], ...]

HOP_BY_HOP = frozenset(
    (
        "connection",
        "content-length",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    )
)


class BadMessageError(Exception):
    """What came is not HTTP/1.1, or too large. ``status`` is what a server answers to it."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True)
class Head:
    """The first line's three words and the headers, in the order and case they came in."""

    first: tuple[str, str, str]
    headers: Headers

    def get(self, name: str, default: str = "") -> str:
        return find(self.headers, name, default)


@dataclass(frozen=True)
class Request:
    """A request as the gateway sees it. ``target`` is path and query."""

    method: str
    target: str
    headers: Headers = ()
    body: bytes = b""

    def get(self, name: str, default: str = "") -> str:
        return find(self.headers, name, default)


@dataclass
class Response:
    """An answer under way. ``pieces`` is read once; ``close`` frees what it comes from, read or not."""

    status: int
    headers: Headers = ()
    pieces: AsyncIterator[bytes] = field(default_factory=lambda: whole(b""))
    length: int | None = 0
    writer: asyncio.StreamWriter | None = None

    async def read(self) -> bytes:
        return b"".join([piece async for piece in self.pieces])

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()


def find(headers: Headers, name: str, default: str = "") -> str:
    name = name.lower()
    return next((value for key, value in headers if key.lower() == name), default)


def passed_on(headers: Headers, but: Iterable[str] = ()) -> Headers:
    """The headers without those that concern one connection only, and without those named (lower case)."""
    named = {w.strip().lower() for w in find(headers, "connection").split(",")}
    drop = HOP_BY_HOP | named | set(but)
    return tuple((k, v) for k, v in headers if k.lower() not in drop)


async def whole(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), PIECE):
        yield body[start : start + PIECE]


def plain(status: int, body: bytes = b"", headers: Headers = ()) -> Response:
    """An answer whose body is known."""
    return Response(status, headers, whole(body), len(body))


async def read_head(reader: asyncio.StreamReader) -> Head | None:
    """The head of the next message; None when the other side has closed. Raises BadMessageError."""
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial.strip():
            raise BadMessageError("the connection ended within the head of a message") from None
        return None
    except asyncio.LimitOverrunError:
        raise BadMessageError(f"the head of the message is larger than {MOST_HEAD} bytes", 431) from None
    lines = raw.decode("latin-1").lstrip("\r\n").split("\r\n")
    words = lines[0].split(" ", 2)
    if len(words) < 2 or not words[0]:
        raise BadMessageError(f"not a line of HTTP: {lines[0][:80]!r}")
    headers = []
    for line in lines[1:]:
        if not line:
            break
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():
            raise BadMessageError(f"not a header: {line[:80]!r}")
        headers.append((name, value.strip()))
    return Head((words[0], words[1], words[2] if len(words) > 2 else ""), tuple(headers))


async def pieces(reader: asyncio.StreamReader, head: Head, *, answer: bool) -> AsyncIterator[bytes]:
    """The body without its framing. An answer without a length lasts until the connection ends."""
    if "chunked" in head.get("transfer-encoding").lower():
        while size := _size(await reader.readline()):
            async for piece in _exactly(reader, size):
                yield piece
            await reader.readexactly(2)
        while (await reader.readline()).strip():
            pass
    elif length := _length(head):
        async for piece in _exactly(reader, length):
            yield piece
    elif answer and not head.get("content-length"):
        while piece := await reader.read(PIECE):
            yield piece


def _size(line: bytes) -> int:
    try:
        return int(line.split(b";")[0], 16)
    except ValueError:
        raise BadMessageError(f"not the size of a chunk: {line[:20]!r}") from None


def _length(head: Head) -> int:
    text = head.get("content-length") or "0"
    if not (text.isascii() and text.isdigit()):
        raise BadMessageError(f"not a content length: {text[:20]!r}")
    return int(text)


async def _exactly(reader: asyncio.StreamReader, size: int) -> AsyncIterator[bytes]:
    while size:
        piece = await reader.read(min(PIECE, size))
        if not piece:
            raise BadMessageError("the connection ended within the body of a message", 502)
        size -= len(piece)
        yield piece


async def send_head(writer: asyncio.StreamWriter, first: str, headers: Headers) -> None:
    lines = [first, *(f"{k}: {v}" for k, v in headers)]
    if any("\r" in line or "\n" in line for line in lines):
        raise BadMessageError("a line break within a header", 502)
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace"))
    await writer.drain()


async def exchange(host: str, port: int, request: Request, *, connect: float, wait: float) -> Response:
    """Send a request over a connection of its own and wait for the head of the answer.

    ``connect`` and ``wait`` are seconds. Raises OSError (refused), TimeoutError (``connect``: with the text
    "connect"; ``wait``: "answer"), BadMessageError.
    """
    try:
        reader, writer = await asyncio.wait_for(asyncio.open_connection(host, port, limit=MOST_HEAD), connect)
    except TimeoutError:
        raise TimeoutError("connect") from None
    try:
        length = (("Content-Length", str(len(request.body))),) if _has_body(request) else ()
        headers = (*request.headers, *length, ("Connection", "close"))
        await send_head(writer, f"{request.method} {request.target} HTTP/1.1", headers)
        writer.write(request.body)
        try:
            head = await asyncio.wait_for(_answered(reader, writer), wait)
        except TimeoutError:
            raise TimeoutError("answer") from None
        if head is None or not head.first[1].isdigit():
            raise BadMessageError("the connection ended before an answer", 502)
    except BaseException:
        writer.close()
        raise
    status = int(head.first[1])
    empty = request.method == "HEAD" or status in (204, 304)
    chunked = "chunked" in head.get("transfer-encoding").lower()
    known = None if chunked or not head.get("content-length") else _length(head)
    if empty and known is None:
        known = 0
    body = whole(b"") if empty else pieces(reader, head, answer=True)
    return Response(status, head.headers, body, known, writer)


def _has_body(request: Request) -> bool:
    return bool(request.body) or request.method in ("POST", "PUT", "PATCH")


async def _answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Head | None:
    await writer.drain()
    head = await read_head(reader)
    while head is not None and head.first[1] == "100":
        head = await read_head(reader)
    return head
