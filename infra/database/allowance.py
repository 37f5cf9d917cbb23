"""Allowances in PostgreSQL."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from domain.ports.stores.allowance import Draw, Grant
from infra.database.store import Store

_TAKE = text("""
    SELECT granted, wait FROM take_allowance(:party, :operation, :rate, :burst, :cost, :most, :patience, :now)""")
_LOWER = text("""
    UPDATE allowances SET units = least(units, :left), counted_at = greatest(counted_at, :now),
        rate = coalesce(:rate, rate), not_before = greatest(not_before, CAST(:not_before AS timestamptz))
    WHERE party = :party AND operation = :operation""")


class PostgresAllowanceStore(Store):
    """Buckets by party and operation."""

    async def take(self, draw: Draw, now: datetime) -> Grant:
        """Draw units, in one statement."""
        row = await self._first(_TAKE, **draw.model_dump(), now=now)
        return Grant.model_validate(row)

    async def lower(
        self,
        party: str,
        operation: str,
        now: datetime,
        *,
        left: float | None = None,
        rate: float | None = None,
        not_before: datetime | None = None,
    ) -> None:
        """Believe the party."""
        told = {"left": left, "rate": rate, "not_before": not_before}
        await self._run(_LOWER, party=party, operation=operation, now=now, **told)
