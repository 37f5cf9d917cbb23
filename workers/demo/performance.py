"""The performance of a demo: orders per second, the size of their histories, statements per order."""

from __future__ import annotations

import asyncio
from random import Random
from statistics import median_low

from sqlalchemy import TextClause, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from domain.messages import order_workflow_id
from workers.demo.report import Performance

SAMPLE = 200
_AT_ONCE = 8

_UNCOUNTED = text("SET pg_stat_statements.track = 'none'")
_RESET = text("SELECT pg_stat_statements_reset()")
_STATEMENTS = text(r"""
    SELECT coalesce(sum(calls), 0) FROM pg_stat_statements
    WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND query !~* '^\s*(BEGIN|START TRANSACTION|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)'""")
_SECONDS = text("""
    SELECT extract(epoch FROM max(ended.at) - min(o.placed_at))
    FROM orders o CROSS JOIN LATERAL (
        SELECT coalesce(max(r.state_at), o.closed_at) AS at FROM returns r WHERE r.order_id = o.order_id) ended
    WHERE o.state NOT IN ('TEST', 'EXTERNAL', 'OBSERVED')""")


async def count_statements_anew(connection: AsyncConnection) -> bool:
    """Begin to count statements at zero, without those of this connection; False where the database cannot."""
    try:
        async with connection.begin():
            await connection.execute(_RESET)
        async with connection.begin():
            await connection.execute(_UNCOUNTED)
    except DBAPIError:
        return False
    return True


async def measure(
    client: Client, connection: AsyncConnection, order_ids: list[str], seed: int, *, counts_statements: bool
) -> Performance:
    """Measure what was done for these orders; of very many, a sample of the histories."""
    if not order_ids:
        return Performance()
    statements = await _scalar(connection, _STATEMENTS) if counts_statements else None
    seconds = await _scalar(connection, _SECONDS)
    sample = order_ids if len(order_ids) <= SAMPLE else Random(seed).sample(order_ids, SAMPLE)  # noqa: S311  no secret
    sizes = await _measure_histories(client, sample)
    return Performance(
        orders_per_second=round(len(order_ids) / seconds, 3) if seconds else None,
        history_events_p50=median_low(events for events, _ in sizes),
        history_events_max=max(events for events, _ in sizes),
        workflow_tasks_p50=median_low(tasks for _, tasks in sizes),
        sql_statements_per_order=round(statements / len(order_ids), 1) if statements else None,
    )


async def _measure_histories(client: Client, order_ids: list[str]) -> list[tuple[int, int]]:
    """Return events and workflow tasks of each order's workflow."""
    gate = asyncio.Semaphore(_AT_ONCE)

    async def size(order_id: str) -> tuple[int, int]:
        async with gate:
            history = await client.get_workflow_handle(order_workflow_id(order_id)).fetch_history()
        kinds = [event.event_type for event in history.events]
        return len(kinds), kinds.count(EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED)

    return await asyncio.gather(*map(size, order_ids))


async def _scalar(connection: AsyncConnection, statement: TextClause) -> float | None:
    async with connection.begin():
        value = await connection.scalar(statement)
    return None if value is None else float(value)
