"""Telling the shop that goods left, or were collected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapters.lenient import fields, rows
from adapters.marketplaces.woocommerce import wire
from adapters.marketplaces.woocommerce.progress import GONE, READY, Progress, Sent
from adapters.marketplaces.woocommerce.shop import Shop, order_path
from domain.effect import Confirmed, Outcome, Rejected
from domain.ports.marketplace import ConfirmPickup, ConfirmShipment, CorrectTracking

_UNPAID = frozenset({"pending", "failed"})


async def ship(shop: Shop, write: ConfirmShipment | ConfirmPickup) -> Outcome:
    """Note a shipment unless it is there, then complete the order when nothing is left of it."""
    order, status, progress = await shop.fetch(write.channel_order_id)
    if (sent := find(progress, write)) is None:
        if refusal := _refusal(order, status, progress, write.quantities):
            return refusal
        if shop.settings.shipments == "native":
            made = await _add_fulfillment(shop, order, write)
        else:
            made = await _add_meta(shop, order, write, whole=_is_last(order, status, progress, write.quantities))
        if not isinstance(made, Confirmed):
            return made
    else:
        made = Confirmed(remote_id=sent.remote_id)
    return await shop.catch_up(order.id, made.model_copy(update={"tracking_number": number_of(write) or None}))


def find(progress: Progress, write: ConfirmShipment | ConfirmPickup) -> Sent | None:
    """Return the shipment that a write means, ours or by hand."""
    return next((one for one in progress.sent if one.is_of(write.reference, number_of(write))), None)


async def correct(shop: Shop, write: CorrectTracking) -> Outcome:
    """Change the number of a shipment that is there."""
    order, _, progress = await shop.fetch(write.channel_order_id)
    if corrected(progress, write):
        return Confirmed(remote_id=write.remote_id, tracking_number=write.tracking_number)
    sent = next((one for one in progress.sent if one.remote_id == write.remote_id), None)
    if sent is None or not sent.remote_id:
        return Rejected(code="woocommerce-no-such-shipment")
    if sent.remote_id.startswith(wire.SHIPMENT):
        body = _meta_body(order, sent.reference, write, dict(sent.quantities))
        outcome = await shop.change("PUT", order_path(order.id), body)
    else:
        meta = _fulfillment_meta(sent.reference, write, dict(sent.quantities))
        outcome = await shop.change(
            "PUT", f"{order_path(order.id)}/fulfillments/{sent.remote_id}", {"is_fulfilled": True, "meta_data": meta}
        )
    done = Confirmed(remote_id=sent.remote_id, tracking_number=write.tracking_number)
    return done if isinstance(outcome, Confirmed) else outcome


def corrected(progress: Progress, write: CorrectTracking) -> bool:
    """Tell whether the shipment has the new number."""
    return any(
        one.remote_id == write.remote_id and one.tracking_number == write.tracking_number for one in progress.sent
    )


def number_of(write: ConfirmShipment | ConfirmPickup) -> str:
    """Return the tracking number, which a pickup does not have."""
    return write.tracking_number if isinstance(write, ConfirmShipment) else ""


def _refusal(order: wire.Order, status: str, progress: Progress, quantities: Mapping[str, int]) -> Rejected | None:
    """Return why this cannot be sent: the shop itself would take it, five of two and for cancelled orders, too."""
    if status in GONE:
        return Rejected(code="woocommerce-order-cancelled")
    if status in _UNPAID:
        return Rejected(code="woocommerce-order-unpaid")
    bought = {line.id: line.quantity for line in order.line_items}
    for line_id, units in quantities.items():
        if line_id not in bought:
            return Rejected(code="woocommerce-no-such-line")
        shipped = progress.shipped.get(line_id, 0)
        if units > bought[line_id] - progress.cancelled.get(line_id, 0) - shipped:
            return Rejected(code="woocommerce-too-many-units", already_done=shipped >= units)
    return None


def _is_last(order: wire.Order, status: str, progress: Progress, quantities: Mapping[str, int]) -> bool:
    """Tell whether nothing is left after this: then the order is completed in the same breath."""
    done = (progress.shipped, progress.cancelled, quantities)
    return status in READY and all(
        sum(units.get(line.id, 0) for units in done) >= line.quantity for line in order.line_items
    )


async def _add_meta(shop: Shop, order: wire.Order, write: ConfirmShipment | ConfirmPickup, *, whole: bool) -> Outcome:
    body = _meta_body(order, write.reference, write, write.quantities) | ({"status": "completed"} if whole else {})
    outcome = await shop.change("PUT", order_path(order.id), body)
    return Confirmed(remote_id=wire.SHIPMENT + write.reference) if isinstance(outcome, Confirmed) else outcome


async def _add_fulfillment(shop: Shop, order: wire.Order, write: ConfirmShipment | ConfirmPickup) -> Outcome:
    body = {
        "entity_type": "WC_Order",
        "entity_id": order.id,
        "status": "fulfilled",
        "is_fulfilled": True,
        "meta_data": _fulfillment_meta(write.reference, write, write.quantities),
    }
    return await shop.change("POST", f"{order_path(order.id)}/fulfillments", body)


def _meta_body(
    order: wire.Order, reference: str, write: ConfirmShipment | ConfirmPickup, quantities: Mapping[str, int]
) -> dict[str, Any]:
    """Return our own entry, which is a key to itself, and the plugin's list, in which all parcels of an order are."""
    number, carrier = number_of(write), write.carrier if isinstance(write, ConfirmShipment) else "pickup"
    ours = {
        "reference": reference,
        "carrier": carrier,
        "tracking_number": number,
        "lines": [{"line_id": line_id, "quantity": units} for line_id, units in quantities.items()],
    }
    entries: list[dict[str, Any]] = [{"key": wire.SHIPMENT + reference, "value": ours}]
    if number:
        # A person's rows stay as they are.
        listed = [row for row in rows(order.meta(wire.TRACKING)) if fields(row).get("crossdock") != reference]
        parcel = {"custom_tracking_provider": carrier, "tracking_number": number, "crossdock": reference}
        entries.append({"key": wire.TRACKING, "value": [*listed, parcel]})
    return {"meta_data": entries}


def _fulfillment_meta(
    reference: str, write: ConfirmShipment | ConfirmPickup, quantities: Mapping[str, int]
) -> list[dict[str, Any]]:
    parts: dict[str, Any] = {
        "_items": [{"item_id": int(line_id), "qty": units} for line_id, units in quantities.items()],
        wire.NUMBER: number_of(write),
        "_shipment_provider": write.carrier if isinstance(write, ConfirmShipment) else "pickup",
        wire.REFERENCE: reference,
    }
    return [{"key": key, "value": value} for key, value in parts.items()]
