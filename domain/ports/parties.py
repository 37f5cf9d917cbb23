"""Where the engine finds the other sides: by account, carrier name and location system."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from domain.ports.carrier import Carrier
from domain.ports.location import LocationSystem
from domain.ports.marketplace import Marketplace
from domain.ports.notifier import Notifier
from domain.ports.webhook import WebhookReader

Carriers = Callable[[str], Carrier]
"""Who sells labels, by name. Raises NotFound."""


class Parties(Protocol):
    """All adapters that this installation has, ready to be asked. Each method raises NotFound."""

    async def marketplace(self, account: str) -> Marketplace:
        """Return the adapter of a channel account."""
        ...

    def carrier(self, name: str) -> Carrier:
        """Return a carrier."""
        ...

    async def carriers(self, account: str) -> Carriers:
        """Return who sells labels for a channel's orders: our carriers, and by its account the channel, if it can."""
        ...

    def location(self, system: str) -> LocationSystem:
        """Return the system that speaks for locations."""
        ...

    def notifier(self) -> Notifier:
        """Return the way to reach buyers."""
        ...

    async def webhooks(self, party: str) -> WebhookReader:
        """Return who can verify and read the messages of this party."""
        ...
