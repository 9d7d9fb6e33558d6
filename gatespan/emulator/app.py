"""The door of the embedded cloud: an ASGI application that answers one HTTP request.

Bytes in, bytes out: ``wire`` reads and verifies, the kernel runs the action, the answer is written and noted in the
request log. ``/_cloud/`` goes to the control API. Kept lean: a call spends most of its time in the client.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gatespan.emulator.cloud import Cloud
from gatespan.emulator.control import Control, Host
from gatespan.emulator.errors import CloudError, DropConnection
from gatespan.emulator.kernel import Incoming, Where
from gatespan.emulator.service import Reply
from gatespan.emulator.wire.reply import JSON_TYPE, XML_TYPE, json_bytes, refusal, xml_bytes
from gatespan.emulator.wire.request import Request
from gatespan.emulator.wire.routing import Target

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

LARGEST_BODY = 160 * 1024 * 1024
"""Bytes of a request: the code of a function comes as base64 (100 MB of zip). Choice of the embedded cloud."""

log = logging.getLogger("gatespan.emulator")


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    headers: list[tuple[bytes, bytes]]


@dataclass(slots=True)
class Run:
    """What becomes known of one call on its way; ``where`` is set only when fault rules are in force."""

    request: Request
    request_id: str
    target: Target | None = None
    account: str = ""
    region: str = ""
    code: str = ""
    changes: int = 0
    where: Where | None = None


class App:
    """``region_of_port``: the region of each regional listener."""

    def __init__(self, cloud: Cloud, region_of_port: Mapping[int, str], host: Host) -> None:
        self.cloud = cloud
        self.control = Control(cloud, host)
        self.region_of_port = region_of_port
        self._random = random.Random()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"the embedded cloud speaks HTTP only, not {scope['type']}")
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        body = await _body(headers, receive)
        path = scope["raw_path"].decode("latin-1")
        if body is None:
            answer: Answer | None = Answer(413, b'{"Code":"RequestTooLarge","Message":"The body is too large."}', [])
        elif path.startswith("/_cloud/"):
            said = await self.control.answer(scope, path, headers, body)
            answer = Answer(said.status, said.body, [(b"content-type", said.content_type)])
        else:
            region = self.region_of_port.get(scope["server"][1], "")
            query = scope["query_string"].decode("latin-1")
            answer = await self.answer(Request(scope["method"], path, query, headers, body, region))
        if answer is None:
            await _drop(scope, receive)
            return
        head = [*answer.headers, (b"content-length", b"%d" % len(answer.body))]
        await send({"type": "http.response.start", "status": answer.status, "headers": head})
        await send({"type": "http.response.body", "body": answer.body})

    async def answer(self, request: Request) -> Answer | None:
        """Run one call of the cloud's API. None: the connection is to be closed without an answer."""
        run = Run(request, self._request_id())
        answer: Answer | None
        try:
            answer = _success(await self._reply(run), run)
        except CloudError as refused:
            run.code, answer = refused.code, _refused(refused, run)
        except DropConnection:
            run.code, answer = "(connection dropped)", None
        except Exception:
            log.exception("a bug of the embedded cloud, request %s", run.request_id)
            bug = CloudError("InternalError", "The request processing has failed due to some unknown error.", 500)
            run.code, answer = bug.code, _refused(bug, run)
        changed = self.cloud.changes != run.changes
        if run.where is not None:
            await self.cloud.faults.delay(run.where, "after")
            if answer is not None and self.cloud.faults.truncated(run.where):
                answer = Answer(answer.status, answer.body[: len(answer.body) // 2], answer.headers)
        self._note(run, answer, changed)
        return answer

    async def _reply(self, run: Run) -> Reply:
        """Who calls, what, where; and the kernel's reply. Raises CloudError, DropConnection."""
        cloud, request = self.cloud, run.request
        run.changes = cloud.changes
        run.target = target = cloud.routing.target(request)
        key = cloud.authenticator.caller(request)
        run.account, run.region = key.account, self._region(target, request)
        incoming = Incoming(
            action=target.action,
            flat=request.flat,
            account=key.account,
            region=run.region,
            body=request.document() if target.roa else None,
            path=target.path,
            raw_body=request.body,
            headers=request.headers,
            access_key=key.id,
        )
        if cloud.faults.active:
            params = {**request.flat, **target.path}
            run.where = Where(target.service.product, target.action, run.region, params)
            await cloud.faults.delay(run.where, "before")
        cloud.kernel.settle()
        run.changes = cloud.changes
        reply = cloud.kernel.invoke(target.service, incoming, run.request_id)
        return await reply.later() if reply.later is not None else reply

    def _note(self, run: Run, answer: Answer | None, changed: bool) -> None:
        if run.target is None:
            return
        action = run.target.service.actions.get(run.target.action)
        self.cloud.kernel.log.note(
            account=run.account,
            product=run.target.service.product,
            action=run.target.action,
            region=run.region,
            params=_asked(run.request, run.target),
            status=answer.status if answer else 0,
            code=run.code,
            request_id=run.request_id,
            changed=changed,
            writes=action is not None and action.writes,
        )

    def _region(self, target: Target, request: Request) -> str:
        """Regional products: the listener's region, then the parameter; the others the other way round."""
        asked = request.flat.get("RegionId", "")
        if target.service.regional:
            return request.region or asked or self.cloud.default_region
        return asked or request.region or self.cloud.default_region

    def _request_id(self) -> str:
        h = f"{self._random.getrandbits(128):032X}"
        return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"


def _asked(request: Request, target: Target) -> Mapping[str, Any]:
    """What the request asked for, as far as it can be read."""
    try:
        return {**request.flat, **target.path, **((target.roa and request.document()) or {})}
    except CloudError:
        return target.path


def _success(reply: Reply, run: Run) -> Answer:
    assert run.target is not None
    roa = run.target.roa
    headers = _headers(run.request_id, roa) + [(k.lower().encode(), v.encode()) for k, v in reply.headers]
    body = reply.body
    if body is None:
        return Answer(reply.status, b"", headers)
    typed = any(name == b"content-type" for name, _ in headers)
    if isinstance(body, bytes):
        return Answer(reply.status, body, headers + ([] if typed else [(b"content-type", b"application/octet-stream")]))
    if isinstance(body, dict) and not roa:
        body = {"RequestId": run.request_id, **body}
        if _wants_xml(run.request):
            headers.append((b"content-type", XML_TYPE))
            return Answer(reply.status, xml_bytes(f"{run.target.action}Response", body), headers)
    return Answer(reply.status, json_bytes(body), headers + ([] if typed else [(b"content-type", JSON_TYPE)]))


def _refused(error: CloudError, run: Run) -> Answer:
    roa = run.target is not None and run.target.roa
    headers = _headers(run.request_id, roa) + [(k.lower().encode(), v.encode()) for k, v in error.headers.items()]
    said = refusal(error, run.request_id, run.request.headers.get("host", ""), roa=roa)
    if not roa and _wants_xml(run.request):
        return Answer(error.status, xml_bytes("Error", said), [*headers, (b"content-type", XML_TYPE)])
    return Answer(error.status, json_bytes(said), [*headers, (b"content-type", JSON_TYPE)])


def _wants_xml(request: Request) -> bool:
    """XML is the V1 default; ACS3 callers and callers with header-style actions get JSON."""
    if "x-acs-action" in request.headers or "authorization" in request.headers:
        return False
    try:
        return request.flat.get("Format", "").upper() != "JSON"
    except CloudError:  # an unreadable form asks for nothing
        return True


def _headers(request_id: str, roa: bool) -> list[tuple[bytes, bytes]]:
    value = request_id.encode()
    return [(b"x-acs-request-id", value)] + ([(b"x-fc-request-id", value)] if roa else [])


async def _body(headers: Mapping[str, str], receive: Receive) -> bytes | None:
    """The whole body; None when it is larger than allowed."""
    length = headers.get("content-length", "")
    if length == "0" or (not length and "transfer-encoding" not in headers):
        return b""
    if length.isdigit() and int(length) > LARGEST_BODY:
        return None
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b"".join(parts)
        part = message.get("body", b"")
        parts.append(part)
        size += len(part)
        if size > LARGEST_BODY:
            return None
        if not message.get("more_body"):
            return b"".join(parts)


async def _drop(scope: Scope, receive: Receive) -> None:
    """Close the TCP connection without a word, and wait until it is closed."""
    scope["gatespan.transport"].abort()
    while (await receive())["type"] != "http.disconnect":
        pass
