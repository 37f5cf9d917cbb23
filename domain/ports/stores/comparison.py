"""What the record says of many orders at once, to be held against what their channel shows."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from domain.comparison import KnownOrder
from domain.values import Model, Moment


class SentParcel(Model):
    """A parcel that has left us; `told_at` is when the channel confirmed that it knows of it, by this number."""

    order_id: str
    fulfillment_id: str
    parcel_id: str
    tracking_number: str
    told_at: Moment | None = None


class ComparisonStore(Protocol):
    """Readings for the reconciliation, and what it takes back."""

    async def sent(self, order_ids: Collection[str]) -> tuple[SentParcel, ...]:
        """Return the live parcels of these orders that have left us, by parcel id."""
        ...

    async def known(self, order_ids: Collection[str]) -> tuple[KnownOrder, ...]:
        """Return those of these orders that we carry or carried, by id."""
        ...

    async def recorded_since(self, account: str, since: datetime, after: str, limit: int) -> tuple[str, ...]:
        """Return the ids of orders that we carry or carried, recorded since a moment, by id, behind `after`."""
        ...

    async def forget_told(self, parcel_id: str) -> None:
        """Keep that the channel does not know of this parcel after all."""
        ...
