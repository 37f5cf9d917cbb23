"""A location behind HTTP keeps what every location promises."""

import pytest

from adapters.conformance.location import LocationConformance
from tests.adapters.locations.http.simulator import HttpLocationsWorld


class TestHttpLocations(LocationConformance):
    @pytest.fixture
    def world(self) -> HttpLocationsWorld:
        return HttpLocationsWorld()
