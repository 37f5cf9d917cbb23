"""Listing orders by offsets over a list that grows while it is read."""

import json
from datetime import timedelta

import httpx
import pytest

from adapters.http import make_client
from adapters.marketplaces.mirakl.adapter import MiraklMarketplace
from domain.errors import ContractBroken, Unauthorized
from tests.adapters.marketplaces.mirakl.conftest import Sell, make_adapter, shipment
from tests.adapters.marketplaces.mirakl.simulator import iso
from tests.adapters.marketplaces.mirakl.world import NOW, MiraklWorld

SINCE = NOW - timedelta(days=1)


async def test_the_watermark_is_the_moment_of_the_first_answer(
    adapter: MiraklMarketplace, sell: Sell, world: MiraklWorld
) -> None:
    for _ in range(5):
        await sell(1)
    page = await adapter.list_orders(SINCE, None)
    world.market.now += timedelta(minutes=4)
    late = await sell(1, created_date=iso(SINCE), last_updated_date=iso(world.market.now))
    seen = [raw.channel_order_id for raw in page.orders]
    while page.next_cursor:
        page = await adapter.list_orders(SINCE, page.next_cursor)
        seen += [raw.channel_order_id for raw in page.orders]
    assert late["order_id"] not in seen, "it entered on a page that had been read"
    assert page.watermark == NOW
    following = await adapter.list_orders(NOW, None)
    assert late["order_id"] in [raw.channel_order_id for raw in following.orders]


async def test_without_a_moment_of_the_answer_the_last_change_is_the_watermark(
    adapter: MiraklMarketplace, sell: Sell, world: MiraklWorld
) -> None:
    world.market.tells_date = False
    await sell(1, last_updated_date=iso(NOW - timedelta(minutes=9)))
    assert (await adapter.list_orders(SINCE, None)).watermark == NOW - timedelta(minutes=9)


async def test_the_shipments_of_a_page_are_asked_for_together_and_to_their_end(
    adapter: MiraklMarketplace, sell: Sell, world: MiraklWorld
) -> None:
    orders = [await sell(3, created_date=iso(NOW - timedelta(hours=2, minutes=-at))) for at in range(3)]
    for number in range(3):
        await adapter.confirm_shipment(shipment(orders[0], 1, number=f"T-{number}"))
    world.market.asked.clear()
    page = await adapter.list_orders(SINCE, None)
    assert [path for _, path, _ in world.market.asked] == ["orders", "shipments", "shipments"]
    assert len(adapter.read_order(page.orders[0].body).shipments) == 3


async def test_where_orders_leave_as_a_whole_nobody_asks_for_shipments(
    world: MiraklWorld, http: httpx.AsyncClient, sell: Sell
) -> None:
    await sell(1)
    await make_adapter(world, http, multi_shipment=False).list_orders(SINCE, None)
    assert [path for _, path, _ in world.market.asked] == ["orders"]


async def test_a_user_of_several_shops_says_which_and_the_key_stands_alone(world: MiraklWorld) -> None:
    seen: list[httpx.Request] = []

    def look(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return world.market(request)

    async with httpx.AsyncClient(transport=httpx.MockTransport(look)) as http:
        await make_adapter(world, http, shop_id=2003).list_orders(SINCE, None)
    (request,) = seen
    assert request.url.params["shop_id"] == "2003"
    assert request.url.params["order_tax_mode"] == "TAX_INCLUDED"
    assert request.headers["Authorization"] == world.settings["api_key"]


async def test_a_wrong_key_is_refused(world: MiraklWorld, http: httpx.AsyncClient) -> None:
    with pytest.raises(Unauthorized):
        await make_adapter(world, http, api_key="guessed").list_orders(SINCE, None)


@pytest.mark.parametrize("cursor", ["x", "3 yesterday"])
async def test_a_cursor_that_is_not_ours_is_refused(cursor: str, adapter: MiraklMarketplace) -> None:
    with pytest.raises(ContractBroken):
        await adapter.list_orders(SINCE, cursor)


async def test_a_page_that_does_not_tell_how_many_orders_there_are_is_refused(sell: Sell, world: MiraklWorld) -> None:
    await sell(1)

    async def cut(request: httpx.Request) -> httpx.Response:
        answer = await world.transport.handle_async_request(request)
        return httpx.Response(200, json={"orders": json.loads(await answer.aread())["orders"]})

    async with make_client(httpx.MockTransport(cut)) as http:
        with pytest.raises(ContractBroken, match="total_count"):
            await make_adapter(world, http).list_orders(SINCE, None)
