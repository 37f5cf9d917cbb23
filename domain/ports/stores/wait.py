"""How waits are kept: the part of the protocol that loses no wake-up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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

    async def rewrite(
        self, order_id: str, scope: str, causes: dict[str, str], now: datetime, units: Mapping[str, int] | None = None
    ) -> int:
        """Replace the waits of this scope by these (cause → code); return a new ticket, greater than all before.

        No causes: the waits of the scope end; the order's greatest ticket is returned.
        `since` of a cause that was waited for before is kept. `units` says per cause how many of it would help at
        least; whoever waits for goods is passed over while fewer are there (one, where nothing is said).
        """
        ...

    async def of_order(self, order_id: str) -> tuple[Wait, ...]:
        """Return all waits of an order."""
        ...

    async def clear(self, cause: str, now: datetime) -> None:
        """Lock the cause and insert its event, in the transaction that changes the fact."""
        ...

    async def forget_idle(self) -> None:
        """End all events that have nobody to call up: of most of what arrives, nobody waits for any."""
        ...

    async def next_events(self, limit: int, after: int = 0) -> tuple[CauseEvent, ...]:
        """Return the latest open event of each cause, in order of their numbers, behind the number `after`."""
        ...

    async def waiters(self, event: CauseEvent, limit: int) -> tuple[Wait, ...]:
        """Return who is to be served next, in order of ship-by (none last), then order id; nobody is locked.

        Only those whom this event has not called up yet, and whom the goods there are may suffice for. Behind the first
        come as many as can have theirs together with it, so that all of them may be served at the same time.
        """
        ...

    async def call_up(self, event: CauseEvent, order_id: str, now: datetime | None = None) -> int | None:
        """Lock the order's row and mark its wait: the event does not come to it again. `now` is kept with the mark.

        Returns:
            The ticket of its wait; None when somebody else holds the order, or it was called up or served before.
        """
        ...

    async def finish(self, event: CauseEvent) -> bool:
        """End this and all earlier events of its cause; False while anybody is left whom it could serve."""
        ...

    async def setting_out(self, since: datetime) -> int:
        """Return how many fulfillment orders were planned since then that nobody has taken up yet."""
        ...
