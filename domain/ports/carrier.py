"""The port to a carrier: labels, voids, intercepts and tracking."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from pydantic import Field

from domain.effect import DedupeClass, EffectKind, Finding, Outcome, OutsideWrite
from domain.ports.webhook import WebhookReader
from domain.shipment import TrackingEvent
from domain.values import Address, Model, Moment, Money


class CarrierCapability(Model):
    """What a carrier can do.

    Attributes:
        speeds: what it sells beside its ordinary speed, in its own words.
        rates: it tells what a parcel would cost before one is bought.
        collects: its driver can be ordered to a location.
        pushes: it sends scans by webhook.
    """

    voids: bool
    intercepts: bool
    return_labels: bool
    dedupe: Mapping[EffectKind, DedupeClass]
    speeds: tuple[str, ...] = ()
    rates: bool = False
    collects: bool = False
    pushes: bool = True


class ParcelWish(Model):
    """A parcel to be sent.

    Attributes:
        origin: the code of the location it leaves from, or comes back to.
        sender: that location's address; None where the carrier's own settings know it by its code.
        weight_grams: what the parcel weighs.
        is_return: whether the goods travel from the buyer to us.
    """

    origin: str
    destination: Address
    weight_grams: int
    is_return: bool = False
    sender: Address | None = None


class BuyLabel(ParcelWish, OutsideWrite):
    """A label to pay for. `reference` names the parcel and generation: the same for every attempt.

    Attributes:
        speed: one of the carrier's faster speeds; empty for its ordinary one.
        channel_order_id: what the channel calls the order, for a channel that sells the label itself.
        quantities: the units in the parcel by line id, likewise.
    """

    speed: str = ""
    channel_order_id: str = ""
    quantities: Mapping[str, int] = Field(default_factory=dict[str, int])


class Rate(Model):
    """What one of the carrier's speeds would cost; empty for its ordinary one. `days` in transit, where it tells."""

    speed: str
    cost: Money
    days: int | None = None


class VoidLabel(OutsideWrite):
    """A label that is not needed any more, by the carrier's own id and its tracking number."""

    remote_id: str
    tracking_number: str


class InterceptParcel(VoidLabel):
    """A parcel on its way that shall come back."""


class OrderCollection(OutsideWrite):
    """A driver to be sent to a location between two moments, for labels by the carrier's own ids."""

    origin: str
    sender: Address | None = None
    ready_at: Moment
    closes_at: Moment
    remote_ids: tuple[str, ...]


CarrierWrite = BuyLabel | VoidLabel | InterceptParcel | OrderCollection


class Carrier(WebhookReader, Protocol):
    """One carrier account. Failures as for a marketplace."""

    @property
    def capability(self) -> CarrierCapability:
        """What this carrier can do."""
        ...

    async def rate(self, wish: ParcelWish) -> tuple[Rate, ...]:
        """Tell what the parcel would cost at each speed that can carry it; none when nothing can."""
        ...

    async def draft_label(self, write: BuyLabel) -> str:
        """Prepare a label that is not paid for yet, and return its id; only where labels are bought in two phases.

        `buy_label` is given the id as `trace`, after it was kept. A draft that is never bought costs nothing.
        """
        ...

    async def buy_label(self, write: BuyLabel) -> Outcome:
        """Buy a label; Confirmed carries tracking number, cost and document."""
        ...

    async def void_label(self, write: VoidLabel) -> Outcome:
        """Give a label back; Rejected once the parcel was handed over."""
        ...

    async def intercept(self, write: InterceptParcel) -> Outcome:
        """Ask that a parcel on its way comes back."""
        ...

    async def order_collection(self, write: OrderCollection) -> Outcome:
        """Order a driver; Confirmed carries the carrier's id of the collection."""
        ...

    async def find(self, write: CarrierWrite) -> Finding:
        """Look up whether this write was done."""
        ...

    async def track(self, tracking_number: str) -> tuple[TrackingEvent, ...]:
        """Fetch every scan known for a parcel."""
        ...
