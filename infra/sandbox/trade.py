"""What can be done to an order on the marketplace, by the seller through the API or by a person by hand."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from infra.sandbox.endpoint import RefusedRequest
from infra.sandbox.hooks import emit
from infra.sandbox.order import Cancellation, CancelRequest, Line, Order, Pickup, Refund, Shipment
from infra.sandbox.records import By, LineQuantity, Units, Wish
from infra.sandbox.world import World


class ShipmentWish(Wish):
    """Goods that were sent."""

    reference: str = ""
    carrier: str = ""
    tracking_number: str = ""
    lines: list[LineQuantity] = Field(min_length=1)


class PickupWish(Wish):
    """Goods put aside for the buyer, or collected."""

    reference: str = ""
    status: Literal["ready", "collected"]
    lines: list[LineQuantity] = Field(min_length=1)


class RefundWish(Wish):
    """Money to be given back; `amount` in minor units of `currency`."""

    reference: str = ""
    amount: int
    currency: str
    reason: str = ""
    lines: list[LineQuantity] = Field(default_factory=list[LineQuantity])


class CancelWish(Wish):
    """Units not to be delivered; no lines means all that is open."""

    reference: str = ""
    reason: str = "other"
    lines: list[LineQuantity] = Field(default_factory=list[LineQuantity])


def touch(world: World, order: Order, by: By) -> None:
    """Move the order to the end of the list of changes; give the gateway a hint unless it did this itself."""
    order.updated_at = world.now()
    if all(line.cancelled_quantity == line.quantity for line in order.lines):
        order.status = "cancelled"
    elif order.delivery == "ship" and any(line.shipped_quantity for line in order.lines):
        order.status = "partially_shipped" if any(line.open > 0 for line in order.lines) else "shipped"
    if by != "crossdock" or world.echoes:
        emit(world, order.account, "order.changed", order_id=order.id)


def ship(world: World, order: Order, wish: ShipmentWish, by: By) -> Shipment:
    """Note goods as sent; more than is open is refused, unless they are sent again for a parcel that was lost."""
    if not _replaces_lost_parcel(world, order, wish):
        for line, quantity in _open_lines(order, wish.lines):
            line.shipped_quantity += quantity
    made = Shipment(id=world.new_id("shp"), by=by, at=world.now(), **wish.model_dump())
    order.shipments.append(made)
    touch(world, order, by)
    world.record(
        "order.shipped", by, order, subject=made.id, order_id=order.id, reference=made.reference,
        carrier=made.carrier, tracking_number=made.tracking_number, units=units_of(order, wish.lines),
    )  # fmt: skip
    return made


def cancel(world: World, order: Order, wish: CancelWish, by: By) -> Cancellation:
    """Cancel units that are still open. The money is not moved by this."""
    lines = wish.lines or [LineQuantity(line_id=line.id, quantity=line.open) for line in order.lines if line.open > 0]
    if not lines:
        raise RefusedRequest(409, "nothing-open", "every line was shipped or cancelled")
    for line, quantity in _open_lines(order, lines):
        line.cancelled_quantity += quantity
    made = Cancellation(
        id=world.new_id("can"), reference=wish.reference, reason=wish.reason, lines=lines, by=by, at=world.now()
    )
    order.cancellations.append(made)
    order.cancelled_by = order.cancelled_by or by
    if order.cancel_request and order.cancel_request.status == "open":
        order.cancel_request.status = "granted"
    touch(world, order, by)
    world.record(
        "order.cancelled", by, order, subject=made.id, order_id=order.id, reference=made.reference,
        detail=made.reason, units=units_of(order, lines),
    )  # fmt: skip
    return made


def refund(world: World, order: Order, wish: RefundWish, by: By) -> Refund:
    """Give money back; more than was captured is refused."""
    if wish.currency != order.currency:
        raise RefusedRequest(422, "currency-mismatch", f"the order is in {order.currency}")
    if wish.amount <= 0:
        raise RefusedRequest(422, "bad-amount", "a refund is more than nothing")
    if order.refunded + wish.amount > order.captured:
        raise RefusedRequest(409, "refund-above-captured", f"{order.refunded} of {order.captured} is refunded already")
    _share_out(order, wish)
    made = Refund(id=world.new_id("ref"), by=by, at=world.now(), **wish.model_dump(exclude={"reason"}))
    order.refunds.append(made)
    touch(world, order, by)
    world.record(
        "order.refunded", by, order, subject=made.id, order_id=order.id, reference=made.reference,
        amount=made.amount, currency=made.currency,
    )  # fmt: skip
    return made


def pick_up(world: World, order: Order, wish: PickupWish, by: By) -> Pickup:
    """Note how far a pickup has come; collected units are not open any more."""
    if order.delivery != "pickup":
        raise RefusedRequest(409, "not-a-pickup")
    known = next((one for one in order.pickups if (one.reference, one.status) == (wish.reference, wish.status)), None)
    if known is not None:
        return known
    lines = _open_lines(order, wish.lines)
    for line, quantity in lines if wish.status == "collected" else []:
        line.shipped_quantity += quantity
    order.status = "ready_for_pickup" if wish.status == "ready" else "collected"
    made = Pickup(**wish.model_dump())
    order.pickups.append(made)
    touch(world, order, by)
    world.record(
        "order.pickup", by, order, subject=order.id, order_id=order.id, reference=wish.reference, status=wish.status,
        units=units_of(order, wish.lines),
    )  # fmt: skip
    return made


def request_cancel(world: World, order: Order, reason: str) -> None:
    """Note that the buyer would rather not have it; whether it is cancelled is the seller's to decide."""
    if order.cancel_request and order.cancel_request.status != "denied":
        raise RefusedRequest(409, "already-requested")
    order.cancel_request = CancelRequest(status="open", reason=reason, requested_at=world.now())
    touch(world, order, "buyer")
    world.record("cancel.requested", "buyer", order, subject=order.id, order_id=order.id, detail=reason)


def units_of(order: Order, lines: list[LineQuantity]) -> list[Units]:
    """Return order lines as units of SKUs."""
    known = {line.id: line.sku or line.listing_id for line in order.lines}
    return [Units(sku=known.get(one.line_id, "?"), quantity=one.quantity, line_id=one.line_id) for one in lines]


def _replaces_lost_parcel(world: World, order: Order, wish: ShipmentWish) -> bool:
    """Tell whether exactly these units were sent before, the last time in a parcel that its carrier lost."""
    alike = [one for one in order.shipments if _counted(one.lines) == _counted(wish.lines)]
    label = world.labels.get(alike[-1].tracking_number) if alike else None
    return label is not None and label.status == "lost"


def _counted(lines: list[LineQuantity]) -> dict[str, int]:
    return {one.line_id: one.quantity for one in lines}


def _open_lines(order: Order, parts: list[LineQuantity]) -> list[tuple[Line, int]]:
    """Return the lines with their quantities, once it is sure that all of it is open."""
    wanted: dict[str, int] = {}
    for part in parts:
        if part.quantity <= 0:
            raise RefusedRequest(422, "bad-quantity", f"{part.quantity} units of line {part.line_id}")
        wanted[part.line_id] = wanted.get(part.line_id, 0) + part.quantity
    checked: list[tuple[Line, int]] = []
    for line_id, quantity in wanted.items():
        line = order.line(line_id)
        if line is None:
            raise RefusedRequest(422, "no-such-line", f"line {line_id}")
        if quantity > line.open:
            raise RefusedRequest(409, "already-done", f"line {line_id}: {quantity} wanted, {line.open} open")
        checked.append((line, quantity))
    return checked


def _share_out(order: Order, wish: RefundWish) -> None:
    """Note on the lines what was given back for them."""
    lines = [(order.line(part.line_id), part.quantity) for part in wish.lines]
    if any(line is None for line, _ in lines):
        raise RefusedRequest(422, "no-such-line", "the refund names a line that the order does not have")
    for line, quantity in lines:
        if line is not None:
            line.refunded += line.unit_price * quantity
