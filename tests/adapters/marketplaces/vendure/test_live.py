"""Vendure in earnest: the account that is lent, or the real shop that runs right here."""

import os
from collections.abc import Mapping

import pytest

from adapters.conformance.live import MarketplaceLive, variable_of
from adapters.marketplaces.vendure import MANIFEST
from adapters.marketplaces.vendure.settings import VendureSettings
from infra.vendure.buyer import place_order
from infra.vendure.store import Store

pytest_plugins = ["tests.vendure_store"]
pytestmark = [pytest.mark.vendure, pytest.mark.timeout(900)]


class TestVendureLive(MarketplaceLive):
    manifest = MANIFEST


@pytest.mark.skipif(variable_of(MANIFEST) in os.environ, reason="another shop was lent")
class TestVendureHere(MarketplaceLive):
    manifest = MANIFEST

    @pytest.fixture
    async def account(self, settings: VendureSettings, vendure_store: Store) -> Mapping[str, object]:
        await place_order(vendure_store, {"SLT-200": 1})
        return settings.model_dump(mode="json") | {"password": settings.password.get_secret_value()}
