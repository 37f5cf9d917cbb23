"""ShipEngine, a gateway to many carriers, also known as the ShipStation API v2."""

from __future__ import annotations

from adapters.carriers.shipengine.adapter import CAPABILITY, ShipEngine
from adapters.carriers.shipengine.settings import ShipEngineSettings
from adapters.manifest import Limit, Manifest

# 200 a minute in all: what the bucket holds and what flows in over a minute, papers apart, which are files.
_LIMITS = {"any": Limit(rate=3, burst=20), "paper": Limit(rate=20, burst=40)}

MANIFEST = Manifest("carrier", "shipengine", ShipEngineSettings, ShipEngine, capability=CAPABILITY, limits=_LIMITS)
