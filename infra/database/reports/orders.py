"""Orders as operators list and find them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.order import OrderState
from domain.values import Model
from infra.database.reports.reading import fetch

_LIST = text("""
    SELECT o.order_id, o.number, o.account, o.state, o.delivery, o.total, o.currency, o.placed_at, o.recorded_at,
           o.ship_by, o.closed_at, coalesce(waiting.causes, '{}') AS waits_for, waiting.since AS waits_since
    FROM orders o LEFT JOIN LATERAL (
        SELECT array_agg(DISTINCT w.cause ORDER BY w.cause) AS causes, min(w.since) AS since
        FROM waits w WHERE w.order_id = o.order_id) waiting ON true
    WHERE (CAST(:state AS text) IS NULL OR o.state = :state)
      AND (CAST(:account AS text) IS NULL OR o.account = :account)
      AND (NOT :waiting OR waiting.since IS NOT NULL)
    ORDER BY CASE WHEN :waiting THEN waiting.since END, o.recorded_at DESC, o.order_id
    LIMIT :limit""")
_FIND = text("""
    SELECT order_id FROM orders WHERE order_id = :wanted OR channel_order_id = :wanted OR number = :wanted
    ORDER BY order_id = :wanted DESC, order_id LIMIT 5""")


class OrderSummary(Model):
    """One order in a list. Money is in minor units of `currency`."""

    order_id: str
    number: str
    account: str
    state: OrderState
    delivery: str
    total: int
    currency: str
    placed_at: datetime
    recorded_at: datetime
    ship_by: datetime | None
    closed_at: datetime | None
    waits_for: tuple[str, ...]
    waits_since: datetime | None


class OrderFilter(Model):
    """Which orders; None means all. With `waiting` those that wait longest come first, else the newest."""

    state: OrderState | None = None
    account: str | None = None
    waiting: bool = False
    limit: int = 50


async def list_orders(connection: AsyncConnection, wanted: OrderFilter) -> list[OrderSummary]:
    """Return the orders of a filter."""
    return await fetch(connection, OrderSummary, _LIST, **wanted.model_dump(mode="json"))


async def find_orders(connection: AsyncConnection, wanted: str) -> list[str]:
    """Return ids of orders whose id, channel order id or number this is; the one whose own id it is comes first."""
    return list(await connection.scalars(_FIND, {"wanted": wanted}))
