"""The locations' own words: the fields we use of what they say."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class Work(BaseModel):
    """A fulfillment order as the location has it."""

    id: str
    status: str


class Works(BaseModel):
    """All work found."""

    works: list[Work]


class Expected(BaseModel):
    """A return as the location has it."""

    id: str


class ExpectedReturns(BaseModel):
    """All returns found."""

    returns: list[Expected]


class Event(BaseModel):
    """What every webhook says."""

    type: str


class OfWork(BaseModel):
    """Something happened to a fulfillment order."""

    fulfillment_id: str = Field(min_length=1)


class HandedOver(OfWork):
    """A parcel left; `tracking_number` is that of the place's own label, not of those that we bought."""

    tracking_number: str = ""
    carrier: str = ""


class Collected(OfWork):
    """Somebody typed a PIN."""

    pin: str


class RejectedUnits(BaseModel):
    """Units that cannot be sent."""

    line_id: str
    sku: str = ""
    quantity: int = Field(strict=True)
    reason: Literal["not_found", "damaged", "too_busy"]


class LinesRejected(OfWork):
    """The location cannot do some lines."""

    lines: list[RejectedUnits] = Field(min_length=1)


class ReturnedUnits(BaseModel):
    """Units that came back."""

    line_id: str
    quantity: int = Field(strict=True)
    disposition: str


class OfReturn(BaseModel):
    """Something happened to goods that came back."""

    return_id: str
    tracking_number: str
    lines: list[ReturnedUnits]
