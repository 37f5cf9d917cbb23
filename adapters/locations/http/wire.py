"""The contract's words: what the system answers, and what it calls back with."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field

Units = Annotated[int, Field(strict=True)]


class Done(BaseModel):
    """It was done, under this id; `status` is that of the work."""

    id: str = Field(min_length=1)
    status: str = ""


class Known(BaseModel):
    """All that the system has under what it was asked for."""

    found: list[Done]


class Callback(BaseModel):
    """What every callback says; its id is its own, so that two that both count are never the same."""

    id: str = Field(min_length=1, max_length=200)
    type: str


class OfWork(Callback):
    """Something happened to a fulfillment order."""

    fulfillment_id: str = Field(min_length=1)


class SentLine(BaseModel):
    """Units that left."""

    line_id: str
    quantity: Units


class Shipped(OfWork):
    """A parcel left with these units, or all; with number and carrier of the label where the place labels itself."""

    lines: list[SentLine] = Field(default_factory=list[SentLine])
    tracking_number: str = ""
    carrier: str = ""


class Collected(OfWork):
    """Somebody typed a PIN."""

    pin: str


class RejectedLine(BaseModel):
    """Units that cannot be sent."""

    line_id: str
    sku: str = ""
    quantity: Units
    reason: Literal["not_found", "damaged", "too_busy"]


class Rejected(OfWork):
    """The location cannot do some lines."""

    lines: list[RejectedLine] = Field(min_length=1)


class ReturnedLine(BaseModel):
    """Units that came back."""

    line_id: str
    quantity: Units
    disposition: str


class OfReturn(Callback):
    """Goods came back, named by the return or by the number that they left with."""

    return_id: str = ""
    tracking_number: str = ""


class Inspected(OfReturn):
    """Somebody looked at them."""

    lines: list[ReturnedLine] = Field(min_length=1)


class Shelved(BaseModel):
    """Units of a SKU on a shelf; which lot, condition or piece they are is not kept yet, and refused."""

    sku: str
    lot: Literal[""] | None = None
    condition: Literal[""] | None = None
    serial: Literal[""] | None = None


class CountedRow(Shelved):
    """What lies there of one SKU."""

    units: Units


class Counted(Callback):
    """What lay there at one moment."""

    location: str
    counted_at: AwareDatetime
    whole: bool = Field(strict=True)
    rows: list[CountedRow]


class Change(Shelved):
    """One change, under the location's next number."""

    sequence: Units
    delta: Units
    reason: str
    occurred_at: AwareDatetime


class Changed(Callback):
    """Changes of a location's shelves."""

    location: str
    changes: list[Change]


class TillLine(BaseModel):
    """Units on a receipt."""

    line: str
    sku: str
    quantity: Units


class Receipt(Callback):
    """What went over the counter."""

    location: str
    receipt: str
    occurred_at: AwareDatetime
    lines: list[TillLine]
