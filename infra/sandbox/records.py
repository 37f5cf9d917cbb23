"""What the world remembers: one model for each thing that exists in it."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

By = Literal["crossdock", "hand", "buyer", "staff", "carrier", "marketplace", "director"]


class Fact(BaseModel):
    """A part of a record."""


class Wish(BaseModel):
    """What a request asks for; a word that the world does not know is refused."""

    model_config = ConfigDict(extra="forbid")


class Record(Fact):
    """A thing with an id, kept in the table named by its class."""

    table: ClassVar[str]
    id: str


class Units(Fact):
    """So many units of one SKU."""

    sku: str
    quantity: int
    line_id: str = ""
    reason: str = ""
    disposition: str = ""


class LineQuantity(Fact):
    """So many units of one order line."""

    line_id: str
    quantity: int


class Address(Fact):
    """Where a parcel goes."""

    name: str
    line1: str
    line2: str = ""
    city: str
    region: str = ""
    postal_code: str = ""
    country: str
    phone: str = ""


class Buyer(Fact):
    """Who bought."""

    name: str = ""
    email: str = ""
    phone: str = ""


class Offer(Record):
    """The quantity that one listing offers; `version` is the seller's, greater ones win."""

    table = "offers"
    quantity: int
    version: int


class Scan(Fact):
    """One step of a parcel's journey."""

    status: str
    at: datetime


class Label(Record):
    """A label that was bought; its id is the tracking number."""

    table = "labels"
    carrier: str
    reference: str
    parcel: str
    kind: Literal["outbound", "return"]
    order_id: str
    location: str
    weight_grams: int
    level: str = "standard"
    printed: list[str] = Field(default_factory=list[str])
    cost: int
    currency: str
    status: str = "bought"
    fate: str = "delivered"
    scans: list[Scan] = Field(default_factory=list[Scan])


class Driver(Record):
    """A driver who was ordered to a location, for labels by their ids."""

    table = "drivers"
    carrier: str
    reference: str
    location: str
    ready_at: datetime
    closes_at: datetime
    labels: list[str]


class Work(Record):
    """A fulfillment order as a location sees it."""

    table = "works"
    reference: str
    fulfillment_id: str
    location: str
    kind: Literal["ship", "pickup"]
    order_id: str
    lines: list[Units]
    status: Literal["accepted", "picked", "ready", "handed_over", "collected", "rejected", "cancelled"] = "accepted"


class Arrival(Record):
    """Goods that came back to a location, or that it was told to expect; its id is the return's if it was told."""

    table = "arrivals"
    location: str
    order_id: str
    return_id: str = ""
    tracking_number: str = ""
    units: list[Units]
    status: Literal["expected", "received", "inspected"]


class Message(Record):
    """A message in a buyer's mailbox; its id is the sender's reference."""

    table = "mails"
    recipient: str
    order_id: str
    template: str
    fields: dict[str, str]
    at: datetime


class Hook(Record):
    """A webhook that has not been accepted by its receiver yet."""

    table = "hooks"
    account: str
    type: str
    body: str
    attempts: int = 0


class Scene(Record):
    """A seeded mix of orders; each of them says to which scene it belongs."""

    table = "scenes"
    seed: int
    planned: int


class Cause(Record):
    """Why an order of a scene cannot go on until somebody acts, and what they have to do in Crossdock."""

    table = "causes"
    scene: str
    kind: str
    order_id: str
    cleared: bool = False
    remedy: dict[str, JsonValue]


class Deed(Record):
    """Something an actor of the world will do by itself when its time has come."""

    table = "deeds"
    name: str
    due: datetime
    args: dict[str, str]
