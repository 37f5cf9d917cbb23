"""The unmapped queue: listings whose lines wait because nobody has said which SKU they mean."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.values import Model
from infra.database.reports.reading import fetch

_UNMAPPED = text("""
    SELECT o.account, line.listing_id, min(line.title) AS title, min(line.channel_sku) AS channel_sku,
           min(line.gtin) AS gtin, min(w.code) AS code, count(DISTINCT o.order_id) AS orders,
           sum(line.quantity - line.cancelled) AS units, min(w.since) AS since
    FROM waits w JOIN orders o USING (order_id) JOIN order_lines line USING (order_id)
    WHERE w.cause LIKE 'sku:%' AND w.scope = '' AND w.cause = 'sku:' || o.account || ':' || line.listing_id
      AND line.sku IS NULL
      AND (CAST(:account AS text) IS NULL OR o.account = :account)
      AND (CAST(:listing_id AS text) IS NULL OR line.listing_id = :listing_id)
    GROUP BY o.account, line.listing_id ORDER BY orders DESC, since, listing_id LIMIT :limit""")


class UnmappedListing(Model):
    """One listing, and what waits for it; `code` says whether nothing was found, too much, or what is not sold."""

    account: str
    listing_id: str
    title: str
    channel_sku: str
    gtin: str
    code: str
    orders: int
    units: int
    since: datetime


async def list_unmapped(
    connection: AsyncConnection, account: str | None = None, listing_id: str | None = None, limit: int = 50
) -> list[UnmappedListing]:
    """Return the listings for which most orders wait first, of one channel or of all."""
    return await fetch(connection, UnmappedListing, _UNMAPPED, account=account, listing_id=listing_id, limit=limit)
