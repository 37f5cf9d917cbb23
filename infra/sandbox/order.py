"""An order on the marketplace: its lines, its money, and everything that was noted on it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field, JsonValue

from infra.sandbox.records import Address, Buyer, By, Fact, LineQuantity, Record


class Line(Fact):
    """One line of an order; `tax` is contained in the price."""

    id: str
    listing_id: str
    sku: str
    gtin: str = ""
    title: str = ""
    quantity: int
    unit_price: int
    tax: int = 0
    cancelled_quantity: int = 0
    shipped_quantity: int = 0
    refunded: int = 0

    @property
    def open(self) -> int:
        """Units neither shipped nor cancelled."""
        return self.quantity - self.cancelled_quantity - self.shipped_quantity


class Payment(Fact):
    """Money taken by one tender, in minor units."""

    tender: str
    captured: int


class Shipment(Fact):
    """What was told to the marketplace about goods sent."""

    id: str
    reference: str
    carrier: str
    tracking_number: str
    lines: list[LineQuantity]
    by: By
    at: datetime


class Refund(Fact):
    """Money given back by the marketplace."""

    id: str
    reference: str
    amount: int
    currency: str
    lines: list[LineQuantity]
    by: By
    at: datetime


class Cancellation(Fact):
    """Units that will not be delivered."""

    id: str
    reference: str
    reason: str
    lines: list[LineQuantity]
    by: By
    at: datetime


class Pickup(Fact):
    """What was told to the marketplace about goods put aside or collected."""

    reference: str
    status: Literal["ready", "collected"]
    lines: list[LineQuantity]


class CancelRequest(Fact):
    """A buyer's wish to cancel: not a cancellation."""

    status: Literal["open", "granted", "denied"]
    reason: str
    requested_at: datetime


class ReturnRequest(Fact):
    """A buyer's wish to send goods back, and what the seller answered."""

    id: str
    course: Literal["label", "store"]
    lines: list[LineQuantity]
    reason: str
    requested_at: datetime
    answer: Literal["", "granted", "declined"] = ""


class Order(Record):
    """An order on the marketplace; `overrides` is what the marketplace wrongly says about it instead."""

    table = "orders"
    account: str
    number: str
    placed_at: datetime
    updated_at: datetime
    currency: str
    status: str = "new"
    test: bool = False
    fulfilled_by: Literal["seller", "marketplace"] = "seller"
    lines: list[Line]
    shipping_price: int = 0
    total: int
    payments: list[Payment]
    ship_by: datetime
    deliver_by: datetime
    delivery: Literal["ship", "pickup"] = "ship"
    pickup_location: str | None = None
    buyer: Buyer
    address: Address | None
    holds: list[str] = Field(default_factory=list[str])
    cancel_request: CancelRequest | None = None
    cancelled_by: By | None = None
    shipments: list[Shipment] = Field(default_factory=list[Shipment])
    refunds: list[Refund] = Field(default_factory=list[Refund])
    cancellations: list[Cancellation] = Field(default_factory=list[Cancellation])
    returns: list[ReturnRequest] = Field(default_factory=list[ReturnRequest])
    pickups: list[Pickup] = Field(default_factory=list[Pickup])
    script: str = "ship"
    scene: str = ""
    overrides: dict[str, JsonValue] = Field(default_factory=dict[str, JsonValue])

    @property
    def captured(self) -> int:
        """Minor units taken from the buyer."""
        return sum(payment.captured for payment in self.payments)

    @property
    def refunded(self) -> int:
        """Minor units given back."""
        return sum(refund.amount for refund in self.refunds)

    def line(self, line_id: str) -> Line | None:
        """Return the line of this id, if the order has it."""
        return next((line for line in self.lines if line.id == line_id), None)

    def public(self) -> dict[str, JsonValue]:
        """Return the order as the marketplace's API tells it."""
        return self.model_dump(mode="json", exclude={"script", "scene", "overrides"}) | self.overrides
