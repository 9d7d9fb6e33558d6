"""Preflight: what the cloud says about a topology before anything is changed. Reads only.

It finds what would make a build stop half-way, and names what a person should know before saying yes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from gatespan.cloud import CloudError
from gatespan.planning.engine import Engine
from gatespan.planning.model import Action, Plan
from gatespan.resources.gateway.instance import RETIREMENT


@dataclass(frozen=True)
class Finding:
    """One thing found. ``error``: apply would stop; ``warning``: it works, but; ``note``: good to know."""

    level: Literal["error", "warning", "note"]
    text: str


def preflight(engine: Engine) -> tuple[Finding, ...]:
    """Everything that can be said without changing anything."""
    plan = engine.plan()
    return (
        *(Finding("error", c.why) for c in plan.blocked if not c.why.startswith("waits for ")),
        *_gateway(engine),
        *_zones(engine),
        *_money(plan),
        Finding("note", _summary(plan)),
    )


def _gateway(engine: Engine) -> Iterator[Finding]:
    dates = ", ".join(f"{what} {day}" for what, day in RETIREMENT.items())
    found = engine.known("gateway.gateway")
    if found is not None and found.status != "RUNNING":
        yield Finding("warning", f"gateway instance {found.id} is {found.status}, not RUNNING.")
    yield Finding("note", f"the traditional API Gateway is being retired: {dates} (vendor's product page).")


def _zones(engine: Engine) -> Iterator[Finding]:
    """An attachment needs vSwitches in zones that the region's transit router serves."""
    for key in engine.graph.keys(kind="vpc_attachment"):
        attachment = engine.graph[key]
        region = attachment.region
        try:
            answer = engine.cloud.call("cbn", "ListTransitRouterAvailableResource", {"RegionId": region}, region=region)
        except CloudError as error:
            yield Finding("warning", f"{attachment.label}: its zones cannot be checked: {error}")
            continue
        served = {z for name in ("AvailableZones", "MasterZones", "SlaveZones") for z in answer.get(name) or ()}
        for ref in attachment.refs():
            vswitch = engine.known(ref) if ref.startswith("vswitch.") else None
            zone = vswitch.fields.get("zone") if vswitch else None
            if zone and served and zone not in served:
                yield Finding(
                    "error",
                    f"{attachment.label}: {engine.graph[ref].label} lies in {zone}, which the transit router does not "
                    f"serve. Choose vSwitches in two of: {', '.join(sorted(served))}.",
                )


def _money(plan: Plan) -> Iterator[Finding]:
    for change in plan.of(Action.CREATE):
        if change.paid:
            yield Finding("warning", f"{change.label} costs money as soon as it is made.")


def _summary(plan: Plan) -> str:
    changes = len(plan.changing)
    return f"{changes} changes are due." if changes else "everything is as the topology says."
