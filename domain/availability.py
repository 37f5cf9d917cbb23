"""What may be promised: goods on shelves, goods that are coming, and what is set aside for one channel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from domain.listing import Component
from domain.values import Model, Moment


class SetAside(Model):
    """Units at one location that only orders of one channel may take; its orders use them up first."""

    sku: str
    location: str
    account: str
    units: int


class IncomingGoods(Model):
    """Units of a SKU that are announced for a location under a reference, such as a purchase order."""

    reference: str
    sku: str
    location: str
    units: int
    expected_at: Moment
    received: int = 0

    @property
    def open(self) -> int:
        """Units that are still to come."""
        return max(self.units - self.received, 0)


class Availability(Model):
    """What the promise of one SKU to one channel follows from.

    Attributes:
        free: units on the shelves of open locations: on hand - reserved - safety - set aside for other channels.
        pledged: of these, units of orders that were taken and wait for something else, such as a hold or a full place.
        incoming: units announced to arrive within the promise.
        backordered: units that orders wait for already; they are served before anybody new.
        ceiling: units that may be sold beyond all that.
    """

    sku: str
    free: int
    pledged: int = 0
    incoming: int = 0
    backordered: int = 0
    ceiling: int = 0

    @property
    def to_promise(self) -> int:
        """Units that may be offered: what is free, and what is coming or tolerated, and nobody waits for yet."""
        left = self.free - self.pledged
        return max(left, 0) + max(self.incoming + self.ceiling - self.backordered + min(left, 0), 0)


class Shelf(Model):
    """What a buyer who walks in finds: units of a SKU at a location, and whether they may be picked up there."""

    location: str
    sku: str
    units: int
    pickup: bool


def offered_units(components: Iterable[Component], to_promise: Mapping[str, int]) -> int:
    """Return how many of a listing may be sold: as many as its scarcest component makes whole.

    >>> offered_units([Component(sku="A", units=1), Component(sku="B", units=6)], {"A": 5, "B": 20})
    3
    """
    return min((max(to_promise.get(part.sku, 0), 0) // part.units for part in components), default=0)


def spread(units: int, levels: Mapping[str, int]) -> dict[str, int]:
    """Lay units to be set aside where most is free, by location; what is more than there is goes to the fullest.

    >>> spread(5, {"A": 3, "B": 4})
    {'B': 4, 'A': 1}
    """
    places = sorted(levels, key=lambda place: (-levels[place], place))
    laid: dict[str, int] = {}
    for place in places:
        laid[place] = min(units, max(levels[place], 0))
        units -= laid[place]
    if places:
        laid[places[0]] += units
    return {place: count for place, count in laid.items() if count}
