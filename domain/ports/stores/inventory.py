"""How stock is kept: levels, reservations and append-only movements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol

from domain.errors import NotFound, OutOfStock
from domain.inventory import Claim, InventoryLevel, MovementKind
from domain.values import Model


class Movement(Model):
    """One typed change of stock; `key` is its business key: a repeat changes nothing.

    Attributes:
        delta: how on hand changed.
        held: how reserved changed; only reserving, releasing and shipping do that.
        against: the reference of the incoming goods that arrive with it; empty for none.
    """

    key: str
    kind: MovementKind
    sku: str
    location: str
    delta: int
    held: int = 0
    reason: str
    actor: str = "crossdock"
    against: str = ""


def transfer_movements(movement: Movement, to: str) -> tuple[Movement, Movement]:
    """Return the two halves of a transfer of `-movement.delta` units: what leaves, and what arrives at `to`."""
    return (
        movement.model_copy(update={"key": f"{movement.key}:out"}),
        movement.model_copy(update={"key": f"{movement.key}:in", "location": to, "delta": -movement.delta}),
    )


def below_reserved(movement: Movement, reserved: int) -> OutOfStock:
    """Return the failure of a movement after which less would be on hand than is reserved."""
    words = f"{movement.sku} at {movement.location}: fewer units would be left than the {reserved} that are reserved"
    return OutOfStock("below-reserved", f"{words}; see crossdock stock movements {movement.sku}")


def no_incoming(movement: Movement) -> NotFound:
    """Return the failure of goods that arrive against a reference under which none were announced."""
    words = f"no goods of {movement.sku} are announced for {movement.location} under {movement.against}"
    return NotFound("no-incoming", f"{words}; see crossdock stock incoming")


class InventoryStore(Protocol):
    """The stock ledger. Levels are keyed by SKU, location, condition and lot; the last two are empty here.

    Whoever owns a reservation is a fulfillment order or a soft reservation; every change of it is a movement.
    """

    async def levels(self, skus: Iterable[str], account: str | None = None) -> tuple[InventoryLevel, ...]:
        """Read the levels of these SKUs at all locations, without locking.

        `account` is the channel they are for: what is set aside for others is not available to it. None leaves
        set-asides out: what some channel could still take.
        """
        ...

    async def came(self, skus: Iterable[str], location: str, since: datetime) -> bool:
        """Tell whether any units of these SKUs came to a location after a moment."""
        ...

    async def reserve(self, owner: str, claims: tuple[Claim, ...]) -> bool:
        """Reserve all or nothing: quantities summed per SKU, locks in sorted order, one conditional UPDATE.

        What is set aside for the owner's channel is used up first, what is set aside for others is never touched.
        An owner that holds reservations already is left alone and True is returned.
        False leaves the transaction usable (the caller rolls back to its savepoint).
        """
        ...

    async def free(self, owner: str, quantities: Mapping[str, int] | None = None) -> None:
        """Give reserved units back to what is available, per line id (None: all of it); a repeat changes nothing."""
        ...

    async def ship(self, owner: str, now: datetime) -> None:
        """Let the reserved units leave: on hand and reserved fall together, with one SHIP movement per SKU."""
        ...

    async def move(self, movement: Movement, now: datetime) -> bool:
        """Book one movement and its level; False when its key is known.

        Raises:
            OutOfStock: on hand would fall below what is reserved, or below zero.
            NotFound: no such goods were announced `against` this reference.
        """
        ...

    async def count(self, movement: Movement, on_hand: int, now: datetime) -> bool:
        """Set on hand to a counted quantity by a movement of the difference; `movement.delta` is ignored."""
        ...

    async def transfer(self, movement: Movement, to: str, now: datetime) -> bool:
        """Move `-movement.delta` units to another location by two movements; False when its key is known.

        Raises:
            OutOfStock: on hand would fall below what is reserved where they leave.
        """
        ...

    async def keep_safety(self, sku: str, location: str, units: int) -> None:
        """Set how many units of a SKU at a location nobody is promised."""
        ...
