"""A shipment shows in the shop, once, also after an answer got lost or a person was faster."""

import asyncio

import pytest

from adapters.marketplaces.vendure.adapter import VendureMarketplace
from domain.effect import Absent, Confirmed, Found, Rejected, Unknown
from infra.vendure.buyer import PlacedOrder, place_order
from infra.vendure.hand import Administrator
from infra.vendure.store import Store
from tests.adapters.marketplaces.vendure.line import LossyLine
from tests.adapters.marketplaces.vendure.writes import cancellation, shipment

pytest_plugins = ["tests.vendure_store"]
pytestmark = [pytest.mark.vendure, pytest.mark.timeout(900)]


async def test_a_shipment_shows_its_tracking_code_and_moves_the_order(
    order: PlacedOrder, marketplace: VendureMarketplace, administrator_of_store: Administrator
) -> None:
    outcome = await marketplace.confirm_shipment(shipment(order, {"MUG-ENA": 3, "TOT-NAT": 2}, "1Z999"))
    seen = await administrator_of_store.look_at(order.id)
    assert isinstance(outcome, Confirmed)
    assert (outcome.remote_id, outcome.tracking_number) == (seen.fulfillments[0].id, "1Z999")
    assert (seen.state, seen.tracking_codes, seen.fulfillments[0].method) == ("Shipped", ["1Z999"], "Fast Parcels")


async def test_parcels_of_one_order_are_told_one_by_one(
    order: PlacedOrder, marketplace: VendureMarketplace, administrator_of_store: Administrator
) -> None:
    await marketplace.confirm_shipment(shipment(order, {"MUG-ENA": 2}, "P1"))
    half = await administrator_of_store.look_at(order.id)
    await marketplace.confirm_shipment(shipment(order, {"MUG-ENA": 1, "TOT-NAT": 2}, "P2"))
    whole = await administrator_of_store.look_at(order.id)
    assert (half.state, whole.state) == ("PartiallyShipped", "Shipped")
    assert sorted(whole.tracking_codes) == ["P1", "P2"]


async def test_parcels_of_one_order_can_be_told_at_once(
    vendure_store: Store, marketplace: VendureMarketplace, administrator_of_store: Administrator
) -> None:
    orders = [await place_order(vendure_store, {"MUG-ENA": 1, "TOT-NAT": 1}) for _ in range(3)]
    writes = [shipment(order, {sku: 1}, f"{sku}/{order.id}") for order in orders for sku in ("MUG-ENA", "TOT-NAT")]
    await asyncio.gather(*(marketplace.confirm_shipment(write) for write in writes))
    # The shop may stumble over the two: what it did not do is sent again, as always.
    for write in writes:
        if await marketplace.find(write) == Absent():
            assert isinstance(await marketplace.confirm_shipment(write), Confirmed)
    assert [(await administrator_of_store.look_at(order.id)).state for order in orders] == ["Shipped"] * 3


async def test_an_order_whose_last_open_line_is_cancelled_is_shipped(
    order: PlacedOrder, marketplace: VendureMarketplace, administrator_of_store: Administrator
) -> None:
    await marketplace.confirm_shipment(shipment(order, {"MUG-ENA": 3}))
    await marketplace.cancel_lines(cancellation(order, {"TOT-NAT": 2}, {"TOT-NAT": 2}))
    assert (await administrator_of_store.look_at(order.id)).state == "Shipped"


async def test_confirming_a_shipment_twice_is_harmless(
    order: PlacedOrder, marketplace: VendureMarketplace, administrator_of_store: Administrator
) -> None:
    write = shipment(order, {"MUG-ENA": 1})
    assert await marketplace.confirm_shipment(write) == await marketplace.confirm_shipment(write)
    assert len((await administrator_of_store.look_at(order.id)).fulfillments) == 1


@pytest.mark.parametrize(
    ("lost", "found"), [("addFulfillmentToOrder", Absent), ("transitionFulfillmentToState", Found)]
)
async def test_a_lost_answer_is_unknown_and_sending_again_finishes_it_once(
    order: PlacedOrder,
    marketplace: VendureMarketplace,
    administrator_of_store: Administrator,
    line: LossyLine,
    lost: str,
    found: type,
) -> None:
    write = shipment(order, {"MUG-ENA": 1})
    line.lose_answer_to(lost)
    assert isinstance(await marketplace.confirm_shipment(write), Unknown)
    assert isinstance(await marketplace.find(write), found)
    assert isinstance(await marketplace.confirm_shipment(write), Confirmed)
    assert isinstance(await marketplace.find(write), Found)
    (fulfillment,) = (await administrator_of_store.look_at(order.id)).fulfillments
    assert fulfillment.state == "Shipped"


async def test_what_was_shipped_by_hand_is_not_shipped_again(
    order: PlacedOrder, marketplace: VendureMarketplace, administrator_of_store: Administrator
) -> None:
    await administrator_of_store.ship(order.id)
    write = shipment(order, {"MUG-ENA": 3})
    outcome = await marketplace.confirm_shipment(write)
    assert outcome == Rejected(code="vendure-items-already-fulfilled", already_done=True)
    assert await marketplace.find(write) == Absent()
    assert len((await administrator_of_store.look_at(order.id)).fulfillments) == 1
