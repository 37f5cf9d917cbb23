"""Mirakl keeps what every marketplace promises: where orders leave in parts, and where they leave as a whole."""

import pytest

from adapters.conformance.marketplace import MarketplaceConformance
from tests.adapters.marketplaces.mirakl.world import MiraklWorld


class TestInParts(MarketplaceConformance):
    @pytest.fixture
    def world(self) -> MiraklWorld:
        return MiraklWorld(multi=True)


class TestAsAWhole(MarketplaceConformance):
    @pytest.fixture
    def world(self) -> MiraklWorld:
        return MiraklWorld(multi=False)
