"""ShipEngine's own words: the fields we use of what it says."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field

from adapters.lenient import Exact, MaybeRows
from adapters.parcels.gateway import Word

_MOST = 10**15


class Cost(BaseModel):
    """An amount in major units, few enough to be added up."""

    currency: str
    amount: Annotated[Decimal, Field(gt=-_MOST, lt=_MOST)]


class Download(BaseModel):
    """The paper: an address, or the bytes themselves as a data address."""

    href: str


class Label(Exact):
    """A label that was bought, or is being made."""

    label_id: Word
    status: str
    tracking_number: Word | None = None
    shipment_cost: Cost | None = None
    insurance_cost: Cost | None = None
    voided: bool = False
    carrier_code: str | None = None
    label_download: Download | None = None


class Labels(Exact):
    """The labels that match."""

    labels: list[Label]


class Voided(BaseModel):
    """What became of a wish to void; an answer alone does not mean that it was granted."""

    approved: bool
    reason_code: str | None = None


class Rate(BaseModel):
    """One service that would carry the parcel."""

    rate_id: str
    carrier_id: str
    service_code: str
    shipping_amount: Cost
    insurance_amount: Cost
    confirmation_amount: Cost
    other_amount: Cost
    tax_amount: Cost | None = None
    delivery_days: int | None = None
    error_messages: Annotated[tuple[str, ...], MaybeRows] = ()


class Rates(BaseModel):
    """The services that would carry it."""

    rates: list[Rate]


class RateAnswer(Exact):
    """What a question for rates is answered with."""

    rate_response: Rates


class Event(BaseModel):
    """One scan."""

    occurred_at: AwareDatetime
    status_code: str | None = None
    status_detail_code: str | None = None
    event_code: str | None = None
    carrier_status_code: str | None = None


class Tracking(BaseModel):
    """How a parcel stands."""

    tracking_number: Word
    carrier_code: str | None = None
    events: list[Event]


class Hook(BaseModel):
    """What every webhook says."""

    resource_type: str


class TrackHook(BaseModel):
    """A parcel was scanned."""

    data: Tracking


class Pickup(BaseModel):
    """A driver that was ordered."""

    pickup_id: Word
    label_ids: Annotated[tuple[str, ...], MaybeRows] = ()
    cancelled_at: str | None = None


class Pickups(BaseModel):
    """The drivers that were ordered."""

    pickups: list[Pickup]


class Complaint(BaseModel):
    """One reason of a refusal."""

    error_code: str | None = None


class Complaints(BaseModel):
    """Why something was refused."""

    errors: list[Complaint]
