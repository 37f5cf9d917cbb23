"""Telling the shop that goods left: once, for what is there, and never backwards."""

import asyncio
from typing import Any, Literal

import httpx
import pytest

from adapters.http import make_client
from adapters.marketplaces.woocommerce.adapter import WooCommerceMarketplace
from domain.effect import Absent, Confirmed, Found, Rejected, Unknown
from domain.ports.marketplace import ConfirmPickup, CorrectTracking
from tests.adapters.marketplaces.woocommerce.conftest import Sell, make_adapter, shipment
from tests.adapters.marketplaces.woocommerce.simulator import failure
from tests.adapters.marketplaces.woocommerce.world import WooWorld

Way = Literal["meta", "native"]


def writes(world: WooWorld) -> list[tuple[str, str]]:
    return [(method, path) for method, path, _ in world.shop.asked if method != "GET"]


async def test_the_plugin_shows_the_parcel_and_keeps_what_a_person_entered(
    adapter: WooCommerceMarketplace, sell: Sell, world: WooWorld
) -> None:
    order = sell(2)
    by_hand = {"tracking_number": "H-1", "tracking_provider": "ups", "date_shipped": "1767225600", "tracking_id": "ab"}
    world.shop.set_meta(order["id"], "_wc_shipment_tracking_items", {"3": by_hand})
    await adapter.confirm_shipment(shipment(order, "T-1", _11=1))
    (kept,) = [row["value"] for row in order["meta_data"] if row["key"] == "_wc_shipment_tracking_items"]
    assert kept[0] == by_hand
    assert (kept[1]["tracking_number"], kept[1]["custom_tracking_provider"]) == ("T-1", "DHL")


async def test_an_order_is_completed_with_its_last_parcel(
    adapter: WooCommerceMarketplace, sell: Sell, world: WooWorld
) -> None:
    order = sell(2)
    await adapter.confirm_shipment(shipment(order, "T-1", _11=1))
    assert order["status"] == "processing"
    await adapter.confirm_shipment(shipment(order, "T-2", _11=1))
    assert order["status"] == "completed"
    assert len(writes(world)) == 2, "the last parcel and the status are one write"


async def test_a_native_fulfillment_is_no_status_so_the_order_is_completed_after_it() -> None:
    world = WooWorld("native")
    order = world.shop.place(
        [{"id": 11, "product_id": 52, "quantity": 1, "subtotal": "5.00"}], "EUR", world.now, "5.00"
    )
    async with make_client(world.transport) as http:
        outcome = await make_adapter(world, http).confirm_shipment(shipment(order, _11=1))
    assert isinstance(outcome, Confirmed)
    assert order["status"] == "completed"
    assert writes(world) == [("POST", f"/orders/{order['id']}/fulfillments"), ("PUT", f"/orders/{order['id']}")]


async def test_what_broke_off_between_fulfillment_and_status_is_finished_and_not_repeated() -> None:
    world = WooWorld("native")
    order = world.shop.place(
        [{"id": 11, "product_id": 52, "quantity": 1, "subtotal": "5.00"}], "EUR", world.now, "5.00"
    )
    write, broken = shipment(order, _11=1), True

    def answer(request: httpx.Request) -> httpx.Response:
        return failure(500, "internal_server_error") if broken and request.method == "PUT" else world.shop(request)

    async with make_client(httpx.MockTransport(answer)) as http:
        adapter = make_adapter(world, http)
        assert isinstance(await adapter.confirm_shipment(write), Unknown)
        assert isinstance(await adapter.find(write), Absent)
        broken = False
        assert isinstance(await adapter.confirm_shipment(write), Confirmed)
        assert isinstance(await adapter.find(write), Found)
    assert len(world.shop.fulfillments[order["id"]]) == 1
    assert order["status"] == "completed"


@pytest.mark.parametrize("way", ["meta", "native"])
async def test_two_parcels_at_once_are_both_kept_and_complete_the_order(way: Way) -> None:
    world = WooWorld(way)
    lines: list[dict[str, Any]] = [{"id": 11, "product_id": 52, "quantity": 2, "subtotal": "5.00"}]
    order = world.shop.place(lines, "EUR", world.now, "5.00")
    async with make_client(world.transport) as http:
        adapter = make_adapter(world, http)
        both = (adapter.confirm_shipment(shipment(order, number, _11=1)) for number in ("T-1", "T-2"))
        assert all(isinstance(one, Confirmed) for one in await asyncio.gather(*both))
        truth = await world.truth(str(order["id"]))
    assert set(truth.tracking_numbers) == {"T-1", "T-2"}
    assert order["status"] == "completed"


async def test_two_machines_that_do_not_see_each_other_still_complete_the_order(
    sell: Sell, world: WooWorld, http: httpx.AsyncClient
) -> None:
    order = sell(2)
    one, other = (make_adapter(world, http) for _ in range(2))
    await asyncio.gather(
        one.confirm_shipment(shipment(order, "T-1", _11=1)), other.confirm_shipment(shipment(order, "T-2", _11=1))
    )
    assert set((await world.truth(str(order["id"]))).tracking_numbers) == {"T-1", "T-2"}
    assert order["status"] == "completed"


async def test_a_number_that_a_person_entered_is_not_entered_again(
    adapter: WooCommerceMarketplace, sell: Sell, world: WooWorld
) -> None:
    order = sell(2)
    world.shop.set_meta(order["id"], "_wc_shipment_tracking_items", [{"tracking_number": "T-1"}])
    assert isinstance(await adapter.confirm_shipment(shipment(order, "T-1", _11=1)), Confirmed)
    assert writes(world) == []


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("cancelled", "woocommerce-order-cancelled"),
        ("trash", "woocommerce-order-cancelled"),
        ("pending", "woocommerce-order-unpaid"),
        ("failed", "woocommerce-order-unpaid"),
    ],
)
async def test_an_order_that_should_not_leave_is_not_completed(
    status: str, code: str, adapter: WooCommerceMarketplace, sell: Sell, world: WooWorld
) -> None:
    order = sell(1, status=status)
    assert await adapter.confirm_shipment(shipment(order, _11=1)) == Rejected(code=code)
    assert (order["status"], writes(world)) == (status, [])


@pytest.mark.parametrize("status", ["completed", "refunded"])
async def test_no_status_is_moved_backwards(
    status: str, adapter: WooCommerceMarketplace, sell: Sell, world: WooWorld
) -> None:
    order = sell(2, status=status)
    await adapter.confirm_shipment(shipment(order, _11=1))
    assert order["status"] == status
    assert not any("status" in body for _, _, body in world.shop.asked if body)


async def test_more_than_was_ordered_does_not_leave(
    adapter: WooCommerceMarketplace, sell: Sell, world: WooWorld
) -> None:
    order = sell(2)
    assert await adapter.confirm_shipment(shipment(order, _11=5)) == Rejected(code="woocommerce-too-many-units")
    assert await adapter.confirm_shipment(shipment(order, _99=1)) == Rejected(code="woocommerce-no-such-line")
    assert writes(world) == []


async def test_units_that_a_person_sent_are_done_already(
    adapter: WooCommerceMarketplace, sell: Sell, world: WooWorld
) -> None:
    order = sell(1)
    world.shop.change(order["id"], {"status": "completed"})
    outcome = await adapter.confirm_shipment(shipment(order, _11=1))
    assert outcome == Rejected(code="woocommerce-too-many-units", already_done=True)


async def test_a_pickup_that_is_ready_is_nothing_to_the_shop(
    adapter: WooCommerceMarketplace, sell: Sell, world: WooWorld
) -> None:
    order = sell(1)
    write = ConfirmPickup(
        channel_order_id=str(order["id"]), reference="pickup:1", quantities={"11": 1}, collected=False
    )
    assert await adapter.confirm_pickup(write) == Confirmed()
    assert isinstance(await adapter.find(write), Found)
    assert writes(world) == []


async def test_a_corrected_number_replaces_the_old_one_everywhere(adapter: WooCommerceMarketplace, sell: Sell) -> None:
    order = sell(1)
    sent = shipment(order, "T-1", _11=1)
    confirmed = await adapter.confirm_shipment(sent)
    assert isinstance(confirmed, Confirmed)
    changed = {
        "reference": "correction:1",
        "tracking_number": "T-9",
        "remote_id": confirmed.remote_id,
        "replaces": "T-1",
    }
    write = CorrectTracking.model_validate(sent.model_dump() | changed)
    assert isinstance(await adapter.correct_tracking(write), Confirmed)
    assert "T-1" not in str(
        [row["value"].get("tracking_number") for row in order["meta_data"] if isinstance(row["value"], dict)]
    )
    assert [row["value"][0]["tracking_number"] for row in order["meta_data"] if isinstance(row["value"], list)] == [
        "T-9"
    ]


async def test_a_shipment_that_is_not_there_has_no_number_to_correct(
    adapter: WooCommerceMarketplace, sell: Sell
) -> None:
    told = shipment(sell(1), "T-2", _11=1).model_dump() | {"remote_id": "7", "replaces": "T-1"}
    assert await adapter.correct_tracking(CorrectTracking.model_validate(told)) == Rejected(
        code="woocommerce-no-such-shipment"
    )
