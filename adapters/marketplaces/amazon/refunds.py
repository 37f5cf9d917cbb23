"""Giving money back: Amazon wants it by line and component, and works it off in a feed."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.marketplaces.amazon import envelope, feeds, orders, wire
from adapters.marketplaces.amazon.api import SellerApi
from adapters.marketplaces.amazon.money import components
from domain.effect import CannotTell, Finding, Outcome, Rejected
from domain.ports.marketplace import RefundPayment
from domain.values import Money

_KIND = "POST_PAYMENT_ADJUSTMENT_DATA"
_COMPONENTS = {"ITEM": "Principal", "TAX": "Tax", "SHIPPING": "Shipping", "GIFT_WRAP": "GiftWrap"}
_BY_UNIT = ("ITEM", "TAX")
_REASONS = {"return": "CustomerReturn", "cancelled": "NoInventory", "lost": "CouldNotShip"}
_OTHERWISE = "GeneralAdjustment"

Shares = dict[str, dict[str, int]]


async def refund(api: SellerApi, write: RefundPayment) -> Outcome:
    """Hand in the refund."""
    order = await orders.read_first(api, write.channel_order_id)
    if isinstance(order, Rejected):
        return order
    try:
        shares = share_out(order, write)
    except ValueError:
        return Rejected(code="amazon-other-currency")
    if shares is None:
        return Rejected(code="amazon-above-proceeds")
    parts = {
        line_id: {_COMPONENTS[kind]: Money(amount=amount, currency=write.currency) for kind, amount in taken.items()}
        for line_id, taken in shares.items()
    }
    reason = _REASONS.get(write.reason, _OTHERWISE)
    return await feeds.queue(api, _KIND, envelope.refund(api.settings.seller_id, order.order_id, reason, parts))


async def find(api: SellerApi, write: RefundPayment) -> Finding:
    """Look at the feed; without its id nobody can tell, since orders do not show their refunds."""
    return await feeds.find(api, write.trace) if write.trace else CannotTell(code="amazon-shows-no-refunds")


def share_out(order: wire.Order, write: RefundPayment) -> Shares | None:
    """Return the amount shared out over lines and components; None where they did not bring as much.

    First what the named units cost with their tax, then whatever else was paid.

    Raises:
        ValueError: the order is in another currency.
    """
    brought = {line.order_item_id: components(line, write.currency) for line in order.order_items}
    ordered = {line.order_item_id: line.quantity_ordered for line in order.order_items}
    named = {line_id: units for line_id, units in write.quantities.items() if ordered.get(line_id)}
    shares: Shares = {}
    rest = write.amount
    for line_id, units in named.items():
        fair = {kind: brought[line_id].get(kind, 0) * units // ordered[line_id] for kind in _BY_UNIT}
        rest = _take(shares, line_id, fair, rest)
    for line_id in (*named, *(other for other in brought if other not in named)):
        rest = _take(shares, line_id, brought[line_id], rest)
    return None if rest else shares


def _take(shares: Shares, line_id: str, available: Mapping[str, int], rest: int) -> int:
    """Take what is still to be taken from a line, up to what is available of each component; return what is left."""
    for kind in _COMPONENTS:
        already = shares.get(line_id, {}).get(kind, 0)
        amount = min(available.get(kind, 0) - already, rest)
        if amount > 0:
            shares.setdefault(line_id, {})[kind] = already + amount
            rest -= amount
    return rest
