"""Telling the marketplace that units will not come: before acceptance by refusing, afterwards by cancelling.

What is cancelled is not charged, or given back, by the marketplace itself.
"""

from __future__ import annotations

from collections.abc import Mapping

from adapters.marketplaces.mirakl import wire
from adapters.marketplaces.mirakl.acceptance import WAITING, decide
from adapters.marketplaces.mirakl.giving import OTHER_TAX_MODE, Share, rest_of, speaks_otherwise, to_row
from adapters.marketplaces.mirakl.market import Market, order_path
from adapters.marketplaces.mirakl.progress import LEFT, read_progress
from domain.effect import Confirmed, Outcome, Rejected
from domain.ports.marketplace import CancelLines


async def cancel_lines(market: Market, write: CancelLines) -> Outcome:
    """Cancel what is still missing until each line stands at its total."""
    order = await market.fetch(write.channel_order_id)
    lines = {line.order_line_id: line for line in order.order_lines}
    if not write.totals.keys() <= lines.keys():
        return Rejected(code="mirakl-no-such-line")
    missing = _missing(order, write)
    if refusal := _refusal(order, lines, missing):
        return refusal
    whole = all(missing.get(key, 0) == line.quantity for key, line in lines.items())
    if order.order_state == WAITING:
        return await decide(market, order, frozenset(lines)) if whole else Rejected(code="mirakl-not-accepted-yet")
    if whole and order.can_cancel:
        return await market.put("OR29", order_path(order.order_id, "cancel"))
    return await _cancel(market, order, missing)


def is_done(order: wire.Order, write: CancelLines) -> bool:
    """Tell whether every line stands at its total."""
    return not _missing(order, write)


def _refusal(order: wire.Order, lines: Mapping[str, wire.OrderLine], missing: Mapping[str, int]) -> Rejected | None:
    if not missing:
        return Rejected(code="mirakl-already-cancelled", already_done=True)
    progress = read_progress(order)
    if order.order_state in LEFT or any(units > progress.left(lines[key]) for key, units in missing.items()):
        return Rejected(code="mirakl-already-shipped")
    return OTHER_TAX_MODE if speaks_otherwise(order) else None


async def _cancel(market: Market, order: wire.Order, missing: Mapping[str, int]) -> Outcome:
    rows = [
        to_row(_share(line, order, missing[line.order_line_id]), order, market.settings.cancel_reason)
        for line in order.order_lines
        if line.order_line_id in missing
    ]
    body = {"order_tax_mode": "TAX_INCLUDED", "cancelations": rows}
    made = await market.write("OR30", "PUT", "/api/orders/cancel", wire.CancellationsMade, json=body)
    if not isinstance(made, wire.CancellationsMade):
        return made
    return Confirmed(remote_id=",".join(one.cancelation_id for one in made.cancelations))


def _share(line: wire.OrderLine, order: wire.Order, units: int) -> Share:
    """Return what of a line is cancelled with some of the units that are left: with the last of them all of it."""
    left = read_progress(order).left(line)
    rest = rest_of(line, order.currency_iso_code)
    return Share(line, units, rest.amount * units // left, rest.shipping * units // left)


def _missing(order: wire.Order, write: CancelLines) -> dict[str, int]:
    cancelled = read_progress(order).cancelled
    missing = {line_id: total - cancelled.get(line_id, 0) for line_id, total in write.totals.items()}
    return {line_id: units for line_id, units in missing.items() if units > 0}
