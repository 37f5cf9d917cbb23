"""Their words and ours: pure functions and the table of statuses."""

from __future__ import annotations

from adapters.carriers.sandbox import wire
from adapters.http import code_at
from adapters.lenient import reading
from domain.effect import Confirmed, Rejected
from domain.facts import Fact, ParcelScanned
from domain.ports.carrier import BuyLabel, OrderCollection, Rate
from domain.shipment import TrackingEvent, TrackingStatus
from domain.values import Document, Money

STATUSES = {
    "accepted": TrackingStatus.ACCEPTED,
    "in_transit": TrackingStatus.IN_TRANSIT,
    "out_for_delivery": TrackingStatus.OUT_FOR_DELIVERY,
    "delivered": TrackingStatus.DELIVERED,
    "lost": TrackingStatus.LOST,
    "refused": TrackingStatus.REFUSED,
    "returned_to_sender": TrackingStatus.SENT_BACK,
}
ORDINARY = "standard"
"""What the carriers call their ordinary speed."""

_UNDELIVERABLE = frozenset({"undeliverable-address", "too-heavy"})


def to_label(write: BuyLabel) -> dict[str, object]:
    """Return a label as the carrier wants it asked for."""
    where = write.destination
    return {
        "reference": write.reference,
        "kind": "return" if write.is_return else "outbound",
        "location": write.origin,
        "weight_grams": write.weight_grams,
        "level": write.speed or ORDINARY,
        "address": {
            "name": where.name,
            "line1": where.street,
            "city": where.city,
            "region": where.region,
            "postal_code": where.postal_code,
            "country": where.country,
            "phone": where.phone,
        },
    }


def to_driver(write: OrderCollection) -> dict[str, object]:
    """Return a driver as the carrier wants one asked for."""
    return {
        "reference": write.reference,
        "location": write.origin,
        "ready_at": write.ready_at.isoformat(),
        "closes_at": write.closes_at.isoformat(),
        "labels": list(write.remote_ids),
    }


def from_driver(driver: wire.Driver) -> Confirmed:
    """Return a driver in our words."""
    return Confirmed(remote_id=driver.driver_id)


def from_rates(told: wire.Rates) -> tuple[Rate, ...]:
    """Return prices in our words."""
    return tuple(
        Rate(
            speed="" if rate.level == ORDINARY else rate.level,
            cost=Money(amount=rate.cost, currency=rate.currency),
        )
        for rate in told.rates
    )


def from_label(label: wire.Label) -> Confirmed:
    """Return a bought label in our words."""
    return Confirmed(
        remote_id=label.label_id,
        tracking_number=label.tracking_number,
        cost=Money(amount=label.cost, currency=label.currency),
        document=Document.of(label.document),
    )


def read_refusal(status: int, body: bytes) -> Rejected:
    """Return why a write was refused, and whether the address or the goods are why."""
    code = code_at(body, "error", "code") or f"http-{status}"
    return Rejected(code=code, undeliverable=code in _UNDELIVERABLE)


def to_event(tracking_number: str, scan: wire.Scan) -> TrackingEvent:
    """Return a scan in our words; a status nobody knows is UNKNOWN and moves nothing."""
    status = STATUSES.get(scan.status, TrackingStatus.UNKNOWN)
    return TrackingEvent(tracking_number=tracking_number, status=status, occurred_at=scan.at)


def read_event(body: bytes) -> tuple[Fact, ...]:
    """Return the facts of a webhook.

    Raises:
        ContractBroken: it is not what the carrier promised.
    """
    with reading("sandbox-unreadable-webhook"):
        if wire.Event.model_validate_json(body).type != "parcel.scanned":
            return ()
        told = wire.Scanned.model_validate_json(body)
        scan = wire.Scan(status=told.status, at=told.scanned_at)
        return (ParcelScanned(scan=to_event(told.tracking_number, scan)),)
