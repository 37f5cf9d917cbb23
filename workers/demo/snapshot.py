"""A snapshot of the record: how far every order has come, what waits and why, and what is still under way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.order import OrderState
from domain.values import Model

_ORDERS = text("SELECT order_id, channel_order_id, state FROM orders ORDER BY order_id")
_STAGES = text("SELECT stage, count(*) FROM fulfillment_orders GROUP BY stage")
_RETURNED = text("SELECT count(DISTINCT order_id) FROM returns")
_WAITS = text("""
    SELECT w.order_id, o.channel_order_id, w.cause, w.code, w.since FROM waits w JOIN orders o USING (order_id)
    ORDER BY w.since, w.order_id""")
_SET_ASIDE = text("""
    SELECT party, subject, code, stored_at FROM inbox WHERE state = 'QUARANTINED' ORDER BY stored_at, inbox_id""")
_UNDER_WAY = text("""
    SELECT (SELECT count(*) FROM returns WHERE state NOT IN ('REFUNDED', 'DECLINED', 'EXPIRED')) AS "open returns",
           (SELECT count(*) FROM refunds WHERE state = 'RESERVED') AS "refunds not confirmed yet",
           (SELECT count(*) FROM inbox WHERE state = 'NEW') AS "messages not read yet",
           (SELECT count(*) FROM outbox WHERE NOT dead) AS "wake-ups not delivered yet",
           (SELECT count(*) FROM effects WHERE state = 'SENDING') AS "effects being sent\"""")


class OrderRow(Model):
    """One recorded order."""

    order_id: str
    channel_order_id: str
    state: OrderState


class WaitRow(Model):
    """One wait of one order."""

    order_id: str
    channel_order_id: str
    cause: str
    code: str
    since: datetime


class SetAside(Model):
    """A message in quarantine: who sent it, about which order, and why it could not be taken in."""

    party: str
    subject: str
    code: str
    stored_at: datetime


class Snapshot(Model):
    """The record at one moment.

    Attributes:
        returned: how many orders have a return.
        under_way: what has to end before everything is at rest, counted in words.
    """

    orders: tuple[OrderRow, ...] = ()
    stages: Mapping[str, int] = {}
    waits: tuple[WaitRow, ...] = ()
    set_aside: tuple[SetAside, ...] = ()
    returned: int = 0
    under_way: Mapping[str, int] = {}


async def take_snapshot(connection: AsyncConnection) -> Snapshot:
    """Read the record as one transaction shows it."""
    async with connection.begin():
        orders = (await connection.execute(_ORDERS)).mappings().all()
        stages = (await connection.execute(_STAGES)).tuples().all()
        waits = (await connection.execute(_WAITS)).mappings().all()
        set_aside = (await connection.execute(_SET_ASIDE)).mappings().all()
        returned = await connection.scalar(_RETURNED)
        under_way = (await connection.execute(_UNDER_WAY)).mappings().one()
    return Snapshot.model_validate(
        {
            "orders": [dict(row) for row in orders],
            "stages": {str(stage): int(count) for stage, count in stages},
            "waits": [dict(row) for row in waits],
            "set_aside": [dict(row) for row in set_aside],
            "returned": returned,
            "under_way": {str(name): int(count) for name, count in under_way.items() if count},
        }
    )
