"""Telling the store that units will not come: all of an order by a job, or units of lines at once."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.marketplaces.shopify import documents, wire
from adapters.marketplaces.shopify.api import gid, number_of
from adapters.marketplaces.shopify.refunds import key_of
from adapters.marketplaces.shopify.store import Store
from adapters.marketplaces.shopify.units import (
    Portion,
    cancelled_units,
    divide,
    live_fulfillments,
    missing_units,
    remaining_units,
)
from adapters.marketplaces.shopify.words import LIVE_PARTS, NOTE_LENGTH
from adapters.marks import mark, reference_in
from domain.effect import Confirmed, Finding, Found, NotYet, Outcome, Rejected, Unknown
from domain.ports.marketplace import CancelLines

_DONE_BEFORE = Rejected(code="shopify-already-cancelled", already_done=True)
_LOOK_AGAIN = 2.0
"""Seconds after which a job is asked for again."""


async def cancel_lines(store: Store, write: CancelLines) -> Outcome:
    """Cancel what is still missing until each line stands at its total; no money moves by it.

    What a person cancelled in the meantime is not cancelled again.
    """
    order = await store.fetch(write.channel_order_id)
    if (done := _done(order, write)) is not None:
        return done
    missing = _missing(order, write)
    if not missing:
        return _DONE_BEFORE
    portions = divide(order, missing, LIVE_PARTS)
    if portions is None:
        return Rejected(code="shopify-nothing-left-to-cancel")
    if _is_everything(order, missing):
        return await _cancel_order(store, order, write)
    told = {
        "orderId": order.id,
        "note": mark(write.reason, write.reference, NOTE_LENGTH),
        "notify": True,
        "transactions": [],
        "refundLineItems": _rows(portions),
    }
    made = await store.api.write(documents.REFUND, input=told, key=key_of(write.reference))
    return Confirmed(remote_id=made.made) if isinstance(made, wire.Made) else made


async def find_cancellation(store: Store, write: CancelLines) -> Finding | None:
    """Return what became of it; None when it was not done."""
    if write.trace:
        job = await store.api.read_one(documents.JOB, wire.Job, id=write.trace)
        if job is not None and not job.done:
            return NotYet(retry_after=_LOOK_AGAIN)
    order = await store.fetch(write.channel_order_id)
    done = _done(order, write)
    if done is None and write.trace:
        return Rejected(code="shopify-cancel-failed")
    return Found(confirmed=done) if isinstance(done, Confirmed) else done


def _done(order: wire.Order, write: CancelLines) -> Confirmed | Rejected | None:
    """Return what was done under our reference, or that a person has cancelled the order; None for neither."""
    made = next((each for each in order.refunds if reference_in(each.note) == write.reference), None)
    if made is not None:
        return Confirmed(remote_id=made.legacy_resource_id)
    if order.cancelled_at is None:
        return None
    return Confirmed(remote_id=order.id) if reference_in(order.staff_note) == write.reference else _DONE_BEFORE


def _missing(order: wire.Order, write: CancelLines) -> dict[str, int]:
    """Return the units still to cancel, by line."""
    until = missing_units({line: write.totals.get(line, units) for line, units in write.quantities.items()}, {})
    left = missing_units(until, cancelled_units(order))
    return {line: min(units, write.quantities[line]) for line, units in left.items() if write.quantities[line] > 0}


def _is_everything(order: wire.Order, missing: Mapping[str, int]) -> bool:
    """Tell whether nothing was sent and nothing would be left to send: then the order itself is cancelled."""
    return not live_fulfillments(order) and not missing_units(remaining_units(order), missing)


async def _cancel_order(store: Store, order: wire.Order, write: CancelLines) -> Outcome:
    note = mark(write.reason, write.reference, NOTE_LENGTH)
    made = await store.api.write(documents.CANCEL, id=order.id, reason="OTHER", note=note)
    if not isinstance(made, wire.Made):
        return made
    return Unknown(code="shopify-cancel-queued", trace=made.job.id if made.job else "")


def _rows(portions: tuple[Portion, ...]) -> list[dict[str, object]]:
    """Return units to cancel by line and location, where they go back to what can be sold."""
    totals: dict[tuple[str, str], int] = {}
    for part, row, units in portions:
        key = (number_of(row.line_id), part.location)
        totals[key] = totals.get(key, 0) + units
    return [
        {
            "lineItemId": gid("LineItem", line_id),
            "quantity": units,
            "restockType": "CANCEL",
            "locationId": gid("Location", location),
        }
        for (line_id, location), units in totals.items()
    ]
