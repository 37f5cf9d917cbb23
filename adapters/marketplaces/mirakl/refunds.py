"""Giving money back through the marketplace, which keeps no reference of ours.

A refund that nobody knows of is found by its amount, among those that were not there before it was sent.
"""

from __future__ import annotations

from adapters.marketplaces.mirakl import wire
from adapters.marketplaces.mirakl.giving import OTHER_TAX_MODE, Share, rest_of, speaks_otherwise, to_row
from adapters.marketplaces.mirakl.mapping import refunds_of
from adapters.marketplaces.mirakl.market import Market
from domain.effect import Absent, CannotTell, Confirmed, Found, Outcome, Rejected, Unknown
from domain.ports.marketplace import RefundPayment

_BEFORE = "before:"


async def refund(market: Market, write: RefundPayment) -> Outcome:
    """Refund an amount, from the lines it belongs to first."""
    order = await market.fetch(write.channel_order_id)
    if order.currency_iso_code != write.currency:
        return Rejected(code="mirakl-other-currency")
    if speaks_otherwise(order):
        return OTHER_TAX_MODE
    shares = _shares(order, write)
    if sum(share.amount + share.shipping for share in shares) < write.amount:
        return Rejected(code="mirakl-refund-above-remaining")
    rows = [to_row(share, order, market.settings.refund_reason) for share in shares]
    body = {"order_tax_mode": "TAX_INCLUDED", "refunds": rows}
    made = await market.write("OR28", "PUT", "/api/orders/refund", wire.RefundsMade, json=body)
    if isinstance(made, Unknown):
        return made.model_copy(update={"trace": _BEFORE + ",".join(sorted(refunds_of(order)))})
    return Confirmed(remote_id=_ids(made)) if isinstance(made, wire.RefundsMade) else made


def find(order: wire.Order, write: RefundPayment) -> Found | Absent | CannotTell:
    """Look for a refund of this amount that was not there before; nobody can tell where that was not kept."""
    if not write.trace:
        return CannotTell(code="mirakl-refunds-alike") if write.amount in refunds_of(order).values() else Absent()
    before = set(write.trace.removeprefix(_BEFORE).split(","))
    for group, amount in refunds_of(order).items():
        if amount == write.amount and group not in before:
            return Found(confirmed=Confirmed(remote_id=group))
    return Absent()


def _ids(made: wire.RefundsMade) -> str:
    return ",".join(dict.fromkeys(one.order_refund_id or one.refund_id for one in made.refunds))


def _shares(order: wire.Order, write: RefundPayment) -> list[Share]:
    """Spread the amount over what is left of the lines: goods before shipping, named lines before others."""
    owed, shares = write.amount, list[Share]()
    for line in sorted(order.order_lines, key=lambda line: line.order_line_id not in write.quantities):
        rest = rest_of(line, order.currency_iso_code)
        amount = min(rest.amount, owed)
        shipping = min(rest.shipping, owed - amount)
        if amount or shipping:
            shares.append(Share(line, write.quantities.get(line.order_line_id, 0), amount, shipping))
        owed -= amount + shipping
    return shares
