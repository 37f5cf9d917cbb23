"""How stock is kept: levels, reservations and append-only movements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol

from domain.inventory import Claim, InventoryLevel, MovementKind
from domain.values import Model


class Movement(Model):
    """One typed change of on-hand stock; `key` is its business key: a repeat changes nothing."""

    key: str
    kind: MovementKind
    sku: str
    location: str
    delta: int
    reason: str
    actor: str = "crossdock"


class InventoryStore(Protocol):
    """The stock ledger. Levels are keyed by SKU, location, condition and lot; the last two are empty here."""

    async def levels(self, skus: Iterable[str]) -> tuple[InventoryLevel, ...]:
        """Read the levels of these SKUs at all locations, without locking."""
        ...

    async def reserve(self, fulfillment_id: str, claims: tuple[Claim, ...]) -> bool:
        """Reserve all or nothing: quantities summed per SKU, locks in sorted order, one conditional UPDATE.

        A fulfillment order that holds these reservations already is left alone and True is returned.
        False leaves the transaction usable (the caller rolls back to its savepoint).
        """
        ...

    async def free(self, fulfillment_id: str, quantities: Mapping[str, int] | None = None) -> None:
        """Give reserved units back to what is available, per line id (None: all of it); a repeat changes nothing."""
        ...

    async def ship(self, fulfillment_id: str, now: datetime) -> None:
        """Let the reserved units leave: on hand and reserved fall together, with one SHIP movement per SKU."""
        ...

    async def move(self, movement: Movement, now: datetime) -> bool:
        """Book one movement and its level; False when its key is known.

        Raises:
            OutOfStock: on hand would fall below what is reserved, or below zero.
        """
        ...

    async def count(self, movement: Movement, on_hand: int, now: datetime) -> bool:
        """Set on hand to a counted quantity by a movement of the difference; `movement.delta` is ignored."""
        ...
