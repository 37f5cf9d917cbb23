"""Telling the marketplace that goods left: in shipments of lines (ST01), or as a whole (OR23, then OR24)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapters.marketplaces.mirakl import wire
from adapters.marketplaces.mirakl.market import Market, order_path
from adapters.marketplaces.mirakl.progress import LEFT, Progress, read_progress
from adapters.onward import onward
from domain.effect import Confirmed, Outcome, Rejected, Unknown
from domain.ports.marketplace import ConfirmShipment, CorrectTracking


async def ship(market: Market, write: ConfirmShipment) -> Outcome:
    """Report a shipment unless it is there."""
    order = await market.fetch(write.channel_order_id)
    if (remote_id := find(order, write)) is not None:
        return Confirmed(remote_id=remote_id, tracking_number=write.tracking_number)
    if refusal := _refusal(order, read_progress(order), write.quantities, whole=not market.settings.multi_shipment):
        return refusal
    outcome = await (_add_shipment if market.settings.multi_shipment else _ship_whole)(market, order, write)
    told = {"tracking_number": write.tracking_number}
    return outcome.model_copy(update=told) if isinstance(outcome, Confirmed) else outcome


def find(order: wire.Order, write: ConfirmShipment) -> str | None:
    """Return the id of a shipment that left: by our reference, or by its number where a person made it."""
    for one in order.crossdock_shipments:
        ours = one.reference == write.reference if one.reference else one.number == write.tracking_number
        if ours and one.status in LEFT:
            return one.id
    whole = order.order_state in LEFT and not order.crossdock_shipments
    return order.order_id if whole and order.shipping_tracking == write.tracking_number else None


async def correct(market: Market, write: CorrectTracking) -> Outcome:
    """Change the number of a shipment."""
    order = await market.fetch(write.channel_order_id)
    done = Confirmed(remote_id=write.remote_id, tracking_number=write.tracking_number)
    if corrected(order, write):
        return done
    if write.remote_id not in {order.order_id, *(one.id for one in order.crossdock_shipments)}:
        return Rejected(code="mirakl-no-such-shipment")
    if write.remote_id == order.order_id:
        outcome = await market.put("OR23", order_path(order.order_id, "tracking"), _tracking(market, write))
        return done if isinstance(outcome, Confirmed) else outcome
    body = {"shipments": [{"id": write.remote_id, "tracking": _tracking(market, write)}]}
    return _settle(await market.write("ST23", "POST", "/api/shipments/tracking", wire.ShipmentsMade, json=body), done)


def corrected(order: wire.Order, write: CorrectTracking) -> bool:
    """Tell whether the shipment has the new number."""
    if write.remote_id == order.order_id:
        return order.shipping_tracking == write.tracking_number
    return any(one.id == write.remote_id and one.number == write.tracking_number for one in order.crossdock_shipments)


def _refusal(order: wire.Order, progress: Progress, quantities: Mapping[str, int], *, whole: bool) -> Rejected | None:
    """Return why this cannot leave."""
    left = {line.order_line_id: progress.left(line) for line in order.order_lines}
    if not quantities.keys() <= left.keys():
        return Rejected(code="mirakl-no-such-line")
    if order.order_state != "SHIPPING":
        return Rejected(code="mirakl-order-not-shipping", already_done=order.order_state in LEFT)
    if any(units > left[line_id] for line_id, units in quantities.items()):
        return Rejected(code="mirakl-too-many-units")
    if whole and any(units > quantities.get(line_id, 0) for line_id, units in left.items()):
        return Rejected(code="mirakl-whole-order-only")
    return None


async def _ship_whole(market: Market, order: wire.Order, write: ConfirmShipment) -> Outcome:
    outcome = await market.put("OR23", order_path(order.order_id, "tracking"), _tracking(market, write))
    if isinstance(outcome, Confirmed):
        outcome = await onward(market.put("OR24", order_path(order.order_id, "ship")))
    return Confirmed(remote_id=order.order_id) if isinstance(outcome, Confirmed) else outcome


async def _add_shipment(market: Market, order: wire.Order, write: ConfirmShipment) -> Outcome:
    lines = [
        {"order_line_id": line_id, "quantity": units, "package_reference": write.reference}
        for line_id, units in write.quantities.items()
    ]
    one = {"order_id": order.order_id, "shipped": True, "shipment_lines": lines, "tracking": _tracking(market, write)}
    made = await market.write("ST01", "POST", "/api/shipments", wire.ShipmentsMade, json={"shipments": [one]})
    remote_id = made.shipment_success[0].id if isinstance(made, wire.ShipmentsMade) and made.shipment_success else ""
    return _settle(made, Confirmed(remote_id=remote_id))


def _settle(made: wire.ShipmentsMade | Rejected | Unknown, done: Confirmed) -> Outcome:
    """Read an answer that lists what was taken and what was not, of the one shipment that we sent."""
    if not isinstance(made, wire.ShipmentsMade):
        return made
    if made.shipment_success:
        return done
    return Rejected(code="mirakl-shipment-refused") if made.shipment_errors else Unknown(code="mirakl-no-outcome")


def _tracking(market: Market, write: ConfirmShipment) -> dict[str, Any]:
    code = market.settings.carriers.get(write.carrier)
    carrier = {"carrier_code": code} if code else {"carrier_name": write.carrier}
    return {**carrier, "tracking_number": write.tracking_number}
