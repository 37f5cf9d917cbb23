"""How outages are kept, so that all workers know of them."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from domain.outage import Outage
from domain.ports.stores.wait import CauseEvent
from domain.waits import Wait


class OutageStore(Protocol):
    """Parties that failed lately, one row each; whoever has none is well."""

    async def known(self) -> tuple[Outage, ...]:
        """Return all of them, by party."""
        ...

    async def lock(self, party: str) -> Outage | None:
        """Lock the cause that waiters on this party's outage have, then return what is known."""
        ...

    async def keep(self, outage: Outage) -> None:
        """Keep what is known. Once it is open, an end of it that was announced before counts no longer."""
        ...

    async def end(self, party: str, now: datetime) -> bool:
        """Forget it, and clear its cause if it was open; return whether it was. The lock is held."""
        ...

    async def take_probe(self, party: str, now: datetime) -> bool:
        """Become the one who probes now: False when it is too early, somebody else does, or the outage is over."""
        ...

    async def under_way(self, event: CauseEvent, since: datetime) -> int:
        """Return how many this event has called up after that moment that are not done yet."""
        ...

    async def call_prober(self, party: str, now: datetime) -> Wait | None:
        """Choose who is to send the next probe, when one is due and nobody was chosen just now.

        Of those who wait it is the one that was called the longest time ago, and of those the most urgent: nobody's
        history bears all probes of a long outage.
        """
        ...
