"""The marketplace of the sandbox world."""

from __future__ import annotations

from adapters.manifest import Manifest
from adapters.marketplaces.sandbox.adapter import CAPABILITY, SandboxMarketplace
from adapters.marketplaces.sandbox.settings import SandboxMarketplaceSettings

MANIFEST = Manifest(
    "marketplace", "sandbox", SandboxMarketplaceSettings, SandboxMarketplace,
    capability=CAPABILITY.model_copy(update={"sells_labels": True}), tier="own",
)  # fmt: skip
