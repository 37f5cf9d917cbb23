"""Giving money back through the shop."""

from __future__ import annotations

from collections.abc import Iterable

from adapters.marketplaces.vendure import documents, wire
from adapters.marketplaces.vendure.api import AdminApi
from adapters.marketplaces.vendure.mapping import lines_input
from adapters.marks import mark, reference_in
from domain.effect import Confirmed, Outcome, Rejected, Unknown
from domain.ports.marketplace import RefundPayment


async def refund(api: AdminApi, write: RefundPayment) -> Outcome:
    """Ask for what is still missing of the amount, then settle what nobody else will."""
    order = await api.fetch(write.channel_order_id)
    if order.currency_code != write.currency:
        return Rejected(code="vendure-other-currency")
    owed = write.amount - given(order, write)
    refundable = sum(payment.refundable for payment in order.payments)
    if owed > refundable:
        return Rejected(code="vendure-refund-above-payment", already_done=refundable == 0)
    if owed > 0:
        asked = await _ask(api, write, _portions(order.payments, owed))
        if not isinstance(asked, Confirmed):
            return asked
    return await _settle(api, write)


async def find_refund(api: AdminApi, write: RefundPayment) -> Confirmed | None:
    """Return the refunds with our reference, once they make up the amount and none waits for us."""
    order = await api.fetch(write.channel_order_id)
    refunds = ours(order, write)
    done = given(order, write) >= write.amount and not any(waits_for_us(each) for each in refunds)
    return Confirmed(remote_id=ids(refunds)) if done else None


def ours(order: wire.Order, write: RefundPayment) -> tuple[wire.Refund, ...]:
    """Return the refunds that carry our reference and did not fail."""
    return tuple(each for each in order.refunds if reference_in(each.reason) == write.reference)


def given(order: wire.Order, write: RefundPayment) -> int:
    """Return the minor units asked for under our reference."""
    return sum(each.total for each in ours(order, write))


def ids(refunds: Iterable[wire.Refund]) -> str:
    """Return the shop's ids of what may be several refunds, one for each payment."""
    return ",".join(each.id for each in refunds)


def waits_for_us(refund: wire.Refund) -> bool:
    """Tell whether a refund is left to the seller: a payment provider that works on it has named a transaction."""
    return refund.state == "Pending" and not refund.transaction_id


def _portions(payments: Iterable[wire.Payment], owed: int) -> list[tuple[str, int]]:
    portions: list[tuple[str, int]] = []
    for payment in payments:
        if (portion := min(payment.refundable, owed)) > 0:
            portions.append((payment.id, portion))
            owed -= portion
    return portions


async def _ask(api: AdminApi, write: RefundPayment, portions: list[tuple[str, int]]) -> Outcome:
    outcome: Outcome = Confirmed()
    for number, (payment_id, amount) in enumerate(portions):
        told = {
            "paymentId": payment_id,
            "amount": amount,
            "reason": mark(write.reason, write.reference),
            # Outdated by the schema, and yet its database refuses a refund without them.
            "lines": lines_input(write.quantities) if number == 0 else [],
            "shipping": 0,
            "adjustment": 0,
        }
        send = api.write if number == 0 else api.write_on
        outcome = await send(documents.REFUND, input=told)
        if not isinstance(outcome, Confirmed):
            return outcome
    return outcome


async def _settle(api: AdminApi, write: RefundPayment) -> Outcome:
    order = await api.fetch_after_write(write.channel_order_id)
    if isinstance(order, Unknown):
        return order
    found = given(order, write)
    if found < write.amount:
        return Unknown(code="vendure-refund-in-part") if found else Rejected(code="vendure-refund-failed")
    refunds = ours(order, write)
    for each in filter(waits_for_us, refunds):
        settled = await api.write_on(documents.SETTLE, input={"id": each.id, "transactionId": write.reference})
        if not isinstance(settled, Confirmed):
            return settled
    return Confirmed(remote_id=ids(refunds))
