"""The middle of the embedded cloud: takes a verified call, applies the rules every action shares, runs the action.

Order of things: settle what is due, required parameters, rate limit, fault before the effect, ClientToken replay,
the action in a transaction, dry run undone, fault after the effect.
"""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from gatespan.emulator.call import Call
from gatespan.emulator.clock import Clock
from gatespan.emulator.dataplane.processes import Processes
from gatespan.emulator.errors import CloudError
from gatespan.emulator.ids import Ids
from gatespan.emulator.lifecycle import LifeCycle
from gatespan.emulator.params import Params
from gatespan.emulator.regions import Endpoints
from gatespan.emulator.requestlog import RequestLog
from gatespan.emulator.service import Action, Reply, Service
from gatespan.emulator.world import Thing, World

TOKEN_RETENTION = 24 * 3600.0
"""Seconds a ClientToken is remembered. Choice of the embedded cloud: the real figure is not published."""


@dataclass(frozen=True, kw_only=True)
class TokenRecord(Thing):
    """What a ClientToken was used for and what was answered. Kinds with an underscore are not part of the state."""

    KIND = "_token"
    fingerprint: str
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Where:
    """The call that a fault rule may aim at; ``params``: flat parameters and those of the path."""

    product: str
    action: str
    region: str
    params: Mapping[str, str] = field(default_factory=dict)


class Faults(Protocol):
    """Rules that a test or a person set: see ``faults``. Times are taken care of by the server."""

    def before(self, where: Where) -> None:
        """May raise a CloudError or DropConnection before anything happens."""

    def after(self, where: Where) -> None:
        """May raise after the effect is committed: the answer is lost."""

    def stuck(self, where: Where) -> bool:
        """True when transitions begun by this call shall never end."""


class NoFaults:
    def before(self, where: Where) -> None: ...
    def after(self, where: Where) -> None: ...
    def stuck(self, where: Where) -> bool:
        return False


@dataclass(frozen=True)
class Incoming:
    """A request after the wire: signature checked, parameters flat, nothing interpreted. ``access_key``: its id."""

    action: str
    flat: Mapping[str, str]
    account: str
    region: str
    body: Mapping[str, Any] | None = None
    path: Mapping[str, str] = field(default_factory=dict)
    raw_body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    access_key: str = ""


CONNECT_TIMEOUT = 3.0
"""Real seconds that whoever opens a connection keeps trying where nothing answers."""


class Kernel:
    """The services of one cloud over one world. ``list_lag`` and ``keep_rates`` are switched by the control API.

    ``endpoints`` is filled in by the server once it listens; ``log`` holds the calls and the data plane's walks;
    ``processes``: the functions that run, to be closed by whoever ends the kernel; ``when_replaced``: called after a
    whole other world was put in place (reset, restore), to drop what hangs on the old.
    """

    def __init__(
        self,
        world: World,
        clock: Clock,
        life: LifeCycle,
        ids: Ids,
        services: Iterable[Service],
        faults: Faults | None = None,
    ) -> None:
        self.world = world
        self.clock = clock
        self.life = life
        self.ids = ids
        self.services = {s.version: s for s in services}
        self.faults: Faults = faults or NoFaults()
        self.list_lag = 0.0
        self.connect_timeout = CONNECT_TIMEOUT
        self.keep_rates = True
        self.endpoints = Endpoints()
        self.log = RequestLog()
        self.processes = Processes()
        self.when_replaced: list[Callable[[], None]] = [self.processes.abandon]
        self.missing: dict[str, int] = {}
        self._recent: dict[tuple[str, str, str], deque[float]] = {}
        for service in self.services.values():
            for kind, state, hook in service.hooks:
                life.on_end(kind, state, hook)

    def invoke(self, service: Service, incoming: Incoming, request_id: str) -> Reply:
        """Run one call. Raises CloudError for a refusal, DropConnection for a lost answer."""
        action = service.actions.get(incoming.action)
        if action is None:
            name = f"{service.product}.{incoming.action}"
            self.missing[name] = self.missing.get(name, 0) + 1
            raise CloudError(
                "InvalidApi.NotFound", "Specified api is not found, please check your url and method.", 404
            )
        self.settle()
        where = Where(service.product, action.name, incoming.region, {**incoming.flat, **incoming.path})
        params = Params(incoming.flat, service.codes, incoming.body)
        for name in action.required:
            present = params.body.get(name) if action.route else params.flat.get(name)
            listed = any(k.startswith(name + ".") for k in params.flat)
            if present in (None, "") and not listed:
                raise service.codes.missing(name)
        self._rate(action, incoming)
        self.faults.before(where)
        call = Call(
            world=self.world,
            life=self.life,
            ids=self.ids,
            service=service,
            action=action,
            params=params,
            account=incoming.account,
            region=incoming.region,
            request_id=request_id,
            path=dict(incoming.path),
            raw_body=incoming.raw_body,
            headers=dict(incoming.headers),
            stuck=self.faults.stuck(where),
            list_lag=self.list_lag,
            access_key=incoming.access_key,
            endpoints=self.endpoints,
            processes=self.processes,
        )
        reply = self._run(call)
        self.faults.after(where)
        return reply

    def forget(self) -> None:
        """Forget what was counted and noted about past calls (rates, missing actions, log)."""
        self._recent.clear()
        self.missing.clear()
        self.log.clear()

    def replaced(self) -> None:
        """Say that another world is in place."""
        for listener in self.when_replaced:
            listener()

    def settle(self) -> None:
        """End the transitions that are due now."""
        if self.life.moving():
            with self.world.transaction():
                self.life.settle()

    def _run(self, call: Call) -> Reply:
        action = call.action
        if action.dry_run and call.params.boolean("DryRun", False):
            return self._dry(call)
        token = call.params.optional(action.token) if action.token else None
        place = call.region if call.service.regional else ""
        record_id = f"{call.account}|{call.service.product}|{place}|{action.name}|{token}"
        fingerprint = _fingerprint(call) if token else ""
        if token:
            record = self.world.get(TokenRecord, record_id)
            if record and self.clock.now() - record.created <= TOKEN_RETENTION:
                if record.fingerprint != fingerprint:
                    raise CloudError(
                        "IdempotentParameterMismatch",
                        "The request uses the same ClientToken as a previous, but non-identical request.",
                    )
                return Reply(dict(record.body))
        if not action.writes:
            return self._read(call)
        with self.world.transaction():
            reply = _as_reply(action.handler(call))
            if token and isinstance(reply.body, dict):
                self.world.put(
                    TokenRecord(
                        id=record_id,
                        account=call.account,
                        created=self.clock.now(),
                        fingerprint=fingerprint,
                        body=reply.body,
                    )
                )
        return reply

    def _read(self, call: Call) -> Reply:
        """A reading action changes nothing but the count of reads (latency mode ``reads``); that stands even when the
        answer is a refusal, or the read that ends a deletion would be undone by its own "not found"."""
        refused: CloudError | None = None
        with self.world.transaction():
            try:
                return _as_reply(call.action.handler(call))
            except CloudError as error:
                refused = error
        raise refused

    def _dry(self, call: Call) -> Reply:
        """Run the action and undo it: a dry run checks what the real run checks, because it is the real run."""
        try:
            with self.world.transaction():
                call.action.handler(call)
                raise _Undone
        except _Undone:
            pass
        if call.action.dry_run == "error":
            raise CloudError("DryRunOperation", "Request validation has been passed with DryRun flag set.")
        return Reply({})

    def _rate(self, action: Action, incoming: Incoming) -> None:
        if action.rate is None or not self.keep_rates:
            return
        calls, seconds = action.rate
        recent = self._recent.setdefault((incoming.account, incoming.region, action.name), deque())
        now = self.clock.now()
        while recent and recent[0] <= now - seconds:
            recent.popleft()
        if len(recent) >= calls:
            raise CloudError("Throttling.User", "Request was denied due to user flow control.")
        recent.append(now)


class _Undone(Exception):
    pass


def _as_reply(result: dict[str, Any] | Reply | None) -> Reply:
    return result if isinstance(result, Reply) else Reply(result or {})


def _fingerprint(call: Call) -> str:
    skip = {call.action.token}
    flat = sorted((k, v) for k, v in call.params.flat.items() if k not in skip)
    return hashlib.sha256(json.dumps(flat).encode()).hexdigest()[:32]
