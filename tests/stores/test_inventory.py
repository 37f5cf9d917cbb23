"""The stock ledger, in both records."""

from __future__ import annotations

import asyncio

import pytest

from domain.errors import OutOfStock
from domain.fulfillment import Fulfillment
from domain.inventory import Claim
from domain.ports.stores import Record, Transaction
from domain.ports.stores.order import Refusal
from tests.builders import (
    BERLIN,
    MUG,
    MUNICH,
    NOW,
    TEA,
    channel_line,
    channel_order,
    fulfillment,
    movement,
)
from tests.stores.scenes import add_part, claims_of, quantities_of, receive, record_order, stock_of

BOTH_LINES = {"a": 2, "b": 1}


@pytest.fixture
async def part(record: Record) -> Fulfillment:
    """A planned fulfillment order of two tea lines, with ten units of tea in Berlin."""
    await receive(record, 10)
    order_id = await record_order(record, channel_order(channel_line("a", 5), channel_line("b", 5)))
    wanted = fulfillment(order_id, quantities=BOTH_LINES)
    await add_part(record, wanted)
    return wanted


async def test_received_units_are_on_hand_and_available(record: Record) -> None:
    await receive(record, 3)
    await receive(record, 4)
    level = await stock_of(record)
    assert (level.sku, level.location, level.on_hand, level.reserved, level.available) == (TEA, BERLIN, 7, 0, 7)


async def test_levels_are_those_of_the_asked_skus_at_all_locations(record: Record) -> None:
    await receive(record, 1, TEA, BERLIN)
    await receive(record, 2, TEA, MUNICH)
    await receive(record, 3, MUG, BERLIN)
    async with record.begin() as tx:
        tea = await tx.stock.levels([TEA])
        both = await tx.stock.levels({TEA, MUG})
        unknown = await tx.stock.levels(["NOTHING"])
        nothing = await tx.stock.levels([])
    assert {(level.location, level.on_hand) for level in tea} == {(BERLIN, 1), (MUNICH, 2)}
    assert (len(both), unknown, nothing) == (3, (), ())


async def test_a_movement_is_booked_once(record: Record) -> None:
    receipt = movement(5, key="receipt:1")
    async with record.begin() as tx:
        assert await tx.stock.move(receipt, NOW)
        assert not await tx.stock.move(receipt, NOW)
    async with record.begin() as tx:
        assert not await tx.stock.move(receipt.model_copy(update={"delta": 3}), NOW)
    assert await quantities_of(record) == (5, 0)


async def test_a_movement_that_comes_many_times_at_once_is_booked_once(record: Record) -> None:
    async def book() -> bool:
        async with record.begin() as tx:
            return await tx.stock.move(movement(5, key="receipt:1"), NOW)

    assert sorted(await asyncio.gather(*(book() for _ in range(8)))) == [False] * 7 + [True]
    assert await quantities_of(record) == (5, 0)


async def test_stock_never_falls_below_zero(record: Record) -> None:
    await receive(record, 2)
    with pytest.raises(OutOfStock):
        async with record.begin() as tx:
            await tx.stock.move(movement(-3), NOW)
    assert await quantities_of(record) == (2, 0)


async def test_stock_that_never_was_cannot_be_taken_away(record: Record) -> None:
    with pytest.raises(OutOfStock):
        async with record.begin() as tx:
            await tx.stock.move(movement(-1), NOW)


async def test_stock_never_falls_below_what_is_reserved(record: Record, part: Fulfillment) -> None:
    await _reserve(record, part)
    with pytest.raises(OutOfStock):
        async with record.begin() as tx:
            await tx.stock.move(movement(-8), NOW)
    async with record.begin() as tx:
        assert await tx.stock.move(movement(-7), NOW)
    assert await quantities_of(record) == (3, 3)


async def test_a_refused_movement_can_be_booked_later(record: Record) -> None:
    taken = movement(-3, key="adjust:1")
    with pytest.raises(OutOfStock):
        async with record.begin() as tx:
            await tx.stock.move(taken, NOW)
    await receive(record, 3)
    async with record.begin() as tx:
        assert await tx.stock.move(taken, NOW)
    assert await quantities_of(record) == (0, 0)


@pytest.mark.parametrize("counted", [0, 4, 12])
async def test_a_count_sets_what_is_on_hand(record: Record, counted: int) -> None:
    await receive(record, 10)
    tally = movement(999, key="count:1")
    async with record.begin() as tx:
        assert await tx.stock.count(tally, counted, NOW)
    assert await quantities_of(record) == (counted, 0)
    async with record.begin() as tx:
        assert not await tx.stock.count(tally, 1, NOW)
    assert await quantities_of(record) == (counted, 0)


async def test_a_count_of_a_place_that_held_nothing_makes_its_level(record: Record) -> None:
    async with record.begin() as tx:
        assert await tx.stock.count(movement(1, place=MUNICH), 6, NOW)
    assert await quantities_of(record, place=MUNICH) == (6, 0)


async def test_a_count_below_what_is_reserved_is_refused(record: Record, part: Fulfillment) -> None:
    await _reserve(record, part)
    with pytest.raises(OutOfStock):
        async with record.begin() as tx:
            await tx.stock.count(movement(1), 2, NOW)
    assert await quantities_of(record) == (10, 3)


async def test_reserved_units_are_no_longer_available(record: Record, part: Fulfillment) -> None:
    assert await _reserve(record, part)
    level = await stock_of(record)
    assert (level.on_hand, level.reserved, level.available) == (10, 3, 7)


async def test_reserving_twice_is_harmless(record: Record, part: Fulfillment) -> None:
    assert await _reserve(record, part)
    assert await _reserve(record, part)
    assert await quantities_of(record) == (10, 3)


async def test_two_lines_of_one_sku_are_checked_together(record: Record, part: Fulfillment) -> None:
    async with record.begin() as tx:
        await tx.stock.move(movement(-8), NOW)
    assert await _reserve(record, part) is False
    assert await quantities_of(record) == (2, 0)


async def test_a_reservation_is_all_or_nothing(record: Record) -> None:
    await receive(record, 10)
    await receive(record, 1, MUG)
    order_id = await record_order(record, channel_order(channel_line("a", 1), channel_line("b", 2, MUG)))
    wanted = fulfillment(order_id, quantities={"a": 1, "b": 2}, skus={"b": MUG})
    await add_part(record, wanted)
    assert await _reserve(record, wanted) is False
    assert (await quantities_of(record), await quantities_of(record, MUG)) == ((10, 0), (1, 0))


async def test_units_of_a_place_that_holds_none_cannot_be_reserved(record: Record, part: Fulfillment) -> None:
    async with record.begin() as tx:
        claim = Claim(sku=TEA, location=MUNICH, quantity=1)
        assert not await tx.stock.reserve(part.fulfillment_id, (claim,))


async def test_a_failed_reservation_leaves_the_transaction_usable(record: Record, part: Fulfillment) -> None:
    async with record.begin() as tx:
        await tx.stock.move(movement(-9), NOW)
        with pytest.raises(OutOfStock):
            await _reserve_or_raise(tx, part)
        await tx.stock.move(movement(4), NOW)
        assert await tx.stock.reserve(part.fulfillment_id, claims_of(part))
    assert await quantities_of(record) == (5, 3)


async def test_freed_units_are_available_again(record: Record, part: Fulfillment) -> None:
    await _reserve(record, part)
    for _ in range(2):
        async with record.begin() as tx:
            await tx.stock.free(part.fulfillment_id)
        assert await quantities_of(record) == (10, 0)


async def test_units_can_be_freed_by_line(record: Record, part: Fulfillment) -> None:
    await _reserve(record, part)
    async with record.begin() as tx:
        await tx.fulfillments.reject_lines(part.fulfillment_id, {"a": 1}, "damaged", Refusal())
        await tx.stock.free(part.fulfillment_id, {"a": 1})
    assert await quantities_of(record) == (10, 2)
    async with record.begin() as tx:
        await tx.stock.free(part.fulfillment_id)
    assert await quantities_of(record) == (10, 0)


async def test_freeing_what_was_never_reserved_changes_nothing(record: Record, part: Fulfillment) -> None:
    async with record.begin() as tx:
        await tx.stock.free(part.fulfillment_id)
    assert await quantities_of(record) == (10, 0)


async def test_units_that_a_line_still_needs_are_never_freed(record: Record, part: Fulfillment) -> None:
    await _reserve(record, part)
    async with record.begin() as tx:
        await tx.stock.free(part.fulfillment_id, {"a": 1})
    assert await quantities_of(record) == (10, 3)
    async with record.begin() as tx:
        await tx.fulfillments.reject_lines(part.fulfillment_id, {"a": 1}, "damaged", Refusal())
        for _ in range(2):
            await tx.stock.free(part.fulfillment_id, {"a": 1})
    assert await quantities_of(record) == (10, 2)


async def test_freed_units_can_be_reserved_again(record: Record, part: Fulfillment) -> None:
    await _reserve(record, part)
    async with record.begin() as tx:
        await tx.stock.free(part.fulfillment_id)
    assert await _reserve(record, part)
    assert await quantities_of(record) == (10, 3)


async def test_freeing_and_shipping_for_an_unknown_fulfillment_order_changes_nothing(record: Record) -> None:
    await receive(record, 3)
    async with record.begin() as tx:
        await tx.stock.free("shop/none/F1")
        await tx.stock.free("shop/none/F1", {"1": 1})
        await tx.stock.ship("shop/none/F1", NOW)
    assert await quantities_of(record) == (3, 0)


async def test_shipped_units_leave_on_hand_and_reserved_together(record: Record, part: Fulfillment) -> None:
    await _reserve(record, part)
    for _ in range(2):
        async with record.begin() as tx:
            await tx.stock.ship(part.fulfillment_id, NOW)
        assert await quantities_of(record) == (7, 0)


async def test_shipped_units_cannot_be_freed(record: Record, part: Fulfillment) -> None:
    await _reserve(record, part)
    async with record.begin() as tx:
        await tx.stock.ship(part.fulfillment_id, NOW)
        await tx.stock.free(part.fulfillment_id)
    assert await quantities_of(record) == (7, 0)


async def test_what_was_freed_does_not_ship(record: Record, part: Fulfillment) -> None:
    await _reserve(record, part)
    async with record.begin() as tx:
        await tx.fulfillments.reject_lines(part.fulfillment_id, {"a": 1}, "damaged", Refusal())
        await tx.stock.free(part.fulfillment_id, {"a": 1})
        await tx.stock.ship(part.fulfillment_id, NOW)
    assert await quantities_of(record) == (8, 0)


async def test_sixty_four_rivals_for_the_last_unit_have_one_winner(record: Record) -> None:
    await receive(record, 1)
    order_id = await record_order(record, channel_order(channel_line("1", 64)))
    parts = [fulfillment(order_id, number) for number in range(1, 65)]
    async with record.begin() as tx:
        await tx.fulfillments.add(tuple(parts), (), NOW)
    won = await asyncio.gather(*(_reserve(record, rival) for rival in parts))
    assert sum(won) == 1
    assert await quantities_of(record) == (1, 1)


async def test_reservations_of_the_same_skus_in_any_order_never_deadlock(record: Record) -> None:
    await receive(record, 40, TEA)
    await receive(record, 40, MUG)
    order_id = await record_order(record, channel_order(channel_line("a", 30), channel_line("b", 30, MUG)))
    parts = [fulfillment(order_id, number, {"a": 1, "b": 1}, skus={"b": MUG}) for number in range(1, 25)]
    async with record.begin() as tx:
        await tx.fulfillments.add(tuple(parts), (), NOW)
    tries = (_reserve(record, part, claims_of(part)[:: 1 - 2 * (number % 2)]) for number, part in enumerate(parts))
    assert all(await asyncio.gather(*tries))
    assert (await quantities_of(record, TEA), await quantities_of(record, MUG)) == ((40, 24), (40, 24))


async def _reserve(record: Record, part: Fulfillment, claims: tuple[Claim, ...] | None = None) -> bool:
    async with record.begin() as tx:
        return await tx.stock.reserve(part.fulfillment_id, claims or claims_of(part))


async def _reserve_or_raise(tx: Transaction, part: Fulfillment) -> None:
    async with tx.savepoint():
        if not await tx.stock.reserve(part.fulfillment_id, claims_of(part)):
            raise OutOfStock("short")
