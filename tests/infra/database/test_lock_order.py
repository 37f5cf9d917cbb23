"""The one order in which rows are locked: levels by location and SKU, causes by name, as Python sorts them.

On a server whose own order is another (`CROSSDOCK_TEST_DATABASE`), the same holds.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

import infra.database
from domain.imports import ImportKind
from domain.inventory import Claim
from domain.ports.stores import Transaction
from infra.database.record import PostgresRecord
from tests.builders import BERLIN, MUNICH, NOW
from tests.locks import until_blocked
from tests.stores.scenes import receive
from tests.stores.test_imports import EVERYTHING, stage

EARLY, LATE = "Z-1", "a-1"
"""Of two SKUs, the one that Python sorts first, which dictionaries do not."""

Act = Callable[[PostgresRecord, Transaction], Awaitable[object]]
_ON = r"""(?:(?!"{3}|;).)*?"""  # within one statement
LOCKS = re.compile(rf"(?:INSERT INTO causes|inventory_levels)\b{_ON}ORDER BY{_ON}(?:FOR UPDATE|ON CONFLICT)", re.DOTALL)


async def free(_record: PostgresRecord, tx: Transaction) -> None:
    await tx.stock.free("part")


async def ship(_record: PostgresRecord, tx: Transaction) -> None:
    await tx.stock.ship("part", NOW)


async def reserve_once_more(_record: PostgresRecord, tx: Transaction) -> None:
    assert await tx.stock.reserve("part", claims(BERLIN))


def claims(place: str) -> tuple[Claim, ...]:
    return tuple(Claim(sku, place, 1) for sku in (LATE, EARLY))


async def claim(tx: Transaction, sku: str, place: str = BERLIN) -> None:
    assert await tx.stock.reserve(f"other:{sku}", (Claim(sku, place, 1),))


@pytest.mark.stack
@pytest.mark.parametrize("act", [free, ship, reserve_once_more])
async def test_whoever_takes_two_levels_takes_the_first_one_first(
    act: Act, record: PostgresRecord, engine: AsyncEngine
) -> None:
    for sku in (EARLY, LATE):
        await receive(record, 3, sku)
    async with record.begin() as tx:
        assert await tx.stock.reserve("part", claims(BERLIN))

    async def both() -> None:
        async with record.begin() as tx:
            await act(record, tx)

    async with record.begin() as tx:
        await claim(tx, EARLY)
        rival = asyncio.create_task(both())
        await until_blocked(engine, rival)
        await claim(tx, LATE)
    await rival


@pytest.mark.stack
async def test_an_import_takes_the_levels_of_one_location_before_those_of_the_next(
    record: PostgresRecord, engine: AsyncEngine
) -> None:
    levels = ((LATE, BERLIN), (EARLY, MUNICH))
    for sku, place in levels:
        async with record.begin() as tx:
            await tx.catalog.save_sku(sku, "A thing", 100)
        await receive(record, 3, sku, place)
    rows = {row: {"sku": sku, "location": place, "on_hand": 5} for row, (sku, place) in enumerate(levels, 2)}
    opened = await stage(record, ImportKind.STOCK, rows)

    async def merge() -> None:
        async with record.begin() as tx:
            await tx.imports.merge(opened, EVERYTHING, NOW)

    async with record.begin() as tx:  # as a plan does that is split over both
        await claim(tx, LATE, BERLIN)
        rival = asyncio.create_task(merge())
        await until_blocked(engine, rival)
        await claim(tx, EARLY, MUNICH)
    await rival


def test_no_statement_locks_in_the_order_of_the_database() -> None:
    folder = Path(infra.database.__file__).parent
    found = [statement for file in sorted(folder.rglob("*.py")) for statement in LOCKS.findall(file.read_text())]
    assert len(found) == 9
    assert [statement for statement in found if 'COLLATE "C"' not in statement] == []
