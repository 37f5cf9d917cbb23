"""How is kept what locations tell of their own shelves: counts with their moments, and changes in any order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Protocol

from domain.inventory import MovementKind
from domain.ports.stores.inventory import Movement
from domain.rejection import NOT_FOUND
from domain.values import Model, Moment


class Gap(Model):
    """Numbers of changes that a location has not told, though it told later ones: from `first` to `last`."""

    location: str
    first: int
    last: int


class Missed(Model):
    """Units that a location did not find when it was to send them, and for which no sale of its own stands yet."""

    key: str
    at: Moment
    units: int


def stand_in(units: int, missed: Iterable[Missed], told: Movement) -> Iterator[tuple[Movement, datetime]]:
    """Yield, for so many units of what was told, the movements that take their loss back: it is told of as well.

    Each is dated as the loss it stands against, so that a count sees neither or both.
    """
    for loss in missed:
        taken = min(units, loss.units)
        if taken > 0:
            units -= taken
            words = {"key": f"{loss.key}={told.key}", "kind": MovementKind.ADJUST, "reason": NOT_FOUND}
            yield told.model_copy(update=words | {"delta": taken}), loss.at


class ShelfStore(Protocol):
    """Levels as the locations themselves report them. All of it is safe to repeat.

    Nothing falls below what is reserved: what is short is returned, and is booked by a later repeat once it can be.
    What was promised and left all the same is missed when it is to be sent: what is off the books by that leaves once.
    """

    async def count(self, told: Movement, units: int, counted_at: datetime) -> int:
        """Set on hand to what lay there at a moment, with all that moved since laid on top.

        A count that is older than the level's last one changes nothing; `told.delta` is ignored.

        Returns:
            The units that are promised although they are gone.
        """
        ...

    async def rising(self, location: str, counted: Mapping[str, int], counted_at: datetime) -> frozenset[str]:
        """Return the SKUs of which there is more by this count, with what moved since, than on the books."""
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
