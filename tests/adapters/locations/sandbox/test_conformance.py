"""The sandbox's locations keep what every location promises."""

import pytest

from adapters.conformance.location import LocationConformance
from tests.adapters.locations.sandbox.simulator import SandboxLocationsWorld


class TestSandboxLocations(LocationConformance):
    @pytest.fixture
    def world(self) -> SandboxLocationsWorld:
        return SandboxLocationsWorld()
