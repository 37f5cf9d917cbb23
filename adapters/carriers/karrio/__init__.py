"""Karrio, a gateway to many carriers that one runs oneself."""

from __future__ import annotations

from adapters.carriers.karrio.adapter import CAPABILITY, Karrio
from adapters.carriers.karrio.settings import KarrioSettings
from adapters.manifest import Limit, Manifest

# What a server bears is its operator's to know; these are our manners.
_LIMITS = {"any": Limit(rate=10, burst=20), "paper": Limit(rate=10, burst=20)}

MANIFEST = Manifest("carrier", "karrio", KarrioSettings, Karrio, capability=CAPABILITY, limits=_LIMITS)
