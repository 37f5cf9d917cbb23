"""The port to a carrier: labels, voids, intercepts and tracking."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from domain.effect import DedupeClass, EffectKind, Finding, Outcome
from domain.ports.webhook import WebhookReader
from domain.shipment import TrackingEvent
from domain.values import Address, Model


class CarrierCapability(Model):
    """What a carrier can do.

    Attributes:
        speeds: what it sells beside its ordinary speed, in its own words.
    """

    voids: bool
    intercepts: bool
    return_labels: bool
    dedupe: Mapping[EffectKind, DedupeClass]
    speeds: tuple[str, ...] = ()


class BuyLabel(Model):
    """A label to pay for. `reference` names the parcel and generation: the same for every attempt.

    Attributes:
        origin: the code of the location it leaves from.
        weight_grams: what the parcel weighs.
        is_return: whether the goods travel from the buyer to us.
        speed: one of the carrier's faster speeds; empty for its ordinary one.
    """

    reference: str
    origin: str
    destination: Address
    weight_grams: int
    is_return: bool = False
    speed: str = ""


class VoidLabel(Model):
    """A label that is not needed any more, by the carrier's own id and its tracking number."""

    reference: str
    remote_id: str
    tracking_number: str


class InterceptParcel(VoidLabel):
    """A parcel on its way that shall come back."""


CarrierWrite = BuyLabel | VoidLabel | InterceptParcel


class Carrier(WebhookReader, Protocol):
    """One carrier account. Failures as for a marketplace."""

    @property
    def capability(self) -> CarrierCapability:
        """What this carrier can do."""
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

    async def find(self, write: CarrierWrite) -> Finding:
        """Look up whether this write was done."""
        ...

    async def track(self, tracking_number: str) -> tuple[TrackingEvent, ...]:
        """Fetch every scan known for a parcel."""
        ...
