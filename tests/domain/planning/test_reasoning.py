"""Reasons: why a place lost, by how much money, and what a line that is short waits for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.fulfillment_plan import Reason, Verdict
from domain.snapshot import Demand, Doubt
from domain.sourcing import ChannelTerms, SourcingPolicy
from tests.builders import BERLIN, MUG, MUNICH, TEA, location
from tests.domain.test_sourcing import DAY, NOON, chosen, explained, plan

WHOLE = SourcingPolicy(channels={"shop": ChannelTerms(may_split=False)})
BOTH = (Demand(line_id="1", sku=TEA, quantity=2), Demand(line_id="2", sku=MUG, quantity=1))


@pytest.mark.parametrize("skus", [("",), (TEA,), ("", TEA)])
def test_a_doubt_is_a_reason_and_no_money(skus: tuple[str, ...]) -> None:
    doubts = tuple(Doubt(location=BERLIN, sku=sku, until=NOON + DAY) for sku in skus)
    made, reasons = explained(location(BERLIN), location(MUNICH, rank=107), doubts=doubts)
    assert reasons == (
        Reason(BERLIN, Verdict.LOST, "doubted", lines=1, by=-7),
        Reason(MUNICH, Verdict.CHOSEN, "cheapest", lines=1),
    )
    only_there = plan(doubts=doubts, stock={TEA: {BERLIN: 5}})
    assert (chosen(only_there), only_there.cost.counted) == ([BERLIN], made.cost.counted - 7)


def test_a_place_that_lacks_a_line_of_an_order_that_may_not_be_split_does_not_seem_cheaper() -> None:
    _, reasons = explained(location(BERLIN), location(MUNICH, handling_line=900), policy=WHOLE, demands=BOTH)
    assert reasons[0] == Reason(BERLIN, Verdict.FILTERED, "may-not-split", lines=1)


def test_an_order_that_only_a_split_could_serve_waits_for_another_policy_too() -> None:
    apart = {TEA: {BERLIN: 5}, MUG: {MUNICH: 5}}
    made = plan(policy=WHOLE, demands=BOTH, stock=apart)
    assert [short.causes["policy:sourcing"] for short in made.short] == ["may-not-split"] * 2
    (tea, mug) = plan(policy=WHOLE, demands=BOTH, stock={TEA: {BERLIN: 5}}).short
    assert (tea.causes["policy:sourcing"], dict(mug.causes)) == ("may-not-split", {f"stock:{MUG}": "short"})


@pytest.mark.parametrize("delivery", ["ship", "pickup"])
def test_a_location_that_is_closed_for_a_while_gets_no_work_before(delivery: str) -> None:
    until = NOON + 20 * DAY
    asked: dict[str, Any] = {"delivery": delivery, "pickup_location": BERLIN if delivery == "pickup" else None}
    closed = location(BERLIN, closed_until=until)
    if delivery == "ship":
        assert chosen(plan(closed, location(MUNICH), **asked)) == [MUNICH]
    (short,) = plan(closed, **asked).short
    assert (short.causes[f"location:{BERLIN}"], short.again_at) == ("closed", until)
    assert chosen(plan(closed, **asked, now=until)) == [BERLIN]
    assert chosen(plan(closed, **asked, now=until - timedelta(seconds=1))) == []
