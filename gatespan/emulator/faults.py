"""Faults on purpose: rules that make a call fail, be slow, lose its answer, or leave an object stuck.

A rule aims at an action (``*`` for any), and optionally at a product, a region and some parameters. It lets the first
``skip`` calls pass and then strikes ``count`` times (null: always). What it can do:

======== ======================================================================================================
error    the given code, status and message; ``when`` before the effect, or after it (the effect stays)
throttle Throttling.User with status 400; ``retry_after_ms`` is sent as ``x-acs-retry-after``
drop     the connection is closed without an answer; after the effect this is the lost answer
delay    the call waits ``seconds`` of real time, before or after its effect
truncate the answer's body is cut in half
stuck    what the call sets in motion never arrives by itself
======== ======================================================================================================
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gatespan.emulator import codec
from gatespan.emulator.errors import CloudError, DropConnection
from gatespan.emulator.kernel import Where

KINDS = ("error", "drop", "throttle", "delay", "truncate", "stuck")
MOMENTS = ("before", "after")


@dataclass(frozen=True)
class Rule:
    """One rule as it is given and shown. ``id`` is given by ``FaultRules`` when empty; ``struck`` counts."""

    action: str = "*"
    kind: str = "error"
    product: str = ""
    region: str = ""
    match: Mapping[str, str] = field(default_factory=dict)
    when: str = "before"
    code: str = ""
    status: int = 500
    message: str = "A fault rule of the embedded cloud refused this call."
    retry_after_ms: int = 0
    seconds: float = 0.0
    count: int | None = 1
    skip: int = 0
    id: str = ""
    struck: int = 0

    def aims_at(self, where: Where) -> bool:
        return (
            self.action in ("*", where.action)
            and self.product.lower() in ("", where.product.lower())
            and self.region in ("", where.region)
            and all(where.params.get(k) == v for k, v in self.match.items())
        )


def read_rule(data: Any, path: str = "rule") -> Rule:
    """A rule from plain data. Raises ShapeError, also for words that no rule knows."""
    rule = codec.read(Rule, data, path)
    for name, value, allowed in (("kind", rule.kind, KINDS), ("when", rule.when, MOMENTS)):
        if value not in allowed:
            raise codec.ShapeError(f"{path}.{name}", f"{value!r} is not one of {', '.join(allowed)}")
    if rule.kind == "error" and not rule.code:
        raise codec.ShapeError(f"{path}.code", "an error rule needs the code to answer with")
    if not 400 <= rule.status <= 599:
        raise codec.ShapeError(f"{path}.status", f"{rule.status} is not an error status (400 to 599)")
    if rule.seconds < 0 or rule.skip < 0 or (rule.count is not None and rule.count < 1):
        raise codec.ShapeError(path, "seconds and skip must not be negative, count is at least 1 or null")
    return rule


class FaultRules:
    """The rules in force, in the order given; the first that aims at a call strikes."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self._made = 0

    @property
    def active(self) -> bool:
        return bool(self.rules)

    def add(self, rule: Rule) -> Rule:
        self._made += 1
        rule = dataclasses.replace(rule, id=rule.id or f"fault-{self._made}", struck=0)
        self.rules.append(rule)
        return rule

    def remove(self, id: str) -> bool:
        kept = [rule for rule in self.rules if rule.id != id]
        found = len(kept) != len(self.rules)
        self.rules = kept
        return found

    def clear(self) -> None:
        self.rules = []

    # --- what the kernel asks -----------------------------------------------------------------------------

    def before(self, where: Where) -> None:
        self._refuse(where, "before")

    def after(self, where: Where) -> None:
        self._refuse(where, "after")

    def stuck(self, where: Where) -> bool:
        return self._strike(where, ("stuck",), None) is not None

    # --- what the server asks -----------------------------------------------------------------------------

    async def delay(self, where: Where, when: str) -> None:
        rule = self._strike(where, ("delay",), when)
        if rule is not None:
            await asyncio.sleep(rule.seconds)

    def truncated(self, where: Where) -> bool:
        return self._strike(where, ("truncate",), None) is not None

    def _refuse(self, where: Where, when: str) -> None:
        rule = self._strike(where, ("error", "drop", "throttle"), when)
        if rule is None:
            return
        if rule.kind == "drop":
            raise DropConnection
        headers = {"x-acs-retry-after": str(rule.retry_after_ms)} if rule.retry_after_ms else {}
        if rule.kind == "throttle":
            text = "Request was denied due to user flow control."
            raise CloudError(rule.code or "Throttling.User", text, 400, headers=headers)
        raise CloudError(rule.code, rule.message, rule.status, headers=headers)

    def _strike(self, where: Where, kinds: tuple[str, ...], when: str | None) -> Rule | None:
        """The rule that strikes now, after its count is taken down."""
        for i, rule in enumerate(self.rules):
            if rule.kind not in kinds or (when and rule.when != when) or not rule.aims_at(where):
                continue
            if rule.skip > 0:
                self.rules[i] = dataclasses.replace(rule, skip=rule.skip - 1)
                continue
            if rule.count is not None and rule.struck >= rule.count:
                continue
            self.rules[i] = dataclasses.replace(rule, struck=rule.struck + 1)
            return rule
        return None
