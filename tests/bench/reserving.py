"""The measurement of reservations: on one hot SKU and over a thousand, beside a bare UPDATE loop in the same run."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import cast

import psycopg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.inventory import Claim
from infra.database.cipher import Cipher
from infra.database.engine import create_engine
from infra.database.record import PostgresRecord

_SKUS = 1_000
_ROUNDS = 7
_SECONDS = 1.0
_AT_ONCE = 16
_PLACE = "BENCH"

# What a shop writes that takes nothing down but the number: the same condition, the same row, one transaction each,
# over a connection of the same pool that has the statement prepared.
_BARE = """
    UPDATE inventory_levels SET reserved = reserved + 1
    WHERE sku = %(sku)s AND location = %(place)s AND condition = '' AND lot = '' AND on_hand - reserved - safety >= 1"""
_STOCK_UP = text("""
    INSERT INTO inventory_levels (sku, location, on_hand)
    SELECT concat(CAST(:run AS text), '-', number), :place, 100000000 FROM generate_series(0, :skus) number""")
_CLEAR = (
    "SET LOCAL session_replication_role = replica",
    "DELETE FROM stock_movements WHERE location = 'BENCH'",
    "DELETE FROM reservations WHERE location = 'BENCH'",
    "DELETE FROM inventory_levels WHERE location = 'BENCH'",
)

Once = Callable[[int], Awaitable[object]]


async def reserving_figures(url: str) -> dict[str, float]:
    """Return reservations per second, and what part of the bare loop's rate that is; nothing of it stays."""
    engine = create_engine(url)
    run = uuid.uuid4().hex  # noqa: TID251 - a run of the bench
    try:
        async with engine.begin() as connection:
            await connection.execute(_STOCK_UP, {"run": run, "place": _PLACE, "skus": _SKUS})
        return await _compare(engine, run)
    finally:
        async with engine.begin() as connection:
            for statement in _CLEAR:
                await connection.execute(text(statement))
        await engine.dispose()


async def _compare(engine: AsyncEngine, run: str) -> dict[str, float]:
    record = PostgresRecord(engine, Cipher(bytes(32)))

    def bare(spread: int) -> Once:
        async def update(number: int) -> None:
            pooled = await engine.raw_connection()
            connection = cast("psycopg.AsyncConnection", pooled.driver_connection)
            await connection.execute(_BARE, {"sku": f"{run}-{number % spread}", "place": _PLACE})
            await connection.commit()
            pooled.close()

        return update

    def reserve(spread: int) -> Once:
        async def reserve_one(number: int) -> None:
            claim = Claim(sku=f"{run}-{number % spread}", location=_PLACE, quantity=1)
            async with record.begin() as tx:
                assert await tx.stock.reserve(f"bench/{run}-{number}/F1", (claim,))

        return reserve_one

    loops = {
        "bare_hot": bare(1),
        "reserve_hot": reserve(1),
        "bare_spread": bare(_SKUS),
        "reserve_spread": reserve(_SKUS),
    }
    numbers = itertools.count()
    rates: dict[str, list[float]] = {name: [] for name in loops}
    for turn in range(_ROUNDS + 1):
        for name, once in loops.items():
            rate = await _rate(once, numbers)
            # The first round only warms up: connections, prepared statements, pages.
            rates[name] += [rate] if turn else []
    return {
        "reserve_hot_over_bare_update": _ratio(rates["reserve_hot"], rates["bare_hot"]),
        "reserve_spread_over_bare_update": _ratio(rates["reserve_spread"], rates["bare_spread"]),
        "reservations_per_second_hot": statistics.median(rates["reserve_hot"]),
        "reservations_per_second_spread": statistics.median(rates["reserve_spread"]),
    }


def _ratio(ours: list[float], theirs: list[float]) -> float:
    """Return the median of the ratios of neighbours in time, which shared the machine's mood."""
    return statistics.median(mine / bare for mine, bare in zip(ours, theirs, strict=True))


async def _rate(once: Once, numbers: itertools.count[int]) -> float:
    """Return how many a second are done, by as many tasks at once as a busy worker has."""
    began = time.perf_counter()
    done = 0

    async def work() -> None:
        nonlocal done
        while time.perf_counter() - began < _SECONDS:
            await once(next(numbers))
            done += 1

    await asyncio.gather(*(work() for _ in range(_AT_ONCE)))
    return done / (time.perf_counter() - began)
