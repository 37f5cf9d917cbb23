"""Scans: the table of their statuses, and what trackers and webhooks tell."""

from __future__ import annotations

from adapters.carriers.karrio import wire
from adapters.lenient import reading
from adapters.parcels.tracking import in_order, read_code
from domain.facts import Fact, ParcelScanned
from domain.shipment import TrackingEvent
from domain.shipment import TrackingStatus as Status

STATUSES = {
    "unknown": Status.UNKNOWN,
    "pending": Status.ANNOUNCED,
    "picked_up": Status.ACCEPTED,
    "in_transit": Status.IN_TRANSIT,
    "out_for_delivery": Status.OUT_FOR_DELIVERY,
    "ready_for_pickup": Status.TO_BE_COLLECTED,
    "delivered": Status.DELIVERED,
    "on_hold": Status.EXCEPTION,
    "delivery_delayed": Status.EXCEPTION,
    "delivery_failed": Status.ATTEMPTED,
    "return_to_sender": Status.RETURNING,
    "cancelled": Status.CANCELLED,
}


def to_scans(tracker: wire.Tracker) -> tuple[TrackingEvent, ...]:
    """Return all scans of a parcel in our words, in the carrier's order."""
    carrier = tracker.carrier_name or ""
    return in_order((tracker.tracking_number, _status(carrier, one), one.timestamp) for one in tracker.events)


def read_event(body: bytes) -> tuple[Fact, ...]:
    """Return the facts of a webhook.

    Raises:
        ContractBroken: it is not what Karrio promised.
    """
    with reading("karrio-unreadable-webhook"):
        if not wire.Hook.model_validate_json(body).event.startswith("tracker_"):
            return ()
        tracker = wire.TrackerHook.model_validate_json(body).data
    return tuple(ParcelScanned(scan=scan) for scan in to_scans(tracker))


def _status(carrier: str, event: wire.Event) -> Status:
    word = STATUSES.get(event.status or "", Status.UNKNOWN)
    return read_code(carrier, event.code or "") if word is Status.UNKNOWN else word
