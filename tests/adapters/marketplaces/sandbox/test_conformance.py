"""The sandbox's marketplace keeps what every marketplace promises."""

import pytest

from adapters.conformance.marketplace import MarketplaceConformance
from tests.adapters.marketplaces.sandbox.simulator import SandboxMarketplaceWorld


class TestSandboxMarketplace(MarketplaceConformance):
    @pytest.fixture
    def world(self) -> SandboxMarketplaceWorld:
        return SandboxMarketplaceWorld()
