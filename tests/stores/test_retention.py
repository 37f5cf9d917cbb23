"""What nobody needs any more is forgotten after its time, a bounded number at once; everything else stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.retention import sweep_once
from domain.errors import NotFound
from domain.messages import WOKEN
from domain.ports.stores import Record
from domain.ports.stores.outbox import Telling
from tests.builders import NOW, received
from tests.stores.scenes import record_order, seed_catalog
from tests.stores.waiting_room import Clock, arrive, backorder, context_of, serve

LATER = NOW + timedelta(days=31)


async def test_a_finished_message_of_no_order_is_forgotten_after_its_time(record: Record) -> None:
    orphan = await _store(record, b"a late scan")
    await _finish(record, orphan)
    await sweep_once(context_of(record, Clock(NOW + timedelta(days=29))))
    assert await _is_kept(record, orphan)
    await sweep_once(context_of(record, Clock(LATER)))
    assert not await _is_kept(record, orphan)


async def test_a_message_that_is_not_finished_or_belongs_to_an_order_is_kept(record: Record) -> None:
    order_id = await record_order(record)
    fresh, asked, known = [await _store(record, body) for body in (b"fresh", b"strange", b"known")]
    async with record.begin() as tx:
        await tx.inbox.quarantine(asked, "unreadable", "what is this", NOW)
        await tx.inbox.finish(known, order_id, NOW)
    await sweep_once(context_of(record, Clock(LATER)))
    assert [await _is_kept(record, one) for one in (fresh, asked, known)] == [True] * 3


async def test_no_more_than_a_batch_is_forgotten_at_once(record: Record) -> None:
    for number in range(3):
        await _finish(record, await _store(record, f"{number}".encode()))
    gone: list[int] = []
    for _ in range(3):
        async with record.begin() as tx:
            gone.append(await tx.retention.forget_messages_of_nobody(LATER, 2))
    assert gone == [2, 1, 0]


async def test_dead_tellings_are_forgotten_and_those_to_be_told_are_not(record: Record) -> None:
    await record_order(record)
    dead = [
        Telling(outbox_id=number, workflow="Order", workflow_id=f"order/gone/{number}", signal=WOKEN, payload="{}")
        for number in (1, 2)
    ]
    async with record.begin() as tx:
        await tx.outbox.bury(tuple(dead))
    later = NOW.replace(year=NOW.year + 50)
    async with record.begin() as tx:
        assert await tx.retention.forget_dead_tellings(later, 10) == 2
        assert await tx.retention.forget_dead_tellings(later, 10) == 0
        assert len(await tx.outbox.take(10)) == 1


@pytest.mark.stack
async def test_a_dead_telling_is_kept_for_its_time(postgres_record: Record) -> None:
    telling = Telling(workflow="Order", workflow_id="order/gone", signal=WOKEN, payload="{}")
    async with postgres_record.begin() as tx:
        await tx.outbox.bury((telling,))
        assert await tx.retention.forget_dead_tellings(NOW - timedelta(days=365), 10) == 0


@pytest.mark.stack
async def test_a_cause_is_forgotten_when_nobody_waits_for_it_and_made_anew_when_somebody_does(
    postgres_record: Record, stores_engine: AsyncEngine
) -> None:
    await seed_catalog(postgres_record)
    context = context_of(postgres_record)
    await backorder(context, "1")
    await sweep_once(context)
    assert await _causes(stores_engine) == {"stock:TEA-1"}
    await arrive(context, 1)
    await sweep_once(context)
    assert await _causes(stores_engine) == {"stock:TEA-1"}, "its event is open"
    await serve(context)
    await sweep_once(context)
    assert await _causes(stores_engine) == set()
    await backorder(context, "2")
    assert await _causes(stores_engine) == {"stock:TEA-1"}


async def _store(record: Record, body: bytes) -> int:
    async with record.begin() as tx:
        (inbox_id,) = await tx.inbox.store((received(body, source="hook"),), NOW)
    assert inbox_id is not None
    return inbox_id


async def _finish(record: Record, inbox_id: int) -> None:
    async with record.begin() as tx:
        await tx.inbox.finish(inbox_id, None, NOW)


async def _is_kept(record: Record, inbox_id: int) -> bool:
    async with record.begin() as tx:
        try:
            await tx.inbox.load(inbox_id)
        except NotFound:
            return False
    return True


async def _causes(engine: AsyncEngine) -> set[str]:
    async with engine.connect() as connection:
        return set(await connection.scalars(text("SELECT cause FROM causes")))
