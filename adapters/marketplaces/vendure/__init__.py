"""Vendure, a shop of one's own."""

from __future__ import annotations

from adapters.manifest import Manifest
from adapters.marketplaces.vendure.adapter import CAPABILITY, VendureMarketplace
from adapters.marketplaces.vendure.settings import VendureSettings

MANIFEST = Manifest("marketplace", "vendure", VendureSettings, VendureMarketplace, capability=CAPABILITY, tier="live")
