"""A marketplace of Mirakl's in earnest: skipped unless an account is lent."""

from adapters.conformance.live import MarketplaceLive
from adapters.marketplaces.mirakl import MANIFEST


class TestMiraklLive(MarketplaceLive):
    manifest = MANIFEST
