"""Facts: what others report to us, read from a verified message and committed before anyone is told."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator

from domain.returns import Disposition, ReturnCourse
from domain.shipment import CarrierName, TrackingEvent, WrittenNumber
from domain.values import MAX_QUANTITY, ExternalId, FulfillmentId, LocationCode, Model, Moment, Quantity, SkuCode, Text

MOST_ROWS = 10_000
"""How many rows one fact may have."""

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


class SentUnits(Model):
    """Units of one line that truly left."""

    line_id: ExternalId
    quantity: Annotated[int, Field(strict=True, ge=0, le=MAX_QUANTITY)]


class HandedOver(Model):
    """The parcel has left the location with the carrier; told again with another number, it corrects the first.

    Attributes:
        lines: with how many units, where that was counted.
        tracking_number: that of the place's own label, where it labels itself.
        carrier: who carries it, in the place's words; empty: whoever collects there.
    """

    kind: Literal["handed-over"] = "handed-over"
    fulfillment_id: FulfillmentId
    lines: tuple[SentUnits, ...] = ()
    tracking_number: WrittenNumber = ""
    carrier: CarrierName = ""


class Collected(Model):
    """The buyer stands at the counter and shows a PIN."""

    kind: Literal["collected"] = "collected"
    fulfillment_id: FulfillmentId
    pin: SecretStr


class RejectedLine(Model):
    """Units that the location cannot send, and why.

    `sku` may name one component of the line, whose units `quantity` counts then; otherwise it counts the line's.
    """

    line_id: ExternalId
    quantity: Quantity
    reason: RejectReason
    sku: Text = ""


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

    line_id: ExternalId
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


class ReturnNamed(Model):
    """Something happened to a return, named by rma number, or by the tracking number its goods left with."""

    return_id: Text = ""
    tracking_number: WrittenNumber = ""

    @model_validator(mode="after")
    def _require_name(self) -> Self:
        if not (self.return_id or self.tracking_number):
            raise ValueError("expected a return_id or a tracking_number")
        return self


class ReturnReceived(ReturnNamed):
    """Goods have come back to a location."""

    kind: Literal["return-received"] = "return-received"


class ReturnInspected(ReturnNamed):
    """Somebody has looked at what came back."""

    kind: Literal["return-inspected"] = "return-inspected"
    lines: tuple[ReturnedUnits, ...]


class CountedUnits(Model):
    """What lies on a shelf of one SKU."""

    sku: SkuCode
    units: Annotated[int, Field(strict=True, ge=0, le=MAX_QUANTITY)]


class StockCounted(Model):
    """What lay at a location at one moment, reserved units included; `whole`: of what is not named nothing lay there.

    What moved later is laid on top, and a count that is older than the one before changes nothing.
    """

    kind: Literal["stock-counted"] = "stock-counted"
    location: LocationCode
    counted_at: Moment
    rows: tuple[CountedUnits, ...] = Field(max_length=MOST_ROWS)
    whole: bool = False

    @model_validator(mode="after")
    def _counts_once(self) -> Self:
        twice = [sku for sku, times in Counter(row.sku for row in self.rows).items() if times > 1]
        if twice:
            raise ValueError(f"{twice[0]} is counted twice; add its units up")
        return self


class StockChange(Model):
    """One change of a shelf; its number is the location's own, one higher than that of the change before."""

    sequence: Annotated[int, Field(strict=True, ge=1, le=10**15)]
    sku: SkuCode
    delta: Annotated[int, Field(strict=True, ge=-MAX_QUANTITY, le=MAX_QUANTITY)]
    reason: Text
    occurred_at: Moment


class StockChanged(Model):
    """Changes of a location's shelves, in any order."""

    kind: Literal["stock-changed"] = "stock-changed"
    location: LocationCode
    changes: tuple[StockChange, ...] = Field(min_length=1, max_length=MOST_ROWS)


class TillLine(Model):
    """Units on one line of a till's receipt."""

    line: ExternalId
    sku: SkuCode
    quantity: Quantity


class TillReceipt(Model):
    """What went over a location's counter at one moment; its number is used once there."""

    location: LocationCode
    receipt: ExternalId
    lines: tuple[TillLine, ...] = Field(min_length=1, max_length=MOST_ROWS)
    occurred_at: Moment


class TillSold(TillReceipt):
    """A location sold units over its counter."""

    kind: Literal["till-sold"] = "till-sold"


class TillReturned(TillReceipt):
    """A location took units back over its counter, and put them on the shelf again."""

    kind: Literal["till-returned"] = "till-returned"


Fact = Annotated[
    OrderChanged | Picked | Ready | HandedOver | Collected | LinesRejected | ParcelScanned | ReturnRequested
    | ReturnReceived | ReturnInspected | StockCounted | StockChanged | TillSold | TillReturned,
    Field(discriminator="kind"),
]  # fmt: skip
