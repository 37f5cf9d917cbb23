"""What may be promised, in PostgreSQL: set-asides, incoming goods, oversell ceilings."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import text

from domain.availability import Availability, IncomingGoods, SetAside, Shelf
from infra.database.store import Store

# Who waits is only counted where something beyond the shelves may be offered at all.
_OF_CHANNEL = text("""
    SELECT wanted.sku, shelf.units AS free, coalesce(pledged.units, 0) AS pledged, coming.units AS incoming,
           coalesce(cap.units, 0) AS ceiling,
           CASE WHEN coming.units + coalesce(cap.units, 0) > 0 THEN backordered_units(wanted.sku) ELSE 0 END
               AS backordered
    FROM unnest(CAST(:skus AS text[])) AS wanted(sku)
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(greatest(
            on_hand - reserved - safety - level.set_aside + coalesce(own.units, 0), 0)), 0) AS units
        FROM inventory_levels level JOIN locations place ON place.code = level.location AND place.open
            AND (place.closed_until IS NULL OR place.closed_until <= :now)
        LEFT JOIN set_asides own
            ON level.set_aside > 0 AND own.account = :account AND (own.sku, own.location) = (level.sku, level.location)
        WHERE level.sku = wanted.sku AND level.condition = '' AND level.lot = ''
    ) shelf
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(goods.units - goods.received), 0) AS units
        FROM incoming_goods goods JOIN locations place ON place.code = goods.location AND place.open
        WHERE goods.sku = wanted.sku AND goods.received < goods.units
          AND goods.expected_at > :now AND goods.expected_at <= :until
    ) coming
    LEFT JOIN oversell_ceilings cap ON cap.sku = wanted.sku AND cap.account = :account
    LEFT JOIN pledged_units(CAST(:skus AS text[])) pledged ON pledged.sku = wanted.sku
    ORDER BY wanted.sku""")
# The levels are locked first: set-asides change under the lock of their level only.
_LOCK = text("""
    INSERT INTO inventory_levels AS level (sku, location)
    SELECT :sku, location FROM (
        SELECT unnest(CAST(:locations AS text[])) AS location
        UNION SELECT location FROM set_asides WHERE sku = :sku AND account = :account) place
    ORDER BY location COLLATE "C"
    ON CONFLICT (sku, location, condition, lot) DO UPDATE SET set_aside = level.set_aside""")
_SET_ASIDE = text("""
    WITH wanted AS (
        SELECT key AS location, CAST(value AS integer) AS units FROM jsonb_each_text(CAST(:units AS jsonb))
    ), before AS (
        SELECT location, units FROM set_asides WHERE sku = :sku AND account = :account
    ), ended AS (
        DELETE FROM set_asides
        WHERE sku = :sku AND account = :account AND location NOT IN (SELECT location FROM wanted)
    ), kept AS (
        INSERT INTO set_asides (sku, location, account, units) SELECT :sku, location, :account, units FROM wanted
        ON CONFLICT (sku, location, account) DO UPDATE SET units = EXCLUDED.units
    )
    UPDATE inventory_levels level
    SET set_aside = level.set_aside + coalesce(wanted.units, 0) - coalesce(before.units, 0)
    FROM wanted FULL JOIN before USING (location)
    WHERE level.sku = :sku AND level.location = coalesce(wanted.location, before.location)
      AND level.condition = '' AND level.lot = ''""")
_SET_ASIDES = text("""
    SELECT sku, location, account, units FROM set_asides WHERE CAST(:sku AS text) IS NULL OR sku = :sku
    ORDER BY sku, location, account""")
_ANNOUNCE = text("""
    INSERT INTO incoming_goods (reference, sku, location, units, received, expected_at)
    VALUES (:reference, :sku, :location, :units, 0, :expected_at)
    ON CONFLICT (reference, sku, location)
    DO UPDATE SET units = EXCLUDED.units, expected_at = EXCLUDED.expected_at""")
_INCOMING = text("""
    SELECT reference, sku, location, units, received, expected_at FROM incoming_goods
    WHERE received < units AND (CAST(:sku AS text) IS NULL OR sku = :sku)
    ORDER BY expected_at, sku, location, reference""")
_END_CAP = text("DELETE FROM oversell_ceilings WHERE sku = :sku AND account = :account")
_CAP = text("""
    INSERT INTO oversell_ceilings (sku, account, units) VALUES (:sku, :account, :units)
    ON CONFLICT (sku, account) DO UPDATE SET units = EXCLUDED.units""")
_SHELVES = text("""
    SELECT level.location, level.sku, place.pickup,
           greatest(on_hand - reserved - safety - set_aside, 0) AS units
    FROM inventory_levels level JOIN locations place ON place.code = level.location
    JOIN skus ON skus.sku = level.sku AND skus.sku >= :sku
    WHERE place.open AND NOT skus.retired AND level.condition = '' AND level.lot = ''
      AND (level.sku, level.location) > (:sku, :location)
    ORDER BY level.sku, level.location LIMIT :limit""")


class PostgresAvailabilityStore(Store):
    """What may be promised of each SKU, to which channel."""

    async def of_channel(
        self, account: str, skus: Iterable[str], now: datetime, until: datetime
    ) -> tuple[Availability, ...]:
        """Read what may be promised to a channel, in one statement."""
        rows = await self._all(_OF_CHANNEL, account=account, skus=list(skus), now=now, until=until)
        return tuple(Availability(**row) for row in rows)

    async def set_aside(self, sku: str, account: str, units: Mapping[str, int]) -> None:
        """Set exactly these units aside for a channel, and none elsewhere."""
        await self._run(_LOCK, sku=sku, account=account, locations=list(units))
        await self._run(_SET_ASIDE, sku=sku, account=account, units=json.dumps(dict(units)))

    async def set_asides(self, sku: str | None = None) -> tuple[SetAside, ...]:
        """Return what is set aside now."""
        return tuple(SetAside(**row) for row in await self._all(_SET_ASIDES, sku=sku))

    async def announce(self, goods: IncomingGoods) -> None:
        """Announce goods, or change what was announced."""
        await self._run(_ANNOUNCE, **goods.model_dump())

    async def incoming(self, sku: str | None = None) -> tuple[IncomingGoods, ...]:
        """Return goods that are still to come."""
        return tuple(IncomingGoods(**row) for row in await self._all(_INCOMING, sku=sku))

    async def cap_oversell(self, sku: str, account: str, units: int) -> None:
        """Let a channel sell so many units beyond what there is."""
        of_channel = {"sku": sku, "account": account}
        await (self._run(_CAP, **of_channel, units=units) if units else self._run(_END_CAP, **of_channel))

    async def shelves(self, after: tuple[str, str], limit: int) -> tuple[Shelf, ...]:
        """Return a page of what lies at open locations."""
        sku, location = after
        return tuple(Shelf(**row) for row in await self._all(_SHELVES, location=location, sku=sku, limit=limit))
