"""Karrio's own words: the fields we use of what it says."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import AwareDatetime, BaseModel

from adapters.lenient import Exact, MaybeRows
from adapters.parcels.gateway import Word


class Rate(BaseModel):
    """One service that would carry the parcel."""

    id: str | None = None
    carrier_id: str
    service: str
    total_charge: Decimal
    currency: str | None = None
    transit_days: int | None = None


class Rates(Exact):
    """The services that would carry it."""

    rates: list[Rate]


class Paper(BaseModel):
    """One paper of a shipment: its bytes when it was just bought, and their address always."""

    category: str
    url: str | None = None
    base64: str | None = None


class Shipment(Exact):
    """A draft, a bought label, or a cancelled one."""

    id: Word
    status: str
    tracking_number: Word | None = None
    carrier_name: str | None = None
    rates: list[Rate]
    selected_rate: Rate | None = None
    label_url: str | None = None
    shipping_documents: Annotated[tuple[Paper, ...], MaybeRows] = ()


class Shipments(Exact):
    """The shipments that match; a filter that the server does not know is passed over there."""

    results: list[Shipment]


class Event(BaseModel):
    """One scan; `timestamp` alone has a zone."""

    timestamp: AwareDatetime
    status: str | None = None
    code: str | None = None


class Tracker(BaseModel):
    """How a parcel stands."""

    tracking_number: Word
    carrier_name: str | None = None
    events: list[Event]


class Hook(BaseModel):
    """What every webhook says."""

    event: str


class TrackerHook(BaseModel):
    """A tracker was made or has changed."""

    data: Tracker


class Complaint(BaseModel):
    """One reason of a refusal."""

    code: str | None = None


class Complaints(BaseModel):
    """Why something was refused: as errors by the server, as messages by a carrier."""

    errors: Annotated[tuple[Complaint, ...], MaybeRows] = ()
    messages: Annotated[tuple[Complaint, ...], MaybeRows] = ()
