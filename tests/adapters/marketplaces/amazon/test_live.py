"""Amazon in earnest: skipped unless an account is lent."""

from adapters.conformance.live import MarketplaceLive
from adapters.marketplaces.amazon import MANIFEST


class TestAmazonLive(MarketplaceLive):
    manifest = MANIFEST
    unknown_order = "999-9999999-9999999"
