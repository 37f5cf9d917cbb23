"""What locations tell of their own shelves, in both records."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import permutations

import pytest

from domain.inventory import Claim, MovementKind
from domain.ports.stores import Record
from domain.ports.stores.inventory import Movement
from domain.ports.stores.shelf import Gap
from tests.builders import BERLIN, MUG, MUNICH, NOW, TEA, movement
from tests.stores.scenes import quantities_of, receive

COUNT = "count"


def later(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def told(kind: MovementKind, key: str, delta: int, sku: str = TEA) -> Movement:
    return Movement(key=key, kind=kind, sku=sku, location=BERLIN, delta=delta, reason="told", actor="till")


async def count(record: Record, units: int, minutes: int, sku: str = TEA) -> int:
    async with record.begin() as tx:
        return await tx.shelves.count(
            told(MovementKind.COUNT, f"{COUNT}:{minutes}:{sku}", 0, sku), units, later(minutes)
        )


async def sell(record: Record, units: int, minutes: int, sku: str = TEA) -> int:
    async with record.begin() as tx:
        return await tx.shelves.change(told(MovementKind.SELL, f"sold:{minutes}:{sku}", -units, sku), later(minutes))


async def reserve(record: Record, units: int) -> str:
    async with record.begin() as tx:
        assert await tx.stock.reserve("soft:held", (Claim(sku=TEA, location=BERLIN, quantity=units),))
    return "soft:held"


async def test_a_sale_is_booked_once(record: Record) -> None:
    await receive(record, 5)
    assert [await sell(record, 2, 10), await sell(record, 2, 10)] == [0, 0]
    assert await quantities_of(record) == (3, 0)


async def test_a_count_brings_no_unit_back_to_life_that_was_sold_later(record: Record) -> None:
    await receive(record, 60)
    for minute in range(1, 51):
        await sell(record, 1, minute)
    assert await count(record, 58, 0) == 0
    assert await quantities_of(record) == (8, 0)


async def test_a_sale_that_a_count_has_seen_changes_nothing(record: Record) -> None:
    await receive(record, 10)
    await count(record, 7, 30)
    assert await sell(record, 3, 30) == 0
    assert await quantities_of(record) == (7, 0)


async def test_goods_that_left_by_carrier_after_the_count_are_laid_on_top(record: Record) -> None:
    await receive(record, 10)
    owner = await reserve(record, 4)
    async with record.begin() as tx:
        await tx.stock.ship(owner, later(20))
    await count(record, 9, 10)
    assert await quantities_of(record) == (5, 0)
    await count(record, 9, 20)
    assert await quantities_of(record) == (9, 0)


async def test_what_a_count_finds_more_of_is_known_before_it_is_booked(record: Record) -> None:
    await receive(record, 2)
    await sell(record, -3, 20)
    for units, minutes, rises in ((5, 10, True), (2, 10, False), (5, 20, False), (6, 20, True)):
        async with record.begin() as tx:
            rising = await tx.shelves.rising(BERLIN, {TEA: units, MUG: 0}, later(minutes))
        assert rising == ({TEA} if rises else set())
    async with record.begin() as tx:
        assert await tx.shelves.rising(BERLIN, {MUG: 1}, NOW) == {MUG}


async def test_a_count_that_is_older_than_the_last_one_changes_nothing(record: Record) -> None:
    await count(record, 7, 30)
    await count(record, 9, 29)
    assert await quantities_of(record) == (7, 0)
    async with record.begin() as tx:
        await tx.stock.count(movement(0).model_copy(update={"kind": MovementKind.COUNT}), 3, later(40))
    await count(record, 9, 35)
    assert await quantities_of(record) == (3, 0), "somebody here counted after that"


async def test_what_is_promised_stays_on_the_books_and_what_is_short_is_said(record: Record) -> None:
    await receive(record, 5)
    owner = await reserve(record, 4)
    assert await sell(record, 3, 10) == 2
    assert await quantities_of(record) == (4, 4)
    async with record.begin() as tx:
        await tx.stock.free(owner)
    assert await sell(record, 3, 10) == 0, "a repeat books the rest"
    assert await quantities_of(record) == (2, 0)
    assert await sell(record, 3, 10) == 0
    assert await quantities_of(record) == (2, 0)


async def test_a_count_of_less_than_is_promised_is_short_until_it_is_free(record: Record) -> None:
    await receive(record, 5)
    owner = await reserve(record, 4)
    assert await count(record, 1, 10) == 3
    assert await quantities_of(record) == (4, 4)
    async with record.begin() as tx:
        await tx.stock.free(owner)
    assert await count(record, 1, 10) == 0
    assert await quantities_of(record) == (1, 0)


async def test_units_that_nobody_knew_of_cannot_be_sold_unnoticed(record: Record) -> None:
    assert await sell(record, 2, 10) == 2
    assert await quantities_of(record) == (0, 0)


async def test_units_that_come_back_are_booked_once(record: Record) -> None:
    for _ in range(2):
        async with record.begin() as tx:
            assert await tx.shelves.change(told(MovementKind.RETURN, "back:1", 2), later(1)) == 0
    assert await quantities_of(record) == (2, 0)


@pytest.mark.parametrize("twice", [False, True])
async def test_sales_and_a_count_end_at_one_level_in_any_order(record: Record, *, twice: bool) -> None:
    events: Sequence[tuple[str, int, int]] = [(COUNT, 17, 15), ("sold", 2, 10), ("sold", 1, 16), ("sold", 4, 20)]
    for number, order in enumerate(permutations(events)):
        sku = f"SKU-{number}"
        await receive(record, 20, sku)
        for kind, units, minutes in [*order, *(order[:2] if twice else ())]:
            await (count if kind == COUNT else sell)(record, units, minutes, sku)
        assert await quantities_of(record, sku) == (12, 0), f"{order}"


async def test_what_lies_at_a_location_is_known(record: Record) -> None:
    await receive(record, 1)
    await receive(record, 1, "ELSEWHERE", MUNICH)
    await count(record, 0, 1, "NOTHING")
    async with record.begin() as tx:
        assert await tx.shelves.stocked(BERLIN) == {TEA}


async def test_numbers_that_never_came_are_gaps(record: Record) -> None:
    async with record.begin() as tx:
        await tx.shelves.note_sequences(BERLIN, [9, 4, 5], NOW)
        await tx.shelves.note_sequences(MUNICH, [1, 2], NOW)
        assert await tx.shelves.gaps(10) == (Gap(location=BERLIN, first=6, last=8),)
        await tx.shelves.note_sequences(BERLIN, [7, 5], NOW)
        assert await tx.shelves.gaps(1) == (Gap(location=BERLIN, first=6, last=6),)
        await tx.shelves.note_sequences(BERLIN, [6, 8], NOW)
        assert await tx.shelves.gaps(10) == ()


async def reject(record: Record, units: int, minutes: int, number: int = 1) -> None:
    """Free reserved units, and take them off the books since they were not found."""
    async with record.begin() as tx:
        await tx.stock.free("soft:held")
        lost = Movement(
            key=f"reject:shop/1/F{number}:1:{TEA}", kind=MovementKind.ADJUST, sku=TEA, location=BERLIN, delta=-units,
            reason="not_found",
        )  # fmt: skip
        assert await tx.stock.move(lost, later(minutes))


async def test_what_was_sold_although_it_was_promised_and_then_not_found_leaves_once(record: Record) -> None:
    await receive(record, 2)
    await reserve(record, 2)
    assert await sell(record, 2, 1) == 2
    await reject(record, 2, 5)
    await receive(record, 10)
    assert [await sell(record, 2, 1), await sell(record, 2, 1)] == [0, 0]
    assert await quantities_of(record) == (10, 0)


async def test_only_units_that_were_missed_after_a_sale_and_for_no_other_sale_stand_for_it(record: Record) -> None:
    await receive(record, 3)
    await reserve(record, 3)
    assert [await sell(record, 1, minutes) for minutes in (1, 2, 7)] == [1, 1, 1]
    await reject(record, 1, 5)
    assert await quantities_of(record) == (2, 0)
    assert [await sell(record, 1, minutes) for minutes in (1, 2, 7)] == [0, 0, 0]
    assert await quantities_of(record) == (0, 0)


async def test_a_sale_that_is_told_after_its_units_were_missed_takes_what_is_free_first(record: Record) -> None:
    await receive(record, 3)
    await reserve(record, 2)
    await reject(record, 2, 5)
    assert await sell(record, 3, 1) == 0
    assert await quantities_of(record) == (0, 0)
    await receive(record, 4)
    assert await sell(record, 3, 1) == 0
    assert await quantities_of(record) == (4, 0)


async def test_a_count_that_comes_late_is_not_misled_by_units_that_were_missed(record: Record) -> None:
    await receive(record, 2)
    await reserve(record, 2)
    assert await sell(record, 2, 1) == 2
    await reject(record, 2, 5)
    assert await sell(record, 2, 1) == 0
    assert await count(record, 7, 3) == 0
    assert await quantities_of(record) == (7, 0)


async def test_what_came_to_a_place_after_a_moment_is_known(record: Record) -> None:
    then = later(5)
    async with record.begin() as tx:
        await tx.stock.move(movement(5), NOW)
        await tx.stock.move(movement(-1), then)
        await tx.stock.move(movement(1, sku=MUG, place=MUNICH), then)
        places = [((TEA,), BERLIN), ((TEA, MUG), MUNICH), ((MUG,), BERLIN), ((TEA,), MUNICH)]
        assert [await tx.stock.came(skus, place, NOW) for skus, place in places] == [False, True, False, False]
        assert await tx.stock.came([TEA], BERLIN, later(-5))
        assert not await tx.stock.came([MUG], MUNICH, then)
