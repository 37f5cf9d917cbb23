"""The adapter under test, in front of the real shop, with a line to it that can lose answers."""

from collections.abc import AsyncIterator

import pytest

from adapters.http import make_client
from adapters.marketplaces.vendure import MANIFEST
from adapters.marketplaces.vendure.adapter import VendureMarketplace
from adapters.marketplaces.vendure.settings import VendureSettings
from infra.vendure.buyer import PlacedOrder, place_order
from infra.vendure.hand import Administrator
from infra.vendure.store import Store
from tests.adapters.marketplaces.vendure.line import LossyLine


@pytest.fixture(scope="session")
async def _line() -> AsyncIterator[LossyLine]:
    transport = LossyLine()
    yield transport
    await transport.aclose()


@pytest.fixture
def line(_line: LossyLine) -> LossyLine:
    """The line of `marketplace`, with nothing lost and nothing sent yet."""
    _line.forget()
    return _line


@pytest.fixture(scope="session")
async def settings(vendure_store: Store, administrator_of_store: Administrator) -> VendureSettings:
    """The adapter's own access: it may do what it needs and nothing else."""
    username, password = "crossdock@example.com", "its-own-password"
    await administrator_of_store.hire(username, password)
    told = {"admin_api": vendure_store.admin_api, "username": username, "password": password}
    return VendureSettings.model_validate(told | {"pickup": {"store-pickup": "STORE-1"}})


@pytest.fixture(scope="session")
async def marketplace(settings: VendureSettings, _line: LossyLine) -> AsyncIterator[VendureMarketplace]:
    async with make_client(_line) as http:
        yield MANIFEST.factory(settings, http)


@pytest.fixture
async def order(vendure_store: Store) -> PlacedOrder:
    """A paid order of three mugs and two totes."""
    return await place_order(vendure_store, {"MUG-ENA": 3, "TOT-NAT": 2})
