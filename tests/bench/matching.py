"""What it costs to find the SKUs of an order's lines, in a catalogue of a thousand to a million listings."""

from __future__ import annotations

import statistics
import time

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.matching import match_lines
from domain.gtin import check_digit
from domain.listing import Matched, Rung
from domain.order import ChannelOrder
from infra.database.cipher import Cipher
from infra.database.engine import create_engine
from infra.database.record import PostgresRecord
from tests.builders import channel_line, channel_order
from tests.statements import watch_statements
from tests.stores.scenes import SHOP, load, record_order

ORDERS = 200
_SKUS_PER = 10
_BY = (Rung.LISTING, Rung.SELLER_SKU, Rung.GTIN, Rung.ALIAS, Rung.LISTING)

# Every tenth SKU is a kit of two others, every fifth has an alias.
_LOAD = [
    """INSERT INTO products SELECT 'SKU-' || n, 'Thing ' || n || ' of kind ' || n % 97
       FROM generate_series(CAST(:first AS integer), CAST(:last AS integer)) n""",
    """INSERT INTO skus (sku, product_id, weight_grams, brand, gtin)
       SELECT 'SKU-' || n, 'SKU-' || n, 100, 'Brand ' || n % 50, lpad(CAST(n AS text), 13, '0') || (
           SELECT (1000 - sum(CAST(substr(lpad(CAST(n AS text), 13, '0'), place, 1) AS integer)
                              * CASE place % 2 WHEN 1 THEN 3 ELSE 1 END)) % 10 FROM generate_series(1, 13) place)
       FROM generate_series(CAST(:first AS integer), CAST(:last AS integer)) n""",
    """INSERT INTO kit_parts (kit, sku, units, worth, author, declared_at)
       SELECT 'SKU-' || n, 'SKU-' || n - part, part, part, 'bench', now()
       FROM generate_series(CAST(:first AS integer), CAST(:last AS integer)) n, generate_series(1, 2) part
       WHERE n % 10 = 0""",
    """INSERT INTO aliases (account, code, sku, units, author, valid_from)
       SELECT '', 'OLD-' || n, 'SKU-' || n, 1, 'bench', now()
       FROM generate_series(CAST(:first AS integer), CAST(:last AS integer)) n WHERE n % 5 = 1""",
    """INSERT INTO listings (account, listing_id, sku, units, author, valid_from)
       SELECT 'shop', 'L-' || n, 'SKU-' || (n - 1) / CAST(:each AS integer) + 1, 1 + n % 3 / 2, 'bench', now()
       FROM generate_series((CAST(:first AS integer) - 1) * :each + 1, CAST(:last AS integer) * :each) n""",
]


async def matching_figures(url: str, *, listings: int = 1_000_000) -> dict[str, float]:
    """Measure on an empty, migrated database, whose user may load it unchecked."""
    engine = create_engine(url)
    try:
        return await _measure_sizes(engine, listings)
    finally:
        await engine.dispose()


async def _measure_sizes(engine: AsyncEngine, listings: int) -> dict[str, float]:
    found: dict[str, float] = {}
    sent = watch_statements(engine)
    record = PostgresRecord(engine, Cipher(bytes(32)))
    async with record.begin() as tx:
        await tx.catalog.save_channel(SHOP)
    loaded = 0
    for name, size in (("1k", 1_000), ("100k", min(100_000, listings)), ("1m", listings)):
        await _load(engine, loaded, size // _SKUS_PER)
        loaded = max(loaded, size // _SKUS_PER)
        most, times = await _measure(record, sent, name, loaded)
        found[f"match_ms_per_line_{name}_median"] = statistics.median(times)
        found[f"match_ms_per_line_{name}_p99"] = statistics.quantiles(times, n=100)[98]
        found[f"match_statements_per_order_{name}"] = most
    return found


async def _load(engine: AsyncEngine, loaded: int, last: int) -> None:
    if last <= loaded:
        return
    async with engine.begin() as connection:
        # Nothing is checked while loading: a million look-ups of foreign keys are not what is measured.
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in _LOAD:
            bound = {"first": loaded + 1, "last": last} | ({"each": _SKUS_PER} if ":each" in statement else {})
            await connection.execute(text(statement), bound)
    async with engine.connect() as connection:
        settled = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await settled.execute(text("VACUUM ANALYZE"))


async def _measure(record: PostgresRecord, statements: list[str], name: str, skus: int) -> tuple[int, list[float]]:
    """Match orders one after the other; return statements of one order, and milliseconds per line of each order."""
    times: list[float] = []
    most = 0
    for number in range(ORDERS):
        order_id = await record_order(record, _order(name, number, skus), match=False)
        order = await load(record, order_id)
        async with record.begin() as tx:
            sent = len(statements)
            began = time.perf_counter()
            means = await match_lines(tx, order, list(order.lines))
            times.append((time.perf_counter() - began) * 1000 / len(order.lines))
            most = max(most, len(statements) - sent)
        assert [_rung(means[str(place)]) for place in range(len(_BY))] == list(_BY), means
    return most, times


def _rung(means: object) -> Rung | None:
    return means.matched_by if isinstance(means, Matched) else None


def _order(name: str, number: int, skus: int) -> ChannelOrder:
    """Return an order of five lines: by listing, seller's SKU, GTIN and alias; the last is a pack of a kit."""
    sku = number * 7919 % (skus // 10 - 1) * 10 + 1
    body = f"{sku:013}"
    return channel_order(
        channel_line("0", sku="", listing_id=f"L-{sku * _SKUS_PER}"),
        channel_line("1", sku=f"SKU-{sku}", listing_id="none"),
        channel_line("2", sku="", listing_id="none", gtin=body + check_digit(body)),
        channel_line("3", sku=f"OLD-{sku}", listing_id="none"),
        channel_line("4", sku="", listing_id=f"L-{(sku + 9) * _SKUS_PER - 5}"),
        channel_order_id=f"{name}-{number}",
    )
