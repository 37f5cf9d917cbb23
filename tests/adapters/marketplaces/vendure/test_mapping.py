"""Vendure's words become ours, or are refused; no shop is needed to tell."""

import json

import httpx
import pytest

from adapters.marketplaces.vendure import MANIFEST
from adapters.marketplaces.vendure.mapping import HOLDS, slug
from adapters.marketplaces.vendure.settings import VendureSettings
from adapters.marks import mark
from domain.errors import ContractBroken
from domain.order import ChannelOrder, HoldReason, Ownership
from tests.adapters.marketplaces.vendure import orders


def read(**changed: object) -> ChannelOrder:
    return read_since(None, orders.order(**changed))


def read_since(begins_at: object, told: object) -> ChannelOrder:
    access = {"admin_api": "http://127.0.0.1:1/", "username": "a", "password": "b"}
    settings = VendureSettings.model_validate({**access, "pickup": {"counter": "STORE-1"}, "begins_at": begins_at})
    return MANIFEST.factory(settings, httpx.AsyncClient()).read_order(json.dumps(told).encode())


def test_an_untouched_order_is_ours_and_adds_up() -> None:
    order = read()
    assert (order.ownership, order.total, order.captured, order.shipping, order.discount) == (
        Ownership.OURS,
        4490,
        4490,
        490,
        0,
    )
    assert order.address is not None
    assert order.address.street == "1 Quay, 2nd floor"


def test_an_order_from_before_we_sold_there_is_not_ours() -> None:
    told = orders.order()
    assert read_since(told["orderPlacedAt"], told).ownership is Ownership.OURS
    assert read_since("2999-01-01T00:00:00Z", told).ownership is Ownership.EXTERNAL


@pytest.mark.parametrize("state", HOLDS)
def test_every_state_of_a_placed_order_is_known(state: str) -> None:
    assert read(state=state).cancelled == (state == "Cancelled")


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("PaymentAuthorized", HoldReason.PAYMENT),
        ("ArrangingAdditionalPayment", HoldReason.PAYMENT),
        ("Modifying", HoldReason.OPERATOR),
    ],
)
def test_an_order_that_is_not_paid_or_is_being_changed_is_held(state: str, reason: HoldReason) -> None:
    assert read(state=state).holds == (reason,)


@pytest.mark.parametrize(
    "changed",
    [
        {"state": "Teleported"},
        {"orderPlacedAt": None},
        {"currencyCode": "XXX"},
        {"lines": []},
        {"lines": [orders.line(), orders.line()]},
        {"lines": [orders.line(quantity=2_000_000)]},
        {"lines": [orders.line(unitPriceWithTax=-1)]},
        {"lines": [orders.line(productVariant={"id": "7", "sku": "M\x00G", "name": ""})]},
        {"shippingAddress": None},
        {"shippingAddress": {"fullName": "Ann Lee", "countryCode": "Germany"}},
        {"payments": None, "totalWithTax": None},
    ],
)
def test_what_we_cannot_act_on_is_refused_with_a_reason_and_without_what_it_holds(changed: dict[str, object]) -> None:
    with pytest.raises(ContractBroken) as refused:
        read(**changed)
    assert refused.value.code.startswith("vendure-")
    assert "Ann" not in str(refused.value)


def test_bytes_that_are_no_order_are_refused() -> None:
    with pytest.raises(ContractBroken):
        read(id=None)


def test_cancelled_units_leave_the_purchase_as_it_was() -> None:
    order = read(lines=[orders.line(quantity=1)], totalWithTax=2490)
    assert (order.lines[0].quantity, order.lines[0].cancelled, order.total) == (2, 1, 4490)


def test_units_added_afterwards_are_bought_too() -> None:
    order = read(lines=[orders.line(quantity=3)], payments=[orders.payment(amount=6490)], totalWithTax=6490)
    assert (order.lines[0].quantity, order.lines[0].cancelled, order.total) == (3, 0, 6490)


def test_a_line_that_came_and_went_is_not_a_line() -> None:
    gone = orders.line(id="12", quantity=0, orderPlacedQuantity=0)
    assert [line.line_id for line in read(lines=[orders.line(), gone]).lines] == ["11"]


def test_a_coupon_is_a_discount_and_a_surcharge_comes_on_top() -> None:
    cheaper = read(totalWithTax=4000, payments=[orders.payment(amount=4000)])
    dearer = read(totalWithTax=4990, payments=[orders.payment(amount=4990)])
    assert (cheaper.discount, cheaper.tax, cheaper.total) == (490, 0, 4000)
    assert (dearer.discount, dearer.tax, dearer.total) == (0, 500, 4990)


def test_money_that_is_only_promised_is_not_captured() -> None:
    order = read(state="PaymentAuthorized", payments=[orders.payment(state="Authorized")])
    assert (order.total, order.captured) == (4490, 0)


def test_a_declined_payment_counts_for_nothing() -> None:
    declined = orders.payment(id="20", state="Declined", method="card")
    order = read(payments=[declined, orders.payment()])
    assert (order.captured, order.tender) == (4490, "dummy")


def test_goods_that_others_ship_are_external() -> None:
    assert read(type="Aggregate").ownership is Ownership.EXTERNAL
    handled = [orders.shipping_line(fulfillmentHandlerCode="digital-fulfillment")]
    assert read(shippingLines=handled).ownership is Ownership.EXTERNAL


def test_a_shipping_method_can_mean_pickup_and_needs_no_address() -> None:
    order = read(shippingLines=[orders.shipping_line(code="counter")], shippingAddress=None)
    assert (order.delivery, order.pickup_location) == ("pickup", "STORE-1")


def test_a_company_is_part_of_the_name_and_the_buyers_name_stands_in() -> None:
    address = orders.order()["shippingAddress"]
    with_company = read(shippingAddress=address | {"company": "Lee Ltd"})
    without_name = read(shippingAddress=address | {"fullName": None})
    assert with_company.address is not None
    assert with_company.address.name == "Ann Lee, Lee Ltd"
    assert without_name.address is not None
    assert without_name.address.name == "Ann Lee"


def test_refunds_count_unless_they_failed_and_show_whose_they_are() -> None:
    made = [
        orders.refund(id="1", reason=mark("late", "refund:x:1"), lines=[{"orderLineId": "11", "quantity": 1}]),
        orders.refund(id="2", total=500, reason="(crossdock) by hand", state="Pending"),
        orders.refund(id="3", state="Failed"),
    ]
    order = read(payments=[orders.payment(refunds=made)])
    assert [(refund.reference, refund.amount) for refund in order.refunds] == [("refund:x:1", 1000), ("", 500)]
    assert order.lines[0].refunded == 1


def test_a_fulfillment_that_was_taken_back_shipped_nothing() -> None:
    order = read(fulfillments=[orders.fulfillment(state="Cancelled"), orders.fulfillment(id="42", state="Pending")])
    assert order.lines[0].shipped == 1
    assert len(order.shipments) == 1


def test_the_latest_touch_of_any_part_is_when_the_order_changed() -> None:
    order = read(fulfillments=[orders.fulfillment(updatedAt="2026-03-02T09:00:00.000Z")])
    assert order.updated_at.isoformat() == "2026-03-02T09:00:00+00:00"


def test_error_codes_become_slugs() -> None:
    assert slug("REFUND_AMOUNT_ERROR") == "vendure-refund-amount"
