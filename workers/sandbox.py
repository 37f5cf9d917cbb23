"""The sandbox world as parties: what `crossdock dev` and the demo run against when nothing else is given."""

from __future__ import annotations

from infra.settings import Settings
from workers.parties import PartiesFile


def sandbox_parties(settings: Settings) -> PartiesFile:
    """Return the carriers, locations and notifier of the sandbox world."""
    world = {"base_url": settings.sandbox_base_url}
    return PartiesFile.model_validate(
        {
            "carriers": {
                name: {"adapter": "sandbox", "settings": {**world, "carrier": name}}
                for name in ("sandbox-swift", "sandbox-blind")
            },
            "locations": {"sandbox": {"adapter": "sandbox", "settings": world}},
            "notifier": {"adapter": "sandbox", "settings": world},
        }
    )
