"""Telling the shop that goods left, or were collected."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.marketplaces.vendure import documents, wire
from adapters.marketplaces.vendure.api import AdminApi
from adapters.marketplaces.vendure.mapping import MANUAL, PICKUP_METHOD, lines_input
from domain.effect import Confirmed, Outcome
from domain.ports.marketplace import ConfirmPickup, ConfirmShipment

FINAL = {"Shipped": frozenset({"Shipped", "Delivered"}), "Delivered": frozenset({"Delivered"})}


async def confirm_shipment(api: AdminApi, write: ConfirmShipment) -> Outcome:
    """Bring a fulfillment with this tracking code to Shipped."""
    return await _fulfill(api, write, write.carrier, write.tracking_number, "Shipped")


async def confirm_pickup(api: AdminApi, write: ConfirmPickup) -> Outcome:
    """Bring a fulfillment known by our reference to Delivered; that a pickup is ready is not told."""
    if not write.collected:
        return Confirmed()
    return await _fulfill(api, write, PICKUP_METHOD, write.reference, "Delivered")


async def find_shipment(api: AdminApi, write: ConfirmShipment) -> Confirmed | None:
    """Return the fulfillment with this tracking code, once it is shipped."""
    return await _find_done(api, write.channel_order_id, write.tracking_number, "Shipped")


async def find_pickup(api: AdminApi, write: ConfirmPickup) -> Confirmed | None:
    """Return the fulfillment with our reference, once it is delivered."""
    return await _find_done(api, write.channel_order_id, write.reference, "Delivered")


async def _find_done(api: AdminApi, order_id: str, tracking_code: str, state: str) -> Confirmed | None:
    order = await api.fetch(order_id)
    sent = _fulfillment_with(order, tracking_code)
    if sent is None or sent.state not in FINAL[state] or order.is_behind:
        return None
    return Confirmed(remote_id=sent.id, tracking_number=tracking_code)


def _fulfillment_with(order: wire.Order, tracking_code: str) -> wire.Fulfillment | None:
    return next((sent for sent in order.live_fulfillments if sent.tracking_code == tracking_code), None)


async def _fulfill(
    api: AdminApi,
    write: ConfirmShipment | ConfirmPickup,
    method: str,
    tracking_code: str,
    state: str,
) -> Outcome:
    order = await api.fetch(write.channel_order_id)
    sent = _fulfillment_with(order, tracking_code)
    if sent is None:
        created = await api.write(documents.FULFILL, input=_fulfill_input(write.quantities, method, tracking_code))
        if not isinstance(created, Confirmed):
            return created
        fulfillment_id = created.remote_id
    elif sent.state in FINAL[state]:
        return await catch_up(api, order.id, Confirmed(remote_id=sent.id, tracking_number=sent.tracking_code))
    else:
        fulfillment_id = sent.id
    moved = await api.write_on(documents.MOVE, id=fulfillment_id, state=state)
    if not isinstance(moved, Confirmed):
        return moved
    return await catch_up(api, order.id, Confirmed(remote_id=fulfillment_id, tracking_number=tracking_code))


async def catch_up(api: AdminApi, order_id: str, outcome: Confirmed) -> Outcome:
    """Bring an order to Shipped that Vendure left behind: of two shipments at once it takes neither for the last."""
    order = await api.fetch_after_write(order_id)
    if not isinstance(order, wire.Order):
        return order
    moved = await api.write_on(documents.MOVE_ORDER, id=order_id, state="Shipped") if order.is_behind else outcome
    return outcome if isinstance(moved, Confirmed) else moved


def _fulfill_input(quantities: Mapping[str, int], method: str, tracking_code: str) -> dict[str, object]:
    told = [{"name": "method", "value": method}, {"name": "trackingCode", "value": tracking_code}]
    return {"lines": lines_input(quantities), "handler": {"code": MANUAL, "arguments": told}}
