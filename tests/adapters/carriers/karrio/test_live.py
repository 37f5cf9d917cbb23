"""A Karrio server in earnest: skipped unless an account is lent; labels are bought in its test mode only."""

from pydantic import BaseModel

from adapters.carriers.karrio import MANIFEST
from adapters.carriers.karrio.settings import KarrioSettings
from adapters.conformance.live import CarrierLive


class TestKarrioLive(CarrierLive):
    manifest = MANIFEST

    def in_test_mode(self, settings: BaseModel) -> bool:
        return isinstance(settings, KarrioSettings) and settings.test_mode
