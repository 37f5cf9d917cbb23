"""Their words and ours: an order of the marketplace, read with everything that was done to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from adapters.lenient import reading
from adapters.marketplaces.mirakl import wire
from adapters.marketplaces.mirakl.countries import TWO_LETTERS
from adapters.marketplaces.mirakl.progress import GONE, LEFT, Progress, read_progress
from adapters.marketplaces.mirakl.settings import MiraklSettings
from domain.errors import ContractBroken
from domain.order import ChannelLine, ChannelOrder, ChannelRefund, HoldReason, Ownership
from domain.values import Address, Buyer, Money

HOLDS: dict[str, tuple[HoldReason, ...]] = {
    "STAGING": (HoldReason.FRAUD,),
    "WAITING_ACCEPTANCE": (),
    "WAITING_DEBIT": (HoldReason.PAYMENT,),
    "WAITING_DEBIT_PAYMENT": (HoldReason.PAYMENT,),
    "SHIPPING": (),
    **dict.fromkeys(LEFT, ()),
    **dict.fromkeys(GONE, ()),
}
"""Every state of an order, and what keeps it from starting."""


ADDRESS_LATER = frozenset({"STAGING", "WAITING_ACCEPTANCE", "WAITING_DEBIT", "WAITING_DEBIT_PAYMENT"})
"""States in which most operators do not tell yet where the goods go; a cancelled order may never tell it."""


def parse_order(body: bytes) -> wire.Order:
    """Read an order in the marketplace's words.

    Raises:
        ContractBroken: it is not readable, or has a state that nobody knows.
    """
    with reading("mirakl-unreadable-order"):
        order = wire.Order.model_validate_json(body)
    if order.order_state not in HOLDS:
        raise ContractBroken("mirakl-unknown-status", f"nobody knows the state {order.order_state[:40]!r}")
    return order


def read_order(body: bytes, settings: MiraklSettings) -> ChannelOrder:
    """Return an order in our words.

    Raises:
        ContractBroken: it is not readable, does not add up, or has a state that nobody knows.
    """
    order = parse_order(body)
    with reading("mirakl-unreadable-order"):
        return _to_order(order, settings)


def given_back(given: wire.Given, order: wire.Order) -> int:
    """Return all of a refund or cancellation, in minor units: taxes count where they come on top."""
    parts = [given.amount, given.shipping_amount, *(fee.amount for fee in given.fees)]
    if not _is_included(order):
        parts += [tax.amount for tax in (*given.taxes, *given.shipping_taxes)]
    return _total(parts, order.currency_iso_code)


def minor(text: str, currency: str) -> int:
    """Return a price in minor units.

    Raises:
        ValueError: it has too many decimals, or is below nothing.
    """
    if (amount := Money.from_major(text, currency).amount) < 0:
        raise ValueError("a price below nothing")
    return amount


def _to_order(told: wire.Order, settings: MiraklSettings) -> ChannelOrder:
    progress, money = read_progress(told), _read_money(told)
    customer = told.customer or wire.Customer()
    return ChannelOrder(
        channel_order_id=told.order_id,
        number=told.commercial_id,
        placed_at=told.created_date,
        updated_at=told.last_updated_date,
        currency=told.currency_iso_code,
        lines=tuple(_to_line(line, told, progress) for line in told.order_lines),
        total=money.total,
        captured=money.total if told.customer_debited_date else 0,
        shipping=money.shipping,
        discount=money.discount,
        tax=money.tax,
        tender=told.payment_type[:40] or "none",
        ownership=_ownership(told, settings),
        ship_by=told.shipping_deadline,
        deliver_by=told.delivery_date.latest if told.delivery_date else None,
        address=_to_address(customer),
        address_later=told.order_state in ADDRESS_LATER or told.order_state in GONE,
        buyer=Buyer(name=_name(customer.firstname, customer.lastname), email=told.customer_notification_email),
        holds=HOLDS[told.order_state],
        cancelled=told.order_state in GONE,
        refunds=tuple(
            ChannelRefund(refund_id=key, amount=amount) for key, amount in refunds_of(told).items() if amount
        ),
        shipments=progress.shipments,
    )


def _to_line(line: wire.OrderLine, order: wire.Order, progress: Progress) -> ChannelLine:
    return ChannelLine(
        line_id=line.order_line_id,
        listing_id=line.offer_sku,
        sku=line.offer_sku,
        title=line.product_title,
        quantity=line.quantity,
        unit_price=_unit_price(line, order.currency_iso_code),
        cancelled=progress.cancelled.get(line.order_line_id, 0),
        shipped=progress.shipped.get(line.order_line_id, 0),
        refunded=sum(given.quantity for given in line.refunds),
    )


class _Amounts(NamedTuple):
    total: int
    shipping: int
    discount: int
    tax: int


def _read_money(told: wire.Order) -> _Amounts:
    """Return the amounts; fees, and what does not divide by units, count as tax, or, below nothing, as discount."""
    currency = told.currency_iso_code
    taxes = [tax.amount for line in told.order_lines for tax in (*line.taxes, *line.shipping_taxes)]
    if taxes and not told.order_tax_mode:
        raise ValueError("nobody says whether the prices hold their taxes")
    total = _total([told.total_price, *([] if _is_included(told) else taxes)], currency)
    shipping = minor(told.shipping_price, currency)
    goods = sum(_unit_price(line, currency) * line.quantity for line in told.order_lines)
    rest = total - goods - shipping
    return _Amounts(total=total, shipping=shipping, discount=max(-rest, 0), tax=max(rest, 0))


def _is_included(order: wire.Order) -> bool:
    if order.order_tax_mode not in {"", "TAX_INCLUDED", "TAX_EXCLUDED"}:
        raise ValueError("nobody knows this tax mode")
    return order.order_tax_mode != "TAX_EXCLUDED"


def _unit_price(line: wire.OrderLine, currency: str) -> int:
    price = minor(line.price, currency)
    return price // line.quantity if line.quantity > 0 else price


def _total(texts: Iterable[str], currency: str) -> int:
    return sum(minor(text, currency) for text in texts)


def refunds_of(told: wire.Order) -> dict[str, int]:
    """Return the minor units of all that was given back together, by the id that it shares, as OR28 told it."""
    totals: dict[str, int] = {}
    for line in told.order_lines:
        for given in line.refunds:
            totals[given.group] = totals.get(given.group, 0) + given_back(given, told)
    return totals


def _ownership(told: wire.Order, settings: MiraklSettings) -> Ownership:
    center = told.fulfillment.center.code if told.fulfillment and told.fulfillment.center else ""
    return Ownership.OURS if center in {"", *settings.own_centers} else Ownership.EXTERNAL


def _to_address(customer: wire.Customer) -> Address | None:
    place = customer.shipping_address
    if place is None or not place.country_iso_code:
        return None
    if place.country_iso_code not in TWO_LETTERS:
        raise ValueError("a country that nobody knows")
    names = (_name(place.firstname, place.lastname), place.company, place.company_2)
    return Address(
        name=", ".join(filter(None, names)) or _name(customer.firstname, customer.lastname),
        street=", ".join(filter(None, (place.street_1, place.street_2, place.additional_info))),
        city=place.city,
        postal_code=place.zip_code,
        region=place.state,
        country=TWO_LETTERS[place.country_iso_code],
        phone=place.phone,
    )


def _name(first: str, last: str) -> str:
    return f"{first} {last}".strip()
