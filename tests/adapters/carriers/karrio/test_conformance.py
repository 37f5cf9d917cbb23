"""Karrio keeps what every carrier promises."""

import pytest

from adapters.conformance.carrier import CarrierConformance
from tests.adapters.carriers.karrio.simulator import KarrioWorld


class TestKarrio(CarrierConformance):
    @pytest.fixture
    def world(self) -> KarrioWorld:
        return KarrioWorld()
