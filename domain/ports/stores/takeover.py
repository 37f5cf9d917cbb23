"""How the orders of a channel that we only watch are taken over."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from domain.order import OrderState


class TakeoverStore(Protocol):
    """Orders in state OBSERVED, and the moment from which a channel is ours."""

    async def go_live(self, account: str, live_from: datetime) -> None:
        """Carry the channel's orders from now on, but for those placed before `live_from`. Raises NotFound."""
        ...

    async def observed(self, account: str, after: str, limit: int) -> tuple[str, ...]:
        """Return the ids of orders that are only watched, in order of their ids, behind `after`."""
        ...

    async def settle(self, order_id: str, state: OrderState) -> bool:
        """Make an OBSERVED order OPEN, with the outbox row that starts its workflow, or EXTERNAL.

        False when it is not OBSERVED (any more).
        """
        ...
