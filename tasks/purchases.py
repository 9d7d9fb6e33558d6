"""Buying in a flow run: nothing is bought before somebody has said yes to exactly that.

What needs no purchase is built first, so that a question that nobody answers leaves nothing half done. Then the run is
suspended with the prices in the form of the Prefect UI; with the answer the worker starts it again from the top, it
finds what is there, and buys what was approved. The answer is bound to the offer by a digest: when the things or the
prices have changed meanwhile, it is asked again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from prefect import task
from prefect.runtime import deployment
from prefect.states import Completed

from gatespan.planning import Plan
from gatespan.planning.model import plain
from gatespan.planning.money import Bill, Cost
from gatespan.report.markdown import bill_markdown
from gatespan.report.words import purchase
from tasks.artifacts import publish
from tasks.asking import Answer, answer_to, digest_of, suspend
from tasks.parts import Part
from tasks.session import Run
from tasks.steps import CHANGES
from tasks.watching import tell

if TYPE_CHECKING:
    from gatespan.planning import Engine

Approve = Literal["auto", "ask", "yes", "no"]

NOT_BOUGHT = "Not bought:"
"""How the message of a run begins that did all but what must be bought."""
LEFT_OUT = "LeftOut"
"""Name of the state of a step that waits for a purchase."""
PATIENCE = 24 * 3600
"""Seconds that a question waits: prices are of today."""


@dataclass(frozen=True)
class Offer:
    """What a plan would buy. ``real``: with real money. ``digest``: of the things and their prices."""

    costs: tuple[Cost, ...] = ()
    real: bool = False
    digest: str = ""


def offer_of(engine: Engine, plan: Plan, bill: Bill) -> Offer:
    """The purchases of a plan. The digest leaves out the day of the price, which changes nothing."""
    target = engine.cloud.target
    fields = {c.key: [(f.name, plain(f.new)) for f in c.fields] for c in plan.changes}
    things: list[Any] = [plan.topology, target.name]
    for cost in bill.purchases:
        price = [str(cost.price.amount), cost.price.currency] if cost.price else None
        things.append([cost.key, cost.what, cost.basis, price, fields[cost.key]])
    return Offer(bill.purchases, target.kind == "alibaba", digest_of(things))


@dataclass(frozen=True)
class Permission:
    """Whether the offer may be bought. ``asks``: nobody has answered yet; ``answer``: what somebody has."""

    offer: Offer = Offer()
    granted: bool = True
    asks: bool = False
    answer: Answer | None = None

    @property
    def refused(self) -> frozenset[str]:
        """Keys of the resources that must not be bought."""
        return frozenset() if self.granted else frozenset(cost.key for cost in self.offer.costs)

    @property
    def bought(self) -> frozenset[str]:
        """Keys of the resources that may be bought."""
        return frozenset(cost.key for cost in self.offer.costs) if self.granted else frozenset()

    def leaves_out(self, part: Part) -> bool:
        """True for what would be bought, and for all that rests on it."""
        return not self.refused.isdisjoint(part.keys) or not self.refused.isdisjoint(part.needs)

    def told(self, left_out: Collection[str]) -> str:
        """What was not bought, why, and what waits for it, for the message of the run."""
        what = "; ".join(purchase(cost) for cost in self.offer.costs)
        who = f"{self.answer.answered_by} said no to it" if self.answer else "Nobody has approved it"
        steps = f" Left out, because they wait for it: {', '.join(left_out)}." if left_out else ""
        return f"{NOT_BOUGHT} {what}.\n{who}.{steps}"


async def settle(offer: Offer, approve: Approve) -> Permission:
    """Whether the run may buy: as its parameter says, or as the form was answered. Call it in a flow."""
    if not offer.costs:
        return Permission(offer)
    if approve == "auto":
        approve = "ask" if offer.real else "yes"
    if approve != "ask":
        return Permission(offer, granted=approve == "yes")
    answer = await answer_to(_key(offer))
    return Permission(offer, answer is not None and answer.decision == "approve", answer is None, answer)


async def ask(run: Run, permission: Permission, left_out: Sequence[str]) -> None:
    """Suspend the flow run until somebody answers. Call it in a flow, as its last act: the answer is read by
    ``settle`` when the worker starts the run again. A run without a deployment has nobody to ask: it returns."""
    if deployment.id is None:
        tell("note", text="Only the run of a deployment can ask, so nothing is bought.")
        return
    until = datetime.now(UTC) + timedelta(seconds=PATIENCE)
    text = _question(permission.offer, left_out, until)
    await publish("purchase", run.name, text, permission.told(left_out).splitlines()[0])
    await suspend(_key(permission.offer), text, PATIENCE)


def _question(offer: Offer, left_out: Sequence[str], until: datetime) -> str:
    return "\n\n".join(
        [
            "**Shall this be bought?** Everything that does not need it is built.",
            bill_markdown(Bill(offer.costs)),
            f"What waits for it: {', '.join(left_out)}.",
            f"Until {until:%Y-%m-%d %H:%M} UTC nobody's answer counts as a no: nothing is bought, and the run fails. "
            f"Your yes is for this offer alone, `{offer.digest}`: when things or prices change you are asked again.",
        ]
    )


def _key(offer: Offer) -> str:
    return f"purchase-{offer.digest}"


@task(**CHANGES)
async def leave_out(why: str) -> Any:
    """Stands for a step that waits for a purchase, so that the graph shows it."""
    return Completed(name=LEFT_OUT, message=why, data=[])
