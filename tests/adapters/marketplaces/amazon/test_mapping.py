"""Amazon's orders and notifications in our words."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.marketplaces.amazon.mapping import read_notification, read_order
from domain.errors import ContractBroken
from domain.facts import OrderChanged
from domain.order import ChannelOrder, ChannelShipment, HoldReason, Ownership
from tests.adapters.marketplaces.amazon.scenes import order_change

_PAYLOADS = Path(__file__).parent / "payloads"


def read(name: str, path: str = "", value: object = None) -> ChannelOrder:
    """Read a payload of ours, with one value of it changed; None takes it away."""
    order = json.loads((_PAYLOADS / f"order_{name}.json").read_text())
    *way, last = path.split(".") if path else [""]
    holder = order
    for step in way:
        holder = holder[int(step) if isinstance(holder, list) else step]
    if path and value is None:
        del holder[last]
    elif path:
        holder[last] = value
    return read_order(json.dumps(order).encode())


def test_a_paid_order_with_tax_on_top_is_read_whole() -> None:
    order = read("us_taxed")
    (line,) = order.lines
    assert (order.channel_order_id, order.number) == ("112-0001111-2223334", "SO-4711")
    assert order.updated_at == datetime(2026, 10, 30, 18, 41, 2, 512000, UTC)
    assert (order.currency, order.total, order.captured) == ("USD", 4637, 4637)
    assert (order.shipping, order.discount, order.tax) == (799, 400, 240)
    assert (line.line_id, line.listing_id, line.sku) == ("50011122233344", "POT-1", "POT-1")
    assert (line.quantity, line.unit_price, line.shipped, line.cancelled) == (2, 1999, 0, 0)
    assert order.ship_by == datetime(2026, 11, 1, 6, 59, 59, tzinfo=UTC)
    assert order.deliver_by == datetime(2026, 11, 5, 7, 59, 59, tzinfo=UTC)
    assert order.ownership is Ownership.OURS
    assert order.holds == ()
    assert order.gift


def test_a_business_stands_before_the_street() -> None:
    address = read("us_taxed").address
    assert address
    assert address.street == "Wood & Daughters, 12 Mill Lane, Rear entrance"
    assert (address.name, address.region, address.country) == ("Grace Wood", "ID", "US")


def test_a_buyer_who_wants_to_cancel_is_heard_until_it_is_cancelled() -> None:
    assert read("us_taxed").cancel_requested
    assert not read("cancelled").cancel_requested


def test_tax_within_the_prices_is_not_counted_twice() -> None:
    order = read("eu_partly_sent")
    assert (order.total, order.tax) == (2300, 0)


def test_what_a_division_cannot_share_out_is_a_charge() -> None:
    order = read("eu_partly_sent")
    assert ([line.unit_price for line in order.lines], order.shipping) == ([333, 1300], 1)


def test_what_was_sent_and_cancelled_by_hand_is_seen() -> None:
    order = read("eu_partly_sent")
    assert [(line.shipped, line.cancelled) for line in order.lines] == [(2, 1), (0, 0)]
    assert order.shipments == (ChannelShipment(tracking_number="JD0140001", quantities={"60011122233341": 2}),)


def test_an_order_that_is_not_paid_is_held_without_price_and_address() -> None:
    order = read("pending")
    assert order.holds == (HoldReason.PAYMENT,)
    assert (order.currency, order.total, order.captured) == ("USD", 0, 0)
    assert order.address
    assert (order.address.street, order.address.country) == ("", "US")


def test_a_cancelled_order_is_read_though_nothing_of_it_is_left() -> None:
    order = read("cancelled")
    assert (order.cancelled, order.total, order.captured) == (True, 0, 0)
    assert [(line.quantity, line.cancelled, line.unit_price) for line in order.lines] == [(1, 1, 0)]


def test_an_order_that_was_sent_may_hide_where_it_went() -> None:
    sent = json.loads((_PAYLOADS / "order_us_taxed.json").read_text())
    sent["fulfillment"]["fulfillmentStatus"] = "SHIPPED"
    sent["recipient"]["deliveryAddress"] = {"countryCode": "US", "city": "Boise"}
    address = read_order(json.dumps(sent).encode()).address
    assert address
    assert (address.street, address.country) == ("", "US")


def test_an_order_that_amazon_sends_is_not_ours() -> None:
    order = read("by_amazon")
    assert order.ownership is Ownership.EXTERNAL
    assert (order.holds, order.address) == ((), None)


@pytest.mark.parametrize("program", ["AMAZON_EASY_SHIP", "DELIVERY_BY_AMAZON", "IN_STORE_PICK_UP"])
def test_programs_with_labels_of_amazon_wait_for_a_person(program: str) -> None:
    assert read("us_taxed", "programs", [program]).holds == (HoldReason.OPERATOR,)


@pytest.mark.parametrize("path", ["fulfillment.fulfillmentStatus", "fulfillment.fulfilledBy"])
def test_an_unknown_word_is_not_guessed(path: str) -> None:
    with pytest.raises(ContractBroken) as caught:
        read("us_taxed", path, "SOMEWHERE_ELSE")
    assert caught.value.code == "amazon-unknown-status"


@pytest.mark.parametrize(
    ("words", "path", "value"),
    [
        ("do not make 4638", "proceeds.grandTotal.amount", "46.38"),
        ("more decimals", "proceeds.grandTotal.amount", "46.375"),
        ("in an order in 'USD'", "orderItems.0.product.price.unitPrice.currencyCode", "EUR"),
        ("deliveryAddress: missing", "recipient.deliveryAddress", None),
        ("deliveryAddress: missing", "recipient.deliveryAddress", {"countryCode": "US", "city": "Boise"}),
        ("proceeds.grandTotal", "proceeds", None),
        ("product.sellerSku", "orderItems.0.product.sellerSku", None),
        ("createdTime", "createdTime", "2026-10-30T18:05:11"),
        ("shipByWindow", "fulfillment.shipByWindow.latestDateTime", "soon"),
        ("quantityOrdered", "orderItems.0.quantityOrdered", "2"),
        ("cancelled", "orderItems.0.fulfillment.quantityUnfulfilled", 3),
    ],
)
def test_what_cannot_be_true_is_refused_by_the_field_it_is_about(words: str, path: str, value: object) -> None:
    with pytest.raises(ContractBroken, match=words):
        read("us_taxed", path, value)


@pytest.mark.parametrize("name", ["pending", "cancelled"])
def test_a_store_that_is_not_known_is_not_guessed(name: str) -> None:
    with pytest.raises(ContractBroken, match=r"salesChannel\.marketplaceId"):
        read(name, "salesChannel.marketplaceId", "ANEWSTORE")


def test_a_changed_order_is_a_hint() -> None:
    body = json.dumps(order_change("305-1234567-1234567")).encode()
    assert read_notification(body) == (OrderChanged(channel_order_id="305-1234567-1234567"),)


@pytest.mark.parametrize("status", ["Pending", "PendingAvailability"])
def test_an_order_that_is_not_paid_is_no_news(status: str) -> None:
    assert read_notification(json.dumps(order_change("305-1234567-1234567", status)).encode()) == ()


def test_other_notifications_mean_nothing_to_us() -> None:
    assert read_notification(b'{"notificationType": "FEED_PROCESSING_FINISHED", "payload": {}}') == ()
    assert read_notification(b'{"NotificationType": "ANY_OFFER_CHANGED"}') == ()


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"NotificationType": "ORDER_CHANGE", "Payload": {}}'])
def test_a_message_of_another_shape_is_refused(body: bytes) -> None:
    with pytest.raises(ContractBroken):
        read_notification(body)
