"""Where an order stands: whose it is, how it reaches its buyer, and what keeps it from starting."""

from __future__ import annotations

from collections.abc import Iterator

from adapters.marketplaces.shopify import wire
from adapters.marketplaces.shopify.settings import ShopifySettings
from adapters.marketplaces.shopify.words import HELD, LIVE_PARTS, PAID, PICKUP, UNSENT_METHODS
from domain.errors import ContractBroken
from domain.order import HoldReason, Ownership
from domain.values import LocationCode


def ownership(order: wire.Order, settings: ShopifySettings) -> Ownership:
    """Return whose order it is: a till's sale, a digital good, and what other locations send, are not ours."""
    if order.test:
        return Ownership.TEST
    goods = [part for part in order.parts.nodes if part.method not in UNSENT_METHODS]
    nothing_to_send = not any(line.requires_shipping for line in order.line_items.nodes)
    elsewhere = bool(goods) and all(_is_elsewhere(part, settings) for part in goods)
    sold_over_counter = bool(order.parts.nodes) and not goods
    return Ownership.EXTERNAL if nothing_to_send or elsewhere or sold_over_counter else Ownership.OURS


def _is_elsewhere(part: wire.Part, settings: ShopifySettings) -> bool:
    return bool(settings.locations) and part.location not in settings.locations


def pickup_place(order: wire.Order, settings: ShopifySettings) -> LocationCode | None:
    """Return the location where the buyer collects; None for goods that are sent.

    Raises:
        ContractBroken: goods are both sent and collected, or nobody has said which place of ours is meant.
    """
    goods = [part for part in order.parts.nodes if part.method not in UNSENT_METHODS]
    goods = [part for part in goods if part.status in LIVE_PARTS] or goods
    places = {part.location if part.method == PICKUP else None for part in goods}
    if len(places) > 1:
        raise ContractBroken("shopify-several-deliveries", "a part of it is sent and another is collected")
    number = next(iter(places), None)
    if number is not None and number not in settings.pickup:
        raise ContractBroken("shopify-unknown-pickup-place", f"add Shopify's location {number[:20]} to `pickup`")
    return None if number is None else settings.pickup[number]


def holds(order: wire.Order, settings: ShopifySettings) -> Iterator[HoldReason]:
    """Yield what keeps the order from starting: its payment, holds, and goods that another location is to send."""
    if not (order.financial_status == "AUTHORIZED" and settings.ships_authorized):
        yield from PAID[order.financial_status]
    for part in order.parts.nodes:
        if part.status == "ON_HOLD":
            yield from (HELD.get(hold.reason, HoldReason.OPERATOR) for hold in part.holds)
            if not part.holds:
                yield HoldReason.OPERATOR
        left = any(row.remaining_quantity for row in part.line_items.nodes)
        if part.status in LIVE_PARTS and left and _is_elsewhere(part, settings):
            yield HoldReason.OPERATOR
