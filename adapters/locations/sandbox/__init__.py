"""The locations of the sandbox world: stores with staff, and an automated location."""

from __future__ import annotations

from adapters.locations.sandbox.adapter import CAPABILITY, SandboxLocations
from adapters.locations.sandbox.settings import SandboxLocationsSettings
from adapters.manifest import Manifest

MANIFEST = Manifest(
    "location", "sandbox", SandboxLocationsSettings, SandboxLocations, capability=CAPABILITY, tier="own"
)
