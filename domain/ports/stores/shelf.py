"""How is kept what locations tell of their own shelves: counts with their moments, and changes in any order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from domain.ports.stores.inventory import Movement
from domain.values import Model


class Gap(Model):
    """Numbers of changes that a location has not told, though it told later ones: from `first` to `last`."""

    location: str
    first: int
    last: int


class ShelfStore(Protocol):
    """Levels as the locations themselves report them. All of it is safe to repeat.

    Nothing falls below what is reserved: what is short is returned, and is booked by a later repeat once it can be.
    """

    async def count(self, told: Movement, units: int, counted_at: datetime) -> int:
        """Set on hand to what lay there at a moment, with all that moved since laid on top.

        A count that is older than the level's last one changes nothing; `told.delta` is ignored.

        Returns:
            The units that are promised although they are gone.
        """
        ...

    async def change(self, told: Movement, occurred_at: datetime) -> int:
        """Book a change that happened there; what a count has seen already changes nothing.

        Returns:
            The units that left although they are promised, or were never known to be there.
        """
        ...

    async def stocked(self, location: str) -> frozenset[str]:
        """Return the SKUs of which anything is on hand at a location."""
        ...

    async def note_sequences(self, location: str, sequences: Iterable[int], now: datetime) -> None:
        """Remember the numbers of changes that were told."""
        ...

    async def gaps(self, limit: int) -> tuple[Gap, ...]:
        """Return the numbers that lie between others and were never told, by location."""
        ...
