"""The stock ledger in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from domain.errors import OutOfStock
from domain.fulfillment import FulfillmentLine
from domain.inventory import Claim, InventoryLevel, MovementKind, sum_claims
from domain.ports.stores.inventory import Movement
from tests.fakes.state import State


class FakeInventoryStore:
    """Levels, reservations and movements."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def levels(self, skus: Iterable[str]) -> tuple[InventoryLevel, ...]:
        """Read the levels of these SKUs at all locations."""
        wanted = set(skus)
        return tuple(level for (sku, _), level in sorted(self._state.levels.items()) if sku in wanted)

    async def reserve(self, fulfillment_id: str, claims: tuple[Claim, ...]) -> bool:
        """Reserve all or nothing."""
        if self._reserved(fulfillment_id):
            return True
        totals = sum_claims(list(claims))
        if any(self._level(claim.sku, claim.location).available < claim.quantity for claim in totals):
            return False
        for claim in totals:
            self._change(claim.sku, claim.location, reserved=claim.quantity)
            self._state.reservations[fulfillment_id, claim.sku, claim.location] = claim.quantity
        return True

    async def free(self, fulfillment_id: str, quantities: Mapping[str, int] | None = None) -> None:
        """Give reserved units back, never more than the lines no longer need."""
        needed = {} if quantities is None else self._needed(fulfillment_id)
        asked = self._per_sku(fulfillment_id, quantities)
        for (_, sku, location), held in self._reserved(fulfillment_id).items():
            units = held if quantities is None else min(asked.get(sku, 0), max(held - needed.get(sku, 0), 0))
            self._change(sku, location, reserved=-units)
            self._hold(fulfillment_id, sku, location, held - units)

    async def ship(self, fulfillment_id: str, now: datetime) -> None:
        """Let the reserved units leave."""
        for (_, sku, location), units in self._reserved(fulfillment_id).items():
            self._hold(fulfillment_id, sku, location, 0)
            self._change(sku, location, reserved=-units)
            await self.move(
                Movement(
                    key=f"ship:{fulfillment_id}:{sku}",
                    kind=MovementKind.SHIP,
                    sku=sku,
                    location=location,
                    delta=-units,
                    reason="shipped",
                ),
                now,
            )

    async def move(self, movement: Movement, now: datetime) -> bool:
        """Book one movement and its level; the time is not read back."""
        del now
        if movement.key in self._state.movements:
            return False
        level = self._level(movement.sku, movement.location)
        if level.on_hand + movement.delta < level.reserved:
            raise OutOfStock("below-reserved", f"{movement.sku} at {movement.location}: {level.reserved} are reserved")
        self._state.movements[movement.key] = movement
        self._change(movement.sku, movement.location, on_hand=movement.delta)
        return True

    async def count(self, movement: Movement, on_hand: int, now: datetime) -> bool:
        """Set on hand to a counted quantity."""
        level = self._level(movement.sku, movement.location)
        return await self.move(movement.model_copy(update={"delta": on_hand - level.on_hand}), now)

    def _level(self, sku: str, location: str) -> InventoryLevel:
        empty = InventoryLevel(sku=sku, location=location, on_hand=0, reserved=0)
        return self._state.levels.get((sku, location), empty)

    def _change(self, sku: str, location: str, *, on_hand: int = 0, reserved: int = 0) -> None:
        level = self._level(sku, location)
        after = {"on_hand": level.on_hand + on_hand, "reserved": level.reserved + reserved}
        self._state.levels[sku, location] = level.model_copy(update=after)

    def _reserved(self, fulfillment_id: str) -> dict[tuple[str, str, str], int]:
        return {key: units for key, units in self._state.reservations.items() if key[0] == fulfillment_id}

    def _hold(self, fulfillment_id: str, sku: str, location: str, units: int) -> None:
        self._state.reservations.pop((fulfillment_id, sku, location))
        if units:
            self._state.reservations[fulfillment_id, sku, location] = units

    def _needed(self, fulfillment_id: str) -> dict[str, int]:
        lines = self._lines(fulfillment_id)
        return self._per_sku(fulfillment_id, {line.line_id: line.quantity for line in lines})

    def _lines(self, fulfillment_id: str) -> tuple[FulfillmentLine, ...]:
        part = self._state.fulfillments.get(fulfillment_id)
        return part.lines if part else ()

    def _per_sku(self, fulfillment_id: str, quantities: Mapping[str, int] | None) -> dict[str, int]:
        units: dict[str, int] = {}
        for line in self._lines(fulfillment_id) if quantities else ():
            units[line.sku] = units.get(line.sku, 0) + (quantities or {}).get(line.line_id, 0)
        return units
