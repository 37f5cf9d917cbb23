"""Trying a channel names everything that lacks, also where it then cannot even list its orders."""

from __future__ import annotations

from adapters.http import make_client
from adapters.marketplaces.mirakl.adapter import MiraklMarketplace
from adapters.marketplaces.mirakl.settings import MiraklSettings
from tests.adapters.marketplaces.mirakl.world import MiraklWorld
from workers.connecting import Connection, try_out


async def tried(world: MiraklWorld, **changes: object) -> Connection:
    settings = MiraklSettings.model_validate({**world.settings, **changes})
    async with make_client(world.transport) as http:
        return await try_out(MiraklMarketplace(settings, http), world.now)


async def test_a_channel_that_grants_everything_works() -> None:
    connection = await tried(MiraklWorld())
    assert connection.works
    assert connection.remote_account == "https://market.example#2000"


async def test_what_lacks_is_named_though_no_order_may_be_listed() -> None:
    world = MiraklWorld()
    world.market.withheld = {"ROLE_PARTNER_ORDER_READ", "ROLE_PARTNER_ORDER_CANCEL"}
    connection = await tried(world)
    assert [(check.what, check.words) for check in connection.checks if not check.works] == [
        ("list orders", "http-403: http-403"),
        ("permission ROLE_PARTNER_ORDER_READ", "grant it there"),
        ("permission ROLE_PARTNER_ORDER_CANCEL", "grant it there"),
    ]
    assert connection.remote_account == "https://market.example#2000"


async def test_a_key_that_nobody_knows_is_no_permission() -> None:
    connection = await tried(MiraklWorld(), api_key="guessed")
    assert [(check.what, check.words.partition(":")[0]) for check in connection.checks] == [("list orders", "http-401")]
    assert connection.remote_account == ""
