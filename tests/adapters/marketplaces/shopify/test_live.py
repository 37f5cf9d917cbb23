"""A Shopify store in earnest: skipped unless an account is lent."""

from adapters.conformance.live import MarketplaceLive
from adapters.marketplaces.shopify import MANIFEST


class TestShopifyLive(MarketplaceLive):
    manifest = MANIFEST
