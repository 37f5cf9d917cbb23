"""What is held against a channel, in memory."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from domain.comparison import KnownLine, KnownOrder
from domain.fulfillment import GONE
from domain.order import NOT_OURS, OrderState
from domain.ports.stores.comparison import SentParcel
from domain.ports.stores.order import KeptOrder
from domain.shipment import Parcel, ParcelState
from tests.fakes.state import State


class FakeComparisonStore:
    """Readings for the reconciliation."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def sent(self, order_ids: Collection[str]) -> tuple[SentParcel, ...]:
        """Return the live parcels of these orders that have left us."""
        found = [self._sent(parcel) for _, parcel in sorted(self._state.parcels.items())]
        return tuple(sent for sent in found if sent is not None and sent.order_id in order_ids)

    async def known(self, order_ids: Collection[str]) -> tuple[KnownOrder, ...]:
        """Return those of these orders that we carry or carried."""
        return tuple(
            KnownOrder(
                order_id=order.order_id,
                lines={
                    line.line_id: KnownLine(quantity=line.quantity, told_cancelled=line.told_cancelled)
                    for line in order.lines
                },
                sent=self._told(order.order_id),
                untold=self._untold(order),
            )
            for _, order in sorted(self._state.orders.items())
            if order.order_id in order_ids and order.state not in NOT_OURS
        )

    def _told(self, order_id: str) -> dict[str, dict[str, int]]:
        return {
            parcel.told_number: {line.line_id: line.quantity for line in part.lines if line.quantity}
            for parcel in self._state.parcels.values()
            if (part := self._state.fulfillments[parcel.fulfillment_id]).order_id == order_id
            and parcel.state is ParcelState.LIVE
            and parcel.tracking_told
            and parcel.told_number
        }

    def _untold(self, order: KeptOrder) -> tuple[str, ...]:
        if order.state is OrderState.OPEN:
            return ()
        sent = (self._sent(parcel) for parcel in self._state.parcels.values())
        mine = (one for one in sent if one is not None and one.order_id == order.order_id)
        return tuple(one.tracking_number for one in mine if one.told_at is None)

    async def recorded_since(self, account: str, since: datetime, after: str, limit: int) -> tuple[str, ...]:
        """Return the ids of orders that we carry or carried."""
        found = (
            order_id
            for order_id, order in self._state.orders.items()
            if order.account == account and order.state not in NOT_OURS
        )
        return tuple(
            sorted(order_id for order_id in found if self._state.recorded[order_id] >= since and order_id > after)
        )[:limit]

    async def forget_told(self, parcel_id: str) -> None:
        """Keep that the channel does not know of this parcel after all."""
        parcel = self._state.parcels[parcel_id]
        self._state.parcels[parcel_id] = parcel.model_copy(update={"tracking_told": False, "told_number": ""})
        self._state.told_at.pop(parcel_id, None)
        part = self._state.fulfillments[parcel.fulfillment_id]
        self._state.fulfillments[part.fulfillment_id] = part.model_copy(update={"told_otherwise": False})

    def _sent(self, parcel: Parcel) -> SentParcel | None:
        part = self._state.fulfillments[parcel.fulfillment_id]
        number = parcel.told_number if parcel.tracking_told else parcel.tracking_number
        if part.stage not in GONE or parcel.state is not ParcelState.LIVE or not number:
            return None
        return SentParcel(
            order_id=part.order_id,
            fulfillment_id=part.fulfillment_id,
            parcel_id=parcel.parcel_id,
            tracking_number=number,
            told_at=self._state.told_at.get(parcel.parcel_id),
        )
