"""Channels, products, SKUs, listings and locations in PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from psycopg.rows import DictRow
from sqlalchemy import text

from domain.errors import NotFound
from domain.gtin import read_gtin
from domain.location import Location
from domain.ports.stores.catalog import Channel, connected_before
from domain.restriction import Nature
from domain.waits import SOURCING_POLICY, location_cause
from infra.database.publication import WANT_SWEEP
from infra.database.store import Store
from infra.database.wait import CLEAR_BARRED, LOCK_CAUSES

_CHANNELS = text("SELECT * FROM channels ORDER BY account")
_CHANNEL = text("SELECT * FROM channels WHERE account = :account")
_SAVE_CHANNEL = text("""
    INSERT INTO channels (
        account, adapter, settings, paused, watermark, mode, live_from, allow_private, remote_account, carriers,
        sells_labels)
    SELECT :account, :adapter, :settings, :paused, :watermark, :mode, :live_from, :allow_private, :remote_account,
           CAST(:carriers AS text[]), :sells_labels
    WHERE NOT EXISTS (
        SELECT FROM channels WHERE adapter = :adapter AND remote_account = :remote_account AND account <> :account
          AND remote_account <> '')
    ON CONFLICT (account) DO UPDATE SET
        (adapter, settings, allow_private, remote_account, carriers, sells_labels) = (
        EXCLUDED.adapter, EXCLUDED.settings, EXCLUDED.allow_private, EXCLUDED.remote_account, EXCLUDED.carriers,
        EXCLUDED.sells_labels)""")
_PAUSE = text("UPDATE channels SET paused = :paused WHERE account = :account")
_ADVANCE = text("UPDATE channels SET watermark = greatest(watermark, :watermark) WHERE account = :account")
_NOTE_LISTED = text("UPDATE channels SET listed_at = :began WHERE account = :account")
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
    SELECT :sku, product_id, coalesce(CAST(:weight_grams AS integer), 0), coalesce(told.brand, ''),
           nullif(told.gtin, '')
    FROM product, (SELECT CAST(:brand AS text) AS brand, CAST(:gtin AS text) AS gtin) told
    ON CONFLICT (sku) DO UPDATE SET weight_grams = coalesce(CAST(:weight_grams AS integer), known.weight_grams),
        brand = CASE WHEN CAST(:brand AS text) IS NULL THEN known.brand ELSE EXCLUDED.brand END,
        gtin = CASE WHEN CAST(:gtin AS text) IS NULL THEN known.gtin ELSE EXCLUDED.gtin END""")
_WEIGHTS = text("SELECT sku, weight_grams FROM skus WHERE sku = ANY(CAST(:skus AS text[]))")
_NATURES = text("""
    SELECT sku, restrictions, hs_code <> '' AND origin <> '' AS declared FROM skus
    WHERE sku = ANY(CAST(:skus AS text[]))""")


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
        bound = dict(channel) | {"settings": sealed, "carriers": list(channel.carriers)}
        if not await self._run(_SAVE_CHANNEL, **bound):
            raise connected_before(channel)

    async def pause_channel(self, account: str, *, paused: bool) -> None:
        """Pause or resume pulling."""
        if not await self._run(_PAUSE, account=account, paused=paused):
            raise _no_channel(account)

    async def advance_watermark(self, account: str, watermark: datetime) -> None:
        """Move the watermark forward; it never goes back."""
        if not await self._run(_ADVANCE, account=account, watermark=watermark):
            raise _no_channel(account)

    async def note_listed(self, account: str, began: datetime) -> None:
        """Keep when the channel was listed."""
        if not await self._run(_NOTE_LISTED, account=account, began=began):
            raise _no_channel(account)

    async def locations(self) -> tuple[Location, ...]:
        """Return all locations, by code."""
        return tuple(Location(**row) for row in await self._all(_LOCATIONS))

    async def save_location(self, location: Location) -> None:
        """Add or change a location."""
        await self._run(_SAVE_LOCATION, location=location.model_dump_json())

    async def change_locations(
        self, change: Callable[[Mapping[str, Location]], Iterable[Location]], now: datetime
    ) -> int:
        """Change locations that nobody else changes meanwhile, and let everybody see it who has to."""
        await self._run(LOCK_CAUSES)
        known = {place.code: place for place in await self.locations()}
        changed = [place for place in change(known) if place != known.get(place.code)]
        for place in changed:
            await self.save_location(place)
        if changed:
            causes = [SOURCING_POLICY, *(location_cause(place.code) for place in changed)]
            await self._run(CLEAR_BARRED, causes=causes, now=now)
            await self._run(WANT_SWEEP)
        return len(changed)

    async def save_sku(
        self,
        sku: str,
        title: str,
        weight_grams: int | None = None,
        *,
        brand: str | None = None,
        gtin: str | None = None,
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

    def _opened(self, row: DictRow) -> Channel:
        settings = self._cipher.open_alone(row["settings"], row["account"], "settings")
        return Channel.model_validate(dict(row) | {"settings": settings.decode()})


def _no_channel(account: str) -> NotFound:
    return NotFound("no-channel", f"no channel {account}")
