"""Channels, products, SKUs, listings and locations in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from psycopg.rows import DictRow
from sqlalchemy import text

from domain.errors import NotFound, Refused
from domain.gtin import read_gtin
from domain.location import Location
from domain.ports.stores.catalog import Channel
from domain.restriction import Nature
from infra.database.store import Store

_CHANNELS = text("SELECT * FROM channels ORDER BY account")
_CHANNEL = text("SELECT * FROM channels WHERE account = :account")
_SAVE_CHANNEL = text("""
    INSERT INTO channels (account, adapter, settings, paused, watermark)
    VALUES (:account, :adapter, :settings, :paused, :watermark)
    ON CONFLICT (account) DO UPDATE SET adapter = EXCLUDED.adapter, settings = EXCLUDED.settings""")
_PAUSE = text("UPDATE channels SET paused = :paused WHERE account = :account")
_ADVANCE = text("UPDATE channels SET watermark = greatest(watermark, :watermark) WHERE account = :account")
_LOCATIONS = text("SELECT * FROM locations ORDER BY code")
_LOCATION_COLUMNS = tuple(Location.model_fields)
_SAVE_LOCATION = text(f"""
    INSERT INTO locations ({", ".join(_LOCATION_COLUMNS)})
    SELECT {", ".join(_LOCATION_COLUMNS)} FROM jsonb_populate_record(CAST(NULL AS locations), CAST(:location AS jsonb))
    ON CONFLICT (code) DO UPDATE SET ({", ".join(_LOCATION_COLUMNS)}) = (
        {", ".join(f"EXCLUDED.{column}" for column in _LOCATION_COLUMNS)})""")  # noqa: S608 - names of our own fields
# Every SKU has a product of its own until somebody groups them.
_SAVE_SKU = text("""
    WITH product AS (
        INSERT INTO products (product_id, title) VALUES (:sku, :title)
        ON CONFLICT (product_id) DO UPDATE SET title = EXCLUDED.title RETURNING product_id
    )
    INSERT INTO skus AS known (sku, product_id, weight_grams, brand, gtin)
    SELECT :sku, product_id, :weight_grams, coalesce(told.brand, ''), nullif(told.gtin, '')
    FROM product, (SELECT CAST(:brand AS text) AS brand, CAST(:gtin AS text) AS gtin) told
    ON CONFLICT (sku) DO UPDATE SET weight_grams = EXCLUDED.weight_grams,
        brand = CASE WHEN CAST(:brand AS text) IS NULL THEN known.brand ELSE EXCLUDED.brand END,
        gtin = CASE WHEN CAST(:gtin AS text) IS NULL THEN known.gtin ELSE EXCLUDED.gtin END""")
_WEIGHTS = text("SELECT sku, weight_grams FROM skus WHERE sku = ANY(CAST(:skus AS text[]))")
_NATURES = text("""
    SELECT sku, restrictions, hs_code <> '' AND origin <> '' AS declared FROM skus
    WHERE sku = ANY(CAST(:skus AS text[]))""")
_END_LISTING = text("""
    UPDATE listings SET valid_until = greatest(:now, valid_from)
    WHERE account = :account AND listing_id = :listing_id AND valid_until IS NULL""")
_MAP_LISTING = text("""
    INSERT INTO listings (account, listing_id, sku, author, valid_from)
    SELECT :account, :listing_id, sku, :author, :now FROM skus WHERE sku = :sku AND NOT retired""")
_EXISTS = text("SELECT 1 FROM skus WHERE sku = :sku")


class PostgresCatalogStore(Store):
    """What we sell, where we sell it, and where it lies."""

    async def channels(self) -> tuple[Channel, ...]:
        """Return all channels, by account."""
        return tuple(self._opened(row) for row in await self._all(_CHANNELS))

    async def channel(self, account: str) -> Channel:
        """Return one."""
        row = await self._first(_CHANNEL, account=account)
        if row is None:
            raise _no_channel(account)
        return self._opened(row)

    async def save_channel(self, channel: Channel) -> None:
        """Add a channel, or change its adapter and settings."""
        sealed = self._cipher.seal_alone(channel.settings.encode(), channel.account, "settings")
        await self._run(_SAVE_CHANNEL, **(channel.model_dump() | {"settings": sealed}))

    async def pause_channel(self, account: str, *, paused: bool) -> None:
        """Pause or resume pulling."""
        if not await self._run(_PAUSE, account=account, paused=paused):
            raise _no_channel(account)

    async def advance_watermark(self, account: str, watermark: datetime) -> None:
        """Move the watermark forward; it never goes back."""
        if not await self._run(_ADVANCE, account=account, watermark=watermark):
            raise _no_channel(account)

    async def locations(self) -> tuple[Location, ...]:
        """Return all locations, by code."""
        return tuple(Location(**row) for row in await self._all(_LOCATIONS))

    async def save_location(self, location: Location) -> None:
        """Add or change a location."""
        await self._run(_SAVE_LOCATION, location=location.model_dump_json())

    async def save_sku(
        self, sku: str, title: str, weight_grams: int, *, brand: str | None = None, gtin: str | None = None
    ) -> None:
        """Add or change a SKU and its product."""
        code = gtin and read_gtin(gtin)
        await self._run(_SAVE_SKU, sku=sku, title=title, weight_grams=weight_grams, brand=brand, gtin=code)

    async def known_skus(self, skus: Iterable[str]) -> frozenset[str]:
        """Return which of these SKUs exist."""
        return frozenset(await self.weight(skus))

    async def weight(self, skus: Iterable[str]) -> dict[str, int]:
        """Return grams per unit of each SKU that exists."""
        return {row["sku"]: row["weight_grams"] for row in await self._all(_WEIGHTS, skus=list(skus))}

    async def natures(self, skus: Iterable[str]) -> dict[str, Nature]:
        """Return what is known of SKUs beside their stock."""
        rows = await self._all(_NATURES, skus=list(skus))
        return {row["sku"]: Nature(restrictions=row["restrictions"], declared=row["declared"]) for row in rows}

    async def map_listing(self, account: str, listing_id: str, sku: str, author: str, now: datetime) -> None:
        """Map a listing to a SKU; what it meant before keeps its period and author."""
        listing = {"account": account, "listing_id": listing_id, "now": now}
        await self._run(_END_LISTING, **listing)
        if not await self._run(_MAP_LISTING, **listing, sku=sku, author=author):
            if await self._value(_EXISTS, sku=sku):
                raise Refused("retired-sku", f"{sku} is retired and cannot be sold any more")
            raise NotFound("no-sku", f"no SKU {sku}")

    def _opened(self, row: DictRow) -> Channel:
        settings = self._cipher.open_alone(row["settings"], row["account"], "settings")
        return Channel.model_validate(dict(row) | {"settings": settings.decode()})


def _no_channel(account: str) -> NotFound:
    return NotFound("no-channel", f"no channel {account}")
