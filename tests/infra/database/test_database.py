"""The engine, the migrations and what the database says when it cannot."""

from __future__ import annotations

import asyncio
import re

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.errors import NotFound, Unavailable
from infra.database.cipher import Cipher
from infra.database.engine import create_engine
from infra.database.migrate import migrate
from infra.database.record import PostgresRecord
from tests.builders import NOW, channel_order
from tests.stores.scenes import record_order


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://user@host/db", "postgresql//host"])
def test_an_address_of_something_else_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="expected postgresql://"):
        create_engine(url)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_an_address_needs_no_driver(scheme: str) -> None:
    assert create_engine(f"{scheme}://user@host/db").url.drivername == "postgresql+psycopg"


async def test_a_database_that_does_not_answer_is_unavailable() -> None:
    engine = create_engine("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(Unavailable) as refused:
        async with PostgresRecord(engine, Cipher(bytes(32))).begin() as tx:
            await tx.orders.load("shop/1")
    await engine.dispose()
    assert (refused.value.code, refused.value.retryable) == ("record-unavailable", True)


@pytest.mark.stack
async def test_a_deadlock_is_worth_another_try(record: PostgresRecord) -> None:
    both = asyncio.Barrier(2)

    async def lock(first: str, second: str) -> str:
        try:
            async with record.begin() as tx:
                await tx.waits.lock_causes([first])
                await both.wait()
                await tx.waits.lock_causes([second])
        except Unavailable as error:
            return str(error)
        return "done"

    assert sorted(await asyncio.gather(lock("a:1", "b:1"), lock("b:1", "a:1"))) == ["DeadlockDetected", "done"]


@pytest.mark.stack
async def test_migrating_again_changes_nothing(database_url: str, engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        before = await connection.scalar(text("SELECT version_num FROM alembic_version"))
    await asyncio.gather(*(asyncio.to_thread(migrate, database_url) for _ in range(3)))
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT version_num FROM alembic_version")) == before


@pytest.mark.stack
async def test_an_error_never_shows_what_was_bound(engine: AsyncEngine) -> None:
    with pytest.raises(DBAPIError) as refused:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT CAST(:name AS text) || (1 / 0)"), {"name": "Ada Vogel"})
    assert "Ada" not in str(refused.value)


@pytest.mark.stack
async def test_nothing_personal_can_be_read_in_any_table(record: PostgresRecord, engine: AsyncEngine) -> None:
    await record_order(record, channel_order())
    async with engine.connect() as connection:
        tables = (await connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))).all()
        for table in tables:
            rows = (await connection.scalars(text(f'SELECT CAST(t AS text) FROM "{table}" t'))).all()  # noqa: S608
            seen = "".join(rows) + "".join(_bytes_in(row) for row in rows)
            assert not [word for word in ("Ada", "Vogel", "Hafenweg", "24103", "ada@") if word in seen], table


@pytest.mark.stack
async def test_erasing_removes_the_key_and_everything_sealed_apart_from_it(
    shipped: PostgresRecord, engine: AsyncEngine
) -> None:
    async with shipped.begin() as tx:
        await tx.vault.erase("shop/1001", NOW)
        with pytest.raises(NotFound):
            await tx.vault.pickup_pin("shop/1001/F1")
    left = """
        SELECT (SELECT count(wrapped_key) + count(buyer) FROM vault) + (SELECT count(*) FROM addresses)
             + (SELECT count(body) FROM inbox) + (SELECT count(request) FROM effects)
             + (SELECT count(document) FROM parcels)"""
    async with engine.connect() as connection:
        assert await connection.scalar(text(left)) == 0


def _bytes_in(row: str) -> str:
    """Return as text what the row shows as the digits of its bytes."""
    return "".join(bytes.fromhex(digits).decode("latin1") for digits in re.findall(r"\\x([0-9a-f]+)", row))
