"""How shipments, parcels, labels and tracking events are kept."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from domain.effect import Confirmed
from domain.fulfillment import Fulfillment
from domain.shipment import Parcel, TrackingEvent


class ShipmentStore(Protocol):
    """Shipments, parcels, labels (sealed) and scans."""

    async def plan_parcel(self, fulfillment_id: str, carrier: str, now: datetime) -> Parcel:
        """Return the parcel that is planned or live; plan the shipment and its next parcel when there is none."""
        ...

    async def parcels(self, fulfillment_id: str) -> tuple[Parcel, ...]:
        """Return all its parcels, oldest first, voided ones too."""
        ...

    async def keep_label(self, parcel_id: str, label: Confirmed, now: datetime) -> None:
        """Make a parcel LIVE with its tracking number, remote id and cost; its document is sealed."""
        ...

    async def label_document(self, parcel_id: str) -> bytes | None:
        """Return the label as it was received, or None."""
        ...

    async def void(self, parcel_id: str, now: datetime) -> None:
        """Make a parcel VOIDED."""
        ...

    async def tell_tracking(self, parcel_id: str, number: str, now: datetime) -> bool:
        """Keep that the channel knows this parcel by a number; return whether it has another one by now."""
        ...

    async def correct(self, parcel_id: str, number: str, carrier: str, now: datetime) -> None:
        """Let a parcel travel under another number; the one it had is kept among the former ones."""
        ...

    async def travels_under(self, number: str, since: datetime) -> frozenset[str]:
        """Return the fulfillment orders of live parcels with this number, those that ended before `since` left out."""
        ...

    async def scan(self, event: TrackingEvent, now: datetime) -> Fulfillment | None:
        """Keep a scan once per (tracking number, status, carrier's time); None when the parcel is not ours.

        Under a number that was corrected, what the carrier scanned before that still counts.
        """
        ...

    async def latest(self, fulfillment_id: str) -> TrackingEvent | None:
        """Return the latest scan of its live parcel by the carrier's time."""
        ...
