"""Shares of lines that are cancelled or given back: amounts with their taxes, in the marketplace's words."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

from adapters.marketplaces.mirakl import wire
from adapters.marketplaces.mirakl.mapping import minor
from domain.effect import Rejected
from domain.values import CURRENCY_EXPONENTS


class Share(NamedTuple):
    """A part of a line, in minor units, taxes included; `quantity` is informative for refunds."""

    line: wire.OrderLine
    quantity: int
    amount: int
    shipping: int


class Rest(NamedTuple):
    """What of a line's price and shipping was neither cancelled nor given back, in minor units."""

    amount: int
    shipping: int


OTHER_TAX_MODE = Rejected(code="mirakl-other-tax-mode")


def speaks_otherwise(order: wire.Order) -> bool:
    """Tell whether the prices are without their taxes, although we asked for them with them."""
    return order.order_tax_mode == "TAX_EXCLUDED" and any(
        line.taxes or line.shipping_taxes for line in order.order_lines
    )


def rest_of(line: wire.OrderLine, currency: str) -> Rest:
    """Return what is left of a line."""
    given = (*line.cancelations, *line.refunds)
    return Rest(
        amount=max(minor(line.price, currency) - sum(minor(one.amount, currency) for one in given), 0),
        shipping=max(
            minor(line.shipping_price, currency) - sum(minor(one.shipping_amount, currency) for one in given), 0
        ),
    )


def to_row(share: Share, order: wire.Order, reason: str) -> dict[str, Any]:
    """Return a share as OR28 and OR30 want it; taxes are parts of the amounts, not on top of them."""
    line, currency = share.line, order.currency_iso_code
    row: dict[str, Any] = {
        "order_line_id": line.order_line_id,
        "quantity": share.quantity,
        "amount": _major(share.amount, currency),
        "shipping_amount": _major(share.shipping, currency),
        "currency_iso_code": currency,
        "reason_code": reason,
    }
    if line.taxes:
        row["taxes"] = _taxes(line.taxes, share.amount, minor(line.price, currency), currency)
    if line.shipping_taxes:
        row["shipping_taxes"] = _taxes(
            line.shipping_taxes, share.shipping, minor(line.shipping_price, currency), currency
        )
    return row


def _taxes(taxes: tuple[wire.Tax, ...], part: int, whole: int, currency: str) -> list[dict[str, Any]]:
    """Return of each tax as much as the part is of the whole."""
    shares = [(tax.code, minor(tax.amount, currency) * part // whole if whole else 0) for tax in taxes]
    return [{"code": code, "amount": _major(amount, currency)} for code, amount in shares]


def _major(amount: int, currency: str) -> float | int:
    """Return a JSON number: the decimal nearest to a binary fraction of so few digits is the one that was meant."""
    exact = Decimal(amount).scaleb(-CURRENCY_EXPONENTS[currency])
    return int(exact) if exact == exact.to_integral_value() else float(exact)
