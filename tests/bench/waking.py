"""Waking measured: how soon an order moves whose cause is cleared, and how a cause drains that ten thousand wait for.

What is real: PostgreSQL, the Temporal server, the worker with its allocator and relay, every order that is measured
(it came in as a channel's document, its workflow runs and waits), and every unit of stock. What is not: the parties
answer at once, and most of those who wait are rows without a workflow, since starting ten thousand takes a quarter
of an hour. They are copied in the record from orders that really came to wait, so that they have the same shape;
they stand behind the real ones in line, and no goods come for them. A time ends with the signal in the order's
history: the goods were reserved and committed before it was sent, and the server has accepted it.
"""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from activities.intake import receive_orders
from domain.inventory import MovementKind
from domain.messages import WOKEN, order_workflow_id
from domain.ports.stores.inbox import Received
from domain.ports.stores.inventory import Movement
from tests.bench.measure import result_of, ship_rate
from tests.bench.town import ACCOUNT, BenchTown, open_bench, raw_order
from tests.builders import channel_line, channel_order
from workers.wiring import utc_now

_CAUSES = 1000
_SAMPLE = 100
_CLEARED_AT_ONCE = 4
_FIFTY = 50
_DRAINED = 40
_ROUNDS = 3
_NEW_ORDERS = 4
_IN_FLIGHT = 50
_FIRST_NEW = 100_000
_HOT = "HOT-0000"

_COPIES = (
    text("""
        INSERT INTO orders SELECT (jsonb_populate_record(o, jsonb_build_object(
            'order_id', copy.order_id, 'channel_order_id', copy.name, 'number', copy.name, 'inbox_id', NULL,
            'ship_by', o.ship_by + interval '30 days' + copy.number * interval '1 second'))).*
        FROM orders o, copies copy WHERE o.order_id = :model"""),
    text("""
        INSERT INTO order_lines SELECT (jsonb_populate_record(
            line, CAST(replace(CAST(to_jsonb(line) AS text), :sku, copy.sku) AS jsonb)
                  || jsonb_build_object('order_id', copy.order_id))).*
        FROM order_lines line, copies copy WHERE line.order_id = :model"""),
    text("""
        INSERT INTO waits SELECT (jsonb_populate_record(
            w, CAST(replace(CAST(to_jsonb(w) AS text), :sku, copy.sku) AS jsonb)
               || jsonb_build_object('order_id', copy.order_id))).*
        FROM waits w, copies copy WHERE w.order_id = :model"""),
    text("ANALYZE orders, order_lines, waits"),
)
_NAMES = text("""
    CREATE TEMPORARY TABLE copies ON COMMIT DROP AS
    SELECT number, :prefix || number AS name, :account || '/' || :prefix || number AS order_id,
           :family || lpad(CAST(number % :causes AS text), 4, '0') AS sku
    FROM generate_series(1, :count) number""")
_GRANTED = text("""
    SELECT count(DISTINCT f.order_id) FROM fulfillment_orders f JOIN fulfillment_lines line USING (fulfillment_id)
    WHERE line.sku = :sku""")


async def waking_figures(client: Client, url: str, *, waiting: int = 10_000) -> dict[str, float]:
    """Return the figures, with so many orders that wait."""
    async with open_bench(client, url, needs_hand=True, pause=0.3) as town:
        town.instant.hurry()
        return await _measure_many_causes(town, waiting) | await _measure_hot_cause(town, waiting)


async def _measure_many_causes(town: BenchTown, waiting: int) -> dict[str, float]:
    """Clear a hundred of a thousand causes, one after the other; return the times until their first order moves."""
    skus = [f"CAUSE-{number:04}" for number in range(_CAUSES)]
    await _sell(town, skus)
    placed = await _place_waiting(town, "R", skus[:: _CAUSES // _SAMPLE])
    await _copy(town, f"{ACCOUNT}/R0", skus[0], "C", _CAUSES, waiting - len(placed))
    gate = asyncio.Semaphore(_CLEARED_AT_ONCE)

    async def clear(order_id: str, sku: str) -> float:
        async with gate:
            cleared = await _receive(town, sku, 1)
            await result_of(town.client, order_id)
        return (await _told_at(town, order_id) - cleared).total_seconds()

    seconds = await asyncio.gather(*(clear(order_id, sku) for order_id, sku in placed.items()))
    return {
        "cause_to_move_s_10k_p99": statistics.quantiles(seconds, n=100)[98],
        "cause_to_move_s_10k_median": statistics.median(seconds),
    }


async def _measure_hot_cause(town: BenchTown, waiting: int) -> dict[str, float]:
    """Let goods arrive for some of ten thousand who wait for one SKU, while new orders come in."""
    await _sell(town, [_HOT])
    placed = list(await _place_waiting(town, "H", [_HOT] * (_FIFTY + _ROUNDS * _DRAINED)))
    await _copy(town, placed[0], _HOT, "D", 1, waiting - len(placed))
    first, rest = placed[:_FIFTY], placed[_FIFTY:]
    await _receive(town, _HOT, _FIFTY)
    await _until_closed(town, first)
    async with town.engine.connect() as connection:
        woke = await connection.scalar(_GRANTED, {"sku": _HOT})
    rounds = [
        await _drain(town, rest[_DRAINED * number : _DRAINED * (number + 1)], _FIRST_NEW * (number + 1))
        for number in range(_ROUNDS)
    ]
    return {"fifty_units_woke_orders": float(woke or 0)} | {
        name: statistics.median(found[name] for found in rounds) for name in rounds[0]
    }


async def _drain(town: BenchTown, waiting: Sequence[str], first_new: int) -> dict[str, float]:
    """Measure what is ordinary, then let goods arrive for these orders while new ones come in, one after the other."""
    alone = statistics.median([await _time_new_order(town, first_new + number) for number in range(_NEW_ORDERS)])
    ordinary = await ship_rate(town, first_new + 1000, len(waiting), _IN_FLIGHT)
    cleared = await _receive(town, _HOT, len(waiting))
    draining = asyncio.create_task(_until_closed(town, waiting))
    meanwhile: list[float] = []
    while not draining.done():
        meanwhile.append(await _time_new_order(town, first_new + 2000 + len(meanwhile)))
    ended = [await _time_of(town, order_id, EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED) for order_id in waiting]
    return {
        "hot_cause_first_move_s": (await _told_at(town, waiting[0]) - cleared).total_seconds(),
        "hot_cause_drain_over_ordinary": len(waiting) / (max(ended) - cleared).total_seconds() / ordinary,
        "hot_cause_new_order_slowdown": statistics.median(meanwhile) / alone,
    }


async def _until_closed(town: BenchTown, placed: Sequence[str]) -> None:
    await asyncio.gather(*(result_of(town.client, order_id) for order_id in placed))


async def _sell(town: BenchTown, skus: Sequence[str]) -> None:
    async with town.context.record.begin() as tx:
        for sku in skus:
            await tx.catalog.save_sku(sku, sku, 100)


async def _place_waiting(town: BenchTown, prefix: str, skus: Sequence[str]) -> dict[str, str]:
    """Let an order for each SKU come in and wait, the first the most urgent; return order id → SKU."""
    placed: dict[str, str] = {}
    tomorrow = utc_now() + timedelta(days=1)
    for number, sku in enumerate(skus):
        order = channel_order(
            channel_line(listing_id=sku, sku=sku), channel_order_id=f"{prefix}{number}", number=f"{prefix}{number}",
            ship_by=tomorrow + timedelta(seconds=number),
        )  # fmt: skip
        body = order.model_dump_json().encode()
        name = order.channel_order_id
        town.instant.orders[name] = raw_order(name, body)
        received = Received(party=ACCOUNT, source="pull", subject=name, body=body)
        await receive_orders(town.context, ACCOUNT, (received,))
        placed[f"{ACCOUNT}/{name}"] = sku
    for order_id in placed:
        await _until_waiting(town, order_id)
    return placed


async def _until_waiting(town: BenchTown, order_id: str) -> None:
    while True:
        async with town.context.record.begin() as tx:
            if await tx.waits.of_order(order_id):
                return
        await asyncio.sleep(0.1)


async def _copy(town: BenchTown, model: str, sku: str, prefix: str, causes: int, count: int) -> None:
    """Copy an order that waits for a SKU, so that as many wait for each of the SKUs of its family."""
    family = {"prefix": prefix, "account": ACCOUNT, "family": sku[:-4], "causes": causes, "count": count}
    async with town.engine.begin() as connection:
        await connection.execute(_NAMES, family)
        for statement in _COPIES:
            await connection.execute(statement, {"model": model, "sku": sku})


async def _receive(town: BenchTown, sku: str, units: int) -> datetime:
    """Let goods arrive; return when that was committed."""
    now = utc_now()
    goods = Movement(
        key=f"bench:{sku}:{now.isoformat()}", kind=MovementKind.RECEIVE, sku=sku, location="S1", delta=units,
        reason="bench",
    )  # fmt: skip
    async with town.context.record.begin() as tx:
        await tx.waits.clear(f"stock:{sku}", now)
        await tx.stock.move(goods, now)
    return utc_now()


async def _told_at(town: BenchTown, order_id: str) -> datetime:
    """Return when the server accepted the signal that woke an order."""
    return await _time_of(town, order_id, EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED, WOKEN)


async def _time_of(town: BenchTown, order_id: str, kind: EventType.ValueType, signal: str = "") -> datetime:
    """Return the server's time of the first such event in an order's history."""
    history = await town.client.get_workflow_handle(order_workflow_id(order_id)).fetch_history()
    return next(
        event.event_time.ToDatetime(tzinfo=UTC) for event in history.events
        if event.event_type == kind and event.workflow_execution_signaled_event_attributes.signal_name == signal
    )  # fmt: skip


async def _time_new_order(town: BenchTown, number: int) -> float:
    """Let one order come in; return the seconds from its document to delivered."""
    began = utc_now()
    await result_of(town.client, await town.place(number))
    return (utc_now() - began).total_seconds()
