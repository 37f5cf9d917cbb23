"""A collection: a driver whom a carrier sends to a location, and the parcels that go with them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from domain.values import LocationCode, Model, Moment


class CollectionState(StrEnum):
    """ORDERING until the carrier has said yes (ORDERED) or no (REFUSED)."""

    ORDERING = "ORDERING"
    ORDERED = "ORDERED"
    REFUSED = "REFUSED"


class CollectedParcel(Model):
    """A parcel that goes with the driver, with the carrier's own id of its label."""

    parcel_id: str
    remote_id: str


class CollectionWish(Model):
    """A driver wanted at a location between two moments; `day` is the first one's there."""

    location: LocationCode
    carrier: str
    day: date
    ready_at: Moment
    closes_at: Moment


class Collection(CollectionWish):
    """A driver for the parcels that waited when they were ordered.

    Attributes:
        collection_id: location, carrier, day and number: the same whoever orders, so that one driver comes.
        code: why the carrier said no, or what keeps the order from being placed; empty while all goes well.
        remote_id: the carrier's own id of the collection.
    """

    collection_id: str
    state: CollectionState = CollectionState.ORDERING
    code: str = ""
    remote_id: str = ""
    planned_at: Moment
    parcels: tuple[CollectedParcel, ...]

    @property
    def ledger_id(self) -> str:
        """What stands in ledgers where an order has its id."""
        return f"collection:{self.collection_id}"

    def is_due(self, now: datetime) -> bool:
        """Tell whether the driver may still come."""
        return self.state is CollectionState.ORDERING or (
            self.state is CollectionState.ORDERED and now < self.closes_at
        )


def collection_id(wish: CollectionWish, number: int) -> str:
    """Return the id of a carrier's n-th collection at a location on a day."""
    return f"{wish.location}/{wish.carrier}/{wish.day.isoformat()}/{number}"
