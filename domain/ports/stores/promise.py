"""How promises at risk are found, and how what is done about them is kept: once per order and remedy."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from domain.lateness import AtRisk, Deed, Expedite, RiskMark


class PromiseStore(Protocol):
    """Promises that may be missed, and dates that have come."""

    async def at_risk(self, now: datetime, after: RiskMark | None, limit: int) -> tuple[AtRisk, ...]:
        """Return what was at risk at a moment, longest first, behind a mark.

        Fulfillment orders whose goods are not with the buyer yet, and orders of which something waits to be planned.
        What has come far enough since is still among them: how much slack is left is for the caller to say.
        """
        ...

    async def keep_deed(self, order_id: str, subject: str, deed: Deed) -> bool:
        """Keep that a remedy was used; False, and nothing is written, when the order has had it before."""
        ...

    async def mark_told(self, order_id: str) -> None:
        """Keep that the notifier has had the word to this order's buyer."""
        ...

    async def expedite(self, wish: Expedite) -> bool:
        """Choose a faster speed; False when its label is begun, or it came to its end."""
        ...

    async def dates_come(self, now: datetime, limit: int) -> tuple[str, ...]:
        """Return causes that are dates which have come, the earliest first, while anybody waits for them."""
        ...
