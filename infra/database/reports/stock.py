"""Movements and publications as operators list them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.values import Model
from infra.database.reports.reading import fetch

_MOVEMENTS = text("""
    SELECT key, kind, sku, location, delta, held, reason, actor, against, at FROM stock_movements
    WHERE sku = :sku ORDER BY booked_at DESC, key LIMIT :limit""")
_PUBLISHED = text("""
    SELECT account, listing_id, quantity, state, code, failures, taken, taken_at, sent_at FROM publications
    WHERE (CAST(:account AS text) IS NULL OR account = :account) AND (NOT :failing OR state <> 'TAKEN')
    ORDER BY state = 'TAKEN', account, listing_id LIMIT :limit""")


class MovementRow(Model):
    """One change of stock; `delta` of what is on hand, `held` of what is reserved."""

    key: str
    kind: str
    sku: str
    location: str
    delta: int
    held: int
    reason: str
    actor: str
    against: str
    at: datetime


class PublishedRow(Model):
    """What a channel was told of one listing, and what it shows since it took a number last."""

    account: str
    listing_id: str
    quantity: int
    state: str
    code: str
    failures: int
    taken: int | None
    taken_at: datetime | None
    sent_at: datetime


async def list_movements(connection: AsyncConnection, sku: str, limit: int) -> list[MovementRow]:
    """Return the movements of a SKU, newest first."""
    return await fetch(connection, MovementRow, _MOVEMENTS, sku=sku, limit=limit)


async def list_published(
    connection: AsyncConnection, account: str | None, limit: int, *, failing: bool = False
) -> list[PublishedRow]:
    """Return what channels were told, what they did not take first."""
    return await fetch(connection, PublishedRow, _PUBLISHED, account=account, limit=limit, failing=failing)
