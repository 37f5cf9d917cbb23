"""Goods that are still here although a person gave their money back: the order is held until it is clear what to do."""

from __future__ import annotations

from datetime import datetime

from domain.fulfillment import GONE, HOLDS_RESERVATION, TERMINAL
from domain.order import ChannelOrder, HoldReason
from domain.ports.stores import Transaction
from domain.ports.stores.order import KeptLine, KeptOrder

ENGINE = "crossdock"
"""Who places a hold that no person and no channel asked for."""


async def hold_unpaid(tx: Transaction, order: KeptOrder, seen: ChannelOrder, now: datetime) -> bool:
    """Hold an order of which goods are here that were just paid back; return whether that is new."""
    unpaid = unpaid_lines(order, seen)
    if not unpaid or not await tx.orders.place_hold(order.order_id, HoldReason.REFUNDED, ENGINE, seen.updated_at):
        return False
    words = f"the money for lines {', '.join(unpaid)} was given back by hand, and the goods are still here"
    await tx.audit.note(order.order_id, "refunded", "channel", words, now)
    return True


def is_paid_again(order: KeptOrder, seen: ChannelOrder) -> bool:
    """Tell whether the channel shows that the goods may leave, or need not, since the order was held for its refund."""
    placed = [hold.placed_at for hold in order.holds if is_of_refund(hold.reason, hold.placed_by)]
    return any(moment <= seen.updated_at for moment in placed) and not unpaid_lines(order, seen)


def is_of_refund(reason: HoldReason, placed_by: str) -> bool:
    """Tell whether it is a hold of ours for a refund by hand, and no person's."""
    return reason is HoldReason.REFUNDED and placed_by == ENGINE


def unpaid_lines(order: KeptOrder, seen: ChannelOrder) -> tuple[str, ...]:
    """Return the lines of which goods are still here whose money the channel shows as given back.

    That is all of them when no money for goods is left, and else those of which it counts every unit as refunded.
    What is owed anyway, for units that were cancelled, lost or returned, is nobody's surprise.
    """
    here = [line.line_id for line in order.lines if line.unit_price and _units_here(order, line) > 0]
    if not here or seen.refunded <= order.owed:
        return ()
    untouched = not any(line.cancelled or line.lost or line.returned for line in order.lines)
    if max(order.captured, seen.captured) - seen.refunded <= (order.shipping if untouched else 0):
        return tuple(here)
    whole = {line.line_id for line in seen.lines if line.refunded >= line.quantity}
    return tuple(line_id for line_id in here if line_id in whole)


def units_gone(order: KeptOrder, line: KeptLine) -> int:
    """Return the units of a line that have left with us: no hand can take those from us any more."""
    under_way = (part for part in order.fulfillments if part.stage in GONE - TERMINAL)
    return line.done + sum(own.quantity for part in under_way for own in part.lines if own.line_id == line.line_id)


def _units_here(order: KeptOrder, line: KeptLine) -> int:
    """Return the units that are to leave yet."""
    called_back = sum(
        own.cancelling
        for part in order.fulfillments
        if part.stage in HOLDS_RESERVATION
        for own in part.lines
        if own.line_id == line.line_id
    )
    return line.quantity - line.cancelled - line.by_hand - units_gone(order, line) - called_back
