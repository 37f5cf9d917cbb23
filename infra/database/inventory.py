"""The stock ledger in PostgreSQL. Levels are locked by location and SKU, in the order in which Python sorts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import text

from domain.inventory import Claim, InventoryLevel, sum_claims
from domain.ports.stores.inventory import Movement, below_reserved, no_incoming, transfer_movements
from infra.database.store import Store

_LEVELS = text("""
    SELECT sku, location, on_hand, reserved, safety,
           CASE WHEN set_aside = 0 OR CAST(:account AS text) IS NULL THEN 0 ELSE set_aside - coalesce((
               SELECT units FROM set_asides own
               WHERE own.sku = level.sku AND own.location = level.location AND own.account = :account), 0)
           END AS set_aside
    FROM inventory_levels level
    WHERE sku = ANY(CAST(:skus AS text[])) AND condition = '' AND lot = '' ORDER BY sku, location""")
# Nobody dates a movement into the future, give or take the clocks.
_CAME = text("""
    SELECT EXISTS (
        SELECT FROM stock_movements WHERE sku = ANY(CAST(:skus AS text[])) AND location = :location AND delta > 0
          AND at > :since AND booked_at > CAST(:since AS timestamptz) - interval '1 day')""")
# Arrays are written out by us: the driver takes as long to find out what they hold as the server takes to reserve.
_RESERVE = text("""
    SELECT reserve_stock(:owner, CAST(:skus AS text[]), CAST(:places AS text[]), CAST(:units AS integer[]))""")
# A rejected unit was taken off its line before, so that what the lines still need is never freed. What came out of a
# set-aside goes back into it while it is there; it is touched under the lock of its level only.
_FREE = text("""
    WITH asked AS (
        SELECT picked.sku, sum(picked.quantity * picked.units) AS needed,
               sum(coalesce(CAST(told.value AS integer), 0) * picked.units) AS units
        FROM picked_units picked
        LEFT JOIN jsonb_each_text(CAST(:quantities AS jsonb)) told ON told.key = picked.line_id
        WHERE picked.fulfillment_id = :owner GROUP BY picked.sku
    ), mine AS MATERIALIZED (
        SELECT r.sku, r.location, r.condition, r.lot, r.set_aside,
               CASE WHEN :whole THEN r.quantity
                    ELSE CAST(least(asked.units, greatest(r.quantity - asked.needed, 0)) AS integer) END AS units
        FROM reservations r LEFT JOIN asked USING (sku)
        WHERE r.owner = :owner AND r.quantity > 0 FOR UPDATE OF r
    ), ended AS (
        UPDATE reservations r
        SET quantity = r.quantity - mine.units, moves = r.moves + 1,
            set_aside = r.set_aside - least(mine.units, r.set_aside)
        FROM mine
        WHERE r.owner = :owner AND mine.units > 0
          AND (r.sku, r.location, r.condition, r.lot) = (mine.sku, mine.location, mine.condition, mine.lot)
        RETURNING r.sku, r.location, r.condition, r.lot, mine.units, least(mine.units, mine.set_aside) AS aside, r.moves
    ), locked AS MATERIALIZED (
        SELECT sku, location, condition, lot, ended.units, ended.aside
        FROM inventory_levels level JOIN ended USING (sku, location, condition, lot)
        ORDER BY location COLLATE "C", sku COLLATE "C", condition, lot FOR UPDATE OF level
    ), given AS (
        UPDATE set_asides own SET units = own.units + locked.aside FROM locked
        WHERE locked.aside > 0 AND own.sku = locked.sku AND own.location = locked.location
          AND own.account = account_of(:owner)
        RETURNING own.sku, own.location, locked.aside
    ), freed AS (
        UPDATE inventory_levels level
        SET reserved = level.reserved - locked.units, set_aside = level.set_aside + coalesce(given.aside, 0)
        FROM locked LEFT JOIN given USING (sku, location)
        WHERE (level.sku, level.location, level.condition, level.lot)
            = (locked.sku, locked.location, locked.condition, locked.lot)
    )
    INSERT INTO stock_movements (key, kind, sku, location, condition, lot, delta, held, reason, actor, at)
    SELECT concat_ws(':', 'release', CAST(:owner AS text), sku, location, moves), 'release', sku, location, condition,
           lot, 0, -units, 'released', 'crossdock', now()
    FROM ended""")
_SHIP = text("""
    WITH mine AS MATERIALIZED (
        SELECT sku, location, condition, lot, quantity AS units FROM reservations
        WHERE owner = :owner AND quantity > 0 FOR UPDATE
    ), ended AS (
        UPDATE reservations r SET quantity = 0, set_aside = 0, moves = r.moves + 1 FROM mine
        WHERE r.owner = :owner
          AND (r.sku, r.location, r.condition, r.lot) = (mine.sku, mine.location, mine.condition, mine.lot)
        RETURNING r.sku, r.location, r.condition, r.lot, mine.units, r.moves
    ), locked AS MATERIALIZED (
        SELECT sku, location, condition, lot, ended.units, ended.moves
        FROM inventory_levels level JOIN ended USING (sku, location, condition, lot)
        ORDER BY location COLLATE "C", sku COLLATE "C", condition, lot FOR UPDATE OF level
    ), gone AS (
        UPDATE inventory_levels level
        SET on_hand = level.on_hand - locked.units, reserved = level.reserved - locked.units FROM locked
        WHERE (level.sku, level.location, level.condition, level.lot)
            = (locked.sku, locked.location, locked.condition, locked.lot)
        RETURNING level.sku, level.location, level.condition, level.lot, locked.units, locked.moves
    )
    INSERT INTO stock_movements (key, kind, sku, location, condition, lot, delta, held, reason, actor, at)
    SELECT concat_ws(':', 'ship', CAST(:owner AS text), sku, location, moves), 'ship', sku, location, condition, lot,
           -units, -units, 'shipped', 'crossdock', :now
    FROM gone""")
_MOVE = text("""
    WITH known AS (
        SELECT FROM stock_movements WHERE key = :key
    ), moved AS (
        UPDATE inventory_levels
        SET on_hand = on_hand + CAST(:delta AS integer),
            counted_at = CASE WHEN CAST(:kind AS text) = 'count' THEN greatest(counted_at, CAST(:now AS timestamptz))
                              ELSE counted_at END
        WHERE sku = :sku AND location = :location AND condition = '' AND lot = ''
          AND on_hand + CAST(:delta AS integer) >= reserved AND NOT EXISTS (SELECT FROM known)
        RETURNING 1
    ), booked AS (
        INSERT INTO stock_movements (key, kind, sku, location, delta, reason, actor, against, at)
        SELECT :key, :kind, :sku, :location, CAST(:delta AS integer), :reason, :actor, :against, :now FROM moved
    ), arrived AS (
        UPDATE incoming_goods SET received = received + CAST(:delta AS integer) FROM moved
        WHERE reference = :against AND sku = :sku AND location = :location
        RETURNING 1
    )
    SELECT EXISTS (SELECT FROM known) AS known, EXISTS (SELECT FROM moved) AS moved,
           EXISTS (SELECT FROM arrived) AS arrived""")
# Locked by a statement of its own, so that the next one sees a key that was booked while this one waited.
LOCK_LEVEL = text("""
    INSERT INTO inventory_levels AS level (sku, location) VALUES (:sku, :location)
    ON CONFLICT (sku, location, condition, lot) DO UPDATE SET on_hand = level.on_hand
    RETURNING on_hand, reserved, counted_at""")
_SAFETY = text("""
    INSERT INTO inventory_levels (sku, location, safety) VALUES (:sku, :location, :units)
    ON CONFLICT (sku, location, condition, lot) DO UPDATE SET safety = EXCLUDED.safety""")


class PostgresInventoryStore(Store):
    """Levels, reservations and movements."""

    async def levels(self, skus: Iterable[str], account: str | None = None) -> tuple[InventoryLevel, ...]:
        """Read the levels of these SKUs at all locations, as this channel may use them."""
        return tuple(InventoryLevel(**row) for row in await self._all(_LEVELS, skus=list(skus), account=account))

    async def came(self, skus: Iterable[str], location: str, since: datetime) -> bool:
        """Tell whether any units of these SKUs came to a location after a moment."""
        return bool(await self._value(_CAME, skus=list(skus), location=location, since=since))

    async def reserve(self, owner: str, claims: tuple[Claim, ...]) -> bool:
        """Reserve all or nothing, in one statement."""
        totals = sum_claims(list(claims))
        claims_of = {
            "skus": _array(claim.sku for claim in totals),
            "places": _array(claim.location for claim in totals),
            "units": _array(str(claim.quantity) for claim in totals),
        }
        return bool(await self._value(_RESERVE, owner=owner, **claims_of))

    async def free(self, owner: str, quantities: Mapping[str, int] | None = None) -> None:
        """Give reserved units back, never more than the lines no longer need."""
        asked = json.dumps(dict(quantities or {}))
        await self._run(_FREE, owner=owner, quantities=asked, whole=quantities is None)

    async def ship(self, owner: str, now: datetime) -> None:
        """Let the reserved units leave, in one statement."""
        await self._run(_SHIP, owner=owner, now=now)

    async def move(self, movement: Movement, now: datetime) -> bool:
        """Book one movement and its level."""
        await self._lock(movement.sku, movement.location)
        return await self._book(movement, now)

    async def count(self, movement: Movement, on_hand: int, now: datetime) -> bool:
        """Set on hand to a counted quantity, by a movement of the difference."""
        before = await self._lock(movement.sku, movement.location)
        return await self._book(movement.model_copy(update={"delta": on_hand - before}), now)

    async def transfer(self, movement: Movement, to: str, now: datetime) -> bool:
        """Book both movements after both levels are locked, in the order of their keys."""
        for location in sorted({movement.location, to}):
            await self._lock(movement.sku, location)
        out, arriving = transfer_movements(movement, to)
        return await self._book(out, now) and await self._book(arriving, now)

    async def keep_safety(self, sku: str, location: str, units: int) -> None:
        """Set how many units nobody is promised."""
        await self._run(_SAFETY, sku=sku, location=location, units=units)

    async def _lock(self, sku: str, location: str) -> int:
        """Lock the level, making it if there is none; return what is on hand."""
        return int(await self._value(LOCK_LEVEL, sku=sku, location=location))

    async def _book(self, movement: Movement, now: datetime) -> bool:
        row = await self._first(_MOVE, **movement.model_dump(mode="json"), now=now)
        if row is None or row["known"]:
            return False
        if not row["moved"]:
            reserved = {level.location: level.reserved for level in await self.levels([movement.sku])}
            raise below_reserved(movement, reserved[movement.location])
        if movement.against and not row["arrived"]:
            raise no_incoming(movement)
        return True


def _array(elements: Iterable[str]) -> str:
    """Write an array as PostgreSQL reads it."""
    return "{" + ",".join('"' + one.replace("\\", "\\\\").replace('"', '\\"') + '"' for one in elements) + "}"
