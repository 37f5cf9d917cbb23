"""Waits, causes and their events in PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import text

from domain.errors import NotFound
from domain.ports.stores.wait import CauseEvent
from domain.waits import Wait
from infra.database.store import Store

# The update of nothing is the lock: one statement locks what is there and makes what is missing.
_LOCK = text("""
    INSERT INTO causes SELECT DISTINCT unnest(CAST(:causes AS text[])) AS cause ORDER BY cause
    ON CONFLICT (cause) DO UPDATE SET cause = EXCLUDED.cause""")
_REWRITE = text("""
    WITH wanted AS (
        SELECT key AS cause, value AS code FROM jsonb_each_text(CAST(:causes AS jsonb))
    ), stamped AS (
        UPDATE orders SET ticket = ticket + CAST(EXISTS (SELECT FROM wanted) AS integer), progress_at = now()
        WHERE order_id = :order_id RETURNING order_id, ticket
    ), ended AS (
        DELETE FROM waits USING stamped
        WHERE waits.order_id = stamped.order_id AND scope = :scope AND cause NOT IN (SELECT cause FROM wanted)
    ), kept AS (
        INSERT INTO waits (order_id, scope, cause, ticket, code, since)
        SELECT order_id, :scope, cause, ticket, code, :now FROM stamped, wanted
        ON CONFLICT (order_id, scope, cause) DO UPDATE SET ticket = EXCLUDED.ticket, code = EXCLUDED.code
    )
    SELECT ticket FROM stamped""")
_OF_ORDER = text("""
    SELECT order_id, scope, cause, ticket, code, since FROM waits WHERE order_id = :order_id ORDER BY scope, cause""")
_CLEAR = text("""
    WITH locked AS (
        INSERT INTO causes VALUES (:cause) ON CONFLICT (cause) DO UPDATE SET cause = EXCLUDED.cause RETURNING cause
    )
    INSERT INTO cause_events (cause, cleared_at) SELECT cause, :now FROM locked""")
_NEXT_EVENTS = text("""
    SELECT max(event_id) AS event_id, cause FROM cause_events WHERE done_at IS NULL
    GROUP BY cause ORDER BY min(event_id) LIMIT :limit""")
# WITH TIES: a page never ends between two waits of one order, since the next begins behind that order.
_WAITERS = text("""
    WITH served AS (
        SELECT coalesce(ship_by, 'infinity') AS ship_by, order_id FROM orders WHERE order_id = :after
    )
    SELECT w.order_id, w.scope, w.cause, w.ticket, w.code, w.since
    FROM waits w JOIN orders o USING (order_id)
    WHERE w.cause = :cause
      AND (:after = '' OR (coalesce(o.ship_by, 'infinity'), o.order_id) > (SELECT ship_by, order_id FROM served))
    ORDER BY coalesce(o.ship_by, 'infinity'), o.order_id FETCH FIRST :limit ROWS WITH TIES""")
_FINISH = text("""
    UPDATE cause_events SET done_at = :now WHERE cause = :cause AND event_id <= :event_id AND done_at IS NULL""")


class PostgresWaitStore(Store):
    """Waits by order, scope and cause."""

    async def lock_causes(self, causes: Iterable[str]) -> None:
        """Lock these causes, in sorted order, making the rows that are missing."""
        await self._run(_LOCK, causes=list(causes))

    async def rewrite(self, order_id: str, scope: str, causes: dict[str, str], now: datetime) -> int:
        """Replace the waits of this scope, in one statement; whoever calls holds the order's lock."""
        ticket = await self._value(_REWRITE, order_id=order_id, scope=scope, causes=json.dumps(causes), now=now)
        if ticket is None:
            raise NotFound("no-order", f"no order {order_id}")
        return int(ticket)

    async def of_order(self, order_id: str) -> tuple[Wait, ...]:
        """Return all waits of an order."""
        return tuple(Wait(**row) for row in await self._all(_OF_ORDER, order_id=order_id))

    async def clear(self, cause: str, now: datetime) -> None:
        """Lock the cause and insert its event."""
        await self._run(_CLEAR, cause=cause, now=now)

    async def next_events(self, limit: int) -> tuple[CauseEvent, ...]:
        """Return open events, oldest first, the latest of each cause."""
        return tuple(CauseEvent(**row) for row in await self._all(_NEXT_EVENTS, limit=limit))

    async def waiters(self, cause: str, after: str, limit: int) -> tuple[Wait, ...]:
        """Return who waits for the cause, the most urgent first; all waits of the last order belong to the page."""
        rows = await self._all(_WAITERS, cause=cause, after=after, limit=limit)
        return tuple(Wait(**row) for row in rows)

    async def finish(self, event: CauseEvent, now: datetime) -> None:
        """Mark this and all earlier events of its cause as done."""
        await self._run(_FINISH, cause=event.cause, event_id=event.event_id, now=now)
