"""The adapter under test, in front of the real shop, with a line to it that can lose answers."""

from collections.abc import AsyncIterator

import pytest

from adapters.http import open_client
from adapters.marketplaces.vendure import MANIFEST
from adapters.marketplaces.vendure.adapter import VendureMarketplace
from adapters.marketplaces.vendure.settings import VendureSettings
from infra.vendure.store import Store
from tests.adapters.marketplaces.vendure.line import LossyLine


def settings_of(store: Store, secret: str = "") -> VendureSettings:
    return VendureSettings.model_validate(
        {
            "admin_api": store.admin_api,
            "username": store.username,
            "password": store.password,
            "pickup": {"store-pickup": "STORE-1"},
            "webhook_secret": secret,
        },
    )


@pytest.fixture
async def line() -> AsyncIterator[LossyLine]:
    transport = LossyLine()
    yield transport
    await transport.aclose()


@pytest.fixture
def settings(vendure_store: Store) -> VendureSettings:
    return settings_of(vendure_store)


@pytest.fixture
async def marketplace(settings: VendureSettings, line: LossyLine) -> AsyncIterator[VendureMarketplace]:
    async with open_client(line) as http:
        yield MANIFEST.factory(settings, http)
