"""The third hand: what a person did in the shop is seen, and nobody does it again."""

from datetime import timedelta
from typing import Any

from adapters.marketplaces.woocommerce.adapter import WooCommerceMarketplace
from domain.order import ChannelOrder
from tests.adapters.marketplaces.woocommerce.conftest import Sell, shipment
from tests.adapters.marketplaces.woocommerce.world import WooWorld


async def seen(adapter: WooCommerceMarketplace, order: dict[str, Any]) -> ChannelOrder:
    return adapter.read_order((await adapter.fetch_order(str(order["id"]))).body)


def note(world: WooWorld, order: dict[str, Any], amount: str, **units: int) -> None:
    rows = [{"id": line_id.strip("_"), "quantity": count, "refund_total": 0} for line_id, count in units.items()]
    wish = {"amount": amount, "reason": "by hand", "api_refund": False, "line_items": rows}
    assert world.shop.refund(order["id"], wish).is_success


async def test_an_order_that_a_person_completed_has_left_as_a_whole(
    adapter: WooCommerceMarketplace, sell: Sell, world: WooWorld
) -> None:
    order = sell(2, 1)
    world.shop.change(order["id"], {"status": "completed"})
    read = await seen(adapter, order)
    assert [one.quantities for one in read.shipments] == [{"11": 2, "22": 1}]
    assert [line.shipped for line in read.lines] == [2, 1]


async def test_numbers_of_the_plugin_belong_to_what_was_completed(
    adapter: WooCommerceMarketplace, sell: Sell, world: WooWorld
) -> None:
    order = sell(1)
    rows = [{"tracking_number": "H-1", "tracking_provider": "ups"}, {"tracking_number": "H-2"}]
    world.shop.set_meta(order["id"], "_wc_shipment_tracking_items", rows)
    before = await seen(adapter, order)
    assert [(one.tracking_number, one.quantities) for one in before.shipments] == [("H-1", {}), ("H-2", {})]
    world.shop.change(order["id"], {"status": "completed"})
    after = await seen(adapter, order)
    assert [(one.tracking_number, one.quantities) for one in after.shipments] == [("H-1", {"11": 1}), ("H-2", {})]


async def test_units_refunded_before_anything_left_are_cancelled(
    adapter: WooCommerceMarketplace, sell: Sell, world: WooWorld
) -> None:
    order = sell(3)
    note(world, order, "10.00", _11=1)
    read = await seen(adapter, order)
    assert [(line.cancelled, line.shipped, line.refunded) for line in read.lines] == [(1, 0, 1)]
    assert read.refunded == 1000
    world.shop.now += timedelta(seconds=1)
    world.shop.change(order["id"], {"status": "completed"})
    assert [one.quantities for one in (await seen(adapter, order)).shipments] == [{"11": 2}]


async def test_units_refunded_after_completion_came_back_and_were_not_cancelled(
    adapter: WooCommerceMarketplace, sell: Sell, world: WooWorld
) -> None:
    order = sell(3)
    world.shop.change(order["id"], {"status": "completed"})
    note(world, order, "10.00", _11=1)
    read = await seen(adapter, order)
    assert [(line.cancelled, line.shipped, line.refunded) for line in read.lines] == [(0, 3, 1)]


async def test_a_cancelled_order_is_cancelled_as_a_whole(
    adapter: WooCommerceMarketplace, sell: Sell, world: WooWorld
) -> None:
    order = sell(3)
    world.shop.change(order["id"], {"status": "cancelled"})
    read = await seen(adapter, order)
    assert read.cancelled
    assert [line.cancelled for line in read.lines] == [3]


async def test_an_order_in_the_bin_is_cancelled(adapter: WooCommerceMarketplace, sell: Sell) -> None:
    assert (await seen(adapter, sell(1, status="trash"))).cancelled


async def test_a_full_refund_cancels_what_was_never_sent(
    adapter: WooCommerceMarketplace, sell: Sell, world: WooWorld
) -> None:
    order = sell(2)
    note(world, order, "20.00")
    assert order["status"] == "refunded"
    read = await seen(adapter, order)
    assert (read.cancelled, read.refunded) == (True, 2000)


async def test_a_full_refund_cancels_nothing_that_was_sent(
    adapter: WooCommerceMarketplace, sell: Sell, world: WooWorld
) -> None:
    order = sell(2)
    world.shop.change(order["id"], {"status": "completed"})
    note(world, order, "20.00")
    read = await seen(adapter, order)
    assert (read.cancelled, [line.shipped for line in read.lines]) == (False, [2])


async def test_an_order_of_which_a_person_deleted_the_refund_is_read(
    adapter: WooCommerceMarketplace, sell: Sell, world: WooWorld
) -> None:
    order = sell(2)
    note(world, order, "5.00")
    world.shop.refunds[order["id"]].clear()
    order["refunds"].clear()
    assert (await seen(adapter, order)).refunds == ()


async def test_a_full_refund_cancels_what_was_left_of_an_order_that_had_begun_to_leave(
    adapter: WooCommerceMarketplace, sell: Sell, world: WooWorld
) -> None:
    order = sell(3)
    await adapter.confirm_shipment(shipment(order, _11=1))
    note(world, order, "30.00")
    read = await seen(adapter, order)
    assert [(line.shipped, line.cancelled) for line in read.lines] == [(1, 2)]
    assert not read.cancelled, "a part of it has left"
