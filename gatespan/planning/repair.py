"""Repair: what the table of ranks calls safe is made or set again; all else waits for somebody's word.

It never does more than ``Limits`` allows, rests in quiet hours, and does not fight: what comes back soon after it was
repaired is somebody else's wish, and is only reported. What a person has approved is not held back by quiet hours or
by earlier repairs, only by the number of changes.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gatespan.cloud import CloudError
from gatespan.planning import orphans
from gatespan.planning.engine import Engine
from gatespan.planning.findings import Finding, Report
from gatespan.planning.history import History, Mended
from gatespan.planning.model import Did, Failed, Outcome
from gatespan.planning.ranks import Cure, Difference, row
from gatespan.resources.base import Blocked
from gatespan.resources.ownership import tags

Mode = Literal["safe", "approved", "none"]
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Quiet:
    """Hours in which nothing is repaired unasked; over midnight when they end before they begin."""

    start: time
    end: time
    zone: str = "UTC"

    @classmethod
    def read(cls, text: str) -> Quiet:
        """``22:00-06:00 Asia/Shanghai``; without a zone: UTC. Raises ValueError."""
        got = re.fullmatch(r"\s*(\d\d?:\d\d)\s*-\s*(\d\d?:\d\d)(?:\s+(\S+))?\s*", text)
        if got is None:
            raise ValueError(f"quiet hours {text!r} are not like `22:00-06:00 Asia/Shanghai`")
        start, end, zone = got[1], got[2], got[3] or "UTC"
        try:
            ZoneInfo(zone)
            return cls(time.fromisoformat(start.zfill(5)), time.fromisoformat(end.zfill(5)), zone)
        except (ValueError, ZoneInfoNotFoundError) as error:
            raise ValueError(f"quiet hours {text!r}: {error}") from error

    def until(self, now: float) -> datetime | None:
        """When they end, if ``now`` (epoch seconds) is in them. By the clock on the wall of the zone."""
        here = datetime.fromtimestamp(now, ZoneInfo(self.zone))
        at = here.time().replace(tzinfo=None)
        over_midnight = self.end <= self.start
        inside = at >= self.start or at < self.end if over_midnight else self.start <= at < self.end
        if not inside:
            return None
        day = here + DAY if over_midnight and at >= self.start else here
        return datetime.combine(day.date(), self.end, ZoneInfo(self.zone))


@dataclass(frozen=True)
class Limits:
    """``changes``: most in one run. ``minutes``: so long a repaired thing is left alone. ``times`` in ``hours``: after
    so many repairs it is only reported."""

    changes: int = 10
    minutes: float = 60.0
    times: int = 2
    hours: float = 24.0
    quiet: tuple[Quiet, ...] = ()


@dataclass(frozen=True)
class Ask:
    """What would be done after a yes: the name of the finding, and the plan in words."""

    name: str
    text: str
    finding: Finding

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "text": self.text, "finding": self.finding.to_json()}


@dataclass(frozen=True)
class Left:
    """What is not repaired, and why."""

    name: str
    text: str
    why: str


@dataclass(frozen=True)
class Repaired:
    """What came of a repair. ``failed``: by key, what went wrong; running it again goes on."""

    done: tuple[Outcome, ...] = ()
    asks: tuple[Ask, ...] = ()
    left: tuple[Left, ...] = ()
    failed: dict[str, str] = field(default_factory=dict)
    history: History = field(default_factory=History)

    @property
    def changed(self) -> bool:
        return bool(self.done)

    def to_json(self) -> dict[str, Any]:
        return {
            "done": [o.to_json() for o in self.done],
            "asks": [a.to_json() for a in self.asks],
            "left": [vars(one) for one in self.left],
            "failed": dict(self.failed),
        }


def repair(
    engine: Engine,
    report: Report,
    mode: Mode,
    *,
    limits: Limits | None = None,
    history: History | None = None,
    now: float | None = None,
    approved: Collection[str] | None = None,
) -> Repaired:
    """Repair what ``drift`` found. ``approved``: with that mode, the names of the findings that somebody said yes to
    (None: to all). ``now``: epoch seconds. The history comes back with what was done; the caller keeps it."""
    limits, history = limits or Limits(), history or History()
    at = engine.now() if now is None else now
    asks: list[Ask] = []
    left: list[Left] = []
    chosen: dict[str, Finding] = {}
    room = limits.changes
    for finding in report.findings:
        yes = mode == "approved" and (approved is None or finding.name in approved)
        why = _why_not(finding, mode, yes, limits, history, at)
        keys = _keys(engine, finding, yes)
        if why is None and len(keys) > room:
            why = f"{len(keys)} changes are more than the {room} left of {limits.changes} a run"
        if why == ASKS:
            asks.append(Ask(finding.name, plan_line(engine, finding), finding))
        elif why:
            left.append(Left(finding.name, finding.text, why))
        else:
            room -= len(keys)
            chosen[finding.name] = finding
    done, failed = _carry_out(engine, [*chosen.values()], mode, approved)
    mended = [Mended(o.key or o.label, at, str(o.did)) for o in done if o.did in WORK]
    mended += [Mended(key, at, "failed", why) for key, why in failed.items()]
    return Repaired(done, tuple(asks), tuple(left), failed, history.mended(*mended))


WORK = (Did.CREATED, Did.CHANGED, Did.REMOVED)
ASKS = "it needs somebody's yes"


def _why_not(finding: Finding, mode: Mode, yes: bool, limits: Limits, history: History, now: float) -> str | None:
    """Why a finding is not repaired now; None: it is."""
    if finding.cure is Cure.LEAVE:
        return finding.why or "this is reported only: a person must see to it"
    if mode == "none":
        return "repair is off"
    if finding.cure is Cure.ASK and not yes:
        return ASKS
    if yes:
        return None
    ends = next((e for e in (q.until(now) for q in limits.quiet) if e), None)
    if ends:
        return f"quiet hours until {ends:%H:%M} {ends.tzinfo}"
    recent = history.of(finding.key, since=now - limits.minutes * 60)
    if recent:
        ago = (now - recent[-1].at) / 60
        return f"it was repaired {ago:.0f} minutes ago, and is not touched twice within {limits.minutes:.0f}"
    often = history.of(finding.key, since=now - limits.hours * 3600)
    if len(often) >= limits.times:
        return f"it was repaired {len(often)} times in {limits.hours:.0f} hours: find out who changes it back"
    return None


def plan_line(engine: Engine, finding: Finding) -> str:
    """What would be done about a finding, for the person who is asked."""
    label = f"{finding.label} {finding.id}".strip()
    if finding.difference is Difference.ORPHAN:
        return f"remove {label}"
    if finding.difference is Difference.CHANGED:
        fields = ", ".join(f"{f.name} {f.old} → {f.new}" for f in finding.fields)
        return f"change {label}: {fields}"
    costs = " (costs money)" if engine.graph[finding.key].PAID else ""
    then = f", then {', '.join(engine.graph[k].label for k in finding.follows)}" if finding.follows else ""
    return f"create {finding.label}{costs}{then}"


def _keys(engine: Engine, finding: Finding, yes: bool) -> tuple[str, ...]:
    """What is worked on: the thing, and what follows from it. A yes covers all of that; unasked, what is not safe by
    itself stays for the next run to ask."""
    if finding.difference is Difference.ORPHAN:
        return (finding.key,)
    follows = (k for k in finding.follows if yes or row(engine.graph[k].KIND, Difference.MISSING).cure is Cure.SAFE)
    return (finding.key, *follows)


# --- doing -----------------------------------------------------------------------------------------------------


def _carry_out(
    engine: Engine, findings: list[Finding], mode: Mode, approved: Collection[str] | None
) -> tuple[tuple[Outcome, ...], dict[str, str]]:
    failed: dict[str, str] = {}
    done: list[Outcome] = []
    gone = [f for f in findings if f.difference is Difference.ORPHAN]
    kept = [f for f in findings if f.difference is not Difference.ORPHAN]
    for finding in kept:
        done += _retag(engine, finding, failed)
    yes = {f.name: mode == "approved" and (approved is None or f.name in approved) for f in kept}
    keys = {k for f in kept if {c.name for c in f.fields} != {"tag"} for k in _keys(engine, f, yes[f.name])}
    try:
        done += engine.converge(tuple(k for k in engine.graph.order if k in keys))
    except Failed as stop:
        done += stop.outcomes
        failed |= {key: str(error) for key, error in stop.errors.items()}
        failed |= dict.fromkeys(stop.skipped, "not tried, because of that")
    for finding in gone:
        try:
            done += orphans.remove(engine, [finding.id])
        except (CloudError, Blocked) as error:
            failed[finding.key] = str(error)
    return tuple(o for o in done if o.did in WORK), failed


def _retag(engine: Engine, finding: Finding, failed: dict[str, str]) -> Iterator[Outcome]:
    """The mark of a thing that is known to be ours, set again."""
    if not any(c.name == "tag" for c in finding.fields):
        return
    product, type_name = orphans.TAGS[finding.kind]
    params: dict[str, Any] = {
        "ResourceType": type_name,
        "ResourceId": [finding.id],
        "Tag": tags(engine.topology, finding.key),
        **({"RegionId": finding.region} if product == "vpc" else {}),
    }
    try:
        engine.cloud.call(product, "TagResources", params, region=finding.region, subject=finding.id)
    except CloudError as error:
        failed[finding.key] = str(error)
        return
    yield Outcome(finding.key, finding.label, Did.CHANGED, finding.id, why="its mark was set again")
