"""The stock ledger in PostgreSQL. Levels are always locked in the order of their key."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import text

from domain.errors import OutOfStock
from domain.inventory import Claim, InventoryLevel
from domain.ports.stores.inventory import Movement
from infra.database.store import Store

_LEVELS = text("""
    SELECT sku, location, on_hand, reserved, safety FROM inventory_levels
    WHERE sku = ANY(CAST(:skus AS text[])) AND condition = '' AND lot = '' ORDER BY sku, location""")
_RESERVE = text("""
    WITH held AS (
        SELECT FROM reservations WHERE fulfillment_id = :fulfillment_id AND quantity > 0 LIMIT 1
    ), wanted AS (
        SELECT sku, location, CAST(sum(quantity) AS integer) AS units
        FROM jsonb_to_recordset(CAST(:claims AS jsonb)) AS claim(sku text, location text, quantity integer)
        GROUP BY sku, location
    ), locked AS MATERIALIZED (
        SELECT level.sku, level.location, wanted.units,
               level.on_hand - level.reserved - level.safety >= wanted.units AS enough
        FROM inventory_levels level JOIN wanted USING (sku, location)
        WHERE level.condition = '' AND level.lot = '' AND NOT EXISTS (SELECT FROM held)
        ORDER BY level.sku, level.location FOR UPDATE OF level
    ), granted AS (
        SELECT count(*) FILTER (WHERE enough) = (SELECT count(*) FROM wanted) AS whole FROM locked
    ), taken AS (
        UPDATE inventory_levels level SET reserved = level.reserved + locked.units
        FROM locked, granted
        WHERE granted.whole AND level.sku = locked.sku AND level.location = locked.location
          AND level.condition = '' AND level.lot = ''
          AND level.on_hand - level.reserved - level.safety >= locked.units
        RETURNING level.sku, level.location, locked.units
    ), kept AS (
        INSERT INTO reservations AS r (fulfillment_id, sku, location, quantity)
        SELECT :fulfillment_id, sku, location, units FROM taken
        ON CONFLICT (fulfillment_id, sku, location, condition, lot)
        DO UPDATE SET quantity = r.quantity + EXCLUDED.quantity
    )
    SELECT EXISTS (SELECT FROM held) OR (SELECT whole FROM granted)""")
# A rejected unit was taken off its line before, so that what the lines still need is never freed.
_FREE = text("""
    WITH asked AS (
        SELECT line.sku, sum(line.quantity) AS needed, sum(coalesce(CAST(told.value AS integer), 0)) AS units
        FROM fulfillment_lines line
        LEFT JOIN jsonb_each_text(CAST(:quantities AS jsonb)) told ON told.key = line.line_id
        WHERE line.fulfillment_id = :fulfillment_id GROUP BY line.sku
    ), mine AS MATERIALIZED (
        SELECT r.sku, r.location, r.condition, r.lot,
               CASE WHEN :whole THEN r.quantity
                    ELSE CAST(least(asked.units, greatest(r.quantity - asked.needed, 0)) AS integer) END AS units
        FROM reservations r LEFT JOIN asked USING (sku)
        WHERE r.fulfillment_id = :fulfillment_id AND r.quantity > 0 FOR UPDATE OF r
    ), ended AS (
        UPDATE reservations r SET quantity = r.quantity - mine.units FROM mine
        WHERE r.fulfillment_id = :fulfillment_id
          AND (r.sku, r.location, r.condition, r.lot) = (mine.sku, mine.location, mine.condition, mine.lot)
    ), locked AS MATERIALIZED (
        SELECT sku, location, condition, lot, mine.units
        FROM inventory_levels level JOIN mine USING (sku, location, condition, lot)
        ORDER BY sku, location, condition, lot FOR UPDATE OF level
    )
    UPDATE inventory_levels level SET reserved = level.reserved - locked.units FROM locked
    WHERE (level.sku, level.location, level.condition, level.lot)
        = (locked.sku, locked.location, locked.condition, locked.lot)""")
_SHIP = text("""
    WITH mine AS MATERIALIZED (
        SELECT sku, location, condition, lot, quantity AS units FROM reservations
        WHERE fulfillment_id = :fulfillment_id AND quantity > 0 FOR UPDATE
    ), ended AS (
        UPDATE reservations r SET quantity = 0 FROM mine
        WHERE r.fulfillment_id = :fulfillment_id
          AND (r.sku, r.location, r.condition, r.lot) = (mine.sku, mine.location, mine.condition, mine.lot)
    ), locked AS MATERIALIZED (
        SELECT sku, location, condition, lot, mine.units
        FROM inventory_levels level JOIN mine USING (sku, location, condition, lot)
        ORDER BY sku, location, condition, lot FOR UPDATE OF level
    ), gone AS (
        UPDATE inventory_levels level
        SET on_hand = level.on_hand - locked.units, reserved = level.reserved - locked.units FROM locked
        WHERE (level.sku, level.location, level.condition, level.lot)
            = (locked.sku, locked.location, locked.condition, locked.lot)
        RETURNING level.sku, level.location, level.condition, level.lot, locked.units
    )
    INSERT INTO stock_movements (key, kind, sku, location, condition, lot, delta, reason, actor, at)
    SELECT concat_ws(':', 'ship', CAST(:fulfillment_id AS text), sku), 'ship', sku, location, condition, lot, -units,
           'shipped', 'crossdock', :now
    FROM gone""")
_MOVE = text("""
    WITH known AS (
        SELECT FROM stock_movements WHERE key = :key
    ), moved AS (
        UPDATE inventory_levels SET on_hand = on_hand + CAST(:delta AS integer)
        WHERE sku = :sku AND location = :location AND condition = '' AND lot = ''
          AND on_hand + CAST(:delta AS integer) >= reserved AND NOT EXISTS (SELECT FROM known)
        RETURNING 1
    ), booked AS (
        INSERT INTO stock_movements (key, kind, sku, location, delta, reason, actor, at)
        SELECT :key, :kind, :sku, :location, CAST(:delta AS integer), :reason, :actor, :now FROM moved
    )
    SELECT EXISTS (SELECT FROM known) AS known, EXISTS (SELECT FROM moved) AS moved""")
# Locked by a statement of its own, so that the next one sees a key that was booked while this one waited.
_LOCK_LEVEL = text("""
    INSERT INTO inventory_levels AS level (sku, location) VALUES (:sku, :location)
    ON CONFLICT (sku, location, condition, lot) DO UPDATE SET on_hand = level.on_hand RETURNING on_hand""")


class PostgresInventoryStore(Store):
    """Levels, reservations and movements."""

    async def levels(self, skus: Iterable[str]) -> tuple[InventoryLevel, ...]:
        """Read the levels of these SKUs at all locations."""
        return tuple(InventoryLevel(**row) for row in await self._all(_LEVELS, skus=list(skus)))

    async def reserve(self, fulfillment_id: str, claims: tuple[Claim, ...]) -> bool:
        """Reserve all or nothing, in one statement."""
        wanted = json.dumps([claim.model_dump() for claim in claims])
        return bool(await self._value(_RESERVE, fulfillment_id=fulfillment_id, claims=wanted))

    async def free(self, fulfillment_id: str, quantities: Mapping[str, int] | None = None) -> None:
        """Give reserved units back, never more than the lines no longer need."""
        asked = json.dumps(dict(quantities or {}))
        await self._run(_FREE, fulfillment_id=fulfillment_id, quantities=asked, whole=quantities is None)

    async def ship(self, fulfillment_id: str, now: datetime) -> None:
        """Let the reserved units leave, in one statement."""
        await self._run(_SHIP, fulfillment_id=fulfillment_id, now=now)

    async def move(self, movement: Movement, now: datetime) -> bool:
        """Book one movement and its level."""
        await self._lock(movement)
        return await self._book(movement, now)

    async def count(self, movement: Movement, on_hand: int, now: datetime) -> bool:
        """Set on hand to a counted quantity, by a movement of the difference."""
        before = await self._lock(movement)
        return await self._book(movement.model_copy(update={"delta": on_hand - before}), now)

    async def _lock(self, movement: Movement) -> int:
        """Lock the level, making it if there is none; return what is on hand."""
        return int(await self._value(_LOCK_LEVEL, sku=movement.sku, location=movement.location))

    async def _book(self, movement: Movement, now: datetime) -> bool:
        row = await self._first(_MOVE, **movement.model_dump(mode="json"), now=now)
        if row is not None and not row["known"] and not row["moved"]:
            raise OutOfStock("below-reserved", f"{movement.sku} at {movement.location}: not that many units are free")
        return row is not None and bool(row["moved"])
