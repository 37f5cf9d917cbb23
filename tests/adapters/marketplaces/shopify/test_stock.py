"""Publishing what may be sold: compared, then set."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.ports.marketplace import OfferedStock, StockResult
from tests.adapters.marketplaces.shopify.conftest import Shop


def rows(**quantities: int) -> tuple[OfferedStock, ...]:
    return tuple(
        OfferedStock(listing_id=listing.lstrip("v"), sku="x", quantity=units) for listing, units in quantities.items()
    )


def codes(told: tuple[StockResult, ...]) -> dict[str, str]:
    return {row.listing_id: row.code for row in told}


async def test_a_row_that_does_not_fit_does_not_lose_the_others(shop: Shop) -> None:
    shop.admin.untracked.add("4403")
    shop.admin.stock["4404"] = (0, shop.world.now)
    shop.admin.unstocked.add("4404")
    told = await shop.adapter.publish_stock(rows(v4401=5, v4402=-1, v4403=3, v4404=1, v4999=2))
    assert codes(told) == {
        "4401": "",
        "4402": "shopify-invalid-quantity-negative",
        "4403": "shopify-not-tracked",
        "4404": "shopify-not-stocked-here",
        "4999": "shopify-no-such-variant",
    }
    assert shop.admin.stock["4401"][0] == 5
    assert shop.admin.stock["4402"][0] == 0


async def test_a_listing_that_is_no_variant_does_not_lose_the_others(shop: Shop) -> None:
    custom = OfferedStock(listing_id="custom:7", sku="x", quantity=1)
    told = await shop.adapter.publish_stock((*rows(v4401=5), custom))
    assert codes(told) == {"4401": "", "custom:7": "shopify-no-such-variant"}
    assert shop.admin.stock["4401"][0] == 5


async def test_what_was_sold_in_between_is_read_and_set_again(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    true_set, sales = shop.admin.set_quantities, [1, 2]

    def sell_first(asked: dict[str, Any]) -> dict[str, Any]:
        if sales:
            shop.admin.stock["4401"] = (shop.admin.stock["4401"][0] - sales.pop(), shop.world.now)
        return true_set(asked)

    monkeypatch.setattr(shop.admin, "set_quantities", sell_first)
    assert codes(await shop.adapter.publish_stock(rows(v4401=9, v4402=4))) == {"4401": "", "4402": ""}
    assert [shop.admin.stock[each][0] for each in ("4401", "4402")] == [9, 4]


async def test_a_row_that_never_stands_still_is_given_up_and_named(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    true_set = shop.admin.set_quantities

    def sell_always(asked: dict[str, Any]) -> dict[str, Any]:
        shop.admin.stock["4401"] = (shop.admin.stock["4401"][0] - 1, shop.world.now)
        return true_set(asked)

    monkeypatch.setattr(shop.admin, "set_quantities", sell_always)
    assert codes(await shop.adapter.publish_stock(rows(v4401=9))) == {"4401": "shopify-stock-moves"}


async def test_the_same_change_at_another_time_is_another_request(shop: Shop) -> None:
    for day in range(2):
        moment = shop.world.now + timedelta(days=day)
        shop.admin.stock["4401"] = (3, moment)
        await shop.adapter.publish_stock(rows(v4401=5))
        assert shop.admin.stock["4401"][0] == 5
    assert len(shop.admin.answered) == 2


async def test_a_quantity_that_stands_already_is_not_sent(shop: Shop) -> None:
    shop.admin.stock["4401"] = (5, shop.world.now)
    assert codes(await shop.adapter.publish_stock(rows(v4401=5))) == {"4401": ""}
    assert not shop.admin.answered
