"""The stock ledger in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from domain.fulfillment import FulfillmentLine
from domain.inventory import Claim, InventoryLevel, MovementKind, sum_claims
from domain.listing import made_of
from domain.ports.stores.inventory import Movement, below_reserved, no_incoming, transfer_movements
from tests.fakes.state import Reserved, State


class FakeInventoryStore:
    """Levels, reservations and movements."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def came(self, skus: Iterable[str], location: str, since: datetime) -> bool:
        """Tell whether any units of these SKUs came to a location after a moment."""
        wanted = set(skus)
        return any(
            move.delta > 0 and move.sku in wanted and move.location == location
            and self._state.moved_at.get(key, since) > since
            for key, move in self._state.movements.items()
        )  # fmt: skip

    async def levels(self, skus: Iterable[str], account: str | None = None) -> tuple[InventoryLevel, ...]:
        """Read the levels of these SKUs at all locations, as this channel may use them."""
        wanted = set(skus)
        return tuple(
            level.model_copy(update={"set_aside": self._for_others(sku, place, account)})
            for (sku, place), level in sorted(self._state.levels.items())
            if sku in wanted
        )

    async def reserve(self, owner: str, claims: tuple[Claim, ...]) -> bool:
        """Reserve all or nothing."""
        if self._reserved(owner):
            return True
        account = self._account_of(owner)
        totals = sum_claims(list(claims))
        if not all(self._fits(claim, account) for claim in totals):
            return False
        for claim in totals:
            key = (claim.sku, claim.location, account)
            aside = min(self._state.set_asides.get(key, 0), claim.quantity)
            if aside:
                self._state.set_asides[key] -= aside
            self._state.reservations[owner, claim.sku, claim.location] = Reserved(units=claim.quantity, aside=aside)
            self._book_reserved(MovementKind.RESERVE, owner, claim.sku, claim.location, claim.quantity)
        return True

    async def free(self, owner: str, quantities: Mapping[str, int] | None = None) -> None:
        """Give reserved units back, never more than the lines no longer need."""
        lines = self._lines(owner)
        needed = _per_sku(lines, {line.line_id: line.quantity for line in lines})
        asked = _per_sku(lines, quantities or {})
        for (_, sku, place), held in self._reserved(owner).items():
            spare = held.units if quantities is None else min(asked[sku], max(held.units - needed[sku], 0))
            if spare:
                back = self._give_back(owner, sku, place, min(spare, held.aside))
                self._state.reservations[owner, sku, place] = Reserved(
                    units=held.units - spare, aside=held.aside - back
                )
                self._book_reserved(MovementKind.RELEASE, owner, sku, place, -spare)

    async def ship(self, owner: str, now: datetime) -> None:
        """Let the reserved units leave."""
        for (_, sku, place), held in self._reserved(owner).items():
            self._state.reservations[owner, sku, place] = Reserved()
            self._change(sku, place, on_hand=-held.units)
            self._book_reserved(MovementKind.SHIP, owner, sku, place, -held.units, now)

    async def move(self, movement: Movement, now: datetime) -> bool:
        """Book one movement and its level."""
        if movement.key in self._state.movements:
            return False
        level = self._level(movement.sku, movement.location)
        if level.on_hand + movement.delta < level.reserved:
            raise below_reserved(movement, level.reserved)
        if movement.against:
            self._arrive(movement)
        self._state.movements[movement.key] = movement
        self._state.moved_at[movement.key] = now
        if movement.kind is MovementKind.COUNT:
            place = movement.sku, movement.location
            self._state.counted_at[place] = max(now, self._state.counted_at.get(place, now))
        self._change(movement.sku, movement.location, on_hand=movement.delta)
        return True

    async def count(self, movement: Movement, on_hand: int, now: datetime) -> bool:
        """Set on hand to a counted quantity."""
        level = self._level(movement.sku, movement.location)
        return await self.move(movement.model_copy(update={"delta": on_hand - level.on_hand}), now)

    async def transfer(self, movement: Movement, to: str, now: datetime) -> bool:
        """Book both halves."""
        out, arriving = transfer_movements(movement, to)
        return await self.move(out, now) and await self.move(arriving, now)

    async def keep_safety(self, sku: str, location: str, units: int) -> None:
        """Set how many units nobody is promised."""
        self._state.levels[sku, location] = self._level(sku, location).model_copy(update={"safety": units})

    def _level(self, sku: str, location: str) -> InventoryLevel:
        empty = InventoryLevel(sku=sku, location=location, on_hand=0, reserved=0)
        return self._state.levels.get((sku, location), empty)

    def _change(self, sku: str, location: str, *, on_hand: int = 0, reserved: int = 0) -> None:
        level = self._level(sku, location)
        after = {"on_hand": level.on_hand + on_hand, "reserved": level.reserved + reserved}
        self._state.levels[sku, location] = level.model_copy(update=after)

    def _fits(self, claim: Claim, account: str) -> bool:
        level = self._level(claim.sku, claim.location)
        others = self._for_others(claim.sku, claim.location, account)
        return level.model_copy(update={"set_aside": others}).available >= claim.quantity

    def _for_others(self, sku: str, location: str, account: str | None) -> int:
        asides = self._state.set_asides.items()
        return sum(
            units for (of, place, own), units in asides if (of, place) == (sku, location) and account not in (None, own)
        )

    def _account_of(self, owner: str) -> str:
        if owner in self._state.soft_reservations:
            return self._state.soft_reservations[owner].account
        part = self._state.fulfillments.get(owner)
        return self._state.orders[part.order_id].account if part else ""

    def _give_back(self, owner: str, sku: str, location: str, units: int) -> int:
        """Put units back into the set-aside they came from, while it is there."""
        key = (sku, location, self._account_of(owner))
        if units and key in self._state.set_asides:
            self._state.set_asides[key] += units
        return units

    def _reserved(self, owner: str) -> dict[tuple[str, str, str], Reserved]:
        return {key: held for key, held in self._state.reservations.items() if key[0] == owner and held.units}

    def _book_reserved(
        self, kind: MovementKind, owner: str, sku: str, location: str, held: int, at: datetime | None = None
    ) -> None:
        self._change(sku, location, reserved=held)
        key = f"{kind.value}:{owner}:{sku}:{location}:{self._state.next(f'moves:{owner}:{sku}:{location}')}"
        self._state.movements[key] = Movement(
            key=key, kind=kind, sku=sku, location=location, held=held, reason=kind.value,
            delta=held if kind is MovementKind.SHIP else 0,
        )  # fmt: skip
        if at is not None:
            self._state.moved_at[key] = at

    def _arrive(self, movement: Movement) -> None:
        key = (movement.against, movement.sku, movement.location)
        if key not in self._state.incoming:
            raise no_incoming(movement)
        coming = self._state.incoming[key]
        self._state.incoming[key] = coming.model_copy(update={"received": coming.received + movement.delta})

    def _lines(self, owner: str) -> tuple[FulfillmentLine, ...]:
        part = self._state.fulfillments.get(owner)
        return part.lines if part else ()


def _per_sku(lines: Iterable[FulfillmentLine], quantities: Mapping[str, int]) -> Counter[str]:
    units: Counter[str] = Counter()
    for line in lines:
        for component in made_of(line.sku, line.components):
            units[component.sku] += component.units * quantities.get(line.line_id, 0)
    return units
