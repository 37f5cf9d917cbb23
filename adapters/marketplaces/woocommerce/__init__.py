"""WooCommerce, a shop of one's own on WordPress."""

from __future__ import annotations

from adapters.manifest import Manifest
from adapters.marketplaces.woocommerce.adapter import CAPABILITY, WooCommerceMarketplace
from adapters.marketplaces.woocommerce.settings import WooCommerceSettings

MANIFEST = Manifest(
    "marketplace", "woocommerce", WooCommerceSettings, WooCommerceMarketplace, capability=CAPABILITY, tier="examples"
)
