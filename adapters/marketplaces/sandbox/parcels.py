"""The marketplace's words for labels and parcels, and ours: models of what we read, and the table of statuses."""

from __future__ import annotations

from pydantic import AwareDatetime, Base64Bytes, BaseModel, Field

from adapters.http import code_at
from domain.effect import Confirmed, Rejected
from domain.facts import ParcelScanned
from domain.ports.carrier import BuyLabel
from domain.shipment import TrackingEvent, TrackingNumber, TrackingStatus
from domain.values import Amount, Currency, Document, Money

STATUSES = {
    "accepted": TrackingStatus.ACCEPTED,
    "in_transit": TrackingStatus.IN_TRANSIT,
    "out_for_delivery": TrackingStatus.OUT_FOR_DELIVERY,
    "delivered": TrackingStatus.DELIVERED,
    "lost": TrackingStatus.LOST,
    "refused": TrackingStatus.REFUSED,
    "returned_to_sender": TrackingStatus.SENT_BACK,
}
_ORDINARY = "standard"
_UNDELIVERABLE = frozenset({"undeliverable-address", "too-heavy"})


class Label(BaseModel):
    """A label that was bought."""

    label_id: str
    tracking_number: TrackingNumber
    cost: Amount
    currency: Currency
    document: Base64Bytes = Field(min_length=1)


class Labels(BaseModel):
    """The labels of a reference, the first bought first."""

    labels: list[Label]


class Scan(BaseModel):
    """One step of the journey."""

    status: str
    at: AwareDatetime


class Parcel(BaseModel):
    """How a parcel stands."""

    tracking_number: TrackingNumber
    status: str
    scans: list[Scan]


class Scanned(BaseModel):
    """A parcel was scanned."""

    tracking_number: TrackingNumber
    status: str
    scanned_at: AwareDatetime


def to_label(write: BuyLabel) -> dict[str, object]:
    """Return a label as the marketplace wants it asked for."""
    where = write.destination
    return {
        "reference": write.reference,
        "order": write.channel_order_id,
        "lines": [{"line_id": line_id, "quantity": units} for line_id, units in write.quantities.items()],
        "kind": "return" if write.is_return else "outbound",
        "location": write.origin,
        "weight_grams": write.weight_grams,
        "level": write.speed or _ORDINARY,
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


def from_label(label: Label) -> Confirmed:
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


def to_event(tracking_number: str, scan: Scan) -> TrackingEvent:
    """Return a scan in our words; a status nobody knows is UNKNOWN and moves nothing."""
    status = STATUSES.get(scan.status, TrackingStatus.UNKNOWN)
    return TrackingEvent(tracking_number=tracking_number, status=status, occurred_at=scan.at)


def to_scan(told: Scanned) -> ParcelScanned:
    """Return what a webhook told of a parcel."""
    return ParcelScanned(scan=to_event(told.tracking_number, Scan(status=told.status, at=told.scanned_at)))
