"""Drift: what the cloud has become since it was built, what that breaks, and who may repair it.

Owned fields (``Resource.wants``) are compared and can be repaired, watched ones (``WATCHED``) are reported, all others
are the cloud's own business. What only follows from another finding is told with its cause. Reads only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from gatespan.cloud import CloudError, Inventory
from gatespan.planning.engine import Engine
from gatespan.planning.findings import Finding, Report
from gatespan.planning.graph import run
from gatespan.planning.model import FieldChange
from gatespan.planning.orphans import TAGS, orphans
from gatespan.planning.ranks import (
    Cure,
    Difference,
    Rank,
    Row,
    field_row,
    line_of,
    row,
    stranger_row,
    words,
)
from gatespan.planning.strangers import strangers
from gatespan.resources.base import LEAVING, UNKNOWN, Blocked, Foreign, Found, Resource, Several, Waiting
from gatespan.resources.ownership import RESOURCE, TOPOLOGY, read_tags

__all__ = ["Finding", "Report", "drift", "drift_many"]

FOLLOWS: Mapping[tuple[str, str], str] = {("deployment", "draft_is_live"): "api"}
"""Fields that differ because a part of the resource does: told with that part."""

TOGETHER = 4
"""Topologies that are compared at the same time."""

SYMPTOMS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("router_interface", "health"): (
        *("router_interface", "circuit", "vbr", "vbr_uplink", "bgp_group", "bgp_peer", "bgp_network"),
    )
}
"""Watched fields that tell of something else being wrong: told with what is found of these kinds on the same line."""

WHEN = ("ModifiedTime", "GmtModified", "lastModifiedTime", "DeployedTime")
"""Where rows say when they were last changed."""


@dataclass
class _Seen:
    """What one comparison learned: findings by the resource that they are about, and what is in trouble because of
    whom (key by key of the cause)."""

    findings: dict[str, list[Finding]] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    unready: dict[str, str] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    follows: dict[str, set[str]] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)

    def add(self, finding: Finding) -> None:
        self.findings.setdefault(finding.key, []).append(finding)

    def fold(self, key: str, cause: str) -> None:
        self.follows.setdefault(cause, set()).add(key)

    def cause(self, keys: Iterable[str]) -> str | None:
        """The key of what is behind the trouble of one of these; None when they are in none."""
        folded = {key: cause for cause, many in self.follows.items() for key in many}
        return next((c for key in keys if (c := self.absent.get(key) or folded.get(key))), None)


def drift(engine: Engine, *, now: float | None = None, fresh: bool = True) -> Report:
    """Compare one topology with the cloud. ``now``: epoch seconds of the report (default: the engine's clock).
    ``fresh``: False uses the lists that the inventory holds already."""
    engine.forget(lists=fresh)
    seen = _Seen()
    looked: dict[str, Looked] = {}
    done = run(engine.graph.order, engine.graph.needs, lambda key: _look(engine, key, looked), engine.workers)
    for key in engine.graph.order:
        if key in looked:
            _compare(engine, key, looked[key], seen)
    for key, error in done.errors.items():
        if not isinstance(error, CloudError):
            raise error
        seen.unread.append(f"{engine.graph[key].label}: {error}")
    seen.unread += [f"{engine.graph[key].label}: not compared, because of that" for key in done.skipped]
    if not seen.unread:
        try:
            for beside in (*_strangers(engine), *_orphans(engine)):
                seen.add(beside)
        except CloudError as error:
            seen.unread.append(f"what is not ours, and what is left over: {error}")
    found_all = _without_symptoms([f for many in seen.findings.values() for f in many], seen)
    findings = _milder(engine, [_with_follows(engine, f, seen) for f in found_all])
    order = {key: at for at, key in enumerate(engine.graph.order)}
    findings.sort(key=lambda f: (f.rank.weight, order.get(f.key, len(order)), f.name))
    at = engine.now() if now is None else now
    return Report(
        engine.topology, engine.cloud.target.name, at, len(engine.graph.order), tuple(findings), tuple(seen.unread)
    )


def drift_many(engines: Sequence[Engine], *, now: float | None = None) -> tuple[Report, ...]:
    """Compare many topologies of one account. Engines that share an inventory read each list once for all."""
    inventories: dict[int, Inventory] = {id(e.inventory): e.inventory for e in engines}
    for inventory in inventories.values():
        inventory.refresh(whole=len(engines) > 1)
    try:
        with ThreadPoolExecutor(max_workers=TOGETHER, thread_name_prefix="drift") as pool:
            return tuple(pool.map(lambda engine: drift(engine, now=now, fresh=False), engines))
    finally:
        for inventory in inventories.values():
            inventory.refresh()


# --- one resource ----------------------------------------------------------------------------------------------


Looked = Found | Blocked | None


def _look(engine: Engine, key: str, looked: dict[str, Looked]) -> None:
    """Find it, when what it hangs on was found."""
    there = all(isinstance(looked[part], Found) for part in engine.graph[key].parts())
    try:
        looked[key] = engine.found(key) if there else None
    except Blocked as why:
        looked[key] = why


def _compare(engine: Engine, key: str, found: Looked, seen: _Seen) -> None:
    resource = engine.graph[key]
    gone = next((seen.absent[r] for r in resource.parts() if r in seen.absent), None)
    if gone is not None:
        seen.absent[key] = gone
        seen.fold(key, gone)
        return
    if isinstance(found, Blocked):
        seen.absent[key] = seen.cause(resource.refs()) or key
        if seen.absent[key] == key:
            seen.add(_blocked(engine, resource, None, found))
        else:
            seen.fold(key, seen.absent[key])
        return
    if found is None:
        seen.absent[key] = key
        seen.add(_missing(engine, resource))
        return
    unready = found.status not in resource.READY.good
    settled = found.status not in LEAVING and _fields(engine, resource, found, seen)
    if unready and not settled:
        seen.unready[key] = next((seen.unready[r] for r in resource.refs() if r in seen.unready), key)
        if seen.unready[key] != key:
            seen.fold(key, seen.unready[key])
        else:
            seen.add(_finding(engine, resource, Difference.NOT_READY, found))


def _fields(engine: Engine, resource: Resource, found: Found, seen: _Seen) -> bool:
    """Compare the fields; True when an owned one differs, which says more than that it is not ready."""
    try:
        wants = {**resource.wants(engine), **_mark(resource, found, engine)}
    except Blocked as why:
        cause = seen.cause(resource.refs())
        if cause:
            seen.fold(resource.key, cause)
        else:
            seen.add(_blocked(engine, resource, found, why))
        return True
    has = {**found.fields, **({"tag": _tag(found)} if "tag" in wants else {})}
    changes = [FieldChange(n, has[n], new) for n, new in wants.items() if n in has and has[n] != new]
    changes = [c for c in changes if not _follows(engine, resource, c, seen)]
    if changes:
        seen.changed.add(resource.key)
        seen.add(_changed(engine, resource, found, changes))
        if seen.findings[resource.key][-1].rank is Rank.OUTAGE:
            seen.unready[resource.key] = resource.key
    watches, shown = resource.watches(engine), resource.watched(found)
    told = [FieldChange(n, shown[n], new) for n, new in watches.items() if n in shown and shown[n] != new]
    if told:
        seen.add(_changed(engine, resource, found, told, watched=True))
    return bool(changes)


def _follows(engine: Engine, resource: Resource, change: FieldChange, seen: _Seen) -> bool:
    """True when the field differs because of something that is told already."""
    cause = seen.cause(resource.refs()) if change.new is UNKNOWN else None
    part = FOLLOWS.get((resource.KIND, change.name))
    if part:
        of = [r for r in resource.parts() if r.startswith(f"{part}.")]
        cause = seen.cause(of) or next((r for r in of if r in seen.changed), None)
    if cause is None:
        return False
    seen.fold(resource.key, cause)
    return True


def _mark(resource: Resource, found: Found, engine: Engine) -> Mapping[str, Any]:
    """The mark that a thing of ours carries, where it can carry tags."""
    ours = found.owner == engine.topology and not found.adopted
    return {"tag": str(resource.key)} if ours and resource.KIND in TAGS else {}


def _tag(found: Found) -> str | None:
    tags = read_tags(found.row)
    return tags.get(RESOURCE) if TOPOLOGY in tags else None


# --- findings --------------------------------------------------------------------------------------------------


def _blocked(engine: Engine, resource: Resource, found: Found | None, why: Blocked) -> Finding:
    """What could not be compared: because somebody else's thing is in the way, or for a reason of its own."""
    kind = Difference.NOT_COMPARABLE
    if isinstance(why, Foreign):
        kind = Difference.DUPLICATED if isinstance(why, Several) else Difference.FOREIGN
    elif isinstance(why, Waiting) or (found and found.status not in resource.READY.good):
        kind = Difference.NOT_READY
    id = why.id if isinstance(why, Foreign) else found.id if found else ""
    return _finding(engine, resource, kind, found, id=id, why=str(why))


def _missing(engine: Engine, resource: Resource) -> Finding:
    """It is gone; where the cloud would refuse to make it again, for somebody else's sake, that is said with it."""
    try:
        resource.foresee(engine)
    except Blocked as why:
        return replace(_finding(engine, resource, Difference.MISSING, why=str(why)), cure=Cure.LEAVE)
    return _finding(engine, resource, Difference.MISSING)


def _finding(
    engine: Engine,
    resource: Resource,
    difference: Difference,
    found: Found | None = None,
    *,
    id: str = "",
    why: str = "",
) -> Finding:
    how = row(resource.KIND, difference)
    id = id or (found.id if found else "")
    said = {**words(engine, resource), "id": id, "why": why, "status": found.status if found else ""}
    cure = how.cure if resource.makes or difference is not Difference.MISSING else Cure.LEAVE
    return _make(resource, difference, how, said, id=id, since=_since(found), why=why, cure=cure)


def _changed(
    engine: Engine, resource: Resource, found: Found, changes: Sequence[FieldChange], *, watched: bool = False
) -> Finding:
    """One finding for all fields that differ: as bad as the worst, as careful as the most careful."""
    rows = [field_row(resource.KIND, c.name) for c in changes]
    worst = min(rows, key=lambda r: r.rank.weight)
    cure = max((r.cure for r in rows), key=lambda c: c.weight)
    if any(c.name in resource.FIXED for c in changes):
        cure = Cure.LEAVE
    what = ", ".join(f"{c.name} is {_shown(c.old)}, wanted {_shown(c.new)}" for c in changes)
    said = {**words(engine, resource), "id": found.id, "what": what, "status": found.status}
    made = _make(resource, Difference.CHANGED, worst, said, id=found.id, since=_since(found), cure=cure)
    return replace(made, fields=tuple(changes), watched=watched)


def _strangers(engine: Engine) -> Iterator[Finding]:
    for one in strangers(engine):
        how = stranger_row(one.what)
        said = {**words(engine, one.resource), "id": one.id, **one.words}
        yield _make(one.resource, Difference.FOREIGN, how, said, id=one.id, since=one.since)


def _orphans(engine: Engine) -> Iterator[Finding]:
    for one in orphans(engine):
        how = row(one.kind, Difference.ORPHAN)
        name = one.key.partition(".")[2]
        api, _, app = name.partition(":")
        said = {"label": one.label, "id": one.id, "key": one.key, "name": name, "api": api, "app": app}
        yield Finding(
            Difference.ORPHAN, how.rank, how.cure, one.key, one.kind, one.label, one.region, how.say(said), one.id,
            since=one.since,
        )  # fmt: skip


def _make(
    resource: Resource,
    difference: Difference,
    how: Row,
    said: Mapping[str, Any],
    *,
    id: str = "",
    since: str = "",
    why: str = "",
    cure: Cure | None = None,
) -> Finding:
    return Finding(
        difference=difference,
        rank=how.rank,
        cure=cure or how.cure,
        key=resource.key,
        kind=resource.KIND,
        label=resource.label,
        region=resource.region,
        text=how.say(said),
        id=id,
        since=since,
        why=why,
    )


def _with_follows(engine: Engine, finding: Finding, seen: _Seen) -> Finding:
    """With everything that follows from it, and as bad as the worst of that."""
    if finding.watched:
        return finding
    keys = sorted(seen.follows.get(finding.key, ()), key=engine.graph.order.index)
    gone = keys if finding.difference is Difference.MISSING else ()
    ranks = [row(engine.graph[k].KIND, Difference.MISSING).rank for k in gone if k in seen.absent]
    return replace(finding, follows=tuple(keys), rank=min([finding.rank, *ranks], key=lambda r: r.weight))


def _without_symptoms(findings: list[Finding], seen: _Seen) -> list[Finding]:
    """Without those that only show that something else is wrong."""

    def cause(f: Finding) -> Finding | None:
        kinds = {k for c in f.fields for k in SYMPTOMS.get((f.kind, c.name), ())}
        line = f.key.partition(".")[2]
        near = (o for o in findings if o is not f and o.kind in kinds and f.watched)
        return next((o for o in near if f"{o.key.partition('.')[2]}/".startswith(f"{line}/")), None)

    kept = []
    for finding in findings:
        behind = cause(finding)
        if behind is None:
            kept.append(finding)
        elif behind.key != finding.key:
            seen.fold(finding.key, behind.key)
    return kept


def _milder(engine: Engine, findings: list[Finding]) -> list[Finding]:
    """A line of a site is no outage as long as another line of the site is whole."""
    lines = {f.key: line_of(engine, engine.graph[f.key]) for f in findings if f.key in engine.graph.nodes}
    hurt = {line for f in findings if f.rank is Rank.OUTAGE and (line := lines.get(f.key))}
    whole = {
        site.name for site in engine.design.sites if any(f"{site.name}/{c.circuit}" not in hurt for c in site.circuits)
    }

    def mild(f: Finding) -> Finding:
        line = lines.get(f.key)
        if f.rank is not Rank.OUTAGE or line is None or line.partition("/")[0] not in whole:
            return f
        text = f.text.replace("is cut off from the gateway", f"has lost {line.partition('/')[2]}, one of its lines")
        return replace(f, rank=Rank.DEGRADED, text=text)

    return [mild(f) for f in findings]


def _since(found: Found | None) -> str:
    rows: Iterable[Any] = (found.row,) if found else ()
    return next((str(r[name]) for r in rows for name in WHEN if r.get(name)), "")


def _shown(value: Any) -> str:
    if value is UNKNOWN:
        return "not known yet"
    return "nothing" if value is None or value == "" else str(value)
