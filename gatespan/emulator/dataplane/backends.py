"""What is behind an API: a mock, an HTTP server, a function, a server in a network behind a VPC.

Only loopback addresses are ever dialled: the embedded cloud must not reach into the network it runs in. Any other
address behaves as one that does not answer; addresses in networks and sites are names for processes of this cloud.

Choices where the help pages are silent: processes speak plain HTTP, so a back end of scheme HTTPS is D504CS once it is
reached; a function's path is ``Path`` when the API names one, else the request's path (``OnlyBusinessPath``: without
the group's base path); a function that does not start, or answers later than its own time limit, is D502FC; the private
URL of another region's trigger does not resolve (D504RE).
"""

from __future__ import annotations

import asyncio
import base64
import ipaddress
import json
import re
import time
from collections.abc import AsyncIterator, Awaitable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from gatespan.emulator.dataplane import reach
from gatespan.emulator.dataplane.http import (
    BadMessageError,
    Headers,
    Request,
    Response,
    exchange,
    passed_on,
    plain,
)
from gatespan.emulator.dataplane.matching import Match, fill
from gatespan.emulator.dataplane.processes import Processes
from gatespan.emulator.dataplane.programs import ProgramFailedError, of_function
from gatespan.emulator.dataplane.reach import NotBoundError
from gatespan.emulator.dataplane.refusal import RefusedError
from gatespan.emulator.dataplane.shaping import HEAD_BYTES, Crossing, Shaper, crossings, size_of
from gatespan.emulator.dataplane.targets import Target, is_address, target
from gatespan.emulator.errors import CloudError
from gatespan.emulator.kernel import Kernel
from gatespan.emulator.services.cloudapi.models import ApiGroup, BackendModel, DeployedApi, GatewayInstance
from gatespan.emulator.services.fc.models import Function, Trigger
from gatespan.emulator.world import World

DEFAULT_TIMEOUT_MS = 10_000
TRIGGER_HOST = re.compile(r"(?P<host>[a-z0-9-]+)\.(?P<region>[a-z0-9-]+?)(?P<private>-vpc)?\.fcapp\.run")
Config = Mapping[str, Any]


@dataclass(frozen=True)
class Onward:
    """A request that passed all checks, on its way to the back end. ``path`` is the request's, as sent; ``note``
    gathers what the cloud's own log tells."""

    request: Request
    match: Match
    group: ApiGroup
    instance: GatewayInstance | None
    caller_ip: str
    request_id: str
    note: dict[str, Any] = field(default_factory=dict)

    @property
    def region(self) -> str:
        """Where the gateway is."""
        return self.instance.region if self.instance else self.group.region

    @property
    def query(self) -> str:
        return self.request.target.partition("?")[2]

    @property
    def path(self) -> str:
        return self.request.target.partition("?")[0]


@dataclass
class Backends:
    """What answers behind the gateways of one cloud."""

    kernel: Kernel
    shaper: Shaper = field(default_factory=Shaper)

    @property
    def world(self) -> World:
        return self.kernel.world

    @property
    def processes(self) -> Processes:
        return self.kernel.processes

    @property
    def connect(self) -> float:
        """Real seconds that the gateway tries to connect."""
        return self.kernel.connect_timeout

    async def answer(self, onward: Onward) -> Response:
        """The back end's answer. Raises RefusedError with a D code."""
        service = effective(self.world, onward.match.api)
        if service.get("Mock") in ("TRUE", "OPEN", True):
            return mock(service)
        protocol = service.get("ServiceProtocol")
        if protocol == "HTTP":
            return await self._http(onward, service)
        if protocol == "FunctionCompute":
            return await self._function(onward, service)
        raise RefusedError("D504CO", "Backend service connect failed", f"no back end of kind {protocol} is emulated")

    # --- plain HTTP -------------------------------------------------------------------------------------------

    async def _http(self, onward: Onward, service: Config) -> Response:
        if service.get("ServiceVpcEnable") == "TRUE":
            return await self._behind_vpc(onward, service, target(self.world, onward.match.api, service))
        url = urlsplit(str(service.get("ServiceAddress", "")))
        port = url.port or (443 if url.scheme == "https" else 80)
        where, address, instance = f"{url.hostname}:{port}", url.hostname or "", onward.instance
        if instance and instance.type == "vpc_connect" and is_address(address) and reach.reaches(instance, address):
            return await self._behind_vpc(
                onward, service, Target(instance.connect_vpc_id, address, port, where, url.scheme)
            )
        if url.scheme != "http" or not _is_loopback(address):
            await asyncio.sleep(self.connect)
            why = f"{url.scheme}://{where}: the embedded cloud dials http on loopback addresses only"
            raise RefusedError("D504CO", f"Backend service connect failed `Timeout connecting to {where}`", why)
        request, limit = self._asked(onward, service, where), _limit(service)
        answer = exchange(address, port, request, connect=self.connect, wait=limit)
        return await self._answered(answer, limit, where)

    async def _behind_vpc(self, onward: Onward, service: Config, target: Target) -> Response:
        """The answer of the target, at the pace of the links on the way. Its address is never dialled: it leads to
        the process that the world declares there."""
        address, where = target.address, f"{target.address}:{target.port}"
        try:
            if onward.instance is None:
                raise NotBoundError(f"gateway.not_bound: {onward.group.name} is on an instance that has no VPC")
            way = reach.way_from_gateway(self.world, onward.instance, target.vpc_id, address, target.port)
        except NotBoundError as error:
            raise RefusedError("X504VE", "VPC mapping does not exist", str(error)) from None
        onward.note["backend"] = {"address": where, **way.told()}
        if way.lost:
            await asyncio.sleep(self.connect)
            raise RefusedError("D504CO", f"Backend service connect failed `Timeout connecting to {where}`", way.lost)
        if way.program is None:
            raise _connection_refused(f"{where}: {reach.NOTHING_LISTENS}")
        if target.scheme.lower() != "http":
            raise RefusedError("D504CS", "Backend service SSL handshake failed", f"{where} speaks plain HTTP")
        request, limit, began = self._asked(onward, service, target.host), _limit(service), time.monotonic()
        try:
            await asyncio.wait_for(self.shaper.carry(size_of(request), crossings(self.world, way.there)), limit)
            left = limit - (time.monotonic() - began)
            response = await self._answered(self.processes.exchange(way.program, request, left), limit, where)
        except TimeoutError:
            raise RefusedError("D504TO", "Backend service request timeout", f"{where}: narrow links") from None
        except ProgramFailedError as error:
            raise _connection_refused(f"{where}: {error}") from None
        back = crossings(self.world, way.back)
        await self.shaper.carry(HEAD_BYTES, back)
        response.pieces = self._paced(response.pieces, back)
        return response

    async def _paced(self, pieces: AsyncIterator[bytes], back: tuple[Crossing, ...]) -> AsyncIterator[bytes]:
        async for piece in pieces:
            await self.shaper.carry(len(piece), back)
            yield piece

    # --- functions --------------------------------------------------------------------------------------------

    async def _function(self, onward: Onward, service: Config) -> Response:
        config = service.get("FunctionComputeConfig") or {}
        if config.get("FcType") == "FCEvent":
            return await self._event(onward, config)
        trigger, private, host = self._trigger(onward, config)
        function = self._the_function(trigger.account, trigger.region, trigger.function)
        settings = json.loads(trigger.config or "{}")
        if settings.get("authType", "anonymous") != "anonymous" and not config.get("RoleArn"):
            raise RefusedError(
                "A403FC", "Forbidden to call the function", "the trigger wants a caller, RoleArn is missing"
            )
        if not private and settings.get("disableURLInternet"):
            return plain(403, b"the trigger is not open to the Internet\n", (("Content-Type", "text/plain"),))
        verb = str(config.get("Method") or service.get("ServiceHttpMethod") or "ANY")
        template = str(config.get("Path") or service.get("ServicePath") or "") or _business(onward, config)
        request = self._forwarded(onward, verb, fill(template, onward.match.values), host, drop=("authorization",))
        if settings.get("methods") and request.method not in settings["methods"]:
            return plain(405, b"the trigger does not take this method\n", (("Content-Type", "text/plain"),))
        own, limit = float(function.spec.get("timeout", 3)), _limit(service)
        wait = min(own, limit)
        try:
            answer = self.processes.exchange(of_function(function), request, wait)
            return await self._answered(answer, wait, f"function {function.name}")
        except ProgramFailedError as error:
            raise RefusedError("D502FC", "Function error", str(error)) from None
        except RefusedError as error:
            if error.code == "D504TO" and own < limit:
                raise RefusedError("D502FC", "Function time out", f"its own limit is {own:g} s") from None
            if error.code == "D504CO":
                raise RefusedError("D502FC", "Function error", error.why) from None
            raise

    def _trigger(self, onward: Onward, config: Config) -> tuple[Trigger, bool, str]:
        """The HTTP trigger, whether it is called by its private URL, and the host of that URL."""
        host = urlsplit(str(config.get("FcBaseUrl", ""))).hostname or ""
        parts = TRIGGER_HOST.fullmatch(host)
        if parts:
            private = bool(parts["private"])
            if private and parts["region"] != onward.region:
                raise RefusedError("D504RE", f"Backend service resolve failed `{host}`", "private, of another region")
            found = self.world.first(Trigger, host=parts["host"], region=parts["region"])
        else:
            private = True
            id = f"{onward.group.account}/{config.get('RegionId') or onward.region}/{config.get('FunctionName')}"
            found = self.world.get(Trigger, f"{id}/{config.get('TriggerName')}")
            host = f"{found.host}.{found.region}-vpc.fcapp.run" if found else ""
        if found is None:
            raise RefusedError("D502FC", "Function trigger not found", f"no trigger for {dict(config)}")
        return found, private, host

    def _the_function(self, account: str, region: str, name: str) -> Function:
        function = self.world.get(Function, f"{account}/{region}/{name}")
        if function is None or function.status != "Active":
            state = function.status if function else "missing"
            raise RefusedError("D502FC", "Function not found", f"function {name} in {region} is {state}")
        return function

    async def _event(self, onward: Onward, config: Config) -> Response:
        """The request as an event object (help page); the function answers with one that describes the answer."""
        region = str(config.get("RegionId") or onward.region)
        function = self._the_function(onward.group.account, region, str(config.get("FunctionName", "")))
        if not config.get("RoleArn"):
            raise RefusedError("A403FC", "Forbidden to call the function", "RoleArn is missing")
        request = onward.request
        event = {
            "path": onward.path,
            "httpMethod": request.method,
            "headers": dict(passed_on(request.headers)),
            "queryParameters": dict(parse_qsl(onward.query, keep_blank_values=True)),
            "pathParameters": dict(onward.match.values),
            "body": request.body.decode("utf-8", "replace"),
            "isBase64Encoded": False,
        }
        try:
            status, headers, body = await self.processes.invoke(function, json.dumps(event).encode(), onward.request_id)
        except CloudError as error:
            raise RefusedError("D502FC", "Function error", error.message) from None
        return _described(status, headers, body)

    # --- the call itself --------------------------------------------------------------------------------------

    def _asked(self, onward: Onward, service: Config, host: str) -> Request:
        """The request as an HTTP back end of that name gets it."""
        path = fill(str(service.get("ServicePath") or onward.path), onward.match.values)
        return self._forwarded(onward, str(service.get("ServiceHttpMethod") or "ANY"), path, host)

    def _forwarded(self, onward: Onward, verb: str, path: str, host: str, drop: tuple[str, ...] = ()) -> Request:
        """The request as the back end gets it. In MAPPING mode only declared query parameters pass."""
        request, definition = onward.request, onward.match.api.definition
        query = onward.query
        if (definition.get("RequestConfig") or {}).get("RequestMode") == "MAPPING":
            query = _mapped(definition, query)
        headers = (
            ("Host", host),
            *passed_on(request.headers, ("host", "x-forwarded-for", "x-ca-request-id", "accept-encoding", *drop)),
            ("X-Forwarded-For", onward.caller_ip),
            ("X-Forwarded-Proto", "http"),
            ("X-Ca-Request-Id", onward.request_id),
        )
        method = request.method if verb.upper() == "ANY" else verb.upper()
        return Request(method, (path or "/") + (f"?{query}" if query else ""), headers, request.body)

    async def _answered(self, answer: Awaitable[Response], limit: float, where: str) -> Response:
        """The answer, or the refusal that stands for its failure."""
        try:
            return await answer
        except TimeoutError as error:
            if str(error) == "connect":
                message = f"Backend service connect failed `Timeout connecting to {where}`"
                raise RefusedError("D504CO", message) from None
            raise RefusedError("D504TO", "Backend service request timeout", f"{where}: none in {limit:g} s") from None
        except (BadMessageError, asyncio.IncompleteReadError, ConnectionResetError, BrokenPipeError) as error:
            message = "Backend service connect failed `Connection is closed`"
            raise RefusedError("D504CO", message, f"{where}: {error}") from None
        except OSError as error:
            raise _connection_refused(f"{where}: {error}") from None


def _connection_refused(why: str) -> RefusedError:
    return RefusedError("D504CO", "Backend service connect failed `Connection refused`", why)


def effective(world: World, api: DeployedApi) -> Config:
    """The service configuration in force: the API's own, or with a reusable back end that of its model in the stage."""
    service: Config = api.definition.get("ServiceConfig") or {}
    if not api.definition.get("BackendEnable"):
        return service
    model = world.first(BackendModel, backend_id=api.definition.get("BackendId", ""), stage=api.stage)
    if model is None:
        raise RefusedError("X500ED", "Backend definition not found", f"back end without a model in {api.stage}")
    data = dict(model.data)
    if mocked := data.get("MockConfig"):
        return {**service, "Mock": "TRUE", **mocked}
    if function := data.get("FunctionComputeConfig"):
        config = {**function, "RegionId": function.get("FcRegionId", function.get("RegionId", ""))}
        return {**service, "ServiceProtocol": "FunctionCompute", "FunctionComputeConfig": config}
    through_vpc = {"ServiceVpcEnable": "TRUE"} if "VpcConfig" in data else {}
    return {**service, **data, **through_vpc, "ServiceProtocol": "HTTP"}


def mock(service: Config) -> Response:
    rows = service.get("MockHeaders") or ()
    if isinstance(rows, Mapping):
        rows = rows.get("MockHeader") or ()
    headers = tuple((str(r.get("HeaderName")), str(r.get("HeaderValue", ""))) for r in rows)
    return plain(int(service.get("MockStatusCode") or 200), str(service.get("MockResult") or "").encode(), headers)


def _described(status: int, headers: Headers, body: bytes) -> Response:
    """A function's answer object ``{statusCode, headers, body, isBase64Encoded}`` as an answer."""
    try:
        said = json.loads(body)
        text = said.get("body") or ""
        raw = base64.b64decode(text) if said.get("isBase64Encoded") else str(text).encode()
        named = tuple((str(k), str(v)) for k, v in (said.get("headers") or {}).items())
        return plain(int(said["statusCode"]), raw, named)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        why = f"status {status}, not an answer object: {error}: {body[:200]!r}"
        raise RefusedError("D502FC", "Function answer is not valid", why) from None


def _business(onward: Onward, config: Config) -> str:
    base = "/" + onward.group.base_path.strip("/")
    if config.get("OnlyBusinessPath") and base != "/":
        return onward.path.removeprefix(base) or "/"
    return onward.path


def _mapped(definition: Config, query: str) -> str:
    """The declared query parameters under the names that the back end knows, and the constants."""
    names = {r["RequestParameterName"]: r["ServiceParameterName"] for r in definition.get("ServiceParametersMap") or ()}
    known = {
        p["ApiParameterName"]
        for p in definition.get("RequestParameters") or ()
        if p.get("Location", "QUERY") == "QUERY"
    }
    pairs = [(names.get(k, k), v) for k, v in parse_qsl(query, keep_blank_values=True) if k in known]
    pairs += [
        (c["ServiceParameterName"], c.get("ConstantValue", ""))
        for c in definition.get("ConstantParameters") or ()
        if c.get("Location", "QUERY") == "QUERY"
    ]
    return urlencode(pairs)


def _limit(service: Config) -> float:
    return int(service.get("ServiceTimeout") or DEFAULT_TIMEOUT_MS) / 1000


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
