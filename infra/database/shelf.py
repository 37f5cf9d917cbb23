"""What locations tell of their own shelves, in PostgreSQL. A level is locked before anything of it is read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import text

from domain.ports.stores.inventory import Movement
from domain.ports.stores.shelf import Gap, Missed, stand_in
from domain.rejection import NOT_FOUND
from infra.database.inventory import LOCK_LEVEL
from infra.database.store import Store

# Nobody dates a movement into the future, so that what moved later was booked later, give or take the clocks.
_SINCE = text("""
    SELECT coalesce(sum(delta), 0) FROM stock_movements
    WHERE sku = :sku AND location = :location AND condition = '' AND lot = '' AND at > :moment
      AND booked_at > CAST(:moment AS timestamptz) - interval '1 day'""")
_RISING = text("""
    SELECT told.sku
    FROM (SELECT key AS sku, CAST(value AS integer) AS units FROM jsonb_each_text(CAST(:counted AS jsonb))) told
    LEFT JOIN inventory_levels level
        ON level.sku = told.sku AND level.location = :location AND level.condition = '' AND level.lot = ''
    WHERE told.units + (
        SELECT coalesce(sum(moved.delta), 0) FROM stock_movements moved
        WHERE moved.sku = told.sku AND moved.location = :location AND moved.condition = '' AND moved.lot = ''
          AND moved.at > :moment AND moved.booked_at > CAST(:moment AS timestamptz) - interval '1 day'
    ) > coalesce(level.on_hand, 0)""")
_BOOKED = text("SELECT delta FROM stock_movements WHERE key = :key")
# What was not found since, less what sales have stood in for. A key is that of the loss and of what was told.
_MISSED = text("""
    SELECT lost.key, lost.at, CAST(-lost.delta - coalesce(sum(told.delta), 0) AS integer) AS units
    FROM stock_movements lost LEFT JOIN stock_movements told
        ON told.sku = lost.sku AND told.location = lost.location AND starts_with(told.key, lost.key || '=')
    WHERE lost.sku = :sku AND lost.location = :location AND lost.condition = '' AND lost.lot = ''
      AND starts_with(lost.key, 'reject:') AND lost.reason = :not_found AND lost.delta < 0 AND lost.at >= :moment
    GROUP BY lost.key, lost.at, lost.delta HAVING -lost.delta > coalesce(sum(told.delta), 0)
    ORDER BY lost.at, lost.key""")
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

    async def rising(self, location: str, counted: Mapping[str, int], counted_at: datetime) -> frozenset[str]:
        """Return of which SKUs there is more than on the books, in one statement."""
        bound = {"location": location, "counted": json.dumps(dict(counted)), "moment": counted_at}
        return frozenset(str(row["sku"]) for row in await self._all(_RISING, **bound))

    async def change(self, told: Movement, occurred_at: datetime) -> int:
        """Book what of a change is not booked yet, as far as it can be."""
        on_hand, reserved, last = await self._lock(told)
        if last is not None and occurred_at <= last:
            return 0
        key, booked = await self._next_key(told.key)
        wanted, free = told.delta - booked, min(reserved - on_hand, 0)
        if wanted >= 0:
            await self._book(told, key, wanted, occurred_at, None)
            return 0
        # What could not be booked before was promised then; at first only what is short can be what was missed.
        doubtful = -wanted if key != told.key else max(free - wanted, 0)
        losses = await self._missed(told, occurred_at) if doubtful else ()
        back = tuple(stand_in(doubtful, losses, told))
        known = sum(loss.delta for loss, _ in back)
        delta = max(wanted + known, free)
        await self._set(told, delta, None)
        for movement, at in back:
            await self._write(movement, at)
        if delta != known or key == told.key:  # the first row stays also when it is of nothing, and tells a repeat
            await self._write(told.model_copy(update={"key": key, "delta": delta - known}), occurred_at)
        return delta - known - wanted

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

    async def _missed(self, told: Movement, moment: datetime) -> tuple[Missed, ...]:
        """Return what was not found since a moment."""
        place = {"sku": told.sku, "location": told.location}
        return tuple(Missed(**row) for row in await self._all(_MISSED, **place, moment=moment, not_found=NOT_FOUND))

    async def _book(self, told: Movement, key: str, delta: int, at: datetime, counted_at: datetime | None) -> None:
        await self._set(told, delta, counted_at)
        if delta:
            await self._write(told.model_copy(update={"key": key, "delta": delta}), at)

    async def _set(self, told: Movement, delta: int, counted_at: datetime | None) -> None:
        if delta or counted_at:
            await self._run(_SET, sku=told.sku, location=told.location, delta=delta, counted_at=counted_at)

    async def _write(self, movement: Movement, at: datetime) -> None:
        await self._run(_BOOK, **movement.model_dump(mode="json", exclude={"held", "against"}), at=at)
