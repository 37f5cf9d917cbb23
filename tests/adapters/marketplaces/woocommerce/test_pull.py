"""Listing orders by the second: nothing is lost when the list moves while it is read."""

from datetime import timedelta
from typing import Any

import pytest

from adapters.marketplaces.woocommerce.adapter import WooCommerceMarketplace
from domain.errors import ContractBroken
from tests.adapters.marketplaces.woocommerce.conftest import Sell
from tests.adapters.marketplaces.woocommerce.simulator import gmt
from tests.adapters.marketplaces.woocommerce.world import NOW, WooWorld

SINCE = NOW - timedelta(days=1)


def spread(sell: Sell, several: int, apart: timedelta) -> list[dict[str, Any]]:
    return [sell(1, date_modified_gmt=gmt(NOW - timedelta(hours=2) + number * apart)) for number in range(several)]


def ids(orders: list[dict[str, Any]]) -> list[str]:
    return [str(order["id"]) for order in orders]


async def test_an_order_deleted_while_pages_are_read_hides_no_other(
    adapter: WooCommerceMarketplace, sell: Sell, world: WooWorld
) -> None:
    orders = spread(sell, 7, timedelta(seconds=1))
    page = await adapter.list_orders(SINCE, None)
    seen = [raw.channel_order_id for raw in page.orders]
    del world.shop.orders[orders[0]["id"]]
    while page.next_cursor:
        page = await adapter.list_orders(SINCE, page.next_cursor)
        seen += [raw.channel_order_id for raw in page.orders]
    assert seen == ids(orders)


async def test_more_orders_of_one_second_than_a_page_holds_are_read_once_each(
    adapter: WooCommerceMarketplace, sell: Sell
) -> None:
    orders = spread(sell, 10, timedelta())
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(5):
        page = await adapter.list_orders(SINCE, cursor)
        seen += [raw.channel_order_id for raw in page.orders]
        if (cursor := page.next_cursor) is None:
            break
    assert seen == ids(orders)


async def test_a_fraction_of_a_second_hides_no_order_of_that_second(
    adapter: WooCommerceMarketplace, sell: Sell
) -> None:
    orders = spread(sell, 1, timedelta())
    page = await adapter.list_orders(NOW - timedelta(hours=2) + timedelta(microseconds=999_999), None)
    assert [raw.channel_order_id for raw in page.orders] == ids(orders)


async def test_drafts_and_what_lies_in_the_bin_are_not_listed(adapter: WooCommerceMarketplace, sell: Sell) -> None:
    kept = sell(1)
    for status in ("checkout-draft", "auto-draft", "trash"):
        sell(1, status=status)
    page = await adapter.list_orders(SINCE, None)
    assert [raw.channel_order_id for raw in page.orders] == ids([kept])


async def test_refunds_are_fetched_only_where_there_are_some(
    adapter: WooCommerceMarketplace, sell: Sell, world: WooWorld
) -> None:
    refunded, _ = sell(2), sell(1)
    wish: dict[str, Any] = {"amount": "1.00", "reason": "", "api_refund": False, "line_items": []}
    world.shop.refund(refunded["id"], wish)
    world.shop.asked.clear()
    await adapter.list_orders(SINCE, None)
    assert [path for _, path, _ in world.shop.asked] == ["/orders", f"/orders/{refunded['id']}/refunds"]


async def test_an_order_without_an_id_is_listed_all_the_same(adapter: WooCommerceMarketplace, sell: Sell) -> None:
    sell(1, number="lost")["id"] = None
    sell(1)
    page = await adapter.list_orders(SINCE, None)
    assert sorted(bool(raw.channel_order_id) for raw in page.orders) == [False, True]


@pytest.mark.parametrize("cursor", ["", "x", "2026-03-02T12:00:00+00:00", "2026-03-02T12:00:00+00:00 a,b"])
async def test_a_cursor_that_is_not_ours_is_refused(cursor: str, adapter: WooCommerceMarketplace) -> None:
    if not cursor:
        assert (await adapter.list_orders(SINCE, cursor)).orders == ()
        return
    with pytest.raises(ContractBroken):
        await adapter.list_orders(SINCE, cursor)
