"""Waits, causes and their events in PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import text

from domain.barrier import BARRIERS
from domain.errors import NotFound
from domain.ports.stores.wait import CauseEvent
from domain.waits import Wait
from infra.database.store import Store

# Nobody can wait for a cause, or clear one, between this and the end of the transaction: whoever looks later sees the
# new facts, and who waits already is seen by the statement that clears. One lock instead of one for each cause.
LOCK_CAUSES = text("LOCK TABLE causes IN SHARE ROW EXCLUSIVE MODE")
# Barred until what is known of SKUs, or what a place handles, changes; they are few, so all are looked at again.
CLEAR_BARRED = text(f"""
    INSERT INTO cause_events (cause, cleared_at)
    SELECT DISTINCT cause, CAST(:now AS timestamptz) FROM waits JOIN causes USING (cause)
    WHERE cause = ANY(CAST(:causes AS text[])) OR cause ~ '^hold:({"|".join(sorted(BARRIERS))}):'""")  # noqa: S608 - our own words
# The update of nothing is the lock: one statement locks what is there and makes what is missing.
_LOCK = text("""
    INSERT INTO causes SELECT DISTINCT unnest(CAST(:causes AS text[])) COLLATE "C" AS cause ORDER BY cause
    ON CONFLICT (cause) DO UPDATE SET cause = EXCLUDED.cause""")
_REWRITE = text("""
    WITH wanted AS (
        SELECT key AS cause, value AS code, CAST(coalesce(CAST(:units AS jsonb) ->> key, '0') AS integer) AS units
        FROM jsonb_each_text(CAST(:causes AS jsonb))
    ), stamped AS (
        UPDATE orders SET ticket = ticket + CAST(EXISTS (SELECT FROM wanted) AS integer), progress_at = now()
        WHERE order_id = :order_id RETURNING order_id, ticket
    ), ended AS (
        DELETE FROM waits USING stamped
        WHERE waits.order_id = stamped.order_id AND scope = :scope AND cause NOT IN (SELECT cause FROM wanted)
    ), kept AS (
        INSERT INTO waits (order_id, scope, cause, ticket, code, since, units)
        SELECT order_id, :scope, cause, ticket, code, :now, units FROM stamped, wanted
        ON CONFLICT (order_id, scope, cause)
        DO UPDATE SET ticket = EXCLUDED.ticket, code = EXCLUDED.code, units = EXCLUDED.units
    )
    SELECT ticket FROM stamped""")
_OF_ORDER = text("""
    SELECT order_id, scope, cause, ticket, code, since FROM waits WHERE order_id = :order_id ORDER BY scope, cause""")
# The number of an event is drawn under the lock of its cause: of one cause, they commit in order.
_CLEAR = text("""
    WITH locked AS (
        INSERT INTO causes VALUES (:cause) ON CONFLICT (cause) DO UPDATE SET cause = EXCLUDED.cause RETURNING cause
    )
    INSERT INTO cause_events (cause, cleared_at) SELECT cause, :now FROM locked""")
# Whoever begins to wait for such a cause afterwards has locked it since, and has seen the fact.
_FORGET_IDLE = text("""
    DELETE FROM cause_events WHERE event_id IN (
        SELECT event_id FROM cause_events e
        WHERE NOT EXISTS (SELECT FROM waits w WHERE w.cause = e.cause AND w.called < e.event_id OFFSET 0)
        FOR UPDATE SKIP LOCKED)""")
_NEXT_EVENTS = text("""
    SELECT max(event_id) AS event_id, cause FROM cause_events
    GROUP BY cause HAVING max(event_id) > :after ORDER BY max(event_id) LIMIT :limit""")
# The first always, and behind it as many as the units suffice for: those may be served at the same time.
_WAITERS = text("""
    WITH supply AS MATERIALIZED (
        SELECT supply_of(:cause) AS units
    ), line AS MATERIALIZED (
        SELECT w.* FROM waits w, supply
        WHERE w.cause = :cause AND w.called < :event_id AND is_servable(supply.units, w)
        ORDER BY w.due, w.order_id LIMIT :limit
    ), together AS (
        SELECT line.*, row_number() OVER queue AS position, sum(greatest(line.units, 1)) OVER queue AS taken
        FROM line WINDOW queue AS (ORDER BY due, order_id, scope)
    )
    SELECT order_id, scope, cause, ticket, code, since FROM together, supply
    WHERE position = 1 OR supply.units IS NULL OR taken <= CAST(supply.units ->> '' AS bigint)
    ORDER BY position""")
_CALL_UP = text("""
    WITH held AS MATERIALIZED (
        SELECT order_id FROM orders WHERE order_id = :order_id FOR UPDATE SKIP LOCKED
    ), called AS (
        UPDATE waits SET called = :event_id, called_at = coalesce(CAST(:now AS timestamptz), called_at) FROM held
        WHERE waits.order_id = held.order_id AND cause = :cause AND called < :event_id RETURNING ticket
    )
    SELECT max(ticket) FROM called""")
_FINISH = text("""
    DELETE FROM cause_events WHERE cause = :cause AND event_id <= :event_id AND NOT EXISTS (
        SELECT FROM waits w, (SELECT supply_of(:cause) AS units OFFSET 0) supply
        WHERE w.cause = :cause AND w.called < :event_id AND is_servable(supply.units, w))""")
_SETTING_OUT = text("SELECT count(*) FROM fulfillment_orders WHERE stage = 'PLANNED' AND stage_at > :since")


class PostgresWaitStore(Store):
    """Waits by order, scope and cause."""

    async def lock_causes(self, causes: Iterable[str]) -> None:
        """Lock these causes, in sorted order, making the rows that are missing."""
        await self._run(_LOCK, causes=list(causes))

    async def rewrite(
        self, order_id: str, scope: str, causes: dict[str, str], now: datetime, units: Mapping[str, int] | None = None
    ) -> int:
        """Replace the waits of this scope, in one statement; whoever calls holds the order's lock."""
        bound = {"causes": json.dumps(causes), "units": json.dumps(dict(units or {}))}
        ticket = await self._value(_REWRITE, order_id=order_id, scope=scope, now=now, **bound)
        if ticket is None:
            raise NotFound("no-order", f"no order {order_id}")
        return int(ticket)

    async def of_order(self, order_id: str) -> tuple[Wait, ...]:
        """Return all waits of an order."""
        return tuple(Wait(**row) for row in await self._all(_OF_ORDER, order_id=order_id))

    async def clear(self, cause: str, now: datetime) -> None:
        """Lock the cause and insert its event."""
        await self._run(_CLEAR, cause=cause, now=now)

    async def forget_idle(self) -> None:
        """End events without waiters, in one statement."""
        await self._run(_FORGET_IDLE)

    async def next_events(self, limit: int, after: int = 0) -> tuple[CauseEvent, ...]:
        """Return the latest open event of each cause, in order of their numbers."""
        return tuple(CauseEvent(**row) for row in await self._all(_NEXT_EVENTS, limit=limit, after=after))

    async def waiters(self, event: CauseEvent, limit: int) -> tuple[Wait, ...]:
        """Return who is to be served next, the most urgent first."""
        return tuple(Wait(**row) for row in await self._all(_WAITERS, **event.model_dump(), limit=limit))

    async def call_up(self, event: CauseEvent, order_id: str, now: datetime | None = None) -> int | None:
        """Lock the order, unless somebody holds it, and mark its wait."""
        ticket = await self._value(_CALL_UP, **event.model_dump(), order_id=order_id, now=now)
        return None if ticket is None else int(ticket)

    async def finish(self, event: CauseEvent) -> bool:
        """End the event, unless somebody was not called up yet."""
        return await self._run(_FINISH, **event.model_dump()) > 0

    async def setting_out(self, since: datetime) -> int:
        """Return how many parts were planned since then that nobody has taken up yet."""
        return int(await self._value(_SETTING_OUT, since=since))
