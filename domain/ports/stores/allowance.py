"""How what may still be asked of a party is kept: buckets that all workers draw from."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from domain.values import Model


class Draw(Model):
    """What a worker wants of the bucket of one operation of one party.

    Attributes:
        rate: units by which it fills in a second, unless the party told another rate.
        burst: units that it holds.
        cost: units that one request needs.
        most: units to take at once where there are enough, so that the next requests need not ask.
        patience: seconds that the request can wait for its turn.
    """

    party: str
    operation: str
    rate: float
    burst: float
    cost: float
    most: float
    patience: float


class Grant(Model):
    """Units that were taken, none where the wait is too long; seconds until they may be spent, or asked for again."""

    granted: float
    wait: float


class AllowanceStore(Protocol):
    """Buckets by party and operation."""

    async def take(self, draw: Draw, now: datetime) -> Grant:
        """Draw units; those that are there only after a wait within `patience` are kept for the caller."""
        ...

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
        """Believe the party: at most `left` units are there now, they come by `rate`, none before `not_before`."""
        ...
