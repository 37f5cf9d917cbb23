"""What an order costs, out of Amazon's proceeds: prices, charges, discounts and tax that add up to the grand total."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from adapters.marketplaces.amazon import wire
from adapters.marketplaces.amazon.stores import CURRENCIES
from domain.values import Money

UNSETTLED = frozenset({"PENDING", "PENDING_AVAILABILITY", "CANCELLED"})
"""Told without money, or with parts of it."""


@dataclass(frozen=True)
class Sums:
    """What an order costs, in minor units of its currency; unit prices by line id."""

    currency: str
    prices: dict[str, int]
    total: int
    charges: int = 0
    discount: int = 0
    tax: int = 0


def read_sums(told: wire.Order) -> Sums:
    """Return what an order costs.

    Raises:
        ValueError: an amount is not exact, a currency differs, or the parts do not make the whole.
    """
    if told.status in UNSETTLED:
        return _unsettled(told)
    grand = told.grand_total
    if grand is None:
        raise ValueError("proceeds.grandTotal: an order that is paid has a total")
    currency = grand.currency_code
    total = minor(grand, currency)
    prices = {line.order_item_id: unit_price(line, currency) for line in told.order_items}
    goods = sum(prices[line.order_item_id] * line.quantity_ordered for line in told.order_items)
    parts = [part for line in told.order_items for part in line.breakdowns]
    of_lines = _by_type(parts, currency)
    of_order = _by_type(told.breakdowns, currency)
    # What the units cost differs from the line's sum by what a division cannot share out.
    odd = of_lines.pop("ITEM", goods) - goods
    discount = abs(of_lines.pop("DISCOUNT", 0)) + max(-odd, 0)
    tax = of_lines.pop("TAX", 0)
    charges = sum(of_lines.values()) + max(odd, 0)
    # A tip is charged apart, and tax is on top of the prices in some countries and within them in others.
    for tip, on_top in product((0, of_order.get("DELIVERY_TIP", 0)), (tax, 0)):
        if goods + charges + tip + on_top - discount == total:
            return Sums(currency, prices, total, charges + tip, discount, on_top)
    raise ValueError(f"proceeds: {goods} + {charges} + tax {tax} - {discount} do not make {total}")


def unit_price(line: wire.Line, currency: str) -> int:
    """Return the price of one unit, told as such or as the line's share."""
    if line.unit_price:
        return minor(line.unit_price, currency)
    whole = _by_type(line.breakdowns, currency).get("ITEM", 0)
    return whole // line.quantity_ordered if line.quantity_ordered else 0


def components(line: wire.Line, currency: str) -> dict[str, int]:
    """Return what a line brought, by Amazon's type of proceeds; a discount is taken off the goods."""
    parts = _by_type(line.breakdowns, currency)
    return parts | {"ITEM": parts.get("ITEM", 0) - abs(parts.pop("DISCOUNT", 0))}


def minor(told: wire.Amount, currency: str) -> int:
    """Return an amount in minor units.

    Raises:
        ValueError: it is not exact, or of another currency.
    """
    if told.currency_code != currency:
        raise ValueError(f"an amount in {told.currency_code[:8]!r} in an order in {currency[:8]!r}")
    return Money.from_major(told.amount, currency).amount


def _unsettled(told: wire.Order) -> Sums:
    currency = _currency(told)
    prices = {line.order_item_id: unit_price(line, currency) for line in told.order_items}
    return Sums(currency, prices, sum(prices[line.order_item_id] * line.quantity_ordered for line in told.order_items))


def _currency(told: wire.Order) -> str:
    prices = (told.grand_total, *(line.unit_price for line in told.order_items))
    if first := next((price for price in prices if price), None):
        return first.currency_code
    if told.marketplace_id not in CURRENCIES:
        raise ValueError("salesChannel.marketplaceId: no money is told, and the store's currency is not known")
    return CURRENCIES[told.marketplace_id][1]


def _by_type(parts: list[wire.Breakdown], currency: str) -> dict[str, int]:
    sums: dict[str, int] = {}
    for part in parts:
        sums[part.type] = sums.get(part.type, 0) + minor(part.subtotal, currency)
    return sums
