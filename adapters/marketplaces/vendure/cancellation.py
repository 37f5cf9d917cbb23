"""Telling the shop that units will not come."""

from __future__ import annotations

from adapters.marketplaces.vendure import documents, wire
from adapters.marketplaces.vendure.api import AdminApi
from adapters.marketplaces.vendure.mapping import bought, lines_input
from adapters.marketplaces.vendure.shipping import catch_up
from adapters.marks import mark, reference_in
from domain.effect import Confirmed, Outcome, Rejected
from domain.ports.marketplace import CancelLines


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
    nothing_left = all(line.quantity == missing.get(line.id, 0) for line in order.lines)
    told: dict[str, object] = {
        "orderId": order.id,
        "lines": lines_input(missing),
        "cancelShipping": nothing_left,
        "reason": mark(write.reason, write.reference),
    }
    outcome = await api.write(documents.CANCEL, input=told)
    return await catch_up(api, order.id, outcome) if isinstance(outcome, Confirmed) else outcome


async def find_cancellation(api: AdminApi, write: CancelLines) -> str | None:
    """Return the id of the entry that carries our reference, once the order has caught up with it."""
    entry = await _find_entry(api, write)
    return entry.id if entry and not (await api.fetch(write.channel_order_id)).is_behind else None


async def _find_entry(api: AdminApi, write: CancelLines) -> wire.Cancellation | None:
    """Return the entry of the order's history that carries our reference."""
    told = await api.read(documents.CANCELLATIONS, wire.Cancellations, id=write.channel_order_id)
    return next((entry for entry in told.entries if reference_in(entry.reason) == write.reference), None)


def _missing(order: wire.Order, write: CancelLines) -> dict[str, int]:
    """Return the units still to cancel, by line; a line that is not there stays in it, for the shop to refuse."""
    cancelled = {line.id: bought(line) - line.quantity for line in order.lines}
    missing: dict[str, int] = {}
    for line_id, quantity in write.quantities.items():
        until = write.totals.get(line_id, quantity) - cancelled.get(line_id, 0)
        if (units := min(quantity, until)) > 0:
            missing[line_id] = units
    return missing
