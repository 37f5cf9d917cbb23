"""Pulling from Amazon: what is listed, how its pages are asked for, and what is left for later."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from adapters.marketplaces.amazon import LIMITS
from adapters.marketplaces.amazon.adapter import CAPABILITY
from domain.errors import Refused, Unavailable
from domain.ports.marketplace import OrderPage
from tests.adapters.marketplaces.amazon.scenes import ORDER, speaking_to
from tests.adapters.marketplaces.amazon.simulator import START, Amazon, make_order

_SINCE = START - timedelta(days=1)
_LINES = [("MUG-BLUE", 1, 1000)]


async def test_orders_that_are_not_paid_are_left_out_until_they_are() -> None:
    amazon = Amazon()
    order_id = amazon.place(make_order(ORDER, _LINES, START - timedelta(hours=1)))
    amazon.orders[order_id]["fulfillment"]["fulfillmentStatus"] = "PENDING"
    async with speaking_to(amazon) as marketplace:
        assert (await marketplace.list_orders(_SINCE, None)).orders == ()
        amazon.touch(order_id)["fulfillment"]["fulfillmentStatus"] = "UNSHIPPED"
        (raw,) = (await marketplace.list_orders(_SINCE, None)).orders
    assert raw.channel_order_id == ORDER


async def test_the_watermark_is_amazons_own_moment_and_not_ours() -> None:
    amazon = Amazon()
    async with speaking_to(amazon) as marketplace:
        page = await marketplace.list_orders(_SINCE, None)
    assert page.watermark == amazon.now - timedelta(minutes=2)


async def test_a_list_that_tells_no_moment_leaves_the_watermark_where_it_was() -> None:
    amazon = Amazon()
    async with speaking_to(amazon) as marketplace:
        await marketplace.list_orders(_SINCE, None)
        amazon.instead = httpx.Response(200, json={"orders": []})
        assert await marketplace.list_orders(_SINCE, None) == OrderPage(orders=(), next_cursor=None, watermark=None)


async def test_each_page_says_how_far_it_reached_unless_it_is_out_of_order() -> None:
    amazon = Amazon(page_size=2)
    ids = [
        amazon.place(make_order(f"305-000000{number}-1234567", _LINES, START - timedelta(hours=9 - number)))
        for number in range(3)
    ]
    async with speaking_to(amazon) as marketplace:
        page = await marketplace.list_orders(_SINCE, None)
        assert page.reached == START - timedelta(hours=8)
        assert (await marketplace.list_orders(_SINCE, page.next_cursor)).reached is None, "the last has its watermark"
        last = [amazon.orders[order_id] for order_id in reversed(ids)]
        amazon.instead = httpx.Response(200, json={"orders": last, "pagination": {"nextToken": "more"}})
        assert (await marketplace.list_orders(_SINCE, None)).reached is None


async def test_every_page_is_asked_for_with_what_the_first_one_was() -> None:
    amazon = Amazon(page_size=1)
    for number in range(3):
        amazon.place(make_order(f"305-000000{number}-1234567", _LINES, START - timedelta(hours=1)))
    async with speaking_to(amazon) as marketplace:
        page = await marketplace.list_orders(_SINCE, None)
        seen = len(page.orders)
        while page.next_cursor:
            # The caller's own moment has moved on; the simulator, like Amazon, would refuse another one.
            page = await marketplace.list_orders(_SINCE + timedelta(seconds=1), page.next_cursor)
            seen += len(page.orders)
    assert seen == 3


async def test_a_page_whose_token_expired_is_refused() -> None:
    async with speaking_to(Amazon()) as marketplace:
        with pytest.raises(Refused):
            await marketplace.list_orders(_SINCE, "2026-11-01T10:00:00Z long-gone")


async def test_an_exceeded_quota_is_told_as_such() -> None:
    amazon = Amazon()
    amazon.quota["searchOrders"] = 1
    async with speaking_to(amazon) as marketplace:
        await marketplace.list_orders(_SINCE, None)
        with pytest.raises(Unavailable) as caught:
            await marketplace.list_orders(_SINCE, None)
    assert caught.value.code == "http-429"


def test_pulls_as_often_as_declared_stay_below_the_published_limit() -> None:
    assert CAPABILITY.pull.every.total_seconds() * LIMITS["searchOrders"].rate > 2
