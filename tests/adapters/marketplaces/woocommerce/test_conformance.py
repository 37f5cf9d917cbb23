"""WooCommerce keeps what every marketplace promises: with what the plugin keeps, and with native fulfillments."""

import pytest

from adapters.conformance.marketplace import MarketplaceConformance
from tests.adapters.marketplaces.woocommerce.world import WooWorld


class TestByPlugin(MarketplaceConformance):
    @pytest.fixture
    def world(self) -> WooWorld:
        return WooWorld("meta")


class TestByFulfillments(MarketplaceConformance):
    @pytest.fixture
    def world(self) -> WooWorld:
        return WooWorld("native")
