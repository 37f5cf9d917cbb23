"""The two carriers of the sandbox world."""

from __future__ import annotations

from adapters.carriers.sandbox.adapter import SandboxCarrier
from adapters.carriers.sandbox.settings import SandboxCarrierSettings
from adapters.manifest import Manifest

MANIFEST = Manifest("carrier", "sandbox", SandboxCarrierSettings, SandboxCarrier, tier="own")
