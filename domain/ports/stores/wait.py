"""How waits are kept: the part of the protocol that loses no wake-up."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from domain.values import Model
from domain.waits import Wait


class CauseEvent(Model):
    """A cause was cleared; the allocator has still to serve those who wait."""

    event_id: int
    cause: str


class WaitStore(Protocol):
    """Waits, causes and the events of clearing. Lock order: order → causes (sorted) → stock levels."""

    async def lock_causes(self, causes: Iterable[str]) -> None:
        """Lock these causes, in sorted order, making the rows that are missing."""
        ...

    async def rewrite(self, order_id: str, scope: str, causes: dict[str, str], now: datetime) -> int:
        """Replace the waits of this scope by these (cause → code); return a new ticket, greater than all before.

        No causes: the waits of the scope end; the order's greatest ticket is returned.
        `since` of a cause that was waited for before is kept.
        """
        ...

    async def of_order(self, order_id: str) -> tuple[Wait, ...]:
        """Return all waits of an order."""
        ...

    async def clear(self, cause: str, now: datetime) -> None:
        """Lock the cause and insert its event, in the transaction that changes the fact."""
        ...

    async def next_events(self, limit: int) -> tuple[CauseEvent, ...]:
        """Return open events, oldest first; events of one cause once."""
        ...

    async def waiters(self, cause: str, after: str, limit: int) -> tuple[Wait, ...]:
        """Return who waits for the cause, in order of ship-by (none last), then order id.

        `after` is the last order id served, or empty: the page begins behind it in that order.
        """
        ...

    async def finish(self, event: CauseEvent, now: datetime) -> None:
        """Mark this and all earlier events of its cause as done."""
        ...
