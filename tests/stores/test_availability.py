"""What may be promised, in both records."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.availability import IncomingGoods, SetAside, Shelf
from domain.errors import NotFound
from domain.inventory import Claim, MovementKind
from domain.listing import Component, Matched
from domain.order import HoldReason
from domain.ports.stores import Record
from domain.ports.stores.catalog import Channel
from tests.builders import (
    ACCOUNT,
    BERLIN,
    MUG,
    MUNICH,
    NOW,
    TEA,
    channel_line,
    channel_order,
    fulfillment,
    location,
    movement,
)
from tests.stores.scenes import add_part, claims_of, quantities_of, receive, record_order

RIVAL = "rival"
SOON, LATER = NOW + timedelta(days=2), NOW + timedelta(days=20)


@pytest.fixture
async def shop(record: Record) -> Record:
    """Ten of tea in Berlin, and a second channel."""
    await receive(record, 10)
    async with record.begin() as tx:
        await tx.catalog.save_channel(Channel(account=RIVAL, adapter="sandbox", settings="{}"))
    return record


async def promised(record: Record, account: str = ACCOUNT, sku: str = TEA) -> int:
    async with record.begin() as tx:
        (known,) = await tx.availability.of_channel(account, [sku], NOW, SOON)
    return known.to_promise


async def set_aside(record: Record, account: str, units: dict[str, int]) -> None:
    async with record.begin() as tx:
        await tx.availability.set_aside(TEA, account, units)


async def available(record: Record, account: str | None) -> int:
    async with record.begin() as tx:
        (level,) = await tx.stock.levels([TEA], account)
    return level.available


async def reserve(record: Record, units: int) -> bool:
    """Let an order of the shop take tea in Berlin, or roll back."""
    order_id = await record_order(record, channel_order(channel_line(quantity=units), channel_order_id=f"o{units}"))
    part = fulfillment(order_id, quantities={"1": units})
    await add_part(record, part)
    async with record.begin() as tx:
        return await tx.stock.reserve(part.fulfillment_id, claims_of(part))


def goods(units: int = 40, **changes: object) -> IncomingGoods:
    fields = {"reference": "PO-1", "sku": TEA, "location": BERLIN, "units": units, "expected_at": SOON}
    return IncomingGoods.model_validate(fields | changes)


async def test_what_is_free_may_be_promised(shop: Record) -> None:
    await receive(shop, 2, place=MUNICH)
    assert await promised(shop) == 12
    assert await promised(shop, sku=MUG) == 0
    assert await promised(shop, sku="NOTHING") == 0


async def test_safety_and_reserved_units_are_not_promised(shop: Record) -> None:
    assert await reserve(shop, 3)
    async with shop.begin() as tx:
        await tx.stock.keep_safety(TEA, BERLIN, 2)
    assert await promised(shop) == 5


async def test_a_place_with_less_than_its_safety_takes_nothing_from_the_others(shop: Record) -> None:
    async with shop.begin() as tx:
        await tx.stock.keep_safety(TEA, MUNICH, 50)
    assert await promised(shop) == 10


async def test_what_lies_at_a_closed_location_is_not_promised(shop: Record) -> None:
    async with shop.begin() as tx:
        await tx.catalog.save_location(location(BERLIN, open=False))
    assert await promised(shop) == 0


@pytest.mark.parametrize(("closed_for", "units"), [(timedelta(seconds=1), 0), (timedelta(), 10)])
async def test_what_lies_at_a_location_is_not_promised_while_it_is_closed(
    shop: Record, closed_for: timedelta, units: int
) -> None:
    async with shop.begin() as tx:
        await tx.catalog.save_location(location(BERLIN, closed_until=NOW + closed_for))
    assert await promised(shop) == units


async def test_what_is_set_aside_is_promised_to_its_channel_only(shop: Record) -> None:
    await set_aside(shop, RIVAL, {BERLIN: 4})
    assert (await promised(shop), await promised(shop, RIVAL)) == (6, 10)
    assert [await available(shop, account) for account in (ACCOUNT, RIVAL, None)] == [6, 10, 10]


async def test_an_order_may_not_take_what_is_set_aside_for_another_channel(shop: Record) -> None:
    await set_aside(shop, RIVAL, {BERLIN: 4})
    assert not await reserve(shop, 7)
    assert await reserve(shop, 6)
    assert await quantities_of(shop) == (10, 6)
    async with shop.begin() as tx:
        assert not await tx.stock.reserve("soft:anybody", (Claim(sku=TEA, location=BERLIN, quantity=1),))


async def test_an_order_uses_up_what_is_set_aside_for_its_channel_first(shop: Record) -> None:
    await set_aside(shop, ACCOUNT, {BERLIN: 4})
    assert await reserve(shop, 3)
    async with shop.begin() as tx:
        assert await tx.availability.set_asides(TEA) == (SetAside(sku=TEA, location=BERLIN, account=ACCOUNT, units=1),)
    assert (await promised(shop), await promised(shop, RIVAL)) == (7, 6)


async def test_what_is_freed_goes_back_to_the_set_aside_it_came_from(shop: Record) -> None:
    await set_aside(shop, ACCOUNT, {BERLIN: 4})
    await reserve(shop, 3)
    async with shop.begin() as tx:
        await tx.stock.free("shop/o3/F1")
    assert await promised(shop, RIVAL) == 6
    await set_aside(shop, ACCOUNT, {})
    assert await promised(shop, RIVAL) == 10


async def test_a_set_aside_that_was_ended_does_not_come_back(shop: Record) -> None:
    await set_aside(shop, ACCOUNT, {BERLIN: 4})
    await reserve(shop, 3)
    await set_aside(shop, ACCOUNT, {})
    async with shop.begin() as tx:
        await tx.stock.free("shop/o3/F1")
        assert await tx.availability.set_asides() == ()
    assert await promised(shop, RIVAL) == 10


async def test_more_can_be_set_aside_than_there_is_and_then_others_get_nothing(shop: Record) -> None:
    await set_aside(shop, RIVAL, {BERLIN: 25, MUNICH: 5})
    assert (await promised(shop), await promised(shop, RIVAL)) == (0, 10)
    await receive(shop, 20)
    assert await promised(shop) == 5


async def test_goods_that_come_in_time_are_offered_and_those_that_do_not_are_not(shop: Record) -> None:
    async with shop.begin() as tx:
        await tx.availability.announce(goods(40))
        await tx.availability.announce(goods(7, reference="PO-2", expected_at=LATER))
        await tx.availability.announce(goods(3, location=MUNICH))
    assert await promised(shop) == 53
    async with shop.begin() as tx:
        coming = await tx.availability.incoming(TEA)
    assert [(one.reference, one.location) for one in coming] == [("PO-1", BERLIN), ("PO-1", MUNICH), ("PO-2", BERLIN)]


async def test_goods_that_should_have_come_are_offered_to_nobody(shop: Record) -> None:
    async with shop.begin() as tx:
        await tx.availability.announce(goods(40, expected_at=NOW))
        await tx.availability.announce(goods(2, reference="PO-2"))
    assert await promised(shop) == 12


async def test_goods_that_arrived_are_no_longer_coming(shop: Record) -> None:
    arrival = movement(15).model_copy(update={"against": "PO-1"})
    async with shop.begin() as tx:
        await tx.availability.announce(goods(40))
        assert await tx.stock.move(arrival, NOW)
        assert not await tx.stock.move(arrival, NOW)
    assert await promised(shop) == 50
    async with shop.begin() as tx:
        await tx.availability.announce(goods(20))
        (left,) = await tx.availability.incoming(TEA)
    assert (left.received, left.open) == (15, 5)


async def test_goods_that_nobody_announced_do_not_arrive_against_a_reference(shop: Record) -> None:
    with pytest.raises(NotFound, match="crossdock stock incoming"):
        async with shop.begin() as tx:
            await tx.stock.move(movement(1).model_copy(update={"against": "PO-9"}), NOW)
    assert await quantities_of(shop) == (10, 0)


async def test_a_ceiling_lets_one_channel_sell_beyond_what_there_is(shop: Record) -> None:
    async with shop.begin() as tx:
        await tx.availability.cap_oversell(TEA, RIVAL, 5)
    assert (await promised(shop), await promised(shop, RIVAL)) == (10, 15)
    async with shop.begin() as tx:
        await tx.availability.cap_oversell(TEA, RIVAL, 0)
    assert await promised(shop, RIVAL) == 10


async def test_what_orders_wait_for_is_not_offered_once_more(shop: Record) -> None:
    order_id = await record_order(shop, channel_order(channel_line(quantity=12)))
    async with shop.begin() as tx:
        await tx.availability.announce(goods(15))
        await tx.waits.rewrite(order_id, "", {f"stock:{TEA}": "short"}, NOW)
    assert await promised(shop) == 13


async def wait_for(record: Record, cause: str, units: int, *, match: bool = True) -> str:
    order_id = await record_order(record, channel_order(channel_line(quantity=units)), match=match)
    async with record.begin() as tx:
        await tx.waits.rewrite(order_id, "", {cause: "barred"}, NOW)
    return order_id


async def test_goods_of_an_order_that_waits_for_something_else_are_not_offered_to_others(shop: Record) -> None:
    await wait_for(shop, "hold:customs-data:shop/1001", 4)
    assert (await promised(shop), await promised(shop, RIVAL), await promised(shop, sku=MUG)) == (6, 6, 0)


async def test_what_preorders_take_beyond_the_shelves_is_taken_from_what_comes(shop: Record) -> None:
    async with shop.begin() as tx:
        await tx.availability.announce(goods(15))
    await wait_for(shop, "date:2026-06-01T00:00:00Z", 12)
    assert await promised(shop) == 13


async def test_an_order_that_is_not_paid_keeps_nothing_from_others(shop: Record) -> None:
    order_id = await wait_for(shop, "hold:payment:shop/1001", 4)
    async with shop.begin() as tx:
        await tx.orders.place_hold(order_id, HoldReason.PAYMENT, "channel", NOW)
    assert await promised(shop) == 10


async def test_the_parts_of_a_kit_that_waits_are_not_offered(shop: Record) -> None:
    order_id = await wait_for(shop, "location:BERLIN", 2, match=False)
    kit = Matched(sku="SET", components=(Component(sku=TEA, units=3, share=1000),))
    async with shop.begin() as tx:
        await tx.orders.match_lines(order_id, {"1": kit})
    assert await promised(shop) == 4


async def test_a_transfer_is_two_movements_and_loses_nothing(shop: Record) -> None:
    carried = movement(-4, key="carry:1").model_copy(update={"kind": MovementKind.TRANSFER})
    for fresh in (True, False):
        async with shop.begin() as tx:
            assert await tx.stock.transfer(carried, MUNICH, NOW) is fresh
    assert (await quantities_of(shop), await quantities_of(shop, TEA, MUNICH)) == ((6, 0), (4, 0))


async def test_shelves_are_read_by_page_as_a_buyer_finds_them(shop: Record) -> None:
    await receive(shop, 2, MUG)
    await receive(shop, 5, place=MUNICH)
    await set_aside(shop, RIVAL, {MUNICH: 1})
    async with shop.begin() as tx:
        first = await tx.availability.shelves(("", ""), 2)
        rest = await tx.availability.shelves((first[-1].sku, first[-1].location), 2)
    assert [(shelf.location, shelf.sku, shelf.units) for shelf in first] == [(BERLIN, MUG, 2), (BERLIN, TEA, 10)]
    assert rest == (Shelf(location=MUNICH, sku=TEA, units=4, pickup=True),)
