"""ShipEngine keeps what every carrier promises."""

import pytest

from adapters.conformance.carrier import CarrierConformance
from tests.adapters.carriers.shipengine.simulator import ShipEngineWorld


class TestShipEngine(CarrierConformance):
    @pytest.fixture
    def world(self) -> ShipEngineWorld:
        return ShipEngineWorld()
