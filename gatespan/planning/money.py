"""What the changes of a plan cost: shown before anything else, because some of it cannot be had back.

Each cost says how it accrues: by the hour for as long as the thing is there, once for a term, or by use. Prices come
from the account's own price calls where those know the thing, else from the dated table; what neither knows is
unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal

from gatespan.cloud import Cloud, CloudError
from gatespan.planning.engine import Engine
from gatespan.planning.model import Action, Change, Plan
from gatespan.planning.prices import INSTANCE_HOUR, Price
from gatespan.resources.base import Resource
from gatespan.resources.cen.bandwidth import BandwidthPlan, PeerAttachment
from gatespan.resources.gateway.instance import Gateway
from gatespan.topology.facts import MAINLAND, area

Basis = Literal["hour", "term", "use"]

CONNECTIONS = ("vpc_attachment", "vbr_attachment", "peer_attachment")
"""Kinds of which every one is a transit-router connection that is billed by the hour, part hours rounded up, and by the
GB that enters the router (vendor's page on billing)."""


@dataclass(frozen=True)
class Cost:
    """One thing that costs money. ``price`` None: unknown. ``committed``: not refunded when it is torn down."""

    key: str
    what: str
    basis: Basis
    price: Price | None = None
    committed: bool = False
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        price = self.price
        return {
            "key": self.key,
            "what": self.what,
            "basis": self.basis,
            "amount": str(price.amount) if price else None,
            "currency": price.currency if price else None,
            "source": price.source if price else None,
            "as_of": price.as_of if price else None,
            "committed": self.committed,
            "note": self.note,
        }


@dataclass(frozen=True)
class Bill:
    """The costs of a plan's changes, what is bought for a term first."""

    costs: tuple[Cost, ...]

    @property
    def purchases(self) -> tuple[Cost, ...]:
        """What needs a yes: it is bought, or runs by the hour from the moment it is made."""
        return tuple(c for c in self.costs if c.key.partition(".")[0] in ("bandwidth_plan", "gateway"))

    def total(self, basis: Basis) -> dict[str, Decimal]:
        """The known amounts of one basis by currency; nothing is converted."""
        sums: dict[str, Decimal] = {}
        for cost in self.costs:
            if cost.basis == basis and cost.price:
                sums[cost.price.currency] = sums.get(cost.price.currency, Decimal(0)) + cost.price.amount
        return sums

    def unknown(self, basis: Basis) -> int:
        """How many of the basis have no known price."""
        return sum(1 for c in self.costs if c.basis == basis and c.price is None)

    def to_json(self) -> dict[str, Any]:
        return {
            "hourly": {k: str(v) for k, v in self.total("hour").items()},
            "hourly_unknown": self.unknown("hour"),
            "committed": {k: str(v) for k, v in self.total("term").items()},
            "committed_unknown": self.unknown("term"),
            "costs": [c.to_json() for c in self.costs],
        }


Ask = Callable[[BandwidthPlan], Price | None]


def bill(engine: Engine, plan: Plan, *, now: float, ask: Ask | None = None) -> Bill:
    """What the plan's changes cost. Reads only. ``ask``: for prices (default: the account's calls); ``now``: epoch
    seconds, the date of what is asked."""
    asked = ask or (lambda resource: subscription_price(engine.cloud, resource, now=now))
    here = [c for c in plan.changes if c.key in engine.graph.nodes]
    costs = [cost for change in here for cost in _costs(engine.graph[change.key], change, asked)]
    order: list[Basis] = ["term", "hour", "use"]
    return Bill(tuple(sorted(costs, key=lambda c: order.index(c.basis))))


def _costs(resource: Resource, change: Change, ask: Ask) -> Iterator[Cost]:
    if change.action is Action.UPDATE and isinstance(resource, BandwidthPlan):
        yield Cost(change.key, f"{change.label}: change of its bandwidth", "term", committed=True, note=UPGRADE)
    if change.action is not Action.CREATE:
        return
    if isinstance(resource, BandwidthPlan):
        unit = resource.cycle.lower() + ("s" if resource.period > 1 else "")
        what = f"{change.label} for {resource.period} {unit}"
        yield Cost(change.key, what, "term", ask(resource), committed=True, note=NOT_REFUNDED)
    elif isinstance(resource, Gateway):
        home = area(resource.region) == MAINLAND
        yield Cost(change.key, change.label, "hour", INSTANCE_HOUR.get((resource.spec or "", home)))
    elif resource.KIND in CONNECTIONS:
        yield Cost(change.key, change.label, "hour")
        if isinstance(resource, PeerAttachment) and resource.plan is None:
            yield Cost(change.key, f"{change.label}: traffic", "use", note="per GB that leaves each router")


NOT_REFUNDED = "paid at once, cannot be given back during its term"
UPGRADE = "an upgrade is charged for the rest of the term; a downgrade is not refunded"


def subscription_price(cloud: Cloud, plan: BandwidthPlan, *, now: float) -> Price | None:
    """What the account would pay for the bandwidth plan (BssOpenApi GetSubscriptionPrice). None where it does not say.

    The codes (product ``cbn``, module ``bandwidth``) are those that one public client uses; an answer counts only with
    Success and a module in it, because misses come as HTTP 200 as well.
    """
    config = f"bandwidth:{plan.mbps},RegionA:{plan.areas[0]},RegionB:{plan.areas[1]}"
    params = {
        "ProductCode": "cbn",
        "SubscriptionType": "Subscription",
        "OrderType": "NewOrder",
        "ServicePeriodUnit": plan.cycle,
        "ServicePeriodQuantity": plan.period,
        "Quantity": 1,
        "ModuleList": [{"ModuleCode": "bandwidth", "Config": config}],
    }
    try:
        answer = cloud.call("bss", "GetSubscriptionPrice", params, region=plan.region)
    except CloudError:
        return None  # no right to ask, another site's account, a product that is not priced: unknown, and said so
    data: Mapping[str, Any] = answer.get("Data") or {}
    if not answer.get("Success") or not (data.get("ModuleDetails") or {}).get("ModuleDetail"):
        return None
    amount = Decimal(str(data["TradePrice"]))
    day = datetime.fromtimestamp(now, UTC).date().isoformat()
    return Price(amount, str(data["Currency"]), f"price call of {cloud.target.name}", day)


def lines(made: Bill) -> Iterable[str]:
    """The bill as lines for people; nothing when nothing costs money."""
    if not made.costs:
        return
    yield "Cost"
    for cost in made.costs:
        per = {"hour": " per hour", "term": " once", "use": " by use"}[cost.basis]
        price = f"{cost.price}{per} ({cost.price.source}, {cost.price.as_of})" if cost.price else f"unknown{per}"
        yield f"  {cost.what}: {price}" + (f"; {cost.note}" if cost.note else "")
    yield f"  Run rate: {_sum(made, 'hour')} per hour. Committed, not refunded on teardown: {_sum(made, 'term')}."


def _sum(made: Bill, basis: Basis) -> str:
    known = " + ".join(f"{amount:f} {currency}" for currency, amount in made.total(basis).items())
    unknown = made.unknown(basis)
    if unknown:
        return f"{known} + {unknown} unknown" if known else "unknown"
    return known or "nothing"
