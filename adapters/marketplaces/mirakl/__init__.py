"""Marketplaces that Mirakl runs for their operators."""

from __future__ import annotations

from adapters.manifest import Limit, Manifest
from adapters.marketplaces.mirakl.adapter import CAPABILITY, MiraklMarketplace
from adapters.marketplaces.mirakl.settings import MiraklSettings

_MINUTE = 1 / 60
_FREELY = Limit(rate=2, burst=20)
"""For what may be asked at each order or parcel: a number nobody published, so that nobody is flooded."""

_OFTEN = ("A01", "OR11-one", "OR21", "OR23", "OR24", "OR28", "OR29", "OR30", "ST01", "ST11", "ST23")

MANIFEST = Manifest(
    "marketplace",
    "mirakl",
    MiraklSettings,
    MiraklMarketplace,
    limits={
        # "Maximum usage" of the published call frequencies; the pages of one pull are one use.
        "OR11": Limit(rate=_MINUTE, burst=50),
        "STO01": Limit(rate=_MINUTE, burst=1),
        "STO02": Limit(rate=1 / 15, burst=1),
        "STO03": Limit(rate=_MINUTE, burst=1),
        **dict.fromkeys(_OFTEN, _FREELY),
    },
    capability=CAPABILITY,
    tier="examples",
)
