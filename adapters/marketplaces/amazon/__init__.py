"""Amazon, by its Selling Partner API."""

from __future__ import annotations

from adapters.manifest import Limit, Manifest
from adapters.marketplaces.amazon.adapter import CAPABILITY, AmazonMarketplace
from adapters.marketplaces.amazon.settings import AmazonSettings

LIMITS = {
    "searchOrders": Limit(0.0056, 20),
    "getOrder": Limit(0.5, 30),
    "confirmShipment": Limit(2, 10),
    "createFeedDocument": Limit(0.5, 15),
    "createFeed": Limit(0.0083, 15),
    "getFeed": Limit(2, 15),
    "getFeeds": Limit(0.0222, 10),
    "getFeedDocument": Limit(0.0222, 10),
    "patchListingsItem": Limit(5, 5),
    "getListingsItem": Limit(5, 10),
    # Nothing is published for these; they are kept far below what anybody has seen refused.
    "login": Limit(1, 10),
    "document": Limit(5, 20),
    "queue": Limit(20, 40),
}
"""The published default rates; an account with much business has higher ones."""

MANIFEST = Manifest(
    "marketplace",
    "amazon",
    AmazonSettings,
    AmazonMarketplace,
    capability=CAPABILITY,
    limits=LIMITS,
    hosts=("*.amazonaws.com",),
    tier="examples",
)
