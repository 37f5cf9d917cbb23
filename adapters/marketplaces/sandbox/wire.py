"""The marketplace's own words: the fields we use of what it says. Whatever else it says is ignored."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, Field, JsonValue

Day = AwareDatetime | date
"""A moment, or a day of the marketplace's own calendar."""


class Payment(BaseModel):
    """Money taken."""

    tender: str
    captured: int = Field(strict=True)


class Counted(BaseModel):
    """Units of one line."""

    line_id: str
    quantity: int = Field(strict=True)


class Line(BaseModel):
    """One line; the price contains the tax."""

    id: str
    listing_id: str
    sku: str = ""
    title: str = ""
    quantity: int = Field(strict=True)
    unit_price: int = Field(strict=True)
    cancelled_quantity: int = Field(strict=True)
    shipped_quantity: int = Field(strict=True)
    ship_by: Day | None = None
    deliver_by: Day | None = None
    not_before: Day | None = None


class Shipment(BaseModel):
    """Goods noted as sent."""

    id: str
    reference: str
    tracking_number: str
    lines: list[Counted]


class Refund(BaseModel):
    """Money given back."""

    id: str
    reference: str
    amount: int = Field(strict=True)
    lines: list[Counted]


class CancelRequest(BaseModel):
    """A buyer's wish to cancel."""

    status: Literal["open", "granted", "denied"]


class Address(BaseModel):
    """Where it goes."""

    name: str
    line1: str
    line2: str
    city: str
    region: str
    postal_code: str
    country: str
    phone: str


class Buyer(BaseModel):
    """Who bought."""

    name: str
    email: str
    phone: str


class Order(BaseModel):
    """An order as it stands."""

    id: str
    number: str
    placed_at: AwareDatetime
    updated_at: AwareDatetime
    currency: str
    status: Literal["new", "acknowledged", "partially_shipped", "shipped", "cancelled", "ready_for_pickup", "collected"]
    test: bool
    fulfilled_by: Literal["seller", "marketplace"]
    lines: list[Line]
    shipping_price: int = Field(strict=True)
    total: int = Field(strict=True)
    payments: list[Payment]
    ship_by: Day | None
    deliver_by: Day | None
    delivery: Literal["ship", "pickup"]
    pickup_location: str | None
    buyer: Buyer
    address: Address | None
    holds: list[Literal["payment_pending", "fraud_review"]]
    cancel_request: CancelRequest | None
    shipments: list[Shipment]
    refunds: list[Refund]


class Page(BaseModel):
    """One page of orders, unread; `as_of` is the marketplace's moment."""

    orders: list[JsonValue]
    next_cursor: str | None
    as_of: AwareDatetime


class Document(BaseModel):
    """Any order, as a whole and unread."""

    model_config = {"extra": "allow"}

    id: str
    status: str


class Made(BaseModel):
    """What a write made; a pickup has no id."""

    id: str = ""
    reference: str = ""
    status: str = ""


class Rows(BaseModel):
    """What was made under a reference."""

    rows: list[Made]


class AskedReturn(BaseModel):
    """A buyer's wish to give goods back, and what was answered."""

    id: str
    answer: str


class ReturnRequests(BaseModel):
    """All such wishes of one order."""

    rows: list[AskedReturn]


class StockRow(BaseModel):
    """What became of one offered quantity."""

    listing_id: str
    outcome: str


class StockRows(BaseModel):
    """What became of all."""

    rows: list[StockRow]


class Event(BaseModel):
    """What every webhook says; an order's changes name it only."""

    type: str
    order_id: str = ""


class ReturnRequested(BaseModel):
    """A buyer's wish to give goods back."""

    order_id: str
    return_request_id: str
    course: Literal["label", "store"]
    location: str
    reason: str
    lines: list[Counted]
    occurred_at: datetime
