"""EasyPost in earnest: skipped unless an account is lent; labels are bought with a test key only."""

from pydantic import BaseModel

from adapters.carriers.easypost import MANIFEST
from adapters.carriers.easypost.settings import EasyPostSettings
from adapters.conformance.live import CarrierLive


class TestEasyPostLive(CarrierLive):
    manifest = MANIFEST

    def in_test_mode(self, settings: BaseModel) -> bool:
        return isinstance(settings, EasyPostSettings) and settings.api_key.get_secret_value().startswith("EZTK")
