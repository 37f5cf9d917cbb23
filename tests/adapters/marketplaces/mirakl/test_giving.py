"""Cancelling units and giving money back: line by line, with the taxes in it, and never more than is left."""

from typing import Any

import httpx

from adapters.http import make_client
from adapters.marketplaces.mirakl.adapter import MiraklMarketplace
from domain.effect import Absent, CannotTell, Confirmed, Found, Rejected, Unknown
from tests.adapters.marketplaces.mirakl.conftest import (
    Sell,
    cancellation,
    line_of,
    make_adapter,
    refund,
    sent,
    shipment,
    writes,
)
from tests.adapters.marketplaces.mirakl.world import MiraklWorld

TAXED: dict[str, Any] = {
    "taxes": [{"code": "VAT", "amount": 4.79}],
    "shipping_taxes": [{"code": "VAT", "amount": "0.80"}],
}


async def test_an_order_that_waits_for_acceptance_is_refused(adapter: MiraklMarketplace, sell: Sell) -> None:
    order = await sell(2, 1, state="WAITING_ACCEPTANCE")
    assert await adapter.cancel_lines(cancellation(order, 1)) == Rejected(code="mirakl-not-accepted-yet")
    assert isinstance(await adapter.cancel_lines(cancellation(order, 2, 1)), Confirmed)
    assert order["order_state"] == "REFUSED"


async def test_a_whole_order_is_cancelled_at_once_where_it_can_be(
    adapter: MiraklMarketplace, sell: Sell, world: MiraklWorld
) -> None:
    order, other = await sell(2, 1), await sell(1, can_cancel=False)
    await adapter.cancel_lines(cancellation(order, 2, 1))
    assert writes(world) == [("PUT", f"orders/{order['order_id']}/cancel")]
    await adapter.cancel_lines(cancellation(other, 1))
    assert writes(world)[-1] == ("PUT", "orders/cancel")


async def test_a_cancelled_unit_takes_its_part_of_price_shipping_and_taxes(
    adapter: MiraklMarketplace, sell: Sell, world: MiraklWorld
) -> None:
    order = await sell(3, 1)
    order["order_lines"][0] |= {"shipping_price": 5, "price": 29.99, **TAXED}
    await adapter.cancel_lines(cancellation(order, 1))
    (row,) = sent(world)["cancelations"]
    assert (row["quantity"], row["amount"], row["shipping_amount"]) == (1, 9.99, 1.66)
    assert (row["taxes"], row["shipping_taxes"]) == (
        [{"code": "VAT", "amount": 1.59}],
        [{"code": "VAT", "amount": 0.26}],
    )
    assert (row["reason_code"], row["currency_iso_code"]) == ("34", "EUR")


async def test_with_the_last_unit_all_that_is_left_is_cancelled(
    adapter: MiraklMarketplace, sell: Sell, world: MiraklWorld
) -> None:
    order = await sell(3, 1)
    order["order_lines"][0] |= {"price": 29.99}
    await adapter.cancel_lines(cancellation(order, 1))
    await adapter.cancel_lines(cancellation(order, 3))
    (row,) = sent(world)["cancelations"]
    assert (row["quantity"], row["amount"]) == (2, 20)


async def test_what_was_cancelled_or_has_left_is_not_cancelled(adapter: MiraklMarketplace, sell: Sell) -> None:
    order = await sell(2, 1)
    await adapter.cancel_lines(cancellation(order, 1))
    assert await adapter.cancel_lines(cancellation(order, 1)) == Rejected(
        code="mirakl-already-cancelled", already_done=True
    )
    await adapter.confirm_shipment(shipment(order, 1))
    assert await adapter.cancel_lines(cancellation(order, 2)) == Rejected(code="mirakl-already-shipped")
    assert await adapter.cancel_lines(cancellation(order, 0, 0, 1)) == Rejected(code="mirakl-no-such-line")


async def test_a_refund_takes_from_the_lines_it_belongs_to_first(
    adapter: MiraklMarketplace, sell: Sell, world: MiraklWorld
) -> None:
    order = await sell(1, 2, state="SHIPPED")
    order["order_lines"][1]["shipping_price"] = 4.9
    assert isinstance(await adapter.refund(refund(order, 2700, _2=2)), Confirmed)
    rows = {row["order_line_id"]: row for row in sent(world)["refunds"]}
    assert (rows[line_of(order, 2)]["amount"], rows[line_of(order, 2)]["shipping_amount"]) == (20, 4.9)
    assert rows[line_of(order, 1)]["amount"] == 2.1
    assert (rows[line_of(order, 2)]["quantity"], rows[line_of(order, 1)]["quantity"]) == (2, 0)


async def test_what_was_given_or_cancelled_is_not_given_again(adapter: MiraklMarketplace, sell: Sell) -> None:
    order = await sell(3)
    await adapter.cancel_lines(cancellation(order, 1))
    await adapter.refund(refund(order, 1500))
    assert await adapter.refund(refund(order, 501, "refund:2")) == Rejected(code="mirakl-refund-above-remaining")
    assert isinstance(await adapter.refund(refund(order, 500, "refund:3")), Confirmed)


async def test_a_refund_whose_answer_was_lost_is_found_among_the_new_ones(
    adapter: MiraklMarketplace, sell: Sell, world: MiraklWorld
) -> None:
    order = await sell(3)
    await adapter.refund(refund(order, 700))
    executed = True

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method != "GET":
            if executed:
                world.market(request)
            raise httpx.ReadTimeout("lost")
        return world.market(request)

    second = refund(order, 700, "refund:2")
    async with make_client(httpx.MockTransport(answer)) as http:
        broken = make_adapter(world, http)
        executed = False
        outcome = await broken.refund(second)
        assert isinstance(outcome, Unknown)
        traced = second.model_copy(update={"trace": outcome.trace})
        assert isinstance(await broken.find(traced), Absent), "the first refund of this amount is another one"
        executed = True
        outcome = await broken.refund(second)
        assert isinstance(outcome, Unknown)
        assert isinstance(await broken.find(second.model_copy(update={"trace": outcome.trace})), Found)


async def test_prices_without_their_taxes_are_left_to_a_person(
    adapter: MiraklMarketplace, sell: Sell, world: MiraklWorld
) -> None:
    order = await sell(2, 1, order_tax_mode="TAX_EXCLUDED")
    order["order_lines"][0] |= TAXED
    assert await adapter.refund(refund(order, 100)) == Rejected(code="mirakl-other-tax-mode")
    assert await adapter.cancel_lines(cancellation(order, 1)) == Rejected(code="mirakl-other-tax-mode")
    assert writes(world) == []


async def test_another_currency_and_an_unreadable_amount_are_refused(adapter: MiraklMarketplace, sell: Sell) -> None:
    order = await sell(1)
    yen = refund(order, 100).model_copy(update={"currency": "JPY"})
    assert await adapter.refund(yen) == Rejected(code="mirakl-other-currency")
    order["order_lines"][0]["refunds"] = [{"id": "1", "quantity": 0, "amount": 1.005}]
    assert isinstance(await adapter.find(refund(order, 100)), CannotTell)


async def test_a_refund_is_not_taken_for_an_earlier_one_of_the_same_amount(
    adapter: MiraklMarketplace, sell: Sell
) -> None:
    order = await sell(3)
    assert await adapter.find(refund(order, 500)) == Absent()
    assert isinstance(await adapter.refund(refund(order, 500)), Confirmed)
    assert await adapter.find(refund(order, 500)) == CannotTell(code="mirakl-refunds-alike")
    assert await adapter.find(refund(order, 400)) == Absent()


async def test_units_of_a_line_whose_money_went_back_are_not_sent(adapter: MiraklMarketplace, sell: Sell) -> None:
    order = await sell(3, 1)
    await adapter.confirm_shipment(shipment(order, 1))
    order["order_lines"][0]["order_line_state"] = "REFUNDED"
    seen = adapter.read_order((await adapter.fetch_order(order["order_id"])).body)
    assert [(line.shipped, line.cancelled) for line in seen.lines] == [(1, 2), (0, 0)]
