"""The sandbox's carriers keep what every carrier promises."""

import pytest

from adapters.conformance.carrier import CarrierConformance
from tests.adapters.carriers.sandbox.simulator import SandboxBlindWorld, SandboxSwiftWorld


class TestSandboxSwift(CarrierConformance):
    @pytest.fixture
    def world(self) -> SandboxSwiftWorld:
        return SandboxSwiftWorld()


class TestSandboxBlind(CarrierConformance):
    @pytest.fixture
    def world(self) -> SandboxBlindWorld:
        return SandboxBlindWorld()
