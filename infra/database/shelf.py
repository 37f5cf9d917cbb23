"""What locations tell of their own shelves, in PostgreSQL. A level is locked before anything of it is read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import text

from domain.ports.stores.inventory import Movement
from domain.ports.stores.shelf import Gap
from infra.database.inventory import LOCK_LEVEL
from infra.database.store import Store

# Nobody dates a movement into the future, so that what moved later was booked later, give or take the clocks.
_SINCE = text("""
    SELECT coalesce(sum(delta), 0) FROM stock_movements
    WHERE sku = :sku AND location = :location AND condition = '' AND lot = '' AND at > :moment
      AND booked_at > CAST(:moment AS timestamptz) - interval '1 day'""")
_BOOKED = text("SELECT delta FROM stock_movements WHERE key = :key")
_BOOK = text("""
    INSERT INTO stock_movements (key, kind, sku, location, delta, reason, actor, at)
    VALUES (:key, :kind, :sku, :location, :delta, :reason, :actor, :at)""")
_SET = text("""
    UPDATE inventory_levels SET on_hand = on_hand + :delta, counted_at = coalesce(:counted_at, counted_at)
    WHERE sku = :sku AND location = :location AND condition = '' AND lot = ''""")
_STOCKED = text("SELECT sku FROM inventory_levels WHERE location = :location AND on_hand > 0")
_NOTE = text("""
    INSERT INTO shelf_sequences (location, sequence, told_at)
    SELECT :location, sequence, :now FROM unnest(CAST(:sequences AS bigint[])) AS told(sequence)
    ORDER BY sequence ON CONFLICT DO NOTHING""")
_GAPS = text("""
    SELECT location, before + 1 AS first, sequence - 1 AS last
    FROM (SELECT location, sequence, lag(sequence) OVER (PARTITION BY location ORDER BY sequence) AS before
          FROM shelf_sequences) told
    WHERE sequence > before + 1 ORDER BY location, sequence LIMIT :limit""")


class PostgresShelfStore(Store):
    """Counts and changes as locations report them."""

    async def count(self, told: Movement, units: int, counted_at: datetime) -> int:
        """Lay what moved since on top of what was counted."""
        on_hand, reserved, last = await self._lock(told)
        if last is not None and counted_at < last:
            return 0
        moved = await self._value(_SINCE, sku=told.sku, location=told.location, moment=counted_at)
        believed = max(units + int(moved), 0)
        key, _ = await self._next_key(told.key)
        await self._book(told, key, max(believed, reserved) - on_hand, counted_at, counted_at)
        return max(reserved - believed, 0)

    async def change(self, told: Movement, occurred_at: datetime) -> int:
        """Book what of a change is not booked yet, as far as it can be."""
        on_hand, reserved, last = await self._lock(told)
        if last is not None and occurred_at <= last:
            return 0
        key, booked = await self._next_key(told.key)
        delta = max(told.delta - booked, min(reserved - on_hand, 0)) if told.delta < 0 else told.delta - booked
        await self._book(told, key, delta, occurred_at, None)
        return delta - (told.delta - booked)

    async def stocked(self, location: str) -> frozenset[str]:
        """Return what lies at a location."""
        return frozenset(str(row["sku"]) for row in await self._all(_STOCKED, location=location))

    async def note_sequences(self, location: str, sequences: Iterable[int], now: datetime) -> None:
        """Remember the numbers that were told."""
        await self._run(_NOTE, location=location, sequences=list(sequences), now=now)

    async def gaps(self, limit: int) -> tuple[Gap, ...]:
        """Return the numbers that were left out."""
        return tuple(Gap(**row) for row in await self._all(_GAPS, limit=limit))

    async def _lock(self, told: Movement) -> tuple[int, int, datetime | None]:
        (row,) = await self._all(LOCK_LEVEL, sku=told.sku, location=told.location)
        return row["on_hand"], row["reserved"], row["counted_at"]

    async def _next_key(self, key: str) -> tuple[str, int]:
        """Return the first key of this movement that is free, and what was booked under those before."""
        booked = 0
        while (delta := await self._value(_BOOKED, key=key)) is not None:
            key, booked = f"{key}+", booked + int(delta)
        return key, booked

    async def _book(self, told: Movement, key: str, delta: int, at: datetime, counted_at: datetime | None) -> None:
        place = {"sku": told.sku, "location": told.location, "delta": delta}
        if delta or counted_at:
            await self._run(_SET, **place, counted_at=counted_at)
        if delta:
            words = {"key": key, "kind": told.kind.value, "reason": told.reason, "actor": told.actor}
            await self._run(_BOOK, **place, **words, at=at)
