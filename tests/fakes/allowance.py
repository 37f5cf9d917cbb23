"""Allowances in memory."""

from __future__ import annotations

from datetime import datetime

from domain.ports.stores.allowance import Draw, Grant
from domain.values import Model, Moment
from tests.fakes.state import State


class Bucket(Model):
    """What is left of one operation of one party."""

    units: float
    counted_at: Moment
    rate: float | None = None
    not_before: Moment | None = None


class FakeAllowanceStore:
    """Buckets by party and operation."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def take(self, draw: Draw, now: datetime) -> Grant:
        """Draw units."""
        key = draw.party, draw.operation
        bucket = self._state.allowances.get(key, Bucket(units=draw.burst, counted_at=now))
        rate = bucket.rate or draw.rate
        passed = max((now - bucket.counted_at).total_seconds(), 0)
        filled = min(draw.burst, bucket.units + rate * passed)
        barred = (bucket.not_before - now).total_seconds() if bucket.not_before else 0
        wait = max((draw.cost - filled) / rate, barred, 0)
        granted = min(filled, max(draw.most, draw.cost)) if not wait else draw.cost if wait <= draw.patience else 0
        changed = {"units": filled - granted, "counted_at": max(bucket.counted_at, now)}
        self._state.allowances[key] = bucket.model_copy(update=changed)
        return Grant(granted=granted, wait=wait)

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
        bucket = self._state.allowances.get((party, operation))
        if bucket is None:
            return
        later = [moment for moment in (bucket.not_before, not_before) if moment]
        told = {
            "units": bucket.units if left is None else min(bucket.units, left),
            "counted_at": max(bucket.counted_at, now),
            "rate": rate or bucket.rate,
            "not_before": max(later, default=None),
        }
        self._state.allowances[party, operation] = bucket.model_copy(update=told)
