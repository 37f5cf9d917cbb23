"""Telling the shop that units will not come: of the whole order by its status, of lines by a refund of nothing.

Cutting the line itself would lower the order's total, and with it what the shop lets us give back afterwards.
"""

from __future__ import annotations

from adapters.marketplaces.woocommerce import wire
from adapters.marketplaces.woocommerce.progress import Progress
from adapters.marketplaces.woocommerce.shop import Shop, order_path
from adapters.marks import mark, reference_in
from domain.effect import Confirmed, Outcome, Rejected
from domain.ports.marketplace import CancelLines


async def cancel_lines(shop: Shop, write: CancelLines) -> Outcome:
    """Cancel what is still missing until each line stands at its total."""
    order, _, progress = await shop.fetch(write.channel_order_id)
    if (remote_id := find(order, write)) is not None:
        return await shop.catch_up(order.id, Confirmed(remote_id=remote_id))
    bought = {line.id: line.quantity for line in order.line_items}
    if not write.totals.keys() <= bought.keys():
        return Rejected(code="woocommerce-no-such-line")
    missing = _missing(write, progress)
    if not missing:
        return Rejected(code="woocommerce-already-cancelled", already_done=True)
    left = {line_id: units - _done(line_id, progress) for line_id, units in bought.items()}
    if any(units > left[line_id] for line_id, units in missing.items()):
        return Rejected(code="woocommerce-already-shipped")
    if not any(progress.shipped.values()) and all(missing.get(line_id, 0) == units for line_id, units in left.items()):
        reference = {"key": wire.CANCELLATION, "value": write.reference}
        return await shop.change("PUT", order_path(order.id), {"status": "cancelled", "meta_data": [reference]})
    outcome = await shop.change("POST", f"{order_path(order.id)}/refunds", _note(shop, write, missing))
    return await shop.catch_up(order.id, outcome) if isinstance(outcome, Confirmed) else outcome


def find(order: wire.Order, write: CancelLines) -> str | None:
    """Return the shop's id of a cancellation with our reference."""
    if order.meta(wire.CANCELLATION) == write.reference:
        return order.id
    return next((one.id for one in order.refunds if reference_in(one.reason) == write.reference), None)


def _missing(write: CancelLines, progress: Progress) -> dict[str, int]:
    missing = {line_id: total - progress.cancelled.get(line_id, 0) for line_id, total in write.totals.items()}
    return {line_id: units for line_id, units in missing.items() if units > 0}


def _done(line_id: str, progress: Progress) -> int:
    return progress.shipped.get(line_id, 0) + progress.cancelled.get(line_id, 0)


def _note(shop: Shop, write: CancelLines, missing: dict[str, int]) -> dict[str, object]:
    return {
        "amount": "0.00",
        "reason": mark(write.reason, write.reference),
        "api_refund": False,
        "api_restock": shop.settings.api_restock,
        "line_items": [{"id": line_id, "quantity": units, "refund_total": 0} for line_id, units in missing.items()],
    }
