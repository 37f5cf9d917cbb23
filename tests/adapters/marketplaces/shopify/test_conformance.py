"""Shopify keeps what every marketplace promises, with and without the vendor's schema behind it."""

import pytest

from adapters.conformance.marketplace import MarketplaceConformance
from adapters.marketplaces.shopify.api import VERSION
from tests.adapters.marketplaces.shopify.engine import on_schema, read_schema
from tests.adapters.marketplaces.shopify.simulator import ShopifyWorld
from tests.vendor import contracts


class TestShopify(MarketplaceConformance):
    @pytest.fixture
    def world(self) -> ShopifyWorld:
        return ShopifyWorld()


@pytest.mark.vendor
class TestShopifyOnItsSchema(MarketplaceConformance):
    @pytest.fixture
    def world(self) -> ShopifyWorld:
        return ShopifyWorld(on_schema(read_schema(contracts("channels/shopify"), VERSION)))
