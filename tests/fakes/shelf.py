"""What locations tell of their own shelves, in memory."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise

from domain.inventory import InventoryLevel
from domain.ports.stores.inventory import Movement
from domain.ports.stores.shelf import Gap
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
        moved = sum(
            one.delta
            for key, one in self._state.movements.items()
            if (one.sku, one.location) == place and self._state.moved_at.get(key, counted_at) > counted_at
        )
        believed = max(units + moved, 0)
        self._state.counted_at[place] = counted_at
        self._book(told, max(believed, level.reserved) - level.on_hand, counted_at)
        return max(level.reserved - believed, 0)

    async def change(self, told: Movement, occurred_at: datetime) -> int:
        """Book what of a change is not booked yet, as far as it can be."""
        level = self._level(told)
        last = self._state.counted_at.get((told.sku, told.location))
        if last is not None and occurred_at <= last:
            return 0
        wanted = told.delta - sum(self._state.movements[key].delta for key in self._keys(told.key))
        delta = max(wanted, min(level.reserved - level.on_hand, 0)) if told.delta < 0 else wanted
        self._book(told, delta, occurred_at)
        return delta - wanted

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

    def _book(self, told: Movement, delta: int, at: datetime) -> None:
        if not delta:
            return
        key = told.key + "+" * len(self._keys(told.key))
        self._state.movements[key] = told.model_copy(update={"key": key, "delta": delta})
        self._state.moved_at[key] = at
        level = self._level(told)
        self._state.levels[told.sku, told.location] = level.model_copy(update={"on_hand": level.on_hand + delta})
