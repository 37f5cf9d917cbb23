"""Writes for an order that a buyer has just placed."""

from collections.abc import Mapping

from domain.ports.marketplace import CancelLines, ConfirmPickup, ConfirmShipment, RefundPayment
from infra.vendure.buyer import PlacedOrder


def shipment(order: PlacedOrder, quantities: Mapping[str, int], tracking_number: str = "") -> ConfirmShipment:
    return ConfirmShipment(
        channel_order_id=order.id,
        reference=f"tracking:{order.id}:1",
        quantities={order.line_of(sku): quantity for sku, quantity in quantities.items()},
        carrier="Fast Parcels",
        tracking_number=tracking_number or f"TRACK-{order.id}",
    )


def pickup(order: PlacedOrder, *, collected: bool) -> ConfirmPickup:
    quantities = {line.id: 1 for line in order.lines}
    reference = f"pickup:{order.id}:{collected}"
    return ConfirmPickup(channel_order_id=order.id, reference=reference, quantities=quantities, collected=collected)


def cancellation(order: PlacedOrder, quantities: Mapping[str, int], totals: Mapping[str, int]) -> CancelLines:
    return CancelLines(
        channel_order_id=order.id,
        reference=f"cancel:{order.id}:1",
        quantities={order.line_of(sku): quantity for sku, quantity in quantities.items()},
        totals={order.line_of(sku): quantity for sku, quantity in totals.items()},
        reason="out of stock",
    )


def refund(order: PlacedOrder, amount: int, quantities: Mapping[str, int] | None = None) -> RefundPayment:
    return RefundPayment(
        channel_order_id=order.id,
        reference=f"refund:{order.id}:1",
        amount=amount,
        currency="EUR",
        quantities={order.line_of(sku): quantity for sku, quantity in (quantities or {}).items()},
        reason="came back",
    )
