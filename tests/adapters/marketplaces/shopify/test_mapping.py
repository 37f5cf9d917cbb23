"""An order of the store, in our words."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from domain.errors import ContractBroken
from domain.order import HoldReason, Ownership
from tests.adapters.marketplaces.shopify.conftest import Open, Shop
from tests.adapters.marketplaces.shopify.shelf import ELSEWHERE, Part, Payment, Refund, Sent


async def test_the_number_of_an_order_is_its_id_and_its_name_what_people_call_it(shop: Shop) -> None:
    order = await shop.seen()
    assert (order.channel_order_id, order.number) == ("1001", "#1001")
    assert order.address.country == "DE"
    assert order.buyer.email == "ada@example.org"


async def test_money_is_what_the_buyer_sees_and_what_is_left_was_discounted(shop: Shop) -> None:
    shop.order.discount, shop.order.tax = 1000, 1292
    order = await shop.seen()
    goods = 3 * 1999 + 2 * 435
    assert (order.total, order.shipping) == (goods + 490 + 1292 - 1000, 490)
    assert (order.discount, order.tax) == (1000, 1292)


async def test_a_tip_that_only_stands_in_the_total_comes_on_top(shop: Shop) -> None:
    body = json.loads((await shop.adapter.fetch_order("1001")).body)
    body["totalTipReceivedSet"]["presentmentMoney"]["amount"] = "5.0"
    with_tip_as_a_line = shop.adapter.read_order(json.dumps(body).encode())
    assert with_tip_as_a_line.tax == 0
    body["totalPriceSet"]["presentmentMoney"]["amount"] = f"{(shop.order.total + 500) / 100:.2f}"
    assert shop.adapter.read_order(json.dumps(body).encode()).tax == 500


async def test_a_total_above_its_parts_and_another_currency_are_refused(shop: Shop) -> None:
    body = (await shop.adapter.fetch_order("1001")).body
    document = json.loads(body)
    document["totalPriceSet"]["presentmentMoney"]["amount"] = "999.0"
    with pytest.raises(ContractBroken):
        shop.adapter.read_order(json.dumps(document).encode())
    document = json.loads(body)
    document["totalShippingPriceSet"]["presentmentMoney"]["currencyCode"] = "USD"
    with pytest.raises(ContractBroken):
        shop.adapter.read_order(json.dumps(document).encode())


async def test_a_test_order_is_nobodys_to_ship(shop: Shop) -> None:
    shop.order.test = True
    assert (await shop.seen()).ownership is Ownership.TEST


@pytest.mark.parametrize(
    ("status", "holds"),
    [
        ("PAID", ()),
        ("PARTIALLY_REFUNDED", ()),
        ("PENDING", (HoldReason.PAYMENT,)),
        ("AUTHORIZED", (HoldReason.PAYMENT,)),
        ("VOIDED", (HoldReason.PAYMENT,)),
        ("REFUNDED", ()),
    ],
)
async def test_only_what_is_paid_may_start(shop: Shop, status: str, holds: tuple[HoldReason, ...]) -> None:
    shop.order.status = status
    assert (await shop.seen()).holds == holds


async def test_an_authorized_payment_is_enough_where_the_operator_says_so(open_shop: Open) -> None:
    shop = open_shop(ships_authorized=True)
    shop.order.status = "AUTHORIZED"
    assert (await shop.seen()).holds == ()


async def test_a_hold_has_our_word_or_waits_for_an_operator(shop: Shop) -> None:
    part = shop.order.parts[0]
    part.status, part.holds = "ON_HOLD", ["HIGH_RISK_OF_FRAUD", "INVENTORY_OUT_OF_STOCK", "NOT_KNOWN_YET"]
    assert (await shop.seen()).holds == (HoldReason.FRAUD, HoldReason.OPERATOR)
    part.status, part.holds = "OPEN", []
    assert (await shop.seen()).holds == ()


@pytest.mark.parametrize("what", ["part", "method", "sent"])
async def test_a_word_that_nobody_knows_is_refused(shop: Shop, what: str) -> None:
    part = shop.order.parts[0]
    if what == "part":
        part.status = "DREAMING"
    elif what == "method":
        part.method = "DRONE"
    else:
        shop.order.sent.append(Sent(1, "DHL", "1", {}, shop.world.now, status="LOST_IN_SPACE"))
    with pytest.raises(ContractBroken) as caught:
        await shop.seen()
    assert caught.value.code == "shopify-unknown-status"


async def test_what_is_scheduled_has_to_wait_and_what_is_promised_has_to_leave(shop: Shop) -> None:
    part = shop.order.parts[0]
    part.status, part.fulfill_at = "SCHEDULED", shop.world.now + timedelta(days=9)
    part.fulfill_by = shop.world.now + timedelta(days=12)
    first = (await shop.seen()).lines[0]
    assert (first.not_before, first.ship_by) == (part.fulfill_at, part.fulfill_by)


async def test_goods_that_only_another_location_sends_are_not_ours(open_shop: Open) -> None:
    shop = open_shop(locations=["81"])
    assert (await shop.seen()).ownership is Ownership.OURS
    shop.order.parts[0].location = ELSEWHERE
    assert (await shop.seen()).ownership is Ownership.EXTERNAL


async def test_goods_of_which_another_location_sends_a_part_wait_until_it_has(open_shop: Open) -> None:
    shop = open_shop(locations=["81"])
    first, second = (int(line) for line in shop.lines(3, 2))
    ours = shop.order.parts[0]
    theirs = Part(999, ELSEWHERE, "SHIPPING", {second: 2}, {second: 77}, shop.world.now)
    ours.remaining = {first: 3}
    shop.order.parts.append(theirs)
    order = await shop.seen()
    assert (order.ownership, order.holds) == (Ownership.OURS, (HoldReason.OPERATOR,))
    shop.order.sent.append(Sent(5, "UPS", "1Z", {second: 2}, shop.world.now))
    theirs.remaining, theirs.status = {second: 0}, "CLOSED"
    assert (await shop.seen()).holds == ()


async def test_a_pickup_names_our_place_and_one_without_is_set_aside(shop: Shop) -> None:
    part = shop.order.parts[0]
    part.method, part.location = "PICK_UP", "83"
    order = await shop.seen()
    assert (order.delivery, order.pickup_location) == ("pickup", "STORE-1")
    part.location = "84"
    with pytest.raises(ContractBroken, match="add Shopify's location 84"):
        await shop.seen()


async def test_units_hidden_from_the_app_are_not_taken_for_cancelled(shop: Shop) -> None:
    shop.order.parts.clear()
    with pytest.raises(ContractBroken, match="scopes"):
        await shop.seen()


async def test_removed_units_count_as_cancelled_and_returned_ones_do_not(shop: Shop) -> None:
    first, second = shop.order.lines
    shop.admin.cancel_units(shop.order, first, 1)
    shop.order.sent.append(Sent(5, "DHL", "1", {second.number: 2}, shop.world.now))
    shop.order.parts[0].remaining[second.number] = 0
    second.current = 0
    lines = (await shop.seen()).lines
    assert [(line.cancelled, line.shipped) for line in lines] == [(1, 0), (0, 2)]


async def test_nobody_has_to_send_what_needs_no_shipping(shop: Shop) -> None:
    card = shop.order.lines[1]
    card.ships = False
    del shop.order.parts[0].remaining[card.number]
    order = await shop.seen()
    assert [one.quantities for one in order.shipments] == [{str(card.number): 2}]
    assert not any(line.cancelled for line in order.lines)
    shop.order.lines[0].ships = False
    assert (await shop.seen()).ownership is Ownership.EXTERNAL


async def test_a_refund_of_ours_is_known_by_its_note_and_a_cancellation_is_no_refund(shop: Shop) -> None:
    shop.order.payments.append(Payment(9, "REFUND", 500, shop.order.payments[0].number))
    shop.order.refunds += [
        Refund(1, "came back (crossdock refund:shop/1001/R1:1)", 500, shop.world.now),
        Refund(2, "cancelled (crossdock cancel:shop/1001:1)", 0, shop.world.now),
        Refund(3, "", 250, shop.world.now),
    ]
    order = await shop.seen()
    assert [(one.refund_id, one.reference, one.amount) for one in order.refunds] == [
        ("1", "refund:shop/1001/R1:1", 500),
        ("3", "", 250),
    ]


async def test_a_change_of_a_part_makes_the_order_newer(shop: Shop) -> None:
    shop.order.parts[0].updated_at = shop.world.now
    assert (await shop.seen()).updated_at == shop.world.now


async def test_an_order_that_is_both_sent_and_collected_is_set_aside(shop: Shop) -> None:
    line = shop.order.lines[0].number
    shop.order.parts[0].remaining[line] = 0
    shop.order.parts.append(Part(9, "83", "PICK_UP", {line: 3}, {line: 8}, shop.world.now))
    with pytest.raises(ContractBroken, match="collected"):
        await shop.seen()


async def test_a_part_on_hold_that_tells_no_reason_waits_for_an_operator(shop: Shop) -> None:
    shop.order.parts[0].status = "ON_HOLD"
    assert (await shop.seen()).holds == (HoldReason.OPERATOR,)
