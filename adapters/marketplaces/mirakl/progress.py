"""What was done to an order so far, by us or by hand: units shipped and cancelled, by line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from adapters.marketplaces.mirakl import wire
from domain.order import ChannelShipment

LEFT = ("SHIPPED", "TO_COLLECT", "RECEIVED", "CLOSED")
"""States, of orders and of shipments, in which the goods are gone."""
GONE = ("REFUSED", "CANCELED")


@dataclass(frozen=True)
class Progress:
    """Units by line id."""

    shipments: tuple[ChannelShipment, ...]
    shipped: Mapping[str, int]
    cancelled: Mapping[str, int]

    def left(self, line: wire.OrderLine) -> int:
        """Return the units of a line of which nothing was done yet."""
        done = self.shipped.get(line.order_line_id, 0) + self.cancelled.get(line.order_line_id, 0)
        return line.quantity - done


def read_progress(order: wire.Order) -> Progress:
    """Return what was done; an order that left has sent whatever its shipments do not show."""
    cancelled = {line.order_line_id: _cancelled(line, order) for line in order.order_lines}
    shipments = [_shown(one, order) for one in order.crossdock_shipments if one.status in LEFT]
    shipped = add_up(one.quantities for one in shipments)
    if order.order_state in LEFT:
        bought = {line.order_line_id: line.quantity for line in order.order_lines}
        rest = {key: units - cancelled[key] - shipped.get(key, 0) for key, units in bought.items()}
        if rest := {key: units for key, units in rest.items() if units > 0}:
            shipments.append(ChannelShipment(tracking_number=order.shipping_tracking, quantities=rest))
    else:
        # Nothing is sent any more of a line whose money went back.
        back = (line for line in order.order_lines if line.order_line_state == "REFUNDED")
        cancelled |= {line.order_line_id: line.quantity - shipped.get(line.order_line_id, 0) for line in back}
    return Progress(tuple(shipments), add_up(one.quantities for one in shipments), cancelled)


def quantities_of(shipment: wire.Shipment, order: wire.Order) -> dict[str, int]:
    """Return the units of a shipment by line id; one that is named by its offer only is looked up."""
    by_offer = {line.offer_sku: line.order_line_id for line in order.order_lines}
    named = (
        (line.order_line_id or by_offer.get(line.offer_sku, ""), line.quantity) for line in shipment.shipment_lines
    )
    return add_up({line_id: units} for line_id, units in named if line_id)


def add_up(rows: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Return the units of all rows by line id."""
    totals: dict[str, int] = {}
    for row in rows:
        for line_id, units in row.items():
            totals[line_id] = totals.get(line_id, 0) + units
    return totals


def _cancelled(line: wire.OrderLine, order: wire.Order) -> int:
    if line.order_line_state in GONE or order.order_state in GONE:
        return line.quantity
    return min(sum(given.quantity for given in line.cancelations), line.quantity)


def _shown(one: wire.Shipment, order: wire.Order) -> ChannelShipment:
    return ChannelShipment(reference=one.reference, tracking_number=one.number, quantities=quantities_of(one, order))
