"""The carriers' own words: the fields we use of what they say."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Base64Bytes, BaseModel, Field

from domain.values import Amount, Currency, forbid_nul

Number = Annotated[str, AfterValidator(forbid_nul), Field(min_length=1, max_length=120)]
"""A tracking number."""


class Label(BaseModel):
    """A label that was bought."""

    label_id: str
    tracking_number: Number
    cost: Amount
    currency: Currency
    document: Base64Bytes = Field(min_length=1)
    media_type: str


class Labels(BaseModel):
    """The labels of a reference, the first bought first."""

    labels: list[Label]


class Scan(BaseModel):
    """One step of the journey."""

    status: str
    at: AwareDatetime


class Parcel(BaseModel):
    """How a parcel stands."""

    tracking_number: Number
    status: str
    intercepted: bool
    scans: list[Scan]


class Event(BaseModel):
    """What every webhook says."""

    type: str


class Scanned(BaseModel):
    """A parcel was scanned."""

    tracking_number: Number
    status: str
    scanned_at: AwareDatetime
