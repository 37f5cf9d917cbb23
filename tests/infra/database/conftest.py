"""A record in a PostgreSQL of its own, with an order that is on its way."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.effect import Confirmed
from domain.fulfillment import Stage
from domain.ports.stores.effect import Settlement
from infra.database.cipher import Cipher
from infra.database.engine import create_engine
from infra.database.record import PostgresRecord
from tests.builders import NOW, channel_line, channel_order, fulfillment, intent
from tests.stores.scenes import add_part, receive, record_order, seed_catalog, walk


@pytest.fixture
async def engine(database_url: str) -> AsyncGenerator[AsyncEngine]:
    made = create_engine(database_url)
    yield made
    await made.dispose()


@pytest.fixture
async def record(engine: AsyncEngine) -> PostgresRecord:
    kept = PostgresRecord(engine, Cipher(bytes(32)))
    await seed_catalog(kept)
    return kept


@pytest.fixture
async def shipped(record: PostgresRecord) -> PostgresRecord:
    """The record with order shop/1001: 2 units of tea in transit, label and tracking told, and a refund reserved."""
    await receive(record, 10)
    order_id = await record_order(record, channel_order(channel_line(quantity=2)))
    part = await add_part(record, fulfillment(order_id, quantities={"1": 2}), reserve=True)
    await walk(record, part, Stage.LABELLING)
    async with record.begin() as tx:
        parcel = await tx.shipments.plan_parcel(part, "swift", NOW)
        effect = await tx.effects.claim(intent(), NOW)
        label = Confirmed(remote_id="L-1", tracking_number="T-1")
        await tx.effects.settle(
            effect.key, effect.token, Settlement(state=effect.state.CONFIRMED, confirmed=label), NOW
        )
        await tx.shipments.keep_label(parcel.parcel_id, label, NOW)
        await tx.shipments.tell_tracking(parcel.parcel_id, "T-1", NOW)
        await tx.stock.ship(part, NOW)
        assert await tx.money.reserve_refund(order_id, "goodwill:1", 500, "late", {})
    await walk(record, part, Stage.IN_TRANSIT)
    return record


@pytest.fixture
async def careless(engine: AsyncEngine) -> AsyncGenerator[AsyncConnection]:
    """A connection on which no trigger and no foreign key is looked at; nothing of it is kept."""
    async with engine.connect() as connection, connection.begin() as transaction:
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        yield connection
        await transaction.rollback()
