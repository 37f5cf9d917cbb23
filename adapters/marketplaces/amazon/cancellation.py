"""Telling Amazon that an order will not come: only ever the whole order, and only before any of it was sent."""

from __future__ import annotations

from adapters.marketplaces.amazon import envelope, feeds, orders
from adapters.marketplaces.amazon.api import SellerApi
from domain.effect import Absent, Confirmed, Finding, Found, Outcome, Rejected
from domain.ports.marketplace import CancelLines

_KIND = "POST_ORDER_ACKNOWLEDGEMENT_DATA"
_CANCELLED = "CANCELLED"
_REASONS = {"buyer": "BuyerCanceled", "out-of-stock": "NoInventory", "address": "ShippingAddressUndeliverable"}
_OTHERWISE = "GeneralAdjustment"


async def cancel(api: SellerApi, write: CancelLines) -> Outcome:
    """Hand in the cancellation.

    Once a unit was sent it must not be: Amazon would give back the money of the whole order.
    """
    order = await orders.read_first(api, write.channel_order_id)
    if isinstance(order, Rejected):
        return order
    if order.status == _CANCELLED:
        return Rejected(code="amazon-already-cancelled", already_done=True)
    if any(line.fulfilled for line in order.order_items):
        return Rejected(code="amazon-partly-sent")
    if any(write.totals.get(line.order_item_id, 0) < line.quantity_ordered for line in order.order_items):
        return Rejected(code="amazon-cancels-whole-orders")
    reasons = {line.order_item_id: _REASONS.get(write.reason, _OTHERWISE) for line in order.order_items}
    content = envelope.cancellation(api.settings.seller_id, order.order_id, reasons)
    return await feeds.queue(api, _KIND, content)


async def find(api: SellerApi, write: CancelLines) -> Finding:
    """Look at the order itself, and else at the feed."""
    order = await orders.read(api, write.channel_order_id)
    if order.status == _CANCELLED:
        return Found(confirmed=Confirmed(remote_id=write.trace))
    # Handing a cancellation in again does no harm: an order is cancelled once.
    return await feeds.find(api, write.trace) if write.trace else Absent()
