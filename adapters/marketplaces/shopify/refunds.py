"""Giving money back through the store, without naming lines: what was cancelled or came back is told elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import NAMESPACE_URL, uuid5

from adapters.lenient import reading
from adapters.marketplaces.shopify import documents, wire
from adapters.marketplaces.shopify.api import AdminApi, gid
from adapters.marketplaces.shopify.money import major, minor
from adapters.marketplaces.shopify.words import NOTE_LENGTH
from adapters.marks import mark, reference_in
from domain.effect import Confirmed, Outcome, Rejected
from domain.errors import ContractBroken, NotFound
from domain.ports.marketplace import RefundPayment

_TAKEN = frozenset({"SALE", "CAPTURE"})
_LOST = frozenset({"ERROR", "FAILURE"})


def key_of(reference: str) -> str:
    """Return Shopify's idempotency key for a reference of ours: the same UUID for the same reference."""
    return str(uuid5(NAMESPACE_URL, f"crossdock:{reference}"))


async def refund(api: AdminApi, write: RefundPayment) -> Outcome:
    """Give an amount back, over as many payments as it takes, in one call."""
    paid = await _fetch(api, write.channel_order_id)
    if (done := _done(paid, write)) is not None:
        return done
    if paid.currency != write.currency:
        return Rejected(code="shopify-other-currency")
    open_payments = list(_refundable(paid))
    refundable = sum(amount for _, amount in open_payments)
    if write.amount > refundable:
        return Rejected(code="shopify-refund-above-payment", already_done=refundable == 0)
    told = {
        "orderId": paid.id,
        "currency": write.currency,
        "note": mark(write.reason, write.reference, NOTE_LENGTH),
        "notify": True,
        "transactions": list(_portions(paid, open_payments, write)),
    }
    made = await api.write(documents.REFUND, input=told, key=key_of(write.reference))
    return Confirmed(remote_id=made.made) if isinstance(made, wire.Made) else made


async def find_refund(api: AdminApi, write: RefundPayment) -> Confirmed | None:
    """Return the refund that carries our reference."""
    return _done(await _fetch(api, write.channel_order_id), write)


async def _fetch(api: AdminApi, channel_order_id: str) -> wire.Payments:
    paid = await api.read_one(documents.PAYMENTS, wire.Payments, id=gid("Order", channel_order_id))
    if paid is None:
        raise NotFound("shopify-no-such-order")
    if max(len(paid.transactions), len(paid.refunds)) >= documents.ALL_LISTED:
        raise ContractBroken("shopify-order-too-long", f"{documents.ALL_LISTED} payments or refunds, perhaps more")
    return paid


def _done(paid: wire.Payments, write: RefundPayment) -> Confirmed | None:
    made = next((each for each in paid.refunds if reference_in(each.note) == write.reference), None)
    return None if made is None else Confirmed(remote_id=made.legacy_resource_id)


def _refundable(paid: wire.Payments) -> Iterator[tuple[wire.Transaction, int]]:
    """Yield the payments that were taken, each with the minor units of it that can still be given back."""
    with reading("shopify-unreadable-payments"):
        given: dict[str, int] = {}
        for each in paid.transactions:
            if each.kind == "REFUND" and each.status not in _LOST:
                given[each.parent] = given.get(each.parent, 0) + minor(each.amount_set, paid.currency)
        for each in paid.transactions:
            if each.kind in _TAKEN and each.status == "SUCCESS":
                left = minor(each.amount_set, paid.currency) - given.get(each.id, 0)
                if left > 0:
                    yield each, left


def _portions(
    paid: wire.Payments, payments: list[tuple[wire.Transaction, int]], write: RefundPayment
) -> Iterator[dict[str, object]]:
    owed = write.amount
    for payment, left in payments:
        portion = min(left, owed)
        if portion > 0:
            owed -= portion
            yield {
                "orderId": paid.id,
                "parentId": payment.id,
                "gateway": payment.gateway,
                "kind": "REFUND",
                "amount": major(portion, write.currency),
            }
