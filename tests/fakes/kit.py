"""Kits and retired SKUs in memory."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from domain.errors import NotFound, Refused
from domain.kit import KitPart, check_kit
from tests.fakes.state import State


class FakeKitStore:
    """Kits and retired SKUs."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def load(self, skus: Iterable[str]) -> dict[str, tuple[KitPart, ...]]:
        """Return every kit among these SKUs, and every kit that they hold."""
        found: dict[str, tuple[KitPart, ...]] = {}
        wanted = list(skus)
        while wanted:
            kit = wanted.pop()
            if kit in self._state.kits and kit not in found:
                found[kit] = self._state.kits[kit]
                wanted += [part.sku for part in found[kit]]
        return found

    async def retired(self, skus: Iterable[str]) -> dict[str, bool]:
        """Return, for each of these SKUs that exists, whether it is retired."""
        return {sku: sku in self._state.retired_skus for sku in skus if sku in self._state.weights}

    async def save(self, kit: str, parts: tuple[KitPart, ...], author: str, now: datetime) -> None:
        """Declare what a SKU is made of; author and time are not read back."""
        del author, now
        kits = await self.load(part.sku for part in parts)
        states = await self.retired(self._state.weights)
        if kit not in states:
            raise NotFound("no-sku", f"no SKU {kit}")
        self._state.kits.pop(kit, None)
        if parts:
            check_kit(kit, parts, kits, states)
            if any(level.on_hand for (sku, _), level in self._state.levels.items() if sku == kit):
                raise Refused("kit-in-stock", f"{kit} lies in stock itself")
            self._state.kits[kit] = tuple(sorted(parts, key=lambda part: part.sku))

    async def retire(self, sku: str, *, retired: bool) -> None:
        """Stop selling a SKU, or sell it again."""
        if sku not in self._state.weights:
            raise NotFound("no-sku", f"no SKU {sku}")
        self._state.retired_skus.pop(sku, None)
        if retired:
            self._state.retired_skus[sku] = True
