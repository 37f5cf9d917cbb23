"""Scans: the tables of their statuses, and what tracking and webhooks tell."""

from __future__ import annotations

from adapters.carriers.shipengine import wire
from adapters.lenient import reading
from adapters.parcels.tracking import in_order, read_code
from domain.facts import Fact, ParcelScanned
from domain.shipment import TrackingEvent
from domain.shipment import TrackingStatus as Status

STATUSES = {
    "UN": Status.UNKNOWN,
    "NY": Status.ANNOUNCED,
    "AC": Status.ACCEPTED,
    "IT": Status.IN_TRANSIT,
    "AT": Status.ATTEMPTED,
    "EX": Status.EXCEPTION,
    "DE": Status.DELIVERED,
    "SP": Status.TO_BE_COLLECTED,
}

_DETAILS = {
    Status.ANNOUNCED: """
        SHIPMENT_CREATED ELEC_ADVICE_RECD_BY_CARRIER AWAITING_PICKUP_DROP_OFF NOT_YET_RECEIVED_BY_CARRIER""",
    Status.ACCEPTED: "PICKED_UP DROPPED_OFF RECEIVED_BY_CARRIER RECD_BY_CARRIER_NO_ELEC_ADVICE",
    Status.OUT_FOR_DELIVERY: "OUT_FOR_DELIVERY",
    Status.ATTEMPTED: "ATTEMPTED_DELIVERY ATTEMPTED_DELIVERY_FINAL CUSTOMER_CARDED NO_ACCESS_TO_RECIPIENTS_ADDRESS",
    Status.TO_BE_COLLECTED: """
        AWAITING_COLLECTION_FROM_PICKUP_POINT COLLECT_AT_LOCAL_PO CUSTOMER_TO_COLLECT_FROM_CARRIER
        DELIVERED_TO_PICKUP_POINT""",
    Status.REFUSED: "REFUSED_BY_CUSTOMER",
    Status.RETURNING: "RETURN_TO_SENDER",
    Status.SENT_BACK: "UNDELIVERABLE_RETURNED_TO_SENDER",
    Status.LOST: "PARCEL_LOST PARCEL_DISPOSED",
    Status.CANCELLED: "CANCELLED",
}
DETAILS = {word: status for status, words in _DETAILS.items() for word in words.split()}
"""Details that say more than their status."""


def to_scans(tracking: wire.Tracking) -> tuple[TrackingEvent, ...]:
    """Return all scans of a parcel in our words, in the carrier's order."""
    carrier = tracking.carrier_code or ""
    return in_order((tracking.tracking_number, _status(carrier, one), one.occurred_at) for one in tracking.events)


def read_event(body: bytes) -> tuple[Fact, ...]:
    """Return the facts of a webhook.

    Raises:
        ContractBroken: it is not what ShipEngine promised.
    """
    with reading("shipengine-unreadable-webhook"):
        if wire.Hook.model_validate_json(body).resource_type != "API_TRACK":
            return ()
        tracking = wire.TrackHook.model_validate_json(body).data
    return tuple(ParcelScanned(scan=scan) for scan in to_scans(tracking))


def _status(carrier: str, event: wire.Event) -> Status:
    word = DETAILS.get(event.status_detail_code or "") or STATUSES.get(event.status_code or "", Status.UNKNOWN)
    codes = (event.event_code, event.carrier_status_code)
    own = (read_code(carrier, code) for code in codes if code)
    return next((one for one in (word, *own) if one is not Status.UNKNOWN), Status.UNKNOWN)
