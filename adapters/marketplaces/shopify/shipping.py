"""Telling the store that goods left, were put aside or were collected."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.marketplaces.shopify import documents, wire
from adapters.marketplaces.shopify.api import gid, number_of
from adapters.marketplaces.shopify.mapping import NO_NUMBER, PICKUP_COMPANY
from adapters.marketplaces.shopify.store import Store
from adapters.marketplaces.shopify.units import (
    Portion,
    divide,
    live_fulfillments,
    missing_units,
    remaining_units,
    sent_units,
)
from adapters.marketplaces.shopify.words import LIVE_PARTS, PICKUP, SENDABLE_PARTS
from domain.effect import Confirmed, Outcome, Rejected
from domain.ports.marketplace import ConfirmPickup, ConfirmShipment, CorrectTracking


async def confirm_shipment(store: Store, write: ConfirmShipment, carrier: str) -> Outcome:
    """Make fulfillments with this tracking number, one for each location that the goods are assigned to."""
    return await _fulfill(store, write, carrier if write.tracking_number else NO_NUMBER)


async def confirm_pickup(store: Store, write: ConfirmPickup) -> Outcome:
    """Say that a pickup is ready, or make the fulfillments of one that was collected."""
    if write.collected:
        return await _fulfill(store, write, PICKUP_COMPANY)
    waiting = _unprepared(await store.fetch(write.channel_order_id), write.quantities)
    if not waiting:
        return Confirmed()
    told = [{"fulfillmentOrderId": part.id} for part in waiting]
    made = await store.api.write(documents.PREPARED, input={"lineItemsByFulfillmentOrder": told})
    return Confirmed() if isinstance(made, wire.Made) else made


async def correct_tracking(store: Store, write: CorrectTracking, carrier: str) -> Outcome:
    """Change the tracking number of the fulfillments that a shipment became."""
    ids = await _ids_to_correct(store, write)
    if not ids:
        return Rejected(code="shopify-no-such-shipment")
    for number, each in enumerate(ids):
        send = store.api.write if number == 0 else store.api.write_on
        tracking = {"company": carrier, "number": write.tracking_number}
        made = await send(documents.CORRECT, id=gid("Fulfillment", each), tracking=tracking)
        if not isinstance(made, wire.Made):
            return made
    return Confirmed(remote_id=",".join(ids), tracking_number=write.tracking_number)


async def find_shipment(store: Store, write: ConfirmShipment | ConfirmPickup) -> Confirmed | None:
    """Return what was made under this tracking number, once it holds all units; None before."""
    order = await store.fetch(write.channel_order_id)
    if isinstance(write, ConfirmPickup) and not write.collected:
        return None if _unprepared(order, write.quantities) else Confirmed()
    made = _made(order, _mark(write))
    return None if missing_units(write.quantities, sent_units(made)) else _confirmed(made, write)


async def find_correction(store: Store, write: CorrectTracking) -> Confirmed | None:
    """Return the fulfillments that already carry the new number, if these are all that were to."""
    made = _made(await store.fetch(write.channel_order_id), write.tracking_number)
    wanted = set(filter(None, write.remote_id.split(",")))
    done = {sent.legacy_resource_id for sent in made}
    return _confirmed(made, write) if made and wanted <= done else None


async def _fulfill(store: Store, write: ConfirmShipment | ConfirmPickup, company: str) -> Outcome:
    tracking = {"company": company, "number": _mark(write)}
    order = await store.fetch(write.channel_order_id)
    made = list(_made(order, _mark(write)))
    missing = missing_units(write.quantities, sent_units(made))
    if not missing:
        return _confirmed(made, write)
    portions = divide(order, missing, SENDABLE_PARTS)
    if portions is None:
        return _refuse(order, missing)
    ids = [sent.legacy_resource_id for sent in made]
    for location in dict.fromkeys(part.location for part, _, _ in portions):
        # Not the first of this write any more, once an earlier attempt has made one.
        send = store.api.write_on if ids else store.api.write
        mine = [portion for portion in portions if portion[0].location == location]
        told = await send(documents.FULFILL, fulfillment=_fulfillment(mine, tracking))
        if not isinstance(told, wire.Made):
            return told
        ids.append(told.made)
    number = write.tracking_number if isinstance(write, ConfirmShipment) else None
    return Confirmed(remote_id=",".join(ids), tracking_number=number)


def _fulfillment(portions: list[Portion], tracking: Mapping[str, str]) -> dict[str, object]:
    by_part: dict[str, list[dict[str, object]]] = {}
    for part, row, units in portions:
        by_part.setdefault(part.id, []).append({"id": row.id, "quantity": units})
    told = [{"fulfillmentOrderId": part_id, "fulfillmentOrderLineItems": rows} for part_id, rows in by_part.items()]
    return {"lineItemsByFulfillmentOrder": told, "trackingInfo": dict(tracking), "notifyCustomer": True}


def _refuse(order: wire.Order, missing: Mapping[str, int]) -> Rejected:
    """Say why the units cannot be sent: held, not due yet, or not there any more."""
    if not missing_units(missing, remaining_units(order)):
        states = {part.status for part in order.parts.nodes if part.status in LIVE_PARTS - SENDABLE_PARTS}
        return Rejected(code="shopify-on-hold" if "ON_HOLD" in states else "shopify-not-due")
    sent = sent_units(live_fulfillments(order))
    bought = {number_of(row.id): row.quantity for row in order.line_items.nodes}
    gone = all(line_id in bought and sent.get(line_id, 0) >= bought[line_id] for line_id in missing)
    return Rejected(code="shopify-nothing-left-to-send", already_done=gone)


def _unprepared(order: wire.Order, quantities: Mapping[str, int]) -> list[wire.Part]:
    """Return the open fulfillment orders that are to be collected and hold any of these lines."""
    wanted = {gid("LineItem", line_id) for line_id in quantities}
    return [
        part
        for part in order.parts.nodes
        if part.method == PICKUP and part.status == "OPEN"
        if any(row.line_id in wanted and row.remaining_quantity for row in part.line_items.nodes)
    ]


def _mark(write: ConfirmShipment | ConfirmPickup) -> str:
    """Return the number by which a fulfillment is known: Shopify keeps no reference of ours with one."""
    return (write.tracking_number if isinstance(write, ConfirmShipment) else "") or write.reference


def _made(order: wire.Order, number: str) -> tuple[wire.Fulfillment, ...]:
    return tuple(
        sent for sent in live_fulfillments(order) if number and any(one.number == number for one in sent.tracking_info)
    )


def _confirmed(made: list[wire.Fulfillment] | tuple[wire.Fulfillment, ...], write: object) -> Confirmed:
    number = write.tracking_number if isinstance(write, ConfirmShipment) else None
    return Confirmed(remote_id=",".join(sent.legacy_resource_id for sent in made), tracking_number=number)


async def _ids_to_correct(store: Store, write: CorrectTracking) -> list[str]:
    if write.remote_id:
        return write.remote_id.split(",")
    order = await store.fetch(write.channel_order_id)
    return [sent.legacy_resource_id for sent in _made(order, write.replaces)]
