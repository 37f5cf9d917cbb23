"""Whose key it is, and which roles its user lacks: asked by writes that no order, line or shipment is meant by."""

from __future__ import annotations

import json

import httpx
import pytest

from adapters.marketplaces.mirakl.access import NOBODY
from adapters.marketplaces.mirakl.adapter import MiraklMarketplace
from domain.errors import Unauthorized
from tests.adapters.marketplaces.mirakl.conftest import make_adapter
from tests.adapters.marketplaces.mirakl.world import MiraklWorld


async def test_all_that_lacks_is_named_in_the_words_of_the_contract(
    adapter: MiraklMarketplace, world: MiraklWorld
) -> None:
    world.market.withheld = {"ROLE_PARTNER_SHOP_READ", "ROLE_PARTNER_ORDER_SHIP", "ROLE_PARTNER_OFFER_STOCK_WRITE"}
    access = await adapter.check_access()
    assert set(access.missing) == world.market.withheld
    assert access.remote_account == "", "a shop that we may not read is not known"


@pytest.mark.parametrize("multi", [True, False])
async def test_every_write_names_what_nobody_has(*, multi: bool, world: MiraklWorld, http: httpx.AsyncClient) -> None:
    await make_adapter(world, http, multi_shipment=multi).check_access()
    written = [(path, body) for method, path, body in world.market.asked if method != "GET"]
    assert len(written) == 5
    assert all(NOBODY in path or NOBODY in json.dumps(body) for path, body in written)


async def test_a_key_that_nobody_knows_is_no_missing_role(world: MiraklWorld, http: httpx.AsyncClient) -> None:
    with pytest.raises(Unauthorized) as caught:
        await make_adapter(world, http, api_key="guessed").check_access()
    assert caught.value.code == "http-401"
