"""A collected pickup shows in the shop."""

import pytest

from adapters.marketplaces.vendure.adapter import VendureMarketplace
from domain.effect import Absent, Confirmed, Found
from infra.vendure.buyer import place_order
from infra.vendure.hand import Administrator
from infra.vendure.store import Store
from tests.adapters.marketplaces.vendure.writes import pickup

pytest_plugins = ["tests.vendure_store"]
pytestmark = [pytest.mark.vendure, pytest.mark.timeout(900)]


async def test_a_collected_pickup_is_delivered_once_and_a_ready_one_is_not_told(
    vendure_store: Store, marketplace: VendureMarketplace, administrator_of_store: Administrator
) -> None:
    order = await place_order(vendure_store, {"LAN-TIN": 1}, shipping="store-pickup")
    ready, collected = pickup(order, collected=False), pickup(order, collected=True)
    assert isinstance(await marketplace.confirm_pickup(ready), Confirmed)
    assert isinstance(await marketplace.find(ready), Found)
    assert await marketplace.find(collected) == Absent()
    outcomes = [await marketplace.confirm_pickup(collected) for _ in range(2)]
    assert isinstance(await marketplace.find(collected), Found)
    seen = await administrator_of_store.look_at(order.id)
    assert (seen.state, len(seen.fulfillments), outcomes[0]) == ("Delivered", 1, outcomes[1])


async def test_our_reference_is_read_back_from_a_pickup(vendure_store: Store, marketplace: VendureMarketplace) -> None:
    order = await place_order(vendure_store, {"LAN-TIN": 1}, shipping="store-pickup")
    write = pickup(order, collected=True)
    await marketplace.confirm_pickup(write)
    (told,) = marketplace.read_order((await marketplace.fetch_order(order.id)).body).shipments
    assert (told.reference, told.tracking_number) == (write.reference, "")
