"""Telling the shop that units will not come."""

from __future__ import annotations

from pydantic import RootModel

from adapters.marketplaces.vendure import documents, wire
from adapters.marketplaces.vendure.api import AdminApi
from adapters.marketplaces.vendure.mapping import bought, count, lines_input
from adapters.marketplaces.vendure.shipping import catch_up
from adapters.marks import mark, reference_in
from domain.effect import Confirmed, Outcome, Rejected
from domain.ports.marketplace import CancelLines
from domain.values import MAX_QUANTITY


class MaybeCancellations(RootModel[wire.Cancellations | None]):
    """The cancellations of an order, or nothing where there is no such order."""


async def cancel_lines(api: AdminApi, write: CancelLines) -> Outcome:
    """Cancel what is still missing until each line stands at its total.

    What a person cancelled in the meantime is not cancelled again.
    """
    if (entry := await _find_entry(api, write)) is not None:
        return await catch_up(api, write.channel_order_id, Confirmed(remote_id=entry.id))
    order = await api.fetch(write.channel_order_id)
    missing = _missing(order, write)
    if not missing:
        return Rejected(code="vendure-already-cancelled", already_done=True)
    if any(units > _unsent(order, line_id) for line_id, units in missing.items()):
        # The shop would take them back as a return, and nobody has them.
        return Rejected(code="vendure-already-shipped")
    nothing_left = all(line.quantity == missing.get(line.id, 0) for line in order.lines)
    told: dict[str, object] = {
        "orderId": order.id,
        "lines": lines_input(missing),
        "cancelShipping": nothing_left,
        "reason": mark(write.reason, write.reference),
    }
    outcome = await api.write(documents.CANCEL, input=told)
    return await catch_up(api, order.id, outcome) if isinstance(outcome, Confirmed) else outcome


async def find_cancellation(api: AdminApi, write: CancelLines) -> Confirmed | None:
    """Return the entry that carries our reference, once the order has caught up with it."""
    entry = await _find_entry(api, write)
    if entry is None or (await api.fetch(write.channel_order_id)).is_behind:
        return None
    return Confirmed(remote_id=entry.id)


async def _find_entry(api: AdminApi, write: CancelLines) -> wire.Cancellation | None:
    """Return the entry of the order's history that carries our reference."""
    told = await api.read(documents.CANCELLATIONS, MaybeCancellations, id=write.channel_order_id)
    entries = () if told.root is None else told.root.entries
    return next((entry for entry in entries if reference_in(entry.reason) == write.reference), None)


def _missing(order: wire.Order, write: CancelLines) -> dict[str, int]:
    """Return the units still to cancel, by line; a line that is not there stays in it, for the shop to refuse."""
    cancelled = {line.id: bought(line) - line.quantity for line in order.lines}
    missing: dict[str, int] = {}
    for line_id, quantity in write.quantities.items():
        until = write.totals.get(line_id, quantity) - cancelled.get(line_id, 0)
        if (units := min(quantity, until)) > 0:
            missing[line_id] = units
    return missing


def _unsent(order: wire.Order, line_id: str) -> int:
    """Return the units of a line that are in no parcel; of a line that is not there the shop says what it thinks."""
    left = next((line.quantity for line in order.lines if line.id == line_id), MAX_QUANTITY)
    return left - count(line_id, (row for sent in order.live_fulfillments for row in sent.lines))
