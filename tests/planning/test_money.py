"""What changes cost: the account's word, the dated table, or plainly unknown; never zero, never added across units."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gatespan.planning import Action, Failed
from gatespan.planning.money import Bill, Cost, bill, lines
from gatespan.planning.prices import Price
from gatespan.resources.base import Blocked
from tests.planning.lab import Lab, edited

NOW = 1_800_000_000.0
BUYING = {"instance: {name: gateway-1}": "instance: {create: {name: gw-2, spec: api.s1.small, zone: Z}}"}


def test_the_plan_of_a_purchase_says_what_it_costs(lab: Lab) -> None:
    engine = lab.engine()
    made = bill(engine, engine.plan(), now=NOW)
    assert [c.key.partition(".")[0] for c in made.costs] == [
        "bandwidth_plan",
        "vpc_attachment",
        "vpc_attachment",
        "peer_attachment",
    ]
    plan = made.costs[0]
    assert plan.committed and plan.price and "cannot be given back" in plan.note
    assert (plan.price.amount, plan.price.currency, plan.price.as_of) == (Decimal("222.22"), "CNY", "2027-01-15")
    assert made.unknown("hour") == 3
    assert list(lines(made))[-1] == ("  Run rate: unknown per hour. Committed, not refunded on teardown: 222.22 CNY.")


def test_nothing_is_asked_or_told_when_nothing_is_bought(lab: Lab) -> None:
    lab.engine().converge()
    lab.control("log", method="DELETE")
    engine = lab.engine()
    assert bill(engine, engine.plan(), now=NOW).costs == ()
    assert list(lines(Bill(()))) == []
    assert not [c for c in lab.log() if "Price" in c["action"]]


def test_a_price_that_nobody_tells_is_unknown(lab: Lab) -> None:
    lab.control("faults", {"action": "GetSubscriptionPrice", "kind": "error", "code": "NotAuthorized", "status": 400})
    engine = lab.engine()
    (plan,) = (c for c in bill(engine, engine.plan(), now=NOW).costs if c.basis == "term")
    assert plan.price is None
    assert "unknown once" in "\n".join(lines(Bill((plan,))))


def test_an_instance_has_the_price_of_the_dated_table(lab: Lab) -> None:
    engine = lab.engine(edited("cross-region", BUYING))
    change = next(c for c in engine.plan().changes if c.key == "gateway.gateway")
    assert change.action is Action.CREATE
    (gateway,) = (c for c in bill(engine, engine.plan(), now=NOW).costs if c.key == "gateway.gateway")
    assert gateway.price and (str(gateway.price), gateway.price.as_of) == ("0.87 USD", "2025-02")


def test_sums_keep_currencies_and_the_unknown_apart() -> None:
    def cost(amount: str, currency: str) -> Cost:
        return Cost("x.x", "thing", "hour", Price(Decimal(amount), currency, "somebody", "2026-01"))

    made = Bill((cost("1.5", "USD"), cost("2", "CNY"), cost("0.5", "USD"), Cost("y.y", "other", "hour")))
    assert made.total("hour") == {"USD": Decimal("2.0"), "CNY": Decimal(2)}
    assert list(lines(made))[-1] == (
        "  Run rate: 2.0 USD + 2 CNY + 1 unknown per hour. Committed, not refunded on teardown: nothing."
    )


@pytest.mark.parametrize("approved", [True, False])
def test_what_is_gone_since_the_plan_is_not_bought_again_unasked(lab: Lab, approved: bool) -> None:
    engine = lab.engine()
    (plan,) = engine.graph.keys(kind="bandwidth_plan")
    engine.allow_purchases([plan] if approved else [])
    if approved:
        engine.converge()
        return
    with pytest.raises(Failed) as refused:
        engine.converge()
    assert [(k, type(e)) for k, e in refused.value.errors.items()] == [(plan, Blocked)]
    assert "costs money that nobody has approved" in str(refused.value)
    assert "CreateCenBandwidthPackage" not in {c["action"] for c in lab.log()}
