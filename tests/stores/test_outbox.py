"""The outbox, in both records."""

from __future__ import annotations

import asyncio

import pytest

from domain.errors import NotFound
from domain.messages import ORDER_WORKFLOW, WOKEN, OrderStart, Woken
from domain.ports.stores import Record
from domain.ports.stores.outbox import Telling
from tests.builders import ACCOUNT
from tests.stores.scenes import drain, record_order, tellings


async def test_rows_are_taken_oldest_first_as_they_were_written(record: Record) -> None:
    written = [await _tell(record, number) for number in range(3)]
    taken = await tellings(record)
    assert [row.model_copy(update={"outbox_id": 0}) for row in taken] == written
    assert [row.outbox_id for row in taken] == sorted({row.outbox_id for row in taken})


async def test_no_more_rows_are_taken_than_asked_for(record: Record) -> None:
    for number in range(3):
        await _tell(record, number)
    async with record.begin() as tx:
        assert [row.workflow_id for row in await tx.outbox.take(2)] == ["order/shop/0", "order/shop/1"]


async def test_a_row_taken_by_a_transaction_that_fails_is_taken_again(record: Record) -> None:
    await _tell(record, 1)
    assert await tellings(record) == await tellings(record)
    assert len(await tellings(record)) == 1


async def test_a_row_that_was_taken_is_gone(record: Record) -> None:
    for number in range(3):
        await _tell(record, number)
    async with record.begin() as tx:
        await tx.outbox.take(2)
    assert [row.workflow_id for row in await tellings(record)] == ["order/shop/2"]


async def test_a_row_whose_workflow_does_not_exist_is_not_taken_again(record: Record) -> None:
    for number in range(2):
        await _tell(record, number)
    async with record.begin() as tx:
        (first,) = await tx.outbox.take(1)
        await tx.outbox.bury((first,))
    assert [row.workflow_id for row in await tellings(record)] == ["order/shop/1"]


async def test_two_relays_never_send_the_same_row(record: Record) -> None:
    for number in range(20):
        await _tell(record, number)

    async def relay() -> list[int]:
        sent: list[int] = []
        for _ in range(5):
            async with record.begin() as tx:
                taken = tuple(row.outbox_id for row in await tx.outbox.take(2))
                await asyncio.sleep(0.001)
                sent += taken
        return sent

    first, second = await asyncio.gather(relay(), relay())
    assert not set(first) & set(second)
    assert len(first) + len(second) == 20
    assert await tellings(record) == []


async def test_an_orders_start_can_be_told_again(record: Record) -> None:
    order_id = await record_order(record)
    (recorded,) = await tellings(record)
    await drain(record)
    async with record.begin() as tx:
        await tx.outbox.start_order(order_id)
    (again,) = await tellings(record)
    assert (again.workflow, again.workflow_id, again.signal) == (ORDER_WORKFLOW, recorded.workflow_id, "")
    start = OrderStart.model_validate_json(again.payload)
    assert start == OrderStart(order_id=order_id, account=ACCOUNT, number="#1001")


async def test_an_unknown_order_cannot_be_started(record: Record) -> None:
    with pytest.raises(NotFound):
        async with record.begin() as tx:
            await tx.outbox.start_order("shop/none")


async def _tell(record: Record, number: int) -> Telling:
    payload = Woken(ticket=number).model_dump_json()
    telling = Telling(workflow="", workflow_id=f"order/shop/{number}", signal=WOKEN, payload=payload)
    async with record.begin() as tx:
        await tx.outbox.tell(telling)
    return telling
