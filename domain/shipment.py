"""A shipment and its parcels: what leaves together, the label that pays for it, and its journey."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from domain.fulfillment import Stage
from domain.values import Model, Moment, forbid_nul


class TrackingStatus(StrEnum):
    """One step of a parcel's journey, in the canonical words of all carriers.

    ANNOUNCED: the carrier knows of it and has not got it. RETURNING: on its way back; SENT_BACK: with its sender again.
    LOST: lost or destroyed. UNKNOWN: a word that none of our tables knows.
    """

    ANNOUNCED = "announced"
    ACCEPTED = "accepted"
    IN_TRANSIT = "in-transit"
    OUT_FOR_DELIVERY = "out-for-delivery"
    ATTEMPTED = "attempted"
    TO_BE_COLLECTED = "to-be-collected"
    EXCEPTION = "exception"
    DELIVERED = "delivered"
    LOST = "lost"
    REFUSED = "refused"
    RETURNING = "returning"
    SENT_BACK = "sent-back"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


TrackingNumber = Annotated[str, AfterValidator(forbid_nul), StringConstraints(min_length=1, max_length=120)]
"""As a carrier tells it."""


def _unspaced(number: str) -> str:
    return "".join(number.split())


WrittenNumber = Annotated[str, StringConstraints(max_length=120), AfterValidator(forbid_nul), AfterValidator(_unspaced)]
"""A tracking number as people or places write it, without its spaces; empty where there is none."""

CarrierName = Annotated[str, AfterValidator(forbid_nul), StringConstraints(strip_whitespace=True, max_length=60)]
"""A carrier as people or places call it: one of our accounts, or one that we know nothing of."""

MILESTONE: dict[TrackingStatus, Stage] = {
    TrackingStatus.IN_TRANSIT: Stage.IN_TRANSIT,
    TrackingStatus.OUT_FOR_DELIVERY: Stage.IN_TRANSIT,
    TrackingStatus.DELIVERED: Stage.DELIVERED,
    TrackingStatus.LOST: Stage.LOST,
    TrackingStatus.SENT_BACK: Stage.SENT_BACK,
}
"""The scans that move a fulfillment order; all others are kept and move nothing.

A refused parcel is still on its way: it closes when it is back with the sender.
"""


class TrackingEvent(Model):
    """One scan. Ordered by the carrier's own time, since scans arrive late and out of order."""

    tracking_number: TrackingNumber
    status: TrackingStatus
    occurred_at: Moment


class ParcelState(StrEnum):
    """What a label is worth: PLANNED before it is bought, LIVE while it is paid for, VOIDED after."""

    PLANNED = "PLANNED"
    LIVE = "LIVE"
    VOIDED = "VOIDED"


class Parcel(Model):
    """One labelled package with one tracking number.

    Attributes:
        tracking_number: None before there is a label, and where its place told none.
        tracking_told: whether the channel knows of it.
        told_number: the number that the channel was told last.
        tellings: how often it was told one.
        former: the numbers that were corrected, oldest first; empty where it had none before.
    """

    parcel_id: str
    fulfillment_id: str
    carrier: str
    state: ParcelState
    tracking_number: str | None = None
    remote_id: str = ""
    tracking_told: bool = False
    told_number: str = ""
    tellings: int = 0
    former: tuple[str, ...] = ()

    @property
    def numbers(self) -> frozenset[str]:
        """Every number that it has or had."""
        return frozenset({*self.former, self.tracking_number or "", self.told_number} - {""})


def shipment_id(fulfillment: str) -> str:
    """Return the id of the shipment of a fulfillment order: its goods leave together."""
    return f"{fulfillment}/S"


def parcel_id(fulfillment: str, number: int) -> str:
    """Return the id of the n-th parcel of a fulfillment order.

    >>> parcel_id("shop/1/F2", 1)
    'shop/1/F2/P1'
    """
    return f"{fulfillment}/P{number}"
