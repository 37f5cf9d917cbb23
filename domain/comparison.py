"""What differs between an order as we keep it and as its channel shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import Field

from domain.order import ChannelOrder
from domain.values import Model


class KnownLine(Model):
    """A line as we keep it: units bought, and cancelled units of which the channel was told."""

    quantity: int
    told_cancelled: int


class KnownOrder(Model):
    """An order as we keep it.

    Attributes:
        sent: the units by tracking number of which the channel was told.
        untold: tracking numbers that it did not take, of an order that is closed: nobody will tell them any more.
    """

    order_id: str
    lines: Mapping[str, KnownLine]
    sent: Mapping[str, Mapping[str, int]] = Field(default_factory=dict[str, Mapping[str, int]])
    untold: tuple[str, ...] = ()


def differences(known: KnownOrder, seen: ChannelOrder, *, cancels_lines: bool) -> Iterator[str]:
    """Yield in words what the channel shows otherwise than we keep it; nothing where it says less than it could.

    Args:
        known: what we keep.
        seen: what the channel shows.
        cancels_lines: whether it can be told of cancelled units of single lines.
    """
    shown = {line.line_id: line for line in seen.lines}
    for line_id, line in known.lines.items():
        there = shown.get(line_id)
        if there is None:
            yield f"{known.order_id}: line {line_id} is not there"
        elif there.quantity != line.quantity:
            yield f"{known.order_id}: line {line_id} has {line.quantity} units here, {there.quantity} there"
        elif cancels_lines and not seen.cancelled and there.cancelled < line.told_cancelled:
            yield f"{known.order_id}: line {line_id} has {line.told_cancelled} cancelled here, {there.cancelled} there"
    for line_id in shown.keys() - known.lines.keys():
        yield f"{known.order_id}: line {line_id} is not here"
    for number in sorted(set(known.untold) - {shipment.tracking_number for shipment in seen.shipments}):
        yield f"{known.order_id}: parcel {number} is not there, and the channel does not take it any more"
    for shipment in seen.shipments:
        units = known.sent.get(shipment.tracking_number)
        if units is not None and shipment.quantities and dict(units) != shipment.quantities:
            yield f"{known.order_id}: parcel {shipment.tracking_number} has other units here than there"
