"""Owners of reservations in PostgreSQL."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from domain.fulfillment import GONE, HOLDS_RESERVATION, Stage
from domain.inventory import Claim
from domain.ports.stores.reservation import SoftReservation, SuspectReservation, Suspicion
from infra.database.migrations.words import listed
from infra.database.store import Store

_ADD = text("""
    INSERT INTO soft_reservations (owner, account, until, actor, reason)
    VALUES (:owner, :account, :until, :actor, :reason) ON CONFLICT DO NOTHING""")
_END = text("DELETE FROM soft_reservations WHERE owner = :owner")
_EXPIRED = text("SELECT owner FROM soft_reservations WHERE until <= :now ORDER BY until, owner LIMIT :limit")
_HELD = text("""
    SELECT sku, location, quantity FROM reservations WHERE owner = :owner AND quantity > 0 ORDER BY sku, location""")
_SUSPECTS = text(f"""
    SELECT owner, sku, location, units, reserved_at, stage, suspicion FROM (
        SELECT r.owner, r.sku, r.location, r.quantity AS units, r.reserved_at, coalesce(f.stage, '') AS stage,
               CASE WHEN f.stage IN ({listed(GONE | {Stage.COLLECTED})}) THEN '{Suspicion.LEFT}'
                    WHEN s.owner IS NULL AND coalesce(f.stage, '') NOT IN ({listed(HOLDS_RESERVATION)})
                    THEN '{Suspicion.OWNERLESS}'
                    WHEN s.until < :now OR (s.owner IS NULL AND r.reserved_at < :reserved_before)
                    THEN '{Suspicion.LATE}'
               END AS suspicion
        FROM reservations r LEFT JOIN fulfillment_orders f ON f.fulfillment_id = r.owner
        LEFT JOIN soft_reservations s ON s.owner = r.owner
        WHERE r.quantity > 0) judged
    WHERE suspicion IS NOT NULL
    ORDER BY suspicion <> '{Suspicion.OWNERLESS}', reserved_at, owner, sku, location LIMIT :limit""")  # noqa: S608 - our own words


class PostgresReservationStore(Store):
    """Who owns reservations."""

    async def add(self, soft: SoftReservation) -> bool:
        """Add the owner of a soft reservation."""
        return bool(await self._run(_ADD, **soft.model_dump()))

    async def end(self, owner: str) -> bool:
        """Forget the owner of a soft reservation."""
        return bool(await self._run(_END, owner=owner))

    async def expired(self, now: datetime, limit: int) -> tuple[str, ...]:
        """Return the owners of soft reservations whose time is over."""
        return tuple(row["owner"] for row in await self._all(_EXPIRED, now=now, limit=limit))

    async def held(self, owner: str) -> tuple[Claim, ...]:
        """Return what an owner holds."""
        return tuple(Claim(**row) for row in await self._all(_HELD, owner=owner))

    async def suspects(self, reserved_before: datetime, now: datetime, limit: int) -> tuple[SuspectReservation, ...]:
        """Return reservations without a live owner, or past their time."""
        rows = await self._all(_SUSPECTS, reserved_before=reserved_before, now=now, limit=limit)
        return tuple(SuspectReservation(**row) for row in rows)
