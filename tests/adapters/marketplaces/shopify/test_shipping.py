"""Telling the store what left, wherever its fulfillment orders have gone in the meantime."""

from __future__ import annotations

import json

from domain.effect import Absent, Confirmed, Found, Rejected, Unknown
from domain.ports.marketplace import ConfirmPickup, CorrectTracking
from tests.adapters.marketplaces.shopify.conftest import NUMBER, Open, Shop, answering, failing
from tests.adapters.marketplaces.shopify.shelf import ELSEWHERE, HERE, Part


def move(shop: Shop, line: int, units: int, location: str) -> Part:
    """Split units of a line off into a fulfillment order of their own, as a person does."""
    shop.order.parts[0].remaining[line] -= units
    part = Part(9000 + len(shop.order.parts), location, "SHIPPING", {line: units}, {line: 9900 + line}, shop.world.now)
    shop.order.parts.append(part)
    return part


async def test_a_shipment_over_several_fulfillment_orders_of_one_location_is_one_fulfillment(shop: Shop) -> None:
    move(shop, shop.order.lines[0].number, 2, HERE)
    outcome = await shop.adapter.confirm_shipment(shop.shipment(shop.lines(3, 2)))
    assert isinstance(outcome, Confirmed)
    assert len(shop.order.sent) == 1
    assert all(part.status == "CLOSED" for part in shop.order.parts)


async def test_a_line_that_moved_to_another_location_is_found_there(shop: Shop) -> None:
    line = shop.order.lines[0].number
    move(shop, line, 3, ELSEWHERE)
    write = shop.shipment(shop.lines(3, 2))
    outcome = await shop.adapter.confirm_shipment(write)
    assert isinstance(outcome, Confirmed)
    assert len(shop.order.sent) == 2
    assert outcome.remote_id == ",".join(str(sent.number) for sent in shop.order.sent)
    assert shop.order.shipped() == {int(each): units for each, units in shop.lines(3, 2).items()}


async def test_of_several_locations_the_one_that_covers_most_comes_first(shop: Shop) -> None:
    line = shop.order.lines[0].number
    move(shop, line, 2, ELSEWHERE)
    await shop.adapter.confirm_shipment(shop.shipment({str(line): 2}))
    assert len(shop.order.sent) == 1
    assert shop.order.parts[1].status == "CLOSED"


async def test_what_broke_off_between_two_locations_is_absent_and_then_finished(shop: Shop) -> None:
    line = shop.order.lines[0].number
    elsewhere = move(shop, line, 3, ELSEWHERE)
    write = shop.shipment(shop.lines(3, 2))
    elsewhere.status = "ON_HOLD"
    await shop.adapter.confirm_shipment(shop.shipment(shop.lines(0, 2)))
    assert isinstance(await shop.adapter.find(write), Absent)
    elsewhere.status = "OPEN"
    assert isinstance(await shop.adapter.confirm_shipment(write), Confirmed)
    assert shop.order.shipped() == {int(each): units for each, units in shop.lines(3, 2).items()}
    assert isinstance(await shop.adapter.find(write), Found)


async def test_goods_on_hold_cannot_be_sent(shop: Shop) -> None:
    shop.order.parts[0].status = "ON_HOLD"
    assert await shop.adapter.confirm_shipment(shop.shipment(shop.lines(1))) == Rejected(code="shopify-on-hold")
    shop.order.parts[0].status = "SCHEDULED"
    assert await shop.adapter.confirm_shipment(shop.shipment(shop.lines(1))) == Rejected(code="shopify-not-due")
    assert not shop.order.sent


async def test_what_a_person_sent_is_not_sent_again(shop: Shop) -> None:
    await shop.world.ship_by_hand(shop.placed, shop.lines(3, 2), "BY-HAND")
    outcome = await shop.adapter.confirm_shipment(shop.shipment(shop.lines(3, 2)))
    assert outcome == Rejected(code="shopify-nothing-left-to-send", already_done=True)


async def test_units_that_were_cancelled_cannot_be_sent(shop: Shop) -> None:
    shop.admin.cancel_units(shop.order, shop.order.lines[0], 1)
    outcome = await shop.adapter.confirm_shipment(shop.shipment(shop.lines(3)))
    assert outcome == Rejected(code="shopify-nothing-left-to-send")


async def test_the_carrier_goes_by_the_name_that_makes_links(open_shop: Open) -> None:
    shop = open_shop(carriers={"dhl": "DHL Express"})
    await shop.adapter.confirm_shipment(shop.shipment(shop.lines(1)))
    assert shop.order.sent[0].company == "DHL Express"


async def test_a_parcel_without_a_number_is_known_by_our_reference(shop: Shop) -> None:
    write = shop.shipment(shop.lines(1), number="")
    for _ in range(2):
        assert isinstance(await shop.adapter.confirm_shipment(write), Confirmed)
    assert [sent.tracking for sent in shop.order.sent] == [write.reference]
    (seen,) = (await shop.seen()).shipments
    assert (seen.reference, seen.tracking_number) == (write.reference, "")


async def test_all_fulfillments_of_a_shipment_get_the_new_number(shop: Shop) -> None:
    move(shop, shop.order.lines[0].number, 3, ELSEWHERE)
    sent = shop.shipment(shop.lines(3, 2))
    done = await shop.adapter.confirm_shipment(sent)
    assert isinstance(done, Confirmed)
    for remote_id in (done.remote_id, ""):
        more = {"remote_id": remote_id, "replaces": NUMBER, "tracking_number": "NEW-1"}
        write = CorrectTracking.model_validate(sent.model_dump() | more)
        if remote_id:
            assert isinstance(await shop.adapter.find(write), Absent)
            assert isinstance(await shop.adapter.correct_tracking(write), Confirmed)
        assert isinstance(await shop.adapter.find(write), Found)
    assert [each.tracking for each in shop.order.sent] == ["NEW-1", "NEW-1"]


async def test_a_pickup_is_said_to_be_ready_once(shop: Shop) -> None:
    part = shop.order.parts[0]
    part.method, part.location = "PICK_UP", "83"
    write = ConfirmPickup(
        channel_order_id="1001", reference="pickup:shop/1001/F1:ready:1", quantities=shop.lines(3, 2), collected=False
    )
    assert isinstance(await shop.adapter.find(write), Absent)
    for _ in range(2):
        assert isinstance(await shop.adapter.confirm_pickup(write), Confirmed)
    assert part.status == "IN_PROGRESS"
    assert isinstance(await shop.adapter.find(write), Found)
    collected = write.model_copy(update={"reference": "pickup:shop/1001/F1:collected:1", "collected": True})
    assert isinstance(await shop.adapter.confirm_pickup(collected), Confirmed)
    (seen,) = (await shop.seen()).shipments
    assert seen.reference == collected.reference


async def test_an_error_inside_after_the_goods_were_told_of_is_unknown(shop: Shop) -> None:
    order = (await shop.adapter.fetch_order("1001")).body.decode()
    told = {"data": {"told": json.loads(order)}}
    adapter = answering(shop.world, told, failing("INTERNAL_SERVER_ERROR"))
    outcome = await adapter.confirm_shipment(shop.shipment(shop.lines(1)))
    assert outcome == Unknown(code="shopify-internal-server-error")


async def test_a_shipment_that_nobody_made_cannot_be_corrected(shop: Shop) -> None:
    more = {"remote_id": "", "replaces": "NEVER-1", "tracking_number": "NEW-1"}
    write = CorrectTracking.model_validate(shop.shipment(shop.lines(1)).model_dump() | more)
    assert await shop.adapter.correct_tracking(write) == Rejected(code="shopify-no-such-shipment")


async def test_a_second_location_that_could_not_be_told_leaves_the_shipment_unknown(shop: Shop) -> None:
    move(shop, shop.order.lines[0].number, 3, ELSEWHERE)
    order = json.loads((await shop.adapter.fetch_order("1001")).body)
    made: dict[str, object] = {"made": {"legacyResourceId": "5"}, "userErrors": []}
    told = ({"data": {"told": order}}, {"data": {"told": made}}, failing("THROTTLED"))
    outcome = await answering(shop.world, *told).confirm_shipment(shop.shipment(shop.lines(3, 2)))
    assert outcome == Unknown(code="shopify-throttled")
