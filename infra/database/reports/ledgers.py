"""Stock, returns, channels and the catalogue as operators list them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.values import Model
from infra.database.reports.reading import fetch

_STOCK = text("""
    WITH coming AS (
        SELECT sku, location, sum(units - received) AS incoming, min(expected_at) AS expected_at
        FROM incoming_goods WHERE received < units GROUP BY sku, location
    )
    SELECT sku, location, coalesce(on_hand, 0) AS on_hand, coalesce(reserved, 0) AS reserved,
           coalesce(safety, 0) AS safety, coalesce(set_aside, 0) AS set_aside,
           greatest(coalesce(on_hand - reserved - safety - set_aside, 0), 0) AS available,
           coalesce(incoming, 0) AS incoming, expected_at,
           (SELECT count(DISTINCT order_id) FROM waits WHERE cause = 'stock:' || sku) AS waiting
    FROM (SELECT * FROM inventory_levels WHERE condition = '' AND lot = '') level
    FULL JOIN coming USING (sku, location)
    WHERE CAST(:sku AS text) IS NULL OR sku = :sku ORDER BY sku, location""")
_RETURNS = text("""
    SELECT r.return_id, r.order_id, r.course, r.state, r.location, r.tracking_number, r.opened_at, r.state_at,
           (SELECT sum(quantity) FROM return_lines line WHERE line.return_id = r.return_id) AS units
    FROM returns r
    WHERE (CAST(:order_id AS text) IS NULL OR r.order_id = :order_id)
      AND (NOT :open_only OR r.state NOT IN ('REFUNDED', 'DECLINED', 'EXPIRED'))
    ORDER BY r.opened_at DESC, r.return_id LIMIT :limit""")
_CHANNELS = text("""
    SELECT account, adapter, paused, mode, watermark,
           (SELECT count(*) FROM orders o WHERE o.account = c.account) AS orders,
           (SELECT count(*) FROM orders o WHERE o.account = c.account AND o.state = 'OPEN') AS open_orders,
           (SELECT count(*) FROM inbox i WHERE i.party = c.account AND i.state = 'QUARANTINED') AS quarantined,
           (SELECT opened_at FROM outages WHERE party = c.account) AS out_since
    FROM channels c ORDER BY account""")
_SKUS = text("""
    SELECT s.sku, p.title, s.brand, coalesce(s.gtin, '') AS gtin, s.weight_grams, s.restrictions, s.hs_code, s.origin,
           s.retired,
           coalesce(sum(l.on_hand), 0) AS on_hand,
           (SELECT coalesce(array_agg(k.units || ' x ' || k.sku ORDER BY k.sku), '{}') FROM kit_parts k
            WHERE k.kit = s.sku) AS made_of
    FROM skus s JOIN products p USING (product_id) LEFT JOIN inventory_levels l USING (sku)
    GROUP BY s.sku, p.title ORDER BY s.sku""")
_LISTINGS = text("""
    SELECT account, listing_id, sku, units, author, valid_from FROM listings
    WHERE valid_until IS NULL AND (CAST(:account AS text) IS NULL OR account = :account)
    ORDER BY account, listing_id""")


class StockRow(Model):
    """Units of one SKU at one location; `waiting` counts orders that wait for the SKU, wherever it lies.

    `available` is what any channel may take, `incoming` what is still to come, `expected_at` when the first of it is.
    """

    sku: str
    location: str
    on_hand: int
    reserved: int
    safety: int
    set_aside: int
    available: int
    incoming: int
    expected_at: datetime | None
    waiting: int


class ReturnRow(Model):
    """One return."""

    return_id: str
    order_id: str
    course: str
    state: str
    location: str
    tracking_number: str | None
    opened_at: datetime
    state_at: datetime
    units: int


class ChannelRow(Model):
    """One channel; its settings stay sealed. `watermark` is the moment up to which everything was pulled.

    `out_since` is when it stopped answering, while it does not.
    """

    account: str
    adapter: str
    paused: bool
    mode: str
    watermark: datetime | None
    orders: int
    open_orders: int
    quarantined: int
    out_since: datetime | None


class SkuRow(Model):
    """One SKU; `on_hand` sums all locations."""

    sku: str
    title: str
    brand: str
    gtin: str
    weight_grams: int
    restrictions: tuple[str, ...]
    hs_code: str
    origin: str
    on_hand: int
    made_of: tuple[str, ...]
    retired: bool


class ListingRow(Model):
    """What a listing means now, and who said so."""

    account: str
    listing_id: str
    sku: str
    units: int
    author: str
    valid_from: datetime


async def list_stock(connection: AsyncConnection, sku: str | None = None) -> list[StockRow]:
    """Return the sellable levels of one SKU, or of all."""
    return await fetch(connection, StockRow, _STOCK, sku=sku)


async def list_returns(
    connection: AsyncConnection, order_id: str | None = None, limit: int = 50, *, open_only: bool = False
) -> list[ReturnRow]:
    """Return returns, of one order or of all, newest first."""
    return await fetch(connection, ReturnRow, _RETURNS, order_id=order_id, limit=limit, open_only=open_only)


async def list_channels(connection: AsyncConnection) -> list[ChannelRow]:
    """Return all channels."""
    return await fetch(connection, ChannelRow, _CHANNELS)


async def list_skus(connection: AsyncConnection) -> list[SkuRow]:
    """Return all SKUs."""
    return await fetch(connection, SkuRow, _SKUS)


async def list_listings(connection: AsyncConnection, account: str | None = None) -> list[ListingRow]:
    """Return what listings mean now, of one channel or of all."""
    return await fetch(connection, ListingRow, _LISTINGS, account=account)
