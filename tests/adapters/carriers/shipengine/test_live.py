"""ShipEngine in earnest: skipped unless an account is lent; labels are bought with a sandbox key only."""

from pydantic import BaseModel

from adapters.carriers.shipengine import MANIFEST
from adapters.carriers.shipengine.settings import ShipEngineSettings
from adapters.conformance.live import CarrierLive


class TestShipEngineLive(CarrierLive):
    manifest = MANIFEST

    def in_test_mode(self, settings: BaseModel) -> bool:
        return isinstance(settings, ShipEngineSettings) and settings.api_key.get_secret_value().startswith("TEST_")
