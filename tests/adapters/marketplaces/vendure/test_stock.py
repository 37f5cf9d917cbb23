"""What may be sold in the shop is what we say, whatever it has allocated itself."""

import pytest

from adapters.marketplaces.vendure.adapter import VendureMarketplace
from domain.ports.marketplace import OfferedStock, StockResult
from infra.vendure.buyer import place_order
from infra.vendure.hand import Administrator
from infra.vendure.store import Store

pytest_plugins = ["tests.vendure_store"]
pytestmark = [pytest.mark.vendure, pytest.mark.timeout(900)]


async def offer(person: Administrator, sku: str, quantity: int) -> OfferedStock:
    return OfferedStock(listing_id=await person.variant_id(sku), sku=sku, quantity=quantity)


async def test_the_published_quantity_can_be_sold_beside_what_is_allocated(
    vendure_store: Store, marketplace: VendureMarketplace, administrator_of_store: Administrator
) -> None:
    await place_order(vendure_store, {"CMP-BRS": 2})
    row = await offer(administrator_of_store, "CMP-BRS", 7)
    assert await marketplace.publish_stock((row,)) == (StockResult(listing_id=row.listing_id),)
    level = await administrator_of_store.stock_of("CMP-BRS")
    assert (level.available, level.stock_allocated) == (7, 2)


async def test_publishing_twice_changes_nothing(
    marketplace: VendureMarketplace, administrator_of_store: Administrator
) -> None:
    row = await offer(administrator_of_store, "BRD-OAK", 11)
    for _ in range(2):
        await marketplace.publish_stock((row,))
    assert (await administrator_of_store.stock_of("BRD-OAK")).available == 11


async def test_nothing_left_is_published_too(
    marketplace: VendureMarketplace, administrator_of_store: Administrator
) -> None:
    row = await offer(administrator_of_store, "SWE-S", 0)
    await marketplace.publish_stock((row,))
    assert (await administrator_of_store.stock_of("SWE-S")).available == 0


async def test_a_listing_the_shop_does_not_know_does_not_lose_the_others(
    marketplace: VendureMarketplace, administrator_of_store: Administrator
) -> None:
    good = await offer(administrator_of_store, "SWE-M", 5)
    bad = OfferedStock(listing_id="987654", sku="GONE", quantity=5)
    results = await marketplace.publish_stock((bad, good))
    assert [(result.listing_id, result.code) for result in results] == [
        ("987654", "vendure-no-such-variant"),
        (good.listing_id, ""),
    ]
    assert (await administrator_of_store.stock_of("SWE-M")).available == 5
