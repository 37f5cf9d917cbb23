"""A location whose system speaks the HTTP contract in this folder's README: the way in for whoever builds their own."""

from __future__ import annotations

from adapters.locations.http.adapter import CAPABILITY, HttpLocations
from adapters.locations.http.settings import HttpLocationsSettings
from adapters.manifest import Limit, Manifest

_LIMITS = {"write": Limit(rate=10, burst=20), "read": Limit(rate=10, burst=20)}

MANIFEST = Manifest(
    "location", "http", HttpLocationsSettings, HttpLocations, limits=_LIMITS, capability=CAPABILITY, tier="own"
)
