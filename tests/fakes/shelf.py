"""What locations tell of their own shelves, in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import pairwise

from domain.inventory import InventoryLevel
from domain.ports.stores.inventory import Movement
from domain.ports.stores.shelf import Gap, Missed, stand_in
from domain.rejection import NOT_FOUND
from tests.fakes.state import State


class FakeShelfStore:
    """Counts and changes as locations report them."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def count(self, told: Movement, units: int, counted_at: datetime) -> int:
        """Lay what moved since on top of what was counted."""
        level, place = self._level(told), (told.sku, told.location)
        last = self._state.counted_at.get(place)
        if last is not None and counted_at < last:
            return 0
        believed = max(units + self._moved_since(*place, counted_at), 0)
        self._state.counted_at[place] = counted_at
        self._book(told, max(believed, level.reserved) - level.on_hand, counted_at)
        return max(level.reserved - believed, 0)

    async def rising(self, location: str, counted: Mapping[str, int], counted_at: datetime) -> frozenset[str]:
        """Return of which SKUs there is more than on the books."""
        levels = self._state.levels
        on_hand = {sku: level.on_hand for sku in counted if (level := levels.get((sku, location)))}
        return frozenset(
            sku
            for sku, units in counted.items()
            if units + self._moved_since(sku, location, counted_at) > on_hand.get(sku, 0)
        )

    def _moved_since(self, sku: str, location: str, moment: datetime) -> int:
        return sum(
            one.delta
            for key, one in self._state.movements.items()
            if (one.sku, one.location) == (sku, location) and self._state.moved_at.get(key, moment) > moment
        )

    async def change(self, told: Movement, occurred_at: datetime) -> int:
        """Book what of a change is not booked yet, as far as it can be."""
        level = self._level(told)
        last = self._state.counted_at.get((told.sku, told.location))
        if last is not None and occurred_at <= last:
            return 0
        known = self._keys(told.key)
        wanted = told.delta - sum(self._state.movements[key].delta for key in known)
        free = min(level.reserved - level.on_hand, 0)
        if wanted >= 0:
            self._book(told, wanted, occurred_at)
            return 0
        doubtful = -wanted if known else max(free - wanted, 0)
        back = 0
        for loss, at in stand_in(doubtful, self._missed(told, occurred_at), told):
            self._book(loss, loss.delta, at)
            back += loss.delta
        delta = max(wanted + back, free)
        self._book(told, delta - back, occurred_at, even_nothing=not known)
        return delta - back - wanted

    async def stocked(self, location: str) -> frozenset[str]:
        """Return what lies at a location."""
        levels = self._state.levels.values()
        return frozenset(level.sku for level in levels if level.location == location and level.on_hand > 0)

    async def note_sequences(self, location: str, sequences: Iterable[int], now: datetime) -> None:
        """Remember the numbers that were told."""
        for sequence in sequences:
            self._state.shelf_sequences.setdefault((location, sequence), now)

    async def gaps(self, limit: int) -> tuple[Gap, ...]:
        """Return the numbers that were left out."""
        told = sorted(self._state.shelf_sequences)
        found = [
            Gap(location=place, first=before + 1, last=after - 1)
            for (place, before), (other, after) in pairwise(told)
            if place == other and after > before + 1
        ]
        return tuple(found[:limit])

    def _level(self, told: Movement) -> InventoryLevel:
        empty = InventoryLevel(sku=told.sku, location=told.location, on_hand=0, reserved=0)
        return self._state.levels.setdefault((told.sku, told.location), empty)

    def _keys(self, key: str) -> list[str]:
        return [known for known in self._state.movements if known.rstrip("+") == key]

    def _missed(self, told: Movement, moment: datetime) -> list[Missed]:
        """Return what was not found since a moment, less what sales have stood in for."""
        moves = [one for one in self._state.movements.values() if (one.sku, one.location) == (told.sku, told.location)]
        lost = [one for one in moves if one.key.startswith("reject:") and one.reason == NOT_FOUND and one.delta < 0]
        found = [
            Missed(
                key=one.key,
                at=self._state.moved_at[one.key],
                units=-one.delta - sum(other.delta for other in moves if other.key.startswith(f"{one.key}=")),
            )
            for one in lost
        ]
        return sorted((one for one in found if one.units > 0 and one.at >= moment), key=lambda one: (one.at, one.key))

    def _book(self, told: Movement, delta: int, at: datetime, *, even_nothing: bool = False) -> None:
        if not delta and not even_nothing:
            return
        key = told.key + "+" * len(self._keys(told.key))
        self._state.movements[key] = told.model_copy(update={"key": key, "delta": delta})
        self._state.moved_at[key] = at
        level = self._level(told)
        self._state.levels[told.sku, told.location] = level.model_copy(update={"on_hand": level.on_hand + delta})
