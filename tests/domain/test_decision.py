"""Past decisions under another policy: what may be compared, and what has to be said besides money."""

from __future__ import annotations

import pytest

from domain.decision import Decision, simulate, unweighed
from domain.errors import Refused
from domain.listing import Component
from domain.rates import RateTable
from domain.routing import plan_fulfillment
from domain.snapshot import Demand, Snapshot
from domain.sourcing import SourcingPolicy, SourcingRule
from tests.builders import BERLIN, MUG, MUNICH, TEA
from tests.domain.test_sourcing import NOON, snapshot, zone

BY_WEIGHT = SourcingPolicy(rates=(RateTable(zones=(zone("all", 400, 900),)),))
BOTH = (Demand(line_id="1", sku=TEA, quantity=2), Demand(line_id="2", sku=MUG, quantity=1))


def decided(taken: Snapshot) -> Decision:
    return Decision(order_id="shop/1", number=1, decided_at=NOON, snapshot=taken, plan=plan_fulfillment(taken))


def test_lines_that_another_policy_leaves_short_are_told_beside_what_it_saves() -> None:
    nowhere = SourcingPolicy(rules=(SourcingRule(name="none", never=(BERLIN, MUNICH)),))
    result = simulate([decided(snapshot(demands=BOTH))], nowhere)
    assert (result.after.shipping, result.short) == (0, (0, 2))
    (other,) = result.others
    assert (other.short_after, other.costs_more) == (2, -500)


def test_splits_are_counted_before_and_after() -> None:
    apart = {TEA: {BERLIN: 5}, MUG: {BERLIN: 5, MUNICH: 9}}
    sparing = SourcingPolicy(split=0, flat_rate=0, rank=0, balance=900, spare_below=6)
    result = simulate([decided(snapshot(demands=BOTH, stock=apart))], sparing)
    assert result.splits == (0, 1)


def test_weights_that_no_policy_asked_for_when_it_was_decided_are_those_of_the_goods() -> None:
    kit = Demand(line_id="2", sku="KIT", quantity=1, components=(Component(sku=MUG, units=2),))
    taken = snapshot(
        demands=(Demand(line_id="1", sku=TEA, quantity=1), kit), stock={TEA: {MUNICH: 5}, MUG: {MUNICH: 5}}
    )
    decision = decided(taken)
    assert unweighed([decision], BY_WEIGHT) == {TEA, MUG}
    assert unweighed([decision], SourcingPolicy()) == set()
    grams = {TEA: 100, MUG: 300}
    assert simulate([decision], BY_WEIGHT, grams).after.shipping == 900
    assert simulate([decision], BY_WEIGHT, {TEA: 100, MUG: 150}).after.shipping == 400
    assert simulate([decision], SourcingPolicy(), grams).reproduced == 1


def test_weights_that_were_recorded_stay() -> None:
    decision = decided(snapshot(policy=BY_WEIGHT))
    assert unweighed([decision], BY_WEIGHT) == set()
    assert simulate([decision], BY_WEIGHT, {TEA: 1}).reproduced == 1


def test_a_policy_in_another_currency_is_not_compared() -> None:
    with pytest.raises(Refused, match="currency: the policy counts in USD, past decisions in EUR"):
        simulate([decided(snapshot())], SourcingPolicy(currency="USD"))
