"""Stock arithmetic: quantities of one SKU at one location, and the typed movements they follow from."""

from __future__ import annotations

from enum import StrEnum

from domain.values import Model


class MovementKind(StrEnum):
    """Why a quantity changed. On hand is the sum of all movements that touch it."""

    RECEIVE = "receive"
    SHIP = "ship"
    RETURN = "return"
    ADJUST = "adjust"
    COUNT = "count"


class InventoryLevel(Model):
    """Quantities of one sellable SKU at one location."""

    sku: str
    location: str
    on_hand: int
    reserved: int
    safety: int = 0

    @property
    def available(self) -> int:
        """Units that can be promised: on_hand - reserved - safety, never below zero."""
        return max(self.on_hand - self.reserved - self.safety, 0)


class Claim(Model):
    """Units of one SKU at one location that a plan needs."""

    sku: str
    location: str
    quantity: int


def sum_claims(claims: list[Claim]) -> list[Claim]:
    """Sum the units per SKU and location, in the one order in which locks are taken.

    Two lines of one SKU must be checked against the stock together, not each by itself.
    """
    totals: dict[tuple[str, str], int] = {}
    for claim in claims:
        place = (claim.sku, claim.location)
        totals[place] = totals.get(place, 0) + claim.quantity
    return [Claim(sku=sku, location=location, quantity=units) for (sku, location), units in sorted(totals.items())]
