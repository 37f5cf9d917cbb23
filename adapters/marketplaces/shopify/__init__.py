"""Shopify, by its Admin GraphQL API."""

from __future__ import annotations

from adapters.manifest import Limit, Manifest
from adapters.marketplaces.shopify.adapter import CAPABILITY, ShopifyMarketplace
from adapters.marketplaces.shopify.api import POINTS
from adapters.marketplaces.shopify.settings import ShopifySettings

MANIFEST = Manifest(
    "marketplace",
    "shopify",
    ShopifySettings,
    ShopifyMarketplace,
    capability=CAPABILITY,
    # The points of the smallest plan; larger plans have more, and are told so by no header.
    hosts=("*.myshopify.com",),
    limits={POINTS: Limit(rate=100, burst=1000)},
)
