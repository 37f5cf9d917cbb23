"""Giving money back through the shop, which has no idempotency: it is looked for before, and after a failure again."""

from __future__ import annotations

from decimal import Decimal

from adapters.marketplaces.woocommerce import wire
from adapters.marketplaces.woocommerce.shop import REFUND_REFUSED, Shop, order_path
from adapters.marks import mark, reference_in
from domain.effect import Absent, Confirmed, Finding, Found, Outcome, Rejected, Unknown
from domain.errors import CrossdockError
from domain.ports.marketplace import RefundPayment
from domain.values import CURRENCY_EXPONENTS, Money

_ABOVE = "woocommerce-refund-above-remaining"


async def refund(shop: Shop, write: RefundPayment) -> Outcome:
    """Refund an amount, unless it is there or the shop would refuse it."""
    finding = await find(shop, write)
    if not isinstance(finding, Absent):
        return finding.confirmed if isinstance(finding, Found) else finding
    outcome = await shop.change("POST", f"{order_path(write.channel_order_id)}/refunds", _body(shop, write))
    return await _resolve(shop, write) if outcome == Rejected(code=REFUND_REFUSED) else outcome


async def find(shop: Shop, write: RefundPayment) -> Found | Absent | Rejected:
    """Look for a refund with our reference; where none is, tell whether the amount is still there to be given back."""
    order, _, _ = await shop.fetch(write.channel_order_id)
    for one in order.refunds:
        if reference_in(one.reason) == write.reference:
            return Found(confirmed=Confirmed(remote_id=one.id))
    if order.currency != write.currency:
        return Rejected(code="woocommerce-other-currency")
    return Rejected(code=_ABOVE) if write.amount > _remaining(order) else Absent()


async def _resolve(shop: Shop, write: RefundPayment) -> Outcome:
    """Tell what is left after a refusal: the shop answers one and the same 500 to an amount and for a gateway.

    It has then deleted what it had begun. Whether the gateway moved money all the same it cannot say: so nothing is
    sent again by itself.
    """
    try:
        finding: Finding = await find(shop, write)
    except CrossdockError as error:
        return Unknown(code=error.code)
    match finding:
        case Found(confirmed=confirmed):
            return confirmed
        case Rejected():
            return finding
        case _:
            return Rejected(code="woocommerce-refund-refused")


def _remaining(order: wire.Order) -> int:
    total = Money.from_major(order.total, order.currency).amount
    return total - sum(abs(Money.from_major(one.total, order.currency).amount) for one in order.refunds)


def _body(shop: Shop, write: RefundPayment) -> dict[str, object]:
    exponent = CURRENCY_EXPONENTS[write.currency]
    return {
        "amount": f"{Decimal(write.amount).scaleb(-exponent):.{exponent}f}",
        "reason": mark(write.reason, write.reference),
        "api_refund": shop.settings.api_refund,
        "api_restock": False,
        "line_items": [],
    }
