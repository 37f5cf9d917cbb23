"""Their words and ours: an order of the shop, read with everything that was done to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from adapters.lenient import reading
from adapters.marketplaces.woocommerce import wire
from adapters.marketplaces.woocommerce.progress import Progress, read_progress
from adapters.marketplaces.woocommerce.settings import OwnStatus, WooCommerceSettings
from adapters.marks import reference_in
from domain.errors import ContractBroken
from domain.order import ChannelLine, ChannelOrder, ChannelRefund, HoldReason
from domain.values import Address, Buyer, Money

HOLDS: dict[str, tuple[HoldReason, ...]] = {
    "pending": (HoldReason.PAYMENT,),
    "on-hold": (HoldReason.PAYMENT,),
    "failed": (HoldReason.PAYMENT,),
    "processing": (),
    "completed": (),
    "cancelled": (),
    "refunded": (),
    "trash": (),
}
"""Every status of an order, and what keeps it from starting. Failed: the payment was, and may be tried again."""

DRAFTS = frozenset({"auto-draft", "checkout-draft"})
"""What somebody is still filling in: no order yet."""


def status_of(order: wire.Order, own: Mapping[str, OwnStatus]) -> str:
    """Return the status in the words of WooCommerce itself.

    Raises:
        ContractBroken: nobody knows it, or it is no order yet.
    """
    status = own.get(order.status, order.status)
    if status in DRAFTS:
        raise ContractBroken("woocommerce-draft", "the order is not placed yet")
    if status not in HOLDS:
        raise ContractBroken("woocommerce-unknown-status", f"nobody knows the status {status[:40]!r}: set `statuses`")
    return status


def parse_order(body: bytes) -> wire.Order:
    """Read an order in the shop's words.

    Raises:
        ContractBroken: it is not readable.
    """
    with reading("woocommerce-unreadable-order"):
        return wire.Order.model_validate_json(body)


def read_order(body: bytes, settings: WooCommerceSettings) -> ChannelOrder:
    """Return an order in our words.

    Raises:
        ContractBroken: it is not readable, does not add up, or has a status that nobody knows.
    """
    order = parse_order(body)
    with reading("woocommerce-unreadable-order"):
        return _to_order(order, settings)


def _to_order(told: wire.Order, settings: WooCommerceSettings) -> ChannelOrder:
    status = status_of(told, settings.statuses)
    progress = read_progress(told, status)
    money = _read_money(told)
    place = _pickup(told, settings.pickup)
    return ChannelOrder(
        channel_order_id=told.id,
        number=told.number,
        placed_at=told.date_created_gmt,
        updated_at=max([told.date_modified_gmt, *(refund.date_created_gmt for refund in told.full_refunds)]),
        currency=told.currency,
        lines=tuple(_to_line(line, told, progress) for line in told.line_items if line.quantity),
        total=money.total,
        captured=money.total if told.date_paid_gmt else 0,
        shipping=money.shipping,
        discount=money.discount,
        tax=money.tax,
        tender=told.payment_method[:40] or "none",
        delivery="ship" if place is None else "pickup",
        pickup_location=place,
        address=_to_address(told),
        buyer=_to_buyer(told),
        holds=HOLDS[status],
        cancelled=progress.cancelled_whole,
        refunds=tuple(refund for note in told.refunds if (refund := _to_refund(note, told.currency)).amount),
        shipments=progress.shipments,
    )


def _to_line(line: wire.LineItem, order: wire.Order, progress: Progress) -> ChannelLine:
    return ChannelLine(
        line_id=line.id,
        listing_id=line.listing_id,
        sku=line.sku,
        title=line.name,
        quantity=line.quantity,
        unit_price=_unit_price(line, order.currency),
        cancelled=progress.cancelled.get(line.id, 0),
        shipped=progress.shipped.get(line.id, 0),
        refunded=progress.refunded.get(line.id, 0),
    )


class _Amounts(NamedTuple):
    total: int
    shipping: int
    discount: int
    tax: int


def _read_money(told: wire.Order) -> _Amounts:
    """Return the amounts; fees count as tax, and what does not divide by units is found in the discount or there."""
    currency = told.currency
    total, shipping = _price(told.total, currency), _price(told.shipping_total, currency)
    goods = sum(
        _minor(line.subtotal, currency) // line.quantity * line.quantity for line in told.line_items if line.quantity
    )
    fees = sum(_minor(fee.total, currency) for fee in told.fee_lines)
    tax = _price(told.total_tax, currency) + max(fees, 0)
    discount = goods + shipping + tax - total
    return _Amounts(total=total, shipping=shipping, discount=max(discount, 0), tax=tax + max(-discount, 0))


def _unit_price(line: wire.LineItem, currency: str) -> int:
    return _price(line.subtotal, currency) // line.quantity


def _price(text: str, currency: str) -> int:
    if (amount := _minor(text, currency)) < 0:
        raise ValueError("a price below nothing")
    return amount


def _minor(text: str, currency: str) -> int:
    return Money.from_major(text, currency).amount


def _to_refund(note: wire.RefundNote, currency: str) -> ChannelRefund:
    amount = abs(_minor(note.total, currency))
    return ChannelRefund(refund_id=note.id, reference=reference_in(note.reason), amount=amount)


def _pickup(told: wire.Order, pickup: Mapping[str, str]) -> str | None:
    names = [name for line in told.shipping_lines for name in (f"{line.method_id}:{line.instance_id}", line.method_id)]
    return next((pickup[name] for name in names if name in pickup), None)


def _to_address(told: wire.Order) -> Address | None:
    place = told.shipping if told.shipping.address_1 and told.shipping.country else told.billing
    if not place.country:
        return None
    return Address(
        name=", ".join(filter(None, (_name(place), place.company))),
        street=", ".join(filter(None, (place.address_1, place.address_2))),
        city=place.city,
        postal_code=place.postcode,
        region=place.state,
        country=place.country,
        phone=place.phone or told.billing.phone,
    )


def _to_buyer(told: wire.Order) -> Buyer:
    return Buyer(name=_name(told.billing), email=told.billing.email, phone=told.billing.phone)


def _name(contact: wire.Contact) -> str:
    return f"{contact.first_name} {contact.last_name}".strip()
