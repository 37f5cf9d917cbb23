"""Telling the shop that units will not come."""

from collections.abc import Mapping
from typing import Any

import httpx

from adapters.marketplaces.woocommerce.adapter import WooCommerceMarketplace
from domain.effect import Absent, Confirmed, Found, Rejected
from domain.ports.marketplace import CancelLines, RefundPayment
from tests.adapters.marketplaces.woocommerce.conftest import Sell, make_adapter, shipment
from tests.adapters.marketplaces.woocommerce.world import WooWorld


def cancellation(order: dict[str, Any], totals: Mapping[str, int], reference: str = "cancel:1") -> CancelLines:
    return CancelLines(
        channel_order_id=str(order["id"]), reference=reference, quantities=totals, totals=totals, reason="gone"
    )


async def test_a_whole_order_is_cancelled_by_its_status(adapter: WooCommerceMarketplace, sell: Sell) -> None:
    order = sell(2, 1)
    write = cancellation(order, {"11": 2, "22": 1})
    assert isinstance(await adapter.find(write), Absent)
    assert isinstance(await adapter.cancel_lines(write), Confirmed)
    assert order["status"] == "cancelled"
    assert isinstance(await adapter.find(write), Found)


async def test_units_are_cancelled_by_a_refund_of_nothing_that_moves_no_money(
    adapter: WooCommerceMarketplace, sell: Sell, world: WooWorld
) -> None:
    order = sell(3)
    assert isinstance(await adapter.cancel_lines(cancellation(order, {"11": 1})), Confirmed)
    (_, _, body) = next(one for one in world.shop.asked if one[0] == "POST")
    assert (body["amount"], body["api_refund"], body["api_restock"]) == ("0.00", False, False)
    assert world.shop.moved == 0
    (line,) = adapter.read_order((await adapter.fetch_order(str(order["id"]))).body).lines
    assert (line.quantity, line.cancelled) == (3, 1)


async def test_what_is_owed_for_cancelled_units_can_still_be_given_back(
    adapter: WooCommerceMarketplace, sell: Sell, world: WooWorld
) -> None:
    order = sell(3)
    await adapter.cancel_lines(cancellation(order, {"11": 2}))
    back = RefundPayment(
        channel_order_id=str(order["id"]),
        reference="refund:1",
        amount=2000,
        currency="EUR",
        quantities={},
        reason="gone",
    )
    assert isinstance(await adapter.refund(back), Confirmed)
    assert world.shop.moved == 2000


async def test_what_a_person_cancelled_is_not_cancelled_again(
    adapter: WooCommerceMarketplace, sell: Sell, world: WooWorld
) -> None:
    order = sell(3)
    await adapter.cancel_lines(cancellation(order, {"11": 1}))
    outcome = await adapter.cancel_lines(cancellation(order, {"11": 1}, "cancel:2"))
    assert outcome == Rejected(code="woocommerce-already-cancelled", already_done=True)
    assert len(world.shop.refunds[order["id"]]) == 1


async def test_the_last_open_unit_cancelled_completes_what_was_sent(
    adapter: WooCommerceMarketplace, sell: Sell
) -> None:
    order = sell(2)
    await adapter.confirm_shipment(shipment(order, _11=1))
    await adapter.cancel_lines(cancellation(order, {"11": 1}))
    assert order["status"] == "completed"
    (line,) = adapter.read_order((await adapter.fetch_order(str(order["id"]))).body).lines
    assert (line.shipped, line.cancelled) == (1, 1)


async def test_units_that_left_and_lines_that_are_not_there_are_refused(
    adapter: WooCommerceMarketplace, sell: Sell
) -> None:
    order = sell(2)
    await adapter.confirm_shipment(shipment(order, _11=1))
    assert await adapter.cancel_lines(cancellation(order, {"11": 2})) == Rejected(code="woocommerce-already-shipped")
    assert await adapter.cancel_lines(cancellation(order, {"9": 1})) == Rejected(code="woocommerce-no-such-line")


async def test_the_shop_restocks_only_where_it_keeps_its_own_stock(
    world: WooWorld, sell: Sell, http: httpx.AsyncClient
) -> None:
    order = sell(3)
    await make_adapter(world, http, api_restock=True).cancel_lines(cancellation(order, {"11": 1}))
    assert next(body for method, _, body in world.shop.asked if method == "POST")["api_restock"] is True
