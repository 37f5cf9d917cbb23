"""The port to a location: the place that holds the goods and sends them or hands them over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from domain.effect import DedupeClass, EffectKind, Finding, Outcome, OutsideWrite
from domain.order import Delivery
from domain.ports.mailbox import Mailbox
from domain.values import Model


class LocationCapability(Model):
    """What a location's system can do.

    Attributes:
        needs_hand: people report pick and hand-over.
        labels_itself: it sends with labels of its own, and tells their tracking numbers with the hand-over.
        tells_stock: it reports snapshots or changes of its stock, or what its till sold and took back.
        mailbox: what it reports is fetched from it, not sent to us.
    """

    needs_hand: bool
    pickup: bool
    dedupe: Mapping[EffectKind, DedupeClass]
    labels_itself: bool = False
    tells_stock: bool = False
    mailbox: bool = False


class WorkGoods(Model):
    """Units of a SKU that are picked for one unit of a line; unlike a component it has no share of the price."""

    sku: str
    units: int


class WorkLine(Model):
    """Units of an order line to pick, each made of `components`; none: it is just the SKU itself."""

    line_id: str
    sku: str
    title: str
    quantity: int
    components: tuple[WorkGoods, ...] = ()

    @property
    def made_of(self) -> tuple[WorkGoods, ...]:
        """What is picked for one unit."""
        return self.components or (WorkGoods(sku=self.sku, units=1),)


class ReleaseWork(OutsideWrite):
    """A fulfillment order that the location is to start; its id is the reference."""

    location: str
    fulfillment_id: str
    delivery: Delivery
    lines: tuple[WorkLine, ...]
    ship_by: datetime | None


class RecallWork(OutsideWrite):
    """A fulfillment order that the location is not to finish."""

    location: str
    fulfillment_id: str


class ExpectReturn(OutsideWrite):
    """Goods that will come back to the location."""

    location: str
    return_id: str
    lines: tuple[WorkLine, ...]


LocationWrite = ReleaseWork | RecallWork | ExpectReturn


class LocationSystem(Mailbox, Protocol):
    """The system of one or several locations. Failures as for a marketplace."""

    @property
    def capability(self) -> LocationCapability:
        """What this system can do."""
        ...

    async def release(self, write: ReleaseWork) -> Outcome:
        """Hand the work over."""
        ...

    async def recall(self, write: RecallWork) -> Outcome:
        """Ask the location to stop; Rejected when the goods have left. Unknown work counts as stopped."""
        ...

    async def expect_return(self, write: ExpectReturn) -> Outcome:
        """Announce goods that come back."""
        ...

    async def find(self, write: LocationWrite) -> Finding:
        """Look up whether this write was done."""
        ...
