"""Who owns reservations, in both records."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from domain.fulfillment import Stage
from domain.inventory import Claim
from domain.ports.stores import Record
from domain.ports.stores.reservation import SoftReservation, Suspicion
from tests.builders import ACCOUNT, BERLIN, NOW, TEA, channel_line, channel_order, fulfillment
from tests.stores.scenes import add_part, quantities_of, receive, record_order, walk

LONG_AGO = NOW - timedelta(days=3650)
TWO = (Claim(sku=TEA, location=BERLIN, quantity=2),)


async def hold(record: Record, owner: str, minutes: int = 30) -> bool:
    until = NOW + timedelta(minutes=minutes)
    async with record.begin() as tx:
        soft = SoftReservation(owner=owner, account=ACCOUNT, until=until, actor="till", reason="phone")
        return await tx.reservations.add(soft) and await tx.stock.reserve(owner, TWO)


async def suspicions(record: Record) -> list[tuple[str, Suspicion]]:
    async with record.begin() as tx:
        return [(row.owner, row.suspicion) for row in await tx.reservations.suspects(LONG_AGO, NOW, 100)]


async def test_a_soft_reservation_holds_units_until_it_is_ended(record: Record) -> None:
    await receive(record, 3)
    assert await hold(record, "soft:1")
    assert not await hold(record, "soft:1")
    assert not await hold(record, "soft:2")
    assert await quantities_of(record) == (3, 2)
    async with record.begin() as tx:
        assert await tx.reservations.held("soft:1") == TWO
        await tx.stock.free("soft:1")
        assert await tx.reservations.held("soft:1") == ()
        assert await tx.reservations.end("soft:1")
        assert not await tx.reservations.end("soft:1")
    assert await quantities_of(record) == (3, 0)


async def test_an_owner_that_reserves_many_times_at_once_holds_its_units_once(record: Record) -> None:
    await receive(record, 20)

    async def reserve() -> bool:
        async with record.begin() as tx:
            return await tx.stock.reserve("shop/1/F1", TWO)

    assert all(await asyncio.gather(*(reserve() for _ in range(8))))
    assert await quantities_of(record) == (20, 2)


async def test_soft_reservations_whose_time_is_over_are_found_the_longest_over_first(record: Record) -> None:
    await receive(record, 9)
    for owner, minutes in (("soft:1", 30), ("soft:2", -1), ("soft:3", -5)):
        await hold(record, owner, minutes)
    async with record.begin() as tx:
        assert await tx.reservations.expired(NOW, 10) == ("soft:3", "soft:2")
        assert await tx.reservations.expired(NOW, 1) == ("soft:3",)


async def test_reservations_of_live_owners_are_not_doubted(record: Record) -> None:
    await receive(record, 9)
    await hold(record, "soft:1")
    order_id = await record_order(record, channel_order(channel_line(quantity=2)))
    await add_part(record, fulfillment(order_id, quantities={"1": 2}), reserve=True)
    assert await suspicions(record) == []


async def test_a_reservation_without_an_owner_or_of_one_that_gave_it_up_is_nobodys(record: Record) -> None:
    await receive(record, 9)
    order_id = await record_order(record, channel_order(channel_line(quantity=2)))
    part = await add_part(record, fulfillment(order_id, quantities={"1": 2}), reserve=True)
    await walk(record, part, Stage.CANCELLED)
    async with record.begin() as tx:
        assert await tx.stock.reserve("shop/none/F1", TWO)
    assert sorted(await suspicions(record)) == [
        ("shop/1001/F1", Suspicion.OWNERLESS),
        ("shop/none/F1", Suspicion.OWNERLESS),
    ]


async def test_what_is_said_to_have_left_and_is_reserved_still_is_for_a_person(record: Record) -> None:
    await receive(record, 9)
    order_id = await record_order(record, channel_order(channel_line(quantity=2)))
    part = await add_part(record, fulfillment(order_id, quantities={"1": 2}), reserve=True)
    await walk(record, part, Stage.DELIVERED)
    assert await suspicions(record) == [(part, Suspicion.LEFT)]


async def test_a_soft_reservation_that_outlived_its_time_is_late(record: Record) -> None:
    await receive(record, 9)
    await hold(record, "soft:1", -1)
    assert await suspicions(record) == [("soft:1", Suspicion.LATE)]


async def test_what_can_be_given_back_is_found_before_what_only_a_person_can_end(record: Record) -> None:
    await receive(record, 9)
    await hold(record, "soft:1", -1)
    async with record.begin() as tx:
        assert await tx.stock.reserve("shop/none/F1", TWO)
    async with record.begin() as tx:
        (first,) = await tx.reservations.suspects(LONG_AGO, NOW, 1)
    assert first.owner == "shop/none/F1"


@pytest.mark.parametrize("sku", ['5" pipe', "a\\b", "{x,y}", "NULL", "null", " a ", "a,b", "ä 茶", '\\"', "'"])
async def test_goods_of_any_name_are_reserved(record: Record, sku: str) -> None:
    await receive(record, 3, sku)
    async with record.begin() as tx:
        assert await tx.stock.reserve("shop/1/F1", (Claim(sku=sku, location=BERLIN, quantity=2),))
        (level,) = await tx.stock.levels([sku])
    assert (level.sku, level.reserved, level.available) == (sku, 2, 1)
