"""Giving money back by a feed: shared out over lines and components."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from adapters.marketplaces.amazon.refunds import share_out
from adapters.marketplaces.amazon.wire import Order
from domain.effect import CannotTell, Confirmed, Found, NotYet, Rejected, Unknown
from tests.adapters.marketplaces.amazon.scenes import FIRST, ORDER, refund, speaking_to
from tests.adapters.marketplaces.amazon.simulator import START, Amazon, make_order

_POT = "50011122233344"


@pytest.fixture
def amazon() -> Amazon:
    made = Amazon()
    made.place(make_order(ORDER, [("MUG-BLUE", 2, 1000), ("MUG-RED", 1, 500)], START - timedelta(hours=1)))
    return made


@pytest.fixture
def taxed() -> Order:
    return Order.model_validate_json((Path(__file__).parent / "payloads" / "order_us_taxed.json").read_bytes())


@pytest.mark.parametrize(
    ("amount", "units", "shares"),
    [
        (1799, 1, {"ITEM": 1799}),
        (1919, 1, {"ITEM": 1799, "TAX": 120}),
        (1999, 1, {"ITEM": 1879, "TAX": 120}),
        (3838, 2, {"ITEM": 3598, "TAX": 240}),
        (4637, 2, {"ITEM": 3598, "TAX": 240, "SHIPPING": 599, "GIFT_WRAP": 200}),
        (500, 0, {"ITEM": 500}),
    ],
)
def test_what_the_units_cost_comes_first(taxed: Order, amount: int, units: int, shares: dict[str, int]) -> None:
    assert share_out(taxed, refund(amount, {_POT: units} if units else {}, currency="USD")) == {_POT: shares}


def test_no_more_than_the_order_brought_is_shared_out(taxed: Order) -> None:
    assert share_out(taxed, refund(4638, {}, currency="USD")) is None


async def test_a_refund_is_handed_in_and_found_when_it_was_worked_off(amazon: Amazon) -> None:
    async with speaking_to(amazon) as marketplace:
        outcome = await marketplace.refund(refund(1000, {FIRST: 1}))
        assert isinstance(outcome, Unknown)
        write = refund(1000, {FIRST: 1}, trace=outcome.trace)
        assert await marketplace.find(write) == NotYet(retry_after=60)
        amazon.feeds.finish()
        assert await marketplace.find(write) == Found(confirmed=Confirmed(remote_id=outcome.trace))
    assert amazon.feeds.refunded == {ORDER: 1000}


async def test_the_feed_names_component_amount_and_currency(amazon: Amazon) -> None:
    async with speaking_to(amazon) as marketplace:
        await marketplace.refund(refund(1234, {FIRST: 1}))
    (feed,) = amazon.feeds.feeds.values()
    content = amazon.feeds.documents[feed["inputFeedDocumentId"]].decode()
    assert feed["feedType"] == "POST_PAYMENT_ADJUSTMENT_DATA"
    assert (
        f"<AmazonOrderItemCode>{FIRST}</AmazonOrderItemCode><AdjustmentReason>CustomerReturn</AdjustmentReason>"
        '<ItemPriceAdjustments><Component><Type>Principal</Type><Amount currency="EUR">12.34</Amount></Component>'
    ) in content


async def test_a_refund_whose_feed_is_not_known_is_for_a_person(amazon: Amazon) -> None:
    async with speaking_to(amazon) as marketplace:
        assert await marketplace.find(refund(1000, {FIRST: 1})) == CannotTell(code="amazon-shows-no-refunds")


@pytest.mark.parametrize(
    ("amount", "currency", "code"), [(3000, "EUR", "amazon-above-proceeds"), (100, "USD", "amazon-other-currency")]
)
async def test_what_amazon_would_not_give_is_not_asked_for(
    amazon: Amazon, amount: int, currency: str, code: str
) -> None:
    async with speaking_to(amazon) as marketplace:
        assert await marketplace.refund(refund(amount, {}, currency=currency)) == Rejected(code=code)
    assert not amazon.feeds.feeds
