"""What is owed to a buyer: one growing debt per order, against which every refund counts, ours or by hand."""

from __future__ import annotations

from collections.abc import Mapping

from domain.order import OrderLine


def owed(lines: tuple[OrderLine, ...], gone: Mapping[str, int], total: int, shipping: int, captured: int) -> int:
    """Return the minor units owed for units that will not stay with the buyer; never above what was captured.

    Discount and tax are shared by value; shipping is owed only when nothing of the order stays.

    Args:
        lines: all lines of the order.
        gone: units per line id that were cancelled, lost or came back.
        total: what the buyer agreed to pay, in minor units.
        shipping: the part of it that is shipping.
        captured: what was taken.
    """
    if all(gone.get(line.line_id, 0) >= line.quantity for line in lines):
        return captured
    goods = sum(line.unit_price * line.quantity for line in lines)
    value = sum(line.unit_price * min(gone.get(line.line_id, 0), line.quantity) for line in lines)
    if goods == 0:
        return 0
    return min(value * (total - shipping) // goods, captured)


def totals_key(totals: Mapping[str, int]) -> str:
    """Write totals per line as the stable part of a business key.

    >>> totals_key({"2": 1, "1": 3})
    '1=3,2=1'
    """
    return ",".join(f"{line}={units}" for line, units in sorted(totals.items()))
