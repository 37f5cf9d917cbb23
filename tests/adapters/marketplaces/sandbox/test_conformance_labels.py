"""The sandbox's marketplace, as the carrier of its own orders, keeps what every carrier promises."""

import pytest

from adapters.conformance.carrier import CarrierConformance
from adapters.conformance.labels import labels_of
from adapters.conformance.marketplace import MarketplaceConformance
from adapters.conformance.promises import opened
from adapters.http import make_client
from adapters.marketplaces.vendure import MANIFEST as SELLS_NONE
from tests.adapters.marketplaces.sandbox.counter import SandboxCounterWorld
from tests.adapters.marketplaces.sandbox.simulator import SandboxMarketplaceWorld


class TestSandboxLabels(CarrierConformance):
    @pytest.fixture
    def world(self) -> SandboxCounterWorld:
        return SandboxCounterWorld()


class SellingWorld(SandboxMarketplaceWorld):
    @property
    def settings(self) -> dict[str, object]:
        return {**super().settings, "sells_labels": True, "carriers": ["swift"]}


async def test_what_it_takes_and_sells_follows_from_its_settings() -> None:
    async with opened(SellingWorld()) as scene:
        assert (scene.capability.sells_labels, scene.capability.carriers) == (True, ("swift",))
        await MarketplaceConformance().test_it_sells_labels_only_as_a_carrier(scene)
    async with opened(SandboxMarketplaceWorld()) as scene:
        assert (scene.capability.sells_labels, scene.capability.carriers) == (False, ())


async def test_a_marketplace_that_sells_none_is_no_carrier() -> None:
    settings = SELLS_NONE.settings.model_validate(
        {"admin_api": "https://shop.example", "username": "u", "password": "p"}
    )
    async with make_client() as http:
        with pytest.raises(TypeError, match="sells no labels"):
            labels_of(SELLS_NONE).factory(settings, http)
