"""Telling the marketplace that goods left."""

from collections.abc import AsyncIterator

import httpx
import pytest

from adapters.http import make_client
from adapters.marketplaces.mirakl.adapter import MiraklMarketplace
from domain.effect import Absent, Confirmed, Found, Rejected, Unknown
from domain.ports.marketplace import ConfirmPickup, CorrectTracking
from tests.adapters.marketplaces.mirakl.conftest import Sell, make_adapter, sent, shipment, writes
from tests.adapters.marketplaces.mirakl.simulator import failure
from tests.adapters.marketplaces.mirakl.world import MiraklWorld


@pytest.fixture
async def whole(world: MiraklWorld) -> AsyncIterator[MiraklMarketplace]:
    world.market.multi = False
    async with make_client(world.transport) as http:
        yield make_adapter(world, http, multi_shipment=False)


async def test_a_shipment_carries_our_reference_and_the_marketplaces_code_of_the_carrier(
    adapter: MiraklMarketplace, sell: Sell, world: MiraklWorld
) -> None:
    order = await sell(2, 1)
    assert isinstance(await adapter.confirm_shipment(shipment(order, 1)), Confirmed)
    (one,) = sent(world)["shipments"]
    assert one["shipped"] is True
    assert one["tracking"] == {"carrier_code": "DHL_DE", "tracking_number": "T-1"}
    assert [row["package_reference"] for row in one["shipment_lines"]] == ["tracking:T-1"]


async def test_a_carrier_without_a_code_is_told_by_its_name(
    adapter: MiraklMarketplace, sell: Sell, world: MiraklWorld
) -> None:
    await adapter.confirm_shipment(shipment(await sell(1), 1, carrier="Bote & Sohn"))
    assert sent(world)["shipments"][0]["tracking"] == {"carrier_name": "Bote & Sohn", "tracking_number": "T-1"}


async def test_where_only_coded_carriers_are_taken_it_says_which(world: MiraklWorld) -> None:
    codes = {"swift": "DHL_DE", "dpd": "DPD_DE"}
    async with make_client(world.transport) as http:
        assert make_adapter(world, http, carriers=codes).capability.carriers == ()
        assert make_adapter(world, http, carriers=codes, only_coded=True).capability.carriers == ("dpd", "swift")
        with pytest.raises(ValueError, match="only_coded leaves no carrier"):
            make_adapter(world, http, carriers={}, only_coded=True)


async def test_a_shipment_that_a_person_noted_is_not_noted_again(
    adapter: MiraklMarketplace, sell: Sell, world: MiraklWorld
) -> None:
    order = await sell(2)
    lines = [{"order_line_id": f"{order['order_id']}-1", "quantity": 2}]
    by_hand = {"id": "s-1", "order_id": order["order_id"], "status": "SHIPPED", "shipment_lines": lines}
    world.market.shipments.append({**by_hand, "tracking": {"tracking_number": "T-1"}})
    assert isinstance(await adapter.confirm_shipment(shipment(order, 2)), Confirmed)
    assert writes(world) == []


async def test_more_than_is_left_and_other_lines_are_refused(
    adapter: MiraklMarketplace, sell: Sell, world: MiraklWorld
) -> None:
    order = await sell(2)
    assert await adapter.confirm_shipment(shipment(order, 3)) == Rejected(code="mirakl-too-many-units")
    assert await adapter.confirm_shipment(shipment(order, 0, 1)) == Rejected(code="mirakl-no-such-line")
    assert writes(world) == []


async def test_an_order_that_may_not_leave_is_refused(adapter: MiraklMarketplace, sell: Sell) -> None:
    waiting, gone = await sell(1, state="WAITING_DEBIT"), await sell(1, state="SHIPPED")
    assert await adapter.confirm_shipment(shipment(waiting, 1)) == Rejected(code="mirakl-order-not-shipping")
    left = Rejected(code="mirakl-order-not-shipping", already_done=True)
    assert await adapter.confirm_shipment(shipment(gone, 1)) == left


async def test_an_error_inside_a_201_is_a_rejection(sell: Sell, world: MiraklWorld) -> None:
    order = await sell(1)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            world.market.move(order, "CANCELED")
        return world.market(request)

    async with make_client(httpx.MockTransport(answer)) as http:
        told = await make_adapter(world, http).confirm_shipment(shipment(order, 1))
    assert told == Rejected(code="mirakl-shipment-refused")


async def test_a_whole_order_is_tracked_and_then_shipped(
    whole: MiraklMarketplace, sell: Sell, world: MiraklWorld
) -> None:
    order = await sell(2, 1)
    assert isinstance(await whole.confirm_shipment(shipment(order, 2, 1)), Confirmed)
    path = f"orders/{order['order_id']}"
    assert writes(world) == [("PUT", f"{path}/tracking"), ("PUT", f"{path}/ship")]
    assert (order["order_state"], order["shipping_tracking"]) == ("SHIPPED", "T-1")


async def test_a_part_of_a_whole_order_does_not_leave(whole: MiraklMarketplace, sell: Sell, world: MiraklWorld) -> None:
    assert await whole.confirm_shipment(shipment(await sell(2, 1), 2)) == Rejected(code="mirakl-whole-order-only")
    assert writes(world) == []


async def test_what_broke_off_between_tracking_and_shipping_is_finished(sell: Sell, world: MiraklWorld) -> None:
    order, broken = await sell(1), True
    write = shipment(order, 1)

    def answer(request: httpx.Request) -> httpx.Response:
        return failure(400, "BUSY") if broken and request.url.path.endswith("/ship") else world.market(request)

    async with make_client(httpx.MockTransport(answer)) as http:
        adapter = make_adapter(world, http, multi_shipment=False)
        assert isinstance(await adapter.confirm_shipment(write), Unknown)
        assert isinstance(await adapter.find(write), Absent)
        broken = False
        assert isinstance(await adapter.confirm_shipment(write), Confirmed)
        assert isinstance(await adapter.find(write), Found)


async def test_a_number_of_a_shipment_that_is_not_there_cannot_be_corrected(
    adapter: MiraklMarketplace, sell: Sell
) -> None:
    told = shipment(await sell(1), 1).model_dump() | {"remote_id": "s-404", "replaces": "T-0"}
    assert await adapter.correct_tracking(CorrectTracking.model_validate(told)) == Rejected(
        code="mirakl-no-such-shipment"
    )


async def test_a_pickup_is_not_told(adapter: MiraklMarketplace, sell: Sell, world: MiraklWorld) -> None:
    order = await sell(1)
    write = ConfirmPickup(channel_order_id=order["order_id"], reference="pickup:1", quantities={}, collected=True)
    assert await adapter.confirm_pickup(write) == Rejected(code="cannot-confirm-pickup")
    assert writes(world) == []
