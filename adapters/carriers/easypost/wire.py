"""EasyPost's own words: the fields we use of what it says."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, BaseModel

from adapters.lenient import MaybeRows
from adapters.parcels.gateway import Word


class Rate(BaseModel):
    """One service that would carry the parcel."""

    id: Word
    carrier: str
    service: str
    rate: str
    currency: str
    delivery_days: int | None = None


class PostageLabel(BaseModel):
    """The paper of a bought shipment."""

    label_url: str


class Detail(BaseModel):
    """One scan."""

    status: str
    status_detail: str | None = None
    datetime: AwareDatetime
    source: str | None = None
    carrier_code: str | None = None


class Tracker(BaseModel):
    """How a parcel stands."""

    tracking_code: Word
    status: str | None = None
    tracking_details: list[Detail]


class Trackers(BaseModel):
    """The trackers of a number."""

    trackers: list[Tracker]


class Moving(BaseModel):
    """Whether a bought shipment is under way already."""

    status: str | None = None


class Shipment(BaseModel):
    """A draft while `postage_label` is empty; bought after."""

    id: Word
    tracking_code: Word | None = None
    rates: list[Rate] | None = None
    selected_rate: Rate | None = None
    postage_label: PostageLabel | None = None
    refund_status: str | None = None
    tracker: Moving | None = None


class PickupRate(BaseModel):
    """One way to send a driver."""

    carrier: str
    service: str
    rate: str
    currency: str


class Pickup(BaseModel):
    """A driver to be sent: `scheduled` once it is bought."""

    id: Word
    status: str
    reference: str | None = None
    pickup_rates: Annotated[tuple[PickupRate, ...], MaybeRows] = ()


class Pickups(BaseModel):
    """The latest pickups, the youngest first."""

    pickups: list[Pickup]
    has_more: bool


class Batch(BaseModel):
    """Shipments that are dealt with together: `creating`, then `created` or `creation_failed`, and more later."""

    id: Word
    state: str
    reference: str | None = None


class Batches(BaseModel):
    """The latest batches, the youngest first."""

    batches: list[Batch]


class Event(BaseModel):
    """What every webhook says."""

    description: str


class TrackerEvent(BaseModel):
    """A tracker was created or has changed."""

    result: Tracker
