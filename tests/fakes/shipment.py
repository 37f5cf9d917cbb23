"""Shipments, parcels, labels and scans in memory."""

from __future__ import annotations

from datetime import datetime

from domain.effect import Confirmed
from domain.errors import NotFound
from domain.fulfillment import Fulfillment
from domain.shipment import Parcel, ParcelState, TrackingEvent, parcel_id
from tests.fakes.state import State


class FakeShipmentStore:
    """One shipment a fulfillment order; its parcels carry everything that is read back."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def plan_parcel(self, fulfillment_id: str, carrier: str, now: datetime) -> Parcel:
        """Return the parcel that is planned or live, or plan the next one."""
        del now
        if fulfillment_id not in self._state.fulfillments:
            raise NotFound("no-fulfillment", f"no fulfillment order {fulfillment_id}")
        known = await self.parcels(fulfillment_id)
        for parcel in known:
            if parcel.state is not ParcelState.VOIDED:
                return parcel
        number = parcel_id(fulfillment_id, len(known) + 1)
        parcel = Parcel(parcel_id=number, fulfillment_id=fulfillment_id, carrier=carrier, state=ParcelState.PLANNED)
        self._state.parcels[number] = parcel
        return parcel

    async def parcels(self, fulfillment_id: str) -> tuple[Parcel, ...]:
        """Return all its parcels, oldest first."""
        return tuple(parcel for parcel in self._state.parcels.values() if parcel.fulfillment_id == fulfillment_id)

    async def keep_label(self, parcel_id: str, label: Confirmed, now: datetime) -> None:
        """Make a parcel LIVE; its cost and the time are not read back."""
        del now
        self._change(
            parcel_id, state=ParcelState.LIVE, tracking_number=label.tracking_number, remote_id=label.remote_id
        )
        fulfillment_id = self._state.parcels[parcel_id].fulfillment_id
        if label.document and not self._state.is_erased(self._state.fulfillments[fulfillment_id].order_id):
            self._state.labels[parcel_id] = label.document.content

    async def label_document(self, parcel_id: str) -> bytes | None:
        """Return the label as it was received, or None."""
        return self._state.labels.get(parcel_id)

    async def void(self, parcel_id: str, now: datetime) -> None:
        """Make a parcel VOIDED."""
        del now
        self._change(parcel_id, state=ParcelState.VOIDED)

    async def tell_tracking(self, parcel_id: str, number: str, now: datetime) -> bool:
        """Keep that the channel knows this parcel by a number."""
        told = self._known(parcel_id)
        self._change(parcel_id, tracking_told=True, told_number=number, tellings=told.tellings + 1)
        self._state.told_at.setdefault(parcel_id, now)
        return number != (told.tracking_number or "")

    async def correct(self, parcel_id: str, number: str, carrier: str, now: datetime) -> None:
        """Let a parcel travel under another number."""
        old = self._known(parcel_id)
        former = (*old.former, old.tracking_number or "") if old.tracking_number != number else old.former
        if len(former) > len(old.former):
            self._state.replaced_at[parcel_id, len(old.former)] = now
        self._change(parcel_id, tracking_number=number, carrier=carrier, former=former)

    async def travels_under(self, number: str, since: datetime) -> frozenset[str]:
        """Return the fulfillment orders of live parcels with this number."""
        return frozenset(
            parcel.fulfillment_id
            for parcel in self._state.parcels.values()
            if parcel.tracking_number == number
            and parcel.state is ParcelState.LIVE
            and self._state.ended_at.get(parcel.fulfillment_id, since) >= since
        )

    async def scan(self, event: TrackingEvent, now: datetime) -> Fulfillment | None:
        """Keep a scan once, also when its parcel is not known yet: a carrier may scan before we keep the label."""
        del now
        self._state.scans[event.tracking_number, event.status, event.occurred_at] = event
        parcels = list(self._state.parcels.values())
        for parcel in parcels:
            if parcel.tracking_number == event.tracking_number:
                return self._state.fulfillments[parcel.fulfillment_id]
        for parcel in parcels:
            for place, number in enumerate(parcel.former):
                before = self._state.replaced_at[parcel.parcel_id, place]
                if number == event.tracking_number and event.occurred_at < before:
                    return self._state.fulfillments[parcel.fulfillment_id]
        return None

    async def latest(self, fulfillment_id: str) -> TrackingEvent | None:
        """Return the latest scan of its live parcel by the carrier's time."""
        live = {
            parcel.tracking_number for parcel in await self.parcels(fulfillment_id) if parcel.state is ParcelState.LIVE
        }
        scans = [scan for scan in self._state.scans.values() if scan.tracking_number in live]
        return max(scans, key=lambda scan: scan.occurred_at, default=None)

    def _known(self, parcel_id: str) -> Parcel:
        if parcel_id not in self._state.parcels:
            raise NotFound("no-parcel", f"no parcel {parcel_id}")
        return self._state.parcels[parcel_id]

    def _change(self, parcel_id: str, **columns: object) -> None:
        parcel = self._state.parcels[parcel_id] = self._known(parcel_id).model_copy(update=columns)
        told_otherwise = (
            parcel.state is ParcelState.LIVE
            and parcel.tracking_told
            and parcel.told_number != (parcel.tracking_number or "")
        )
        part = self._state.fulfillments[parcel.fulfillment_id]
        self._state.fulfillments[part.fulfillment_id] = part.model_copy(update={"told_otherwise": told_otherwise})
