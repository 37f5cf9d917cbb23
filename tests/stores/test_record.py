"""Transactions and savepoints, in both records."""

from __future__ import annotations

import asyncio

import pytest

from domain.errors import NotFound
from domain.ports.stores import Record, Transaction
from tests.builders import NOW, movement
from tests.stores.scenes import SHOP, quantities_of, receive, record_order, tellings


class _BoomError(Exception):
    """Something nobody expected."""


async def test_a_transaction_commits_at_its_end(record: Record) -> None:
    async with record.begin() as tx:
        await tx.stock.move(movement(3), NOW)
    assert await quantities_of(record) == (3, 0)


@pytest.mark.parametrize("error", [_BoomError(), NotFound("gone"), asyncio.CancelledError()], ids=repr)
async def test_an_exception_undoes_the_whole_transaction_and_goes_on(record: Record, error: BaseException) -> None:
    async def fail() -> None:
        async with record.begin() as tx:
            await tx.stock.move(movement(4), NOW)
            await tx.catalog.pause_channel(SHOP.account, paused=True)
            raise error

    await receive(record, 3)
    with pytest.raises(type(error)):
        await fail()
    assert await quantities_of(record) == (3, 0)
    async with record.begin() as tx:
        assert (await tx.catalog.channels())[0].paused is False


async def test_an_undone_transaction_tells_temporal_nothing(record: Record) -> None:
    async def fail() -> None:
        async with record.begin() as tx:
            await tx.money.reserve_refund(order_id, "goodwill:1", 100, "late", {})
            raise _BoomError

    order_id = await record_order(record)
    before = await tellings(record)
    with pytest.raises(_BoomError):
        await fail()
    assert await tellings(record) == before


async def test_a_savepoint_undoes_only_its_own_block(record: Record) -> None:
    async with record.begin() as tx:
        await tx.stock.move(movement(1), NOW)
        with pytest.raises(_BoomError):
            await _receive_and_fail(tx)
        await tx.stock.move(movement(2), NOW)
    assert await quantities_of(record) == (3, 0)


async def test_a_savepoint_that_ends_well_is_kept(record: Record) -> None:
    async with record.begin() as tx, tx.savepoint():
        await tx.stock.move(movement(2), NOW)
    assert await quantities_of(record) == (2, 0)


async def test_savepoints_nest(record: Record) -> None:
    async with record.begin() as tx, tx.savepoint():
        await tx.stock.move(movement(1), NOW)
        with pytest.raises(_BoomError):
            await _receive_and_fail(tx)
        await tx.stock.move(movement(2), NOW)
    assert await quantities_of(record) == (3, 0)


async def test_the_record_works_on_after_a_failed_transaction(record: Record) -> None:
    for _ in range(3):
        with pytest.raises(NotFound):
            async with record.begin() as tx:
                await tx.orders.load("shop/none")
    await receive(record, 1)
    assert await quantities_of(record) == (1, 0)


async def _receive_and_fail(tx: Transaction) -> None:
    async with tx.savepoint():
        await tx.stock.move(movement(10), NOW)
        raise _BoomError
