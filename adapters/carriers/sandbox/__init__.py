"""The two carriers of the sandbox world."""

from __future__ import annotations

from adapters.carriers.sandbox.adapter import CAPABILITIES, SandboxCarrier
from adapters.carriers.sandbox.settings import SandboxCarrierSettings
from adapters.manifest import Manifest

MANIFEST = Manifest(
    "carrier", "sandbox", SandboxCarrierSettings, SandboxCarrier, capability=CAPABILITIES["sandbox-swift"], tier="own"
)
