"""Vendure's words and ours: pure functions and tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from adapters.marketplaces.vendure import wire
from adapters.marks import reference_in
from domain.errors import ContractBroken
from domain.order import ChannelLine, ChannelOrder, ChannelRefund, ChannelShipment, HoldReason, Ownership
from domain.values import Address, Buyer

HOLDS: dict[str, tuple[HoldReason, ...]] = {
    "PaymentAuthorized": (HoldReason.PAYMENT,),
    "ArrangingAdditionalPayment": (HoldReason.PAYMENT,),
    "Modifying": (HoldReason.OPERATOR,),
    "PaymentSettled": (),
    "PartiallyShipped": (),
    "Shipped": (),
    "PartiallyDelivered": (),
    "Delivered": (),
    "Cancelled": (),
}
"""Every state of a placed order, and what keeps it from starting. Modifying: a person has it open."""

UNFINISHED = tuple(state for state in HOLDS if state not in {"Delivered", "Cancelled"})
MANUAL = "manual-fulfillment"
PICKUP_METHOD = "Pickup"


class _Amounts(NamedTuple):
    total: int
    captured: int
    shipping: int
    discount: int
    tax: int
    tender: str


def slug(error_code: str) -> str:
    """Return a code of ours for one of Vendure's.

    >>> slug("ITEMS_ALREADY_FULFILLED_ERROR")
    'vendure-items-already-fulfilled'
    """
    return "vendure-" + error_code.lower().removesuffix("_error").replace("_", "-")


def read_order(order: wire.Order, pickup: Mapping[str, str], begins_at: datetime | None = None) -> ChannelOrder:
    """Return the order in our words; what was placed before we began to sell here is not ours to fulfill.

    Raises:
        ContractBroken: its state is not one that we know.
        ValueError: it does not add up.
    """
    if order.state not in HOLDS:
        raise ContractBroken("vendure-unknown-state", f"nobody knows the order state {order.state[:40]!r}")
    money = _read_money(order)
    place = next((pickup[line.code] for line in order.shipping_lines if line.code in pickup), None)
    return ChannelOrder(
        channel_order_id=order.id,
        number=order.code,
        placed_at=order.order_placed_at,
        updated_at=max([order.updated_at, order.order_placed_at, *_moments(order)]),
        currency=order.currency_code,
        lines=tuple(_read_line(order, line) for line in order.lines if bought(line)),
        total=money.total,
        captured=money.captured,
        shipping=money.shipping,
        discount=money.discount,
        tax=money.tax,
        tender=money.tender,
        ownership=_ownership(order, begins_at),
        delivery="ship" if place is None else "pickup",
        pickup_location=place,
        address=_read_address(order),
        buyer=_read_buyer(order.customer),
        holds=HOLDS[order.state],
        cancelled=order.state == "Cancelled",
        refunds=tuple(_read_refund(refund) for refund in order.refunds),
        shipments=tuple(_read_shipment(sent) for sent in order.live_fulfillments),
    )


def bought(line: wire.OrderLine) -> int:
    """Return the units the buyer ordered; a person can add units, and lines, afterwards."""
    return max(line.quantity, line.order_placed_quantity)


def _read_line(order: wire.Order, line: wire.OrderLine) -> ChannelLine:
    return ChannelLine(
        line_id=line.id,
        listing_id=line.variant_id,
        sku=line.sku,
        title=line.name,
        quantity=bought(line),
        unit_price=line.unit_price_with_tax,
        cancelled=bought(line) - line.quantity,
        shipped=count(line.id, (counted for sent in order.live_fulfillments for counted in sent.lines)),
        refunded=count(line.id, (counted for refund in order.refunds for counted in refund.lines)),
    )


def count(line_id: str, rows: Iterable[wire.Counted]) -> int:
    """Return the units of one line in these rows."""
    return sum(row.quantity for row in rows if row.order_line_id == line_id)


def _read_money(order: wire.Order) -> _Amounts:
    """Return the amounts as they were before anything was cancelled.

    Vendure's own total falls with each cancellation; what was promised in payment does not. Prices include the tax.
    What is left of the difference is a discount, or, the other way, a surcharge, which comes on top like a tax.
    """
    taken = [payment for payment in order.payments if payment.state in {"Authorized", "Settled"}]
    total = max(sum(payment.amount for payment in taken), order.total_with_tax)
    goods = sum(line.unit_price_with_tax * bought(line) for line in order.lines)
    shipping = sum(line.price_with_tax for line in order.shipping_lines)
    return _Amounts(
        total=total,
        captured=sum(payment.amount for payment in taken if payment.state == "Settled"),
        shipping=shipping,
        discount=max(goods + shipping - total, 0),
        tax=max(total - goods - shipping, 0),
        tender=taken[0].method[:40] if taken else "none",
    )


def lines_input(quantities: Mapping[str, int]) -> list[dict[str, object]]:
    """Return units by line in the shop's words."""
    return [{"orderLineId": line_id, "quantity": quantity} for line_id, quantity in quantities.items()]


def _ownership(order: wire.Order, begins_at: datetime | None) -> Ownership:
    """Return whose order it is: an aggregate's goods are in its sellers' orders, other handlers ship by themselves."""
    if begins_at is not None and order.order_placed_at < begins_at:
        return Ownership.EXTERNAL
    handled = all(line.handler == MANUAL for line in order.shipping_lines)
    return Ownership.OURS if handled and order.type != "Aggregate" else Ownership.EXTERNAL


def _moments(order: wire.Order) -> Iterable[datetime]:
    yield from (sent.updated_at for sent in order.fulfillments)
    yield from (refund.updated_at for payment in order.payments for refund in payment.refunds)


def _read_address(order: wire.Order) -> Address | None:
    told = order.shipping_address
    if told is None or not told.country_code:
        return None
    return Address(
        name=", ".join(filter(None, (told.full_name, told.company))) or _read_buyer(order.customer).name,
        street=", ".join(filter(None, (told.street_line1, told.street_line2))),
        city=told.city,
        postal_code=told.postal_code,
        region=told.province,
        country=told.country_code,
        phone=told.phone_number,
    )


def _read_buyer(told: wire.Customer | None) -> Buyer:
    if told is None:
        return Buyer()
    return Buyer(name=f"{told.first_name} {told.last_name}".strip(), email=told.email_address, phone=told.phone_number)


def _read_refund(refund: wire.Refund) -> ChannelRefund:
    return ChannelRefund(refund_id=refund.id, reference=reference_in(refund.reason), amount=refund.total)


def _read_shipment(sent: wire.Fulfillment) -> ChannelShipment:
    quantities: dict[str, int] = {}
    for row in sent.lines:
        quantities[row.order_line_id] = quantities.get(row.order_line_id, 0) + row.quantity
    if sent.method == PICKUP_METHOD:
        return ChannelShipment(reference=sent.tracking_code, quantities=quantities)
    return ChannelShipment(tracking_number=sent.tracking_code, quantities=quantities)
