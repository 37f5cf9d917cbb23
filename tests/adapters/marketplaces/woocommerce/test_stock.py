"""Publishing quantities of products and of their variations."""

import httpx

from adapters.http import make_client
from adapters.marketplaces.woocommerce.adapter import WooCommerceMarketplace
from domain.ports.marketplace import OfferedStock, StockResult
from tests.adapters.marketplaces.woocommerce.conftest import make_adapter
from tests.adapters.marketplaces.woocommerce.simulator import answer
from tests.adapters.marketplaces.woocommerce.world import WooWorld


def rows(*listings: str) -> tuple[OfferedStock, ...]:
    return tuple(OfferedStock(listing_id=one, sku="S", quantity=4) for one in listings)


async def test_variations_go_to_their_own_product(adapter: WooCommerceMarketplace, world: WooWorld) -> None:
    world.shop.stock |= {"60:62": None, "70:1": None}
    told = await adapter.publish_stock(rows("60:61", "52", "60:62", "70:1"))
    assert told == tuple(StockResult(listing_id=one) for one in ("60:61", "52", "60:62", "70:1"))
    assert [path for _, path, _ in world.shop.asked] == [
        "/products/60/variations/batch", "/products/batch", "/products/70/variations/batch",
    ]  # fmt: skip


async def test_no_request_has_more_than_a_hundred_rows(adapter: WooCommerceMarketplace, world: WooWorld) -> None:
    many = [str(number) for number in range(1, 251)]
    world.shop.stock |= dict.fromkeys(many)
    assert not any(one.code for one in await adapter.publish_stock(rows(*many)))
    assert [len(body["update"]) for _, _, body in world.shop.asked] == [100, 100, 50]


async def test_a_row_that_fails_inside_a_200_fails_alone(adapter: WooCommerceMarketplace, world: WooWorld) -> None:
    told = await adapter.publish_stock(rows("52", "404"))
    assert [one.code for one in told] == ["", "woocommerce_rest_product_invalid_id"]
    assert world.shop.stock["52"] == 4


async def test_a_listing_that_is_no_product_is_never_sent(adapter: WooCommerceMarketplace, world: WooWorld) -> None:
    told = await adapter.publish_stock(rows("../orders", "52", "60:x"))
    assert [one.code for one in told] == ["woocommerce-no-such-listing", "", "woocommerce-no-such-listing"]
    assert len(world.shop.asked) == 1


async def test_a_shop_that_keeps_no_stock_of_a_product_has_not_taken_it(world: WooWorld) -> None:
    told = {"update": [{"id": 52, "manage_stock": False, "stock_quantity": None}]}
    async with make_client(httpx.MockTransport(lambda _: answer(told))) as http:
        (result,) = await make_adapter(world, http).publish_stock(rows("52"))
    assert result.code == "woocommerce-stock-not-taken"
