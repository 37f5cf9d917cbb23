"""EasyPost, a gateway to many carriers."""

from __future__ import annotations

from adapters.carriers.easypost.adapter import CAPABILITY, EasyPost
from adapters.carriers.easypost.settings import EasyPostSettings
from adapters.manifest import Limit, Manifest

# Only the limit of lists is published; beyond it EasyPost answers 429 by its load, so that the others are our manners.
_LIMITS = {"list": Limit(rate=5, burst=5), "any": Limit(rate=20, burst=40), "paper": Limit(rate=20, burst=40)}

MANIFEST = Manifest("carrier", "easypost", EasyPostSettings, EasyPost, capability=CAPABILITY, limits=_LIMITS)
