"""Scans: the tables of their statuses, and what tracking and webhooks tell."""

from __future__ import annotations

from adapters.carriers.easypost import wire
from adapters.lenient import reading
from adapters.parcels.tracking import in_order, read_code
from domain.facts import Fact, ParcelScanned
from domain.shipment import TrackingEvent
from domain.shipment import TrackingStatus as Status

STATUSES = {
    "unknown": Status.UNKNOWN,
    "error": Status.UNKNOWN,
    "pre_transit": Status.ANNOUNCED,
    "in_transit": Status.IN_TRANSIT,
    "out_for_delivery": Status.OUT_FOR_DELIVERY,
    "available_for_pickup": Status.TO_BE_COLLECTED,
    "delivered": Status.DELIVERED,
    "return_to_sender": Status.RETURNING,
    "failure": Status.EXCEPTION,
    "cancelled": Status.CANCELLED,
}
"""A failure may be mended, so it is no loss unless the detail says so."""

DETAILS = {
    "lost": Status.LOST,
    "refused": Status.REFUSED,
    "damaged": Status.EXCEPTION,
    "delivery_exception": Status.EXCEPTION,
    "transit_exception": Status.EXCEPTION,
}
"""Details that say more than their status."""


def to_scans(tracker: wire.Tracker) -> tuple[TrackingEvent, ...]:
    """Return all scans of a parcel in our words, in the carrier's order."""
    number = tracker.tracking_code
    return in_order((number, _status(one), one.datetime) for one in tracker.tracking_details)


def read_event(body: bytes) -> tuple[Fact, ...]:
    """Return the facts of a webhook.

    Raises:
        ContractBroken: it is not what EasyPost promised.
    """
    with reading("easypost-unreadable-webhook"):
        if not wire.Event.model_validate_json(body).description.startswith("tracker."):
            return ()
        tracker = wire.TrackerEvent.model_validate_json(body).result
    return tuple(ParcelScanned(scan=scan) for scan in to_scans(tracker))


def _status(detail: wire.Detail) -> Status:
    word = DETAILS.get(detail.status_detail or "") or STATUSES.get(detail.status, Status.UNKNOWN)
    return read_code(detail.source or "", detail.carrier_code or "") if word is Status.UNKNOWN else word
