"""Stock arithmetic: quantities of one SKU at one location, and the typed movements they follow from."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from domain.errors import Refused
from domain.values import Model


class MovementKind(StrEnum):
    """Why a quantity changed. On hand and reserved are the sums of all movements that touch them."""

    RECEIVE = "receive"
    RESERVE = "reserve"
    RELEASE = "release"
    SHIP = "ship"
    SELL = "sell"
    RETURN = "return"
    ADJUST = "adjust"
    COUNT = "count"
    TRANSFER = "transfer"


class AdjustReason(StrEnum):
    """Why stock is corrected without counting it."""

    DAMAGED = "damaged"
    LOST = "lost"
    FOUND = "found"
    EXPIRED = "expired"
    DATA_ENTRY = "data-entry"
    THEFT = "theft"
    SAMPLE = "sample"
    OWN_USE = "own-use"


_BOTH_WAYS = frozenset({AdjustReason.DATA_ENTRY})


def check_adjustment(reason: AdjustReason, delta: int) -> None:
    """Refuse a correction that its reason cannot mean.

    Raises:
        Refused: nothing changes, or goods come by a reason for which they only go, or the other way round.
    """
    if not delta:
        raise Refused(
            "nothing-to-adjust", "an adjustment of no units changes nothing; to count use crossdock stock count"
        )
    comes = reason is AdjustReason.FOUND
    if reason not in _BOTH_WAYS and comes != (delta > 0):
        words = "adds" if comes else "takes away"
        raise Refused("wrong-way", f"'{reason.value}' {words} units: give {-delta}, or another reason")


class InventoryLevel(Model):
    """Quantities of one sellable SKU at one location, as one channel may use them.

    Attributes:
        safety: units that nobody is promised.
        set_aside: units kept for other channels than the one that asks.
    """

    sku: str
    location: str
    on_hand: int
    reserved: int
    safety: int = 0
    set_aside: int = 0

    @property
    def available(self) -> int:
        """Units that can be promised: on_hand - reserved - safety - set_aside, never below zero."""
        return max(self.on_hand - self.reserved - self.safety - self.set_aside, 0)


class Claim(NamedTuple):
    """Units of one SKU at one location that a plan needs."""

    sku: str
    location: str
    quantity: int


def sum_claims(claims: list[Claim]) -> list[Claim]:
    """Sum the units per SKU and location, in the one order in which locks are taken: by location, then SKU.

    Two lines of one SKU must be checked against the stock together, not each by itself.
    """
    totals: dict[tuple[str, str], int] = {}
    for claim in claims:
        place = (claim.location, claim.sku)
        totals[place] = totals.get(place, 0) + claim.quantity
    return [Claim(sku, location, units) for (location, sku), units in sorted(totals.items())]
