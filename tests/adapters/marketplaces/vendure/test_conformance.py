"""Vendure keeps what every marketplace promises: the real shop is the witness."""

from collections.abc import AsyncIterator, Iterator

import httpx
import psycopg
import pytest

from adapters.conformance.marketplace import MarketplaceConformance
from adapters.marketplaces.vendure import pull
from adapters.marketplaces.vendure.settings import VendureSettings
from infra.settings import DRIVER
from infra.vendure.hand import Administrator
from infra.vendure.store import Store
from tests.adapters.marketplaces.vendure.copier import Copier
from tests.adapters.marketplaces.vendure.till import at_the_till
from tests.adapters.marketplaces.vendure.world import PAGE, VendureWorld

pytest_plugins = ["tests.vendure_store"]
pytestmark = [pytest.mark.vendure, pytest.mark.timeout(900)]


@pytest.fixture(scope="session")
async def wire() -> AsyncIterator[httpx.AsyncBaseTransport]:
    transport = httpx.AsyncHTTPTransport()
    yield transport
    await transport.aclose()


@pytest.fixture(scope="session")
def database(vendure_store: Store) -> Iterator[psycopg.Connection]:
    """The shop's own."""
    address = vendure_store.server_url.replace(f"{DRIVER}://", "postgresql://", 1)
    with psycopg.connect(address, dbname=vendure_store.database, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
async def copier(vendure_store: Store, database: psycopg.Connection) -> AsyncIterator[Copier]:
    async with at_the_till(vendure_store) as till:
        yield Copier(till, database)


class TestVendure(MarketplaceConformance):
    @pytest.fixture
    async def world(
        self,
        settings: VendureSettings,
        wire: httpx.AsyncBaseTransport,
        copier: Copier,
        administrator_of_store: Administrator,
        database: psycopg.Connection,
        monkeypatch: pytest.MonkeyPatch,
    ) -> AsyncIterator[VendureWorld]:
        monkeypatch.setattr(pull, "ORDERS_A_PAGE", PAGE)
        access = settings.model_dump(mode="json") | {"password": settings.password.get_secret_value()}
        world = VendureWorld(access, wire, copier, administrator_of_store, database)
        world.clear()
        yield world
        world.clear()
