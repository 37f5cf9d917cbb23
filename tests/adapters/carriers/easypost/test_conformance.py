"""EasyPost keeps what every carrier promises."""

import pytest

from adapters.conformance.carrier import CarrierConformance
from tests.adapters.carriers.easypost.simulator import EasyPostWorld


class TestEasyPost(CarrierConformance):
    @pytest.fixture
    def world(self) -> EasyPostWorld:
        return EasyPostWorld()
