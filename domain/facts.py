"""Facts: what others report to us, read from a verified message and committed before anyone is told."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from domain.returns import Disposition, ReturnCourse
from domain.shipment import TrackingEvent
from domain.values import ExternalId, FulfillmentId, Model, Quantity

RejectReason = Literal["not_found", "damaged", "too_busy"]


class OrderChanged(Model):
    """A hint that the channel's order has changed: it is read again from the channel, the hint is not believed."""

    kind: Literal["order-changed"] = "order-changed"
    channel_order_id: ExternalId


class Picked(Model):
    """Staff have picked all lines of a fulfillment order."""

    kind: Literal["picked"] = "picked"
    fulfillment_id: FulfillmentId


class Ready(Model):
    """Staff have put a pickup aside for the buyer."""

    kind: Literal["ready"] = "ready"
    fulfillment_id: FulfillmentId


class HandedOver(Model):
    """The parcel has left the location with the carrier."""

    kind: Literal["handed-over"] = "handed-over"
    fulfillment_id: FulfillmentId


class Collected(Model):
    """The buyer stands at the counter and shows a PIN."""

    kind: Literal["collected"] = "collected"
    fulfillment_id: FulfillmentId
    pin: SecretStr


class RejectedLine(Model):
    """Units that the location cannot send, and why.

    `sku` may name one component of the line, whose units `quantity` counts then; otherwise it counts the line's.
    """

    line_id: str
    quantity: Quantity
    reason: RejectReason
    sku: str = ""


class LinesRejected(Model):
    """The location cannot do some lines: they are planned elsewhere."""

    kind: Literal["lines-rejected"] = "lines-rejected"
    fulfillment_id: FulfillmentId
    lines: tuple[RejectedLine, ...]


class ParcelScanned(Model):
    """The carrier has scanned a parcel."""

    kind: Literal["parcel-scanned"] = "parcel-scanned"
    scan: TrackingEvent


class ReturnedUnits(Model):
    """Units of one line, as counted when they come back."""

    line_id: str
    quantity: Quantity
    disposition: Disposition = Disposition.RESTOCKED


class ReturnRequested(Model):
    """The buyer wants to give goods back; `request_id` is the channel's id of the wish, where it has one."""

    kind: Literal["return-requested"] = "return-requested"
    request_id: str = ""
    channel_order_id: ExternalId
    lines: tuple[ReturnedUnits, ...]
    course: ReturnCourse
    location: str = ""
    reason: str = ""


class ReturnReceived(Model):
    """Goods have come back to a location; named by rma number, or by the tracking number they left with."""

    kind: Literal["return-received"] = "return-received"
    return_id: str = ""
    tracking_number: str = ""


class ReturnInspected(Model):
    """Somebody has looked at what came back."""

    kind: Literal["return-inspected"] = "return-inspected"
    return_id: str = ""
    tracking_number: str = ""
    lines: tuple[ReturnedUnits, ...]


Fact = Annotated[
    OrderChanged | Picked | Ready | HandedOver | Collected | LinesRejected | ParcelScanned | ReturnRequested
    | ReturnReceived | ReturnInspected,
    Field(discriminator="kind"),
]  # fmt: skip
