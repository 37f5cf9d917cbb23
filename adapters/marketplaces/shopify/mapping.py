"""Shopify's words and ours: pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from adapters.marketplaces.shopify import money, standing, wire
from adapters.marketplaces.shopify.api import number_of
from adapters.marketplaces.shopify.settings import ShopifySettings
from adapters.marketplaces.shopify.units import cancelled_units, live_fulfillments, sent_units
from adapters.marketplaces.shopify.words import (
    DEAD_FULFILLMENTS,
    ENDED_PARTS,
    LIVE_FULFILLMENTS,
    LIVE_PARTS,
    PAID,
    PICKUP,
    SENT_METHODS,
    UNSENT_METHODS,
    require_known,
)
from adapters.marks import reference_in
from domain.errors import ContractBroken
from domain.order import ChannelLine, ChannelOrder, ChannelRefund, ChannelShipment
from domain.values import Address, Buyer

PICKUP_COMPANY = "Pickup"
NO_NUMBER = "Untracked"
_REFERENCES = frozenset({PICKUP_COMPANY, NO_NUMBER})
"""Companies of fulfillments without a tracking number: in its place stands our reference."""


def read_order(order: wire.Order, settings: ShopifySettings) -> ChannelOrder:
    """Return the order in our words.

    Raises:
        ContractBroken: a status nobody knows, or rows that are missing.
        ValueError: it does not add up.
    """
    _require_whole(order)
    _require_known_words(order)
    sums = money.read(order)
    place = standing.pickup_place(order, settings)
    return ChannelOrder(
        channel_order_id=order.legacy_resource_id,
        number=order.name,
        placed_at=order.processed_at,
        updated_at=max([order.updated_at, *_moments(order)]),
        currency=order.currency,
        lines=tuple(_lines(order)),
        shipping=sums.shipping,
        discount=sums.discount,
        tax=sums.tax,
        total=sums.total,
        captured=sums.captured,
        tender=(order.gateways[0] if order.gateways else "none")[:40],
        ownership=standing.ownership(order, settings),
        delivery="ship" if place is None else "pickup",
        pickup_location=place,
        address=_address(order.shipping_address),
        buyer=Buyer(name=_name(order.shipping_address), email=order.email, phone=order.phone),
        holds=tuple(dict.fromkeys(standing.holds(order, settings))),
        cancelled=order.cancelled_at is not None,
        refunds=tuple(_refunds(order)),
        shipments=tuple(_shipments(order)),
    )


def _require_whole(order: wire.Order) -> None:
    pages = [
        order.line_items,
        order.parts,
        *(part.line_items for part in order.parts.nodes),
        *(sent.fulfillment_line_items for sent in order.fulfillments),
    ]
    if any(page.page_info.has_next_page for page in pages):
        raise ContractBroken("shopify-order-in-part", "not all of its rows are there: it is not acted upon")


def _require_known_words(order: wire.Order) -> None:
    require_known(order.financial_status, PAID)
    for part in order.parts.nodes:
        require_known(part.status, LIVE_PARTS, ENDED_PARTS)
        require_known(part.method, SENT_METHODS, UNSENT_METHODS, (PICKUP,))
    for sent in order.fulfillments:
        require_known(sent.status, LIVE_FULFILLMENTS, DEAD_FULFILLMENTS)


def _lines(order: wire.Order) -> Iterator[ChannelLine]:
    sent, cancelled = sent_units(live_fulfillments(order)), cancelled_units(order)
    for line in order.line_items.nodes:
        number = number_of(line.id)
        if line.quantity == 0:
            continue
        parts = [
            part
            for part in order.parts.nodes
            if part.status in LIVE_PARTS and any(row.line_id == line.id for row in part.line_items.nodes)
        ]
        yield ChannelLine(
            line_id=number,
            listing_id=line.variant.legacy_resource_id if line.variant else f"custom:{number}",
            sku=line.sku,
            gtin=line.variant.barcode if line.variant else "",
            title=line.name,
            quantity=line.quantity,
            unit_price=money.minor(line.original_unit_price_set, order.currency),
            cancelled=cancelled[number],
            shipped=sent.get(number, 0),
            ship_by=min((part.fulfill_by for part in parts if part.fulfill_by), default=None),
            not_before=max(
                (part.fulfill_at for part in parts if part.fulfill_at and part.status == "SCHEDULED"), default=None
            ),
        )


def _moments(order: wire.Order) -> Iterable[datetime]:
    yield from (part.updated_at for part in order.parts.nodes)
    yield from (sent.updated_at for sent in order.fulfillments)
    yield from (refund.updated_at for refund in order.refunds)


def _name(told: wire.MailingAddress | None) -> str:
    return told.name if told else ""


def _address(told: wire.MailingAddress | None) -> Address | None:
    if told is None or not told.country_code_v2:
        return None
    return Address(
        name=", ".join(filter(None, (told.name, told.company))),
        street=", ".join(filter(None, (told.address1, told.address2))),
        city=told.city,
        postal_code=told.zip,
        region=told.province_code,
        country=told.country_code_v2,
        phone=told.phone,
    )


def _refunds(order: wire.Order) -> Iterator[ChannelRefund]:
    """Yield the refunds that moved money; the others are cancellations."""
    for refund in order.refunds:
        amount = money.minor(refund.total_refunded_set, order.currency)
        if amount:
            reference = reference_in(refund.note)
            yield ChannelRefund(refund_id=refund.legacy_resource_id, reference=reference, amount=amount)


def _shipments(order: wire.Order) -> Iterator[ChannelShipment]:
    for sent in live_fulfillments(order):
        first = next(iter(sent.tracking_info), wire.Tracking())
        quantities = sent_units((sent,))
        if first.company in _REFERENCES:
            yield ChannelShipment(reference=first.number, quantities=quantities)
        else:
            yield ChannelShipment(tracking_number=first.number, quantities=quantities)
    done, gone = sent_units(live_fulfillments(order)), cancelled_units(order)
    needless = {
        number_of(line.id): line.quantity - done.get(number_of(line.id), 0) - gone[number_of(line.id)]
        for line in order.line_items.nodes
        if not line.requires_shipping
    }
    if any(units > 0 for units in needless.values()):
        # Nobody sends a gift card or a tip: no parcel of ours may leave for it.
        yield ChannelShipment(quantities={line_id: max(units, 0) for line_id, units in needless.items()})
