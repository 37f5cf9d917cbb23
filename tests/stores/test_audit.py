"""The audit, in both records; no store reads it back, so that each record is looked into."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ports.stores import Record
from tests.builders import NOW
from tests.fakes.record import FakeRecord

WANTED = [("shop/1", "place_hold", "ops", "asked", NOW), ("shop/1", "cancel", "ops", "asked", NOW)]


async def test_notes_are_kept_in_the_order_they_were_written(fake_record: FakeRecord) -> None:
    await _note_twice(fake_record)
    lines = fake_record.state.audit.values()
    assert [(line.order_id, line.verb, line.actor, line.reason, line.at) for line in lines] == WANTED


@pytest.mark.stack
async def test_notes_are_kept_in_postgres_too(postgres_record: Record, stores_engine: AsyncEngine) -> None:
    await _note_twice(postgres_record)
    async with stores_engine.connect() as connection:
        rows = await connection.execute(text("SELECT order_id, verb, actor, reason, at FROM audit ORDER BY audit_id"))
        assert [tuple(row) for row in rows] == WANTED


async def _note_twice(record: Record) -> None:
    for order_id, verb, actor, reason, at in WANTED:
        async with record.begin() as tx:
            await tx.audit.note(order_id, verb, actor, reason, at)
