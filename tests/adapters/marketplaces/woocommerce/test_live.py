"""A WooCommerce shop in earnest: skipped unless an account is lent."""

from adapters.conformance.live import MarketplaceLive
from adapters.marketplaces.woocommerce import MANIFEST


class TestWooCommerceLive(MarketplaceLive):
    manifest = MANIFEST
