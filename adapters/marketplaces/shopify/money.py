"""The money of an order, exact, in the currency that the buyer sees and pays."""

from __future__ import annotations

from typing import NamedTuple

from adapters.marketplaces.shopify import wire
from domain.values import Money


class Sums(NamedTuple):
    """What an order comes to, in minor units; `tax` is all that comes on top of prices and shipping."""

    total: int
    captured: int
    shipping: int
    discount: int
    tax: int


def minor(bag: wire.MoneyBag, currency: str) -> int:
    """Return an amount in minor units.

    Raises:
        ValueError: it is in another currency, is no amount, or has more decimals than the currency.
    """
    told = bag.presentment_money
    if told.currency_code != currency:
        raise ValueError(f"an amount in {told.currency_code[:8]!r} in an order in {currency[:8]!r}")
    return Money.from_major(told.amount, currency).amount


def major(amount: int, currency: str) -> str:
    """Return minor units as Shopify's decimal.

    >>> major(1250, "EUR"), major(100, "JPY")
    ('12.50', '100')
    """
    return str(Money(amount=amount, currency=currency)).partition(" ")[0]


def read(order: wire.Order) -> Sums:
    """Return the order's sums as they were before anything was cancelled or came back.

    What its prices and costs come to above its total was discounted: Shopify's own figure leaves it open whether a
    discount on shipping is in it.

    Raises:
        ValueError: its total is more than its parts, or an amount is not readable.
    """
    goods = sum(minor(line.original_unit_price_set, order.currency) * line.quantity for line in order.line_items.nodes)
    total, shipping = (minor(bag, order.currency) for bag in (order.total_price_set, order.total_shipping_price_set))
    on_top = _maybe(order.original_total_additional_fees_set, order.currency)
    on_top += 0 if order.taxes_included else _maybe(order.total_tax_set, order.currency)
    on_top += 0 if order.duties_included else _maybe(order.original_total_duties_set, order.currency)
    # A tip is a line of some orders, and of others only stands in the total.
    on_top += min(max(total - goods - shipping - on_top, 0), minor(order.total_tip_received_set, order.currency))
    discount = goods + shipping + on_top - total
    if discount < 0 or shipping < 0 or on_top < 0:
        raise ValueError(f"the total {total} is more than {goods} + {shipping} + {on_top}")
    return Sums(total, minor(order.total_received_set, order.currency), shipping, discount, on_top)


def _maybe(bag: wire.MoneyBag | None, currency: str) -> int:
    return 0 if bag is None else minor(bag, currency)
