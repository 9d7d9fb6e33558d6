"""The control API under ``/_cloud/``: look at the world, turn the clock, set faults, go back to the beginning.

JSON in, JSON out; a refusal is ``{"error": "…"}`` with a 4xx status. Not signed, therefore guarded: only callers on
this machine, only with a Host header of this machine (a web page that rebinds its DNS name has another), and no changes
from a page of another origin.
"""

from __future__ import annotations

import ipaddress
import logging
import os
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, get_args
from urllib.parse import parse_qs, unquote, urlsplit

import orjson

from gatespan.emulator import sites
from gatespan.emulator.call import iso
from gatespan.emulator.cloud import Cloud
from gatespan.emulator.codec import ShapeError
from gatespan.emulator.coverage import coverage
from gatespan.emulator.faults import read_rule
from gatespan.emulator.lifecycle import Latency
from gatespan.emulator.models import Site
from gatespan.emulator.seed import SeedError, load_world, read_world
from gatespan.emulator.services.vpc.models import PhysicalConnection
from gatespan.emulator.storage import decode, encode
from gatespan.emulator.wire.authentication import Mode
from gatespan.emulator.wire.reply import json_bytes

NAME = "gatespan-embedded-cloud"
VERSION = "1"
LATENCIES = ("none", "fast", "realistic", "reads")

log = logging.getLogger("gatespan.emulator")
Query = Mapping[str, str]


class Refusal(Exception):
    """An answer with an error status."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True, slots=True)
class Said:
    status: int
    body: bytes
    content_type: bytes = b"application/json"


@dataclass(frozen=True)
class Host:
    """What the control API may ask of the server around it: its own host name, to stop, to open new regions."""

    name: str
    stop: Callable[[], None]
    open_regions: Callable[[], Awaitable[None]]


class Control:
    def __init__(self, cloud: Cloud, host: Host) -> None:
        self.cloud = cloud
        self.host = host
        self.handlers: dict[tuple[str, str], Callable[[Query, bytes], Any]] = {
            ("GET", "health"): self.health,
            ("GET", "state"): self.state,
            ("POST", "reset"): self.reset,
            ("POST", "seed"): self.seed,
            ("GET", "snapshot"): lambda query, body: {"names": sorted(self.cloud.snapshots)},
            ("POST", "snapshot"): self.snapshot,
            ("POST", "restore"): self.restore,
            ("GET", "clock"): lambda query, body: self.clock(),
            ("POST", "clock"): self.set_clock,
            ("GET", "latency"): lambda query, body: self.latency(),
            ("POST", "latency"): self.set_latency,
            ("GET", "settings"): lambda query, body: self.cloud.settings(),
            ("POST", "settings"): self.set_settings,
            ("GET", "faults"): lambda query, body: {"rules": self.cloud.faults.rules},
            ("POST", "faults"): self.add_faults,
            ("DELETE", "faults"): self.remove_faults,
            ("GET", "sites"): self.sites,
            ("PATCH", "sites/NAME"): self.change_site,
            ("GET", "circuits"): self.circuits,
            ("PATCH", "circuits/NAME"): self.change_circuit,
            ("GET", "log"): self.log,
            ("DELETE", "log"): self.clear_log,
            ("GET", "walks"): self.walks,
            ("GET", "coverage"): lambda query, body: coverage(self.cloud.kernel),
            ("POST", "stop"): self.stop,
        }

    async def answer(self, scope: Mapping[str, Any], path: str, headers: Mapping[str, str], body: bytes) -> Said:
        """Answer one request; ``path`` begins with ``/_cloud/``."""
        method, (name, _, item) = scope["method"], path.removeprefix("/_cloud/").rstrip("/").partition("/")
        query = {k: v[-1] for k, v in parse_qs(scope["query_string"].decode("latin-1")).items()}
        if item:
            name, query = f"{name}/NAME", {**query, "NAME": unquote(item)}
        try:
            self._guard(scope, headers)
            handler = self.handlers.get((method, name))
            if handler is None:
                verbs = [verb for verb, known in self.handlers if known == name]
                known = ", ".join(sorted({n for _, n in self.handlers}))
                if verbs:
                    raise Refusal(405, f"/_cloud/{name} takes {' and '.join(verbs)}, not {method}")
                raise Refusal(404, f"there is no /_cloud/{name}; known: {known}")
            value = handler(query, body)
            if name == "seed":
                await self.host.open_regions()
            return Said(200, orjson.dumps(value, option=orjson.OPT_SORT_KEYS, default=dict))
        except Refusal as refusal:
            return Said(refusal.status, json_bytes({"error": str(refusal)}))
        except (SeedError, ShapeError, sites.SiteError) as error:
            return Said(400, json_bytes({"error": str(error)}))
        except Exception as error:
            log.exception("a bug of the embedded cloud in %s %s", method, path)
            return Said(500, json_bytes({"error": f"a bug of the embedded cloud, see its log: {error!r}"}))

    def _guard(self, scope: Mapping[str, Any], headers: Mapping[str, str]) -> None:
        client = (scope.get("client") or ("",))[0]
        if not is_loopback(client):
            raise Refusal(403, f"the control API answers callers on this machine only, not {client}")
        host = headers.get("host", "")
        if not self._own_name(urlsplit(f"//{host}").hostname or ""):
            raise Refusal(403, f"the Host header {host!r} is not this server's; call it by its address")
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != host:
            raise Refusal(403, f"the control API takes no calls from pages of another origin ({origin})")

    def _own_name(self, name: str) -> bool:
        return name in ("localhost", self.host.name) or is_loopback(name)

    # --- looking ------------------------------------------------------------------------------------------

    def health(self, query: Query, body: bytes) -> Any:
        endpoints = self.cloud.kernel.endpoints
        return {
            "name": NAME,
            "version": VERSION,
            "pid": os.getpid(),
            "world": self.cloud.origin.name,
            "endpoints": {"central": endpoints.central, "regions": endpoints.regions},
            "proxy": endpoints.proxy,
            "latency": self.latency(),
            "clock": self.clock(),
            "settings": self.cloud.settings(),
            "data": str(self.cloud.storage.path) if self.cloud.storage else None,
        }

    def state(self, query: Query, body: bytes) -> Any:
        """All objects by kind, sorted by id; equal worlds give equal bytes. ``?exclude=kind,kind`` leaves some out."""
        self.cloud.kernel.settle()
        left_out = {kind for kind in query.get("exclude", "").split(",") if kind}
        things = [t for t in self.cloud.world if not t.KIND.startswith("_") and t.KIND not in left_out]
        by_kind: dict[str, list[Any]] = {kind: [] for kind in sorted({t.KIND for t in things})}
        for thing in sorted(things, key=lambda t: t.id):
            by_kind[thing.KIND].append(thing)
        return by_kind

    def log(self, query: Query, body: bytes) -> Any:
        since, writes = _number(query, "since"), query.get("writes", "0").lower() in ("1", "true")
        product, action = query.get("product", ""), query.get("action", "")
        return {"calls": self.cloud.kernel.log.select(since, product, action, writes)}

    def walks(self, query: Query, body: bytes) -> Any:
        """The ways that requests took through the data plane, with the reasons why some did not arrive."""
        since = _number(query, "since")
        return {"walks": [walk for walk in self.cloud.kernel.log.walks if walk["n"] > since]}

    def clear_log(self, query: Query, body: bytes) -> Any:
        self.cloud.kernel.log.clear()
        return {}

    # --- the world ----------------------------------------------------------------------------------------

    def reset(self, query: Query, body: bytes) -> Any:
        self.cloud.reset()
        return {"world": self.cloud.origin.name}

    def seed(self, query: Query, body: bytes) -> Any:
        """The body is a world (YAML or JSON), or ``{"path": file}``, or ``{"world": name}`` of a packaged one."""
        text = _text(body)
        asked = _json_or_none(text)
        if isinstance(asked, dict) and set(asked) in ({"path"}, {"world"}):
            (named, value), *_ = asked.items()
            if not isinstance(value, str):
                raise Refusal(400, f"{named} must be a text")
            world_file = load_world(value if named == "world" else os.path.abspath(value))
        else:
            world_file = read_world(text, "the posted world")
        self.cloud.seed(world_file)
        return {"world": world_file.name}

    def snapshot(self, query: Query, body: bytes) -> Any:
        """``{"name": …}`` keeps the world in memory under the name; without a name the answer is the world itself."""
        name = _object(body, ("name",)).get("name")
        self.cloud.kernel.settle()
        if name is None:
            return {"clock": self.cloud.clock.now(), "things": [encode(t) for t in self.cloud.world]}
        self.cloud.snapshots[str(name)] = tuple(self.cloud.world)
        return {"name": name}

    def restore(self, query: Query, body: bytes) -> Any:
        """``{"name": …}`` of a snapshot in memory, or the world that ``snapshot`` gave."""
        asked = _object(body, ("name", "clock", "things"))
        if "things" in asked:
            if not isinstance(asked["things"], list):
                raise Refusal(400, "things must be a list")
            things = tuple(decode(t, f"things[{i}]") for i, t in enumerate(asked["things"]) if _is_object(t, i))
        else:
            name = str(asked.get("name"))
            if name not in self.cloud.snapshots:
                known = ", ".join(sorted(self.cloud.snapshots)) or "none"
                raise Refusal(404, f"there is no snapshot {name!r}; kept in memory: {known}")
            things = self.cloud.snapshots[name]
        self.cloud.replace(things)
        taken_at = asked.get("clock", 0.0)
        if isinstance(taken_at, int | float) and taken_at > self.cloud.clock.now():
            self.cloud.advance(taken_at - self.cloud.clock.now())  # nothing may be from the future
        return {"things": len(things)}

    # --- time, latency, settings --------------------------------------------------------------------------

    def clock(self) -> Any:
        clock, due = self.cloud.clock, self.cloud.life.next_due()
        return {"now": clock.now(), "time": iso(clock.now()), "frozen": clock.frozen, "next_due": due}

    def set_clock(self, query: Query, body: bytes) -> Any:
        """``{"advance": seconds}``, ``{"advance_to_next": true}``, ``{"freeze": true}``, ``{"run": true}``."""
        asked = _object(body, ("advance", "advance_to_next", "freeze", "run"))
        if asked.get("freeze") and asked.get("run"):
            raise Refusal(400, "freeze and run exclude each other")
        if asked.get("freeze"):
            self.cloud.clock.freeze()
        if asked.get("run"):
            self.cloud.clock.run()
        seconds = asked.get("advance", 0)
        if not isinstance(seconds, int | float) or isinstance(seconds, bool) or seconds < 0:
            raise Refusal(400, f"advance must be a number of seconds, not negative, not {seconds!r}")
        if asked.get("advance_to_next"):
            due = self.cloud.life.next_due()
            seconds = max(0.0, due - self.cloud.clock.now()) if due is not None else 0.0
        self.cloud.advance(seconds)
        return self.clock()

    def latency(self) -> Any:
        latency = self.cloud.life.latency
        return {"mode": latency.mode, **({"reads": latency.reads} if latency.mode == "reads" else {})}

    def set_latency(self, query: Query, body: bytes) -> Any:
        """``{"mode": none | fast | realistic | reads, "reads": n}``; for transitions that begin from now on."""
        asked = _object(body, ("mode", "reads"))
        mode, reads = asked.get("mode"), asked.get("reads", 2)
        if mode not in LATENCIES or not isinstance(reads, int) or reads < 1:
            raise Refusal(400, f"mode is one of {', '.join(LATENCIES)}; reads is a whole number from 1")
        self.cloud.life.latency = Latency(mode, reads)
        return self.latency()

    def set_settings(self, query: Query, body: bytes) -> Any:
        """``list_lag`` seconds, ``keep_rates`` true or false, ``signatures`` strict, warn or off, ``connect_timeout``:
        real seconds that the data plane tries to connect where nothing answers."""
        asked = _object(body, ("list_lag", "keep_rates", "signatures", "connect_timeout"))
        lag = asked.get("list_lag", self.cloud.kernel.list_lag)
        rates = asked.get("keep_rates", self.cloud.kernel.keep_rates)
        mode = asked.get("signatures", self.cloud.authenticator.mode)
        if not isinstance(lag, int | float) or lag < 0 or not isinstance(rates, bool) or mode not in get_args(Mode):
            known = "list_lag is a number of seconds, keep_rates true or false, signatures strict, warn or off"
            raise Refusal(400, known)
        patience = asked.get("connect_timeout", self.cloud.kernel.connect_timeout)
        if not isinstance(patience, int | float) or not 0 < patience <= 60:
            raise Refusal(400, "connect_timeout is a number of seconds, above 0 and at most 60")
        self.cloud.kernel.list_lag, self.cloud.kernel.keep_rates = float(lag), rates
        self.cloud.kernel.connect_timeout = float(patience)
        self.cloud.authenticator.mode = mode
        self.cloud.keep_settings()
        return self.cloud.settings()

    # --- outside the cloud ----------------------------------------------------------------------------------

    def sites(self, query: Query, body: bytes) -> Any:
        """The data centres: networks, router, firewall, hosts."""
        return {"sites": [sites.row(site) for site in self.cloud.world.all(Site)]}

    def change_site(self, query: Query, body: bytes) -> Any:
        """What people do on site: some keys of its row with new values. A list replaces the whole list."""
        site = _called(self.cloud.world.all(Site), query["NAME"], "site")
        asked = _object(body, ("name", *sites.FIELDS))
        if asked.pop("name", site.name) != site.name:
            raise Refusal(400, "a site cannot be renamed: its circuits lead there by its name")
        after = sites.changed(self.cloud.world, site, asked)
        with self.cloud.world.transaction():
            self.cloud.world.put(after)
        return sites.row(after)

    def circuits(self, query: Query, body: bytes) -> Any:
        self.cloud.kernel.settle()
        return {"circuits": [sites.circuit_row(line) for line in self.cloud.world.all(PhysicalConnection)]}

    def change_circuit(self, query: Query, body: bytes) -> Any:
        """What the carrier and the cloud's staff do: ``{"status": "Enabled"}``, ``{"business_status": …}``; at once."""
        line = _called(self.cloud.world.all(PhysicalConnection), query["NAME"], "circuit")
        asked = _object(body, ("status", "business_status"))
        after = sites.circuit_changed(line, asked, self.cloud.clock.now())
        with self.cloud.world.transaction():
            self.cloud.world.put(after)
        return sites.circuit_row(after)

    # --- faults -------------------------------------------------------------------------------------------

    def add_faults(self, query: Query, body: bytes) -> Any:
        """One rule or a list of rules (fields: see ``faults.Rule``). All or none are taken."""
        asked = _json(body)
        many = asked if isinstance(asked, list) else [asked]
        rules = [read_rule(data, f"rules[{i}]" if isinstance(asked, list) else "rule") for i, data in enumerate(many)]
        return {"rules": [self.cloud.faults.add(rule) for rule in rules]}

    def remove_faults(self, query: Query, body: bytes) -> Any:
        """All rules, or the one of ``?id=``."""
        if "id" not in query:
            self.cloud.faults.clear()
        elif not self.cloud.faults.remove(query["id"]):
            raise Refusal(404, f"there is no fault rule {query['id']!r}")
        return {"rules": self.cloud.faults.rules}

    def stop(self, query: Query, body: bytes) -> Any:
        self.host.stop()
        return {"stopping": os.getpid()}


_Named = TypeVar("_Named", Site, PhysicalConnection)


def _called(things: Iterable[_Named], name: str, kind: str) -> _Named:
    """The one of that id or name."""
    found = [thing for thing in things if name in (thing.id, thing.name)]
    if len(found) == 1:
        return found[0]
    if found:
        raise Refusal(409, f"{len(found)} {kind}s are named {name!r}; use an id: {', '.join(t.id for t in found)}")
    known = ", ".join(sorted(thing.name or thing.id for thing in things)) or "none"
    raise Refusal(404, f"there is no {kind} {name!r}; known: {known}")


def is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise Refusal(400, "the body is not UTF-8 text") from None


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Refusal(400, f"the body is not valid JSON: {error}") from None


def _json_or_none(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _object(body: bytes, known: tuple[str, ...]) -> dict[str, Any]:
    """The JSON object of the body (nothing counts as an empty one), with no other keys than the known."""
    asked = _json(body) if body.strip() else {}
    if not isinstance(asked, dict):
        raise Refusal(400, "the body must be a JSON object")
    unknown = sorted(set(asked) - set(known))
    if unknown:
        raise Refusal(400, f"unknown key {unknown[0]!r}; known: {', '.join(known)}")
    return asked


def _is_object(value: Any, i: int) -> bool:
    if not isinstance(value, dict):
        raise Refusal(400, f"things[{i}] must be an object")
    return True


def _number(query: Query, name: str) -> int:
    text = query.get(name, "0")
    if not text.isdigit():
        raise Refusal(400, f"{name} must be a whole number, not {text!r}")
    return int(text)
