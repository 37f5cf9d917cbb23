"""The carriers' own words: the fields we use of what they say."""

from __future__ import annotations

from pydantic import AwareDatetime, Base64Bytes, BaseModel, Field

from domain.shipment import TrackingNumber
from domain.values import Amount, Currency


class Label(BaseModel):
    """A label that was bought."""

    label_id: str
    tracking_number: TrackingNumber
    cost: Amount
    currency: Currency
    document: Base64Bytes = Field(min_length=1)
    media_type: str


class Rate(BaseModel):
    """What one level of speed would cost."""

    level: str
    cost: Amount
    currency: Currency


class Rates(BaseModel):
    """What a parcel would cost."""

    rates: list[Rate]


class Labels(BaseModel):
    """The labels of a reference, the first bought first."""

    labels: list[Label]


class Driver(BaseModel):
    """A driver who comes."""

    driver_id: str


class Drivers(BaseModel):
    """The drivers of a reference."""

    drivers: list[Driver]


class Scan(BaseModel):
    """One step of the journey."""

    status: str
    at: AwareDatetime


class Parcel(BaseModel):
    """How a parcel stands."""

    tracking_number: TrackingNumber
    status: str
    intercepted: bool
    scans: list[Scan]


class Event(BaseModel):
    """What every webhook says."""

    type: str


class Scanned(BaseModel):
    """A parcel was scanned."""

    tracking_number: TrackingNumber
    status: str
    scanned_at: AwareDatetime
