"""The sandbox world as parties: what `crossdock dev` and the demo run against when nothing else is given."""

from __future__ import annotations

from infra.settings import Settings
from workers.parties import PartiesFile

TOKEN = "sandbox-token"  # noqa: S105 - the toy world's own, printed in its help
SECRET = "sandbox-secret"  # noqa: S105 - likewise


def sandbox_parties(settings: Settings) -> PartiesFile:
    """Return the carriers, location systems and notifier of the sandbox world."""
    world = {"base_url": settings.sandbox_base_url, "token": TOKEN}
    signed = {**world, "webhook_secret": SECRET}
    return PartiesFile.model_validate(
        {
            "carriers": {
                name: {"adapter": "sandbox", "settings": {**signed, "carrier": name}, "allow_private": True}
                for name in ("sandbox-swift", "sandbox-blind")
            },
            "locations": {"sandbox": {"adapter": "sandbox", "settings": signed, "allow_private": True}},
            "notifier": {"adapter": "sandbox", "settings": world, "allow_private": True},
        }
    )
