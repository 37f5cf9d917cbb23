"""Giving money back: once, over as many payments as it takes."""

from __future__ import annotations

import pytest

from adapters.marketplaces.shopify.documents import ALL_LISTED
from adapters.marketplaces.shopify.refunds import key_of
from domain.effect import Absent, CannotTell, Confirmed, Found, Outcome, Rejected, Unknown
from domain.errors import Unavailable
from domain.ports.marketplace import RefundPayment
from tests.adapters.marketplaces.shopify.conftest import Shop, answering
from tests.adapters.marketplaces.shopify.shelf import Payment


def refund(amount: int, currency: str = "EUR") -> RefundPayment:
    return RefundPayment(
        channel_order_id="1001", reference="refund:shop/1001/R1:1", amount=amount, currency=currency, quantities={},
        reason="came back",
    )  # fmt: skip


def given(shop: Shop) -> list[tuple[int | None, int]]:
    return [(each.parent, each.amount) for each in shop.order.payments if each.kind == "REFUND"]


async def test_money_goes_back_to_the_payments_it_came_from(shop: Shop) -> None:
    first = shop.order.payments[0]
    first.amount -= 1000
    shop.order.payments += [
        Payment(77, "SALE", 1000, gateway="gift_card"),
        Payment(78, "SALE", 9999, status="FAILURE"),
        Payment(79, "REFUND", 500, first.number),
        Payment(80, "REFUND", 400, first.number, status="FAILURE"),
    ]
    outcome = await shop.adapter.refund(refund(first.amount - 500 + 300))
    assert isinstance(outcome, Confirmed)
    assert given(shop)[2:] == [(first.number, first.amount - 500), (77, 300)]


async def test_a_refund_is_found_by_its_note_and_asked_for_once(shop: Shop) -> None:
    assert isinstance(await shop.adapter.find(refund(500)), Absent)
    first = await shop.adapter.refund(refund(500))
    assert await shop.adapter.refund(refund(500)) == first
    assert isinstance(await shop.adapter.find(refund(500)), Found)
    assert len(given(shop)) == 1


async def test_a_repeat_that_does_not_see_the_first_is_stopped_by_its_key(shop: Shop) -> None:
    await shop.adapter.refund(refund(500))
    hidden = shop.order.refunds.copy()
    shop.order.refunds.clear()
    outcome = await shop.adapter.refund(refund(500))
    assert isinstance(outcome, Confirmed | Unknown)
    shop.order.refunds += hidden
    assert len(given(shop)) == 1


async def test_the_key_of_a_reference_is_always_the_same_uuid() -> None:
    assert key_of("refund:shop/1001/R1:1") == key_of("refund:shop/1001/R1:1") != key_of("refund:shop/1001/R1:2")
    assert len(key_of("")) == 36


async def test_more_than_was_paid_and_another_currency_are_refused(shop: Shop) -> None:
    above = await shop.adapter.refund(refund(shop.order.total + 1))
    assert above == Rejected(code="shopify-refund-above-payment")
    assert await shop.adapter.refund(refund(1, "USD")) == Rejected(code="shopify-other-currency")
    shop.order.payments.append(Payment(77, "REFUND", shop.order.total, shop.order.payments[0].number))
    nothing_left = await shop.adapter.refund(refund(1))
    assert nothing_left == Rejected(code="shopify-refund-above-payment", already_done=True)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        ({"message": "This request is currently in progress, please try again."},
         Unknown(code="shopify-idempotency-concurrent-request")),
        ({"message": "The same idempotency key cannot be used with different operation parameters."},
         Unknown(code="shopify-idempotency-key-parameter-mismatch")),
        ({"message": "A previous request with this idempotency key failed. Retry with a new idempotency key."},
         Rejected(code="shopify-idempotency-previous-attempt-failed")),
        ({"message": "Ada Example has no card", "field": ["input", "transactions", "0", "parent_id"]},
         Rejected(code="shopify-refused-parent-id")),
        ({"message": "No.", "field": None}, Rejected(code="shopify-refused")),
        ({"message": "Oops.", "code": "INTERNAL_ERROR"}, Unknown(code="shopify-internal-error")),
    ],
)  # fmt: skip
async def test_what_a_refusal_means(shop: Shop, error: dict[str, object], outcome: Outcome) -> None:
    payment = {
        "id": "gid://shopify/OrderTransaction/1", "kind": "SALE", "status": "SUCCESS", "gateway": "bogus",
        "amountSet": {"presentmentMoney": {"amount": "50.0", "currencyCode": "EUR"}}, "parentTransaction": None,
    }  # fmt: skip
    paid = {"id": "gid://shopify/Order/1001", "presentmentCurrencyCode": "EUR", "transactions": [payment]}
    told = {"data": {"told": paid | {"refunds": []}}}
    adapter = answering(shop.world, told, {"data": {"told": {"made": None, "userErrors": [error]}}})
    assert await adapter.refund(refund(100)) == outcome


async def test_payments_that_may_not_all_be_there_are_not_paid_back_from(shop: Shop) -> None:
    shop.order.payments *= ALL_LISTED
    with pytest.raises(Unavailable):
        await shop.adapter.refund(refund(100))
    assert isinstance(await shop.adapter.find(refund(100)), CannotTell)


async def test_an_order_that_is_not_there_has_nothing_to_give_back(shop: Shop) -> None:
    write = refund(100).model_copy(update={"channel_order_id": "999"})
    assert await shop.adapter.refund(write) == Rejected(code="shopify-no-such-order")
