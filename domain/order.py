"""An order: a confirmed purchase on a channel, as the channel tells it and as we keep it."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from domain.errors import Refused
from domain.gtin import find_gtin
from domain.values import (
    MAX_AMOUNT,
    MAX_QUANTITY,
    Address,
    Amount,
    Buyer,
    Currency,
    ExternalId,
    LocationCode,
    Model,
    Moment,
    Quantity,
    Text,
    forbid_nul,
)

MAX_LINES = 500
_ACCOUNT = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_CHANNEL_ORDER = re.compile(r"[A-Za-z0-9_.:#@+=-]{1,80}")

Units = Annotated[int, Field(ge=0, le=MAX_QUANTITY)]
Name = Annotated[str, AfterValidator(forbid_nul), StringConstraints(max_length=200)]


def order_id(account: str, channel_order_id: str) -> str:
    """Return the id of an order, derived so that a restored database keeps it.

    >>> order_id("shop-eu", "1001")
    'shop-eu/1001'
    """
    if not _ACCOUNT.fullmatch(account):
        raise Refused("bad-account", f"{account!r} is not a channel account: lower case, digits and dashes")
    if not _CHANNEL_ORDER.fullmatch(channel_order_id):
        raise Refused("bad-order-id", f"{channel_order_id[:40]!r} is not an order id")
    return f"{account}/{channel_order_id}"


class OrderState(StrEnum):
    """The whole order, seen from outside. All but OPEN and OBSERVED are terminal.

    OBSERVED: recorded from a channel that we only watch as yet; OPEN or EXTERNAL once it is taken over.
    """

    OBSERVED = "OBSERVED"
    OPEN = "OPEN"
    DELIVERED = "DELIVERED"
    COLLECTED = "COLLECTED"
    CANCELLED = "CANCELLED"
    LOST = "LOST"
    SENT_BACK = "SENT_BACK"
    TEST = "TEST"
    EXTERNAL = "EXTERNAL"


NOT_OURS = frozenset({OrderState.TEST, OrderState.EXTERNAL, OrderState.OBSERVED})
"""Orders that somebody else cares for, or nobody."""


class Ownership(StrEnum):
    """Whose order it is to fulfill."""

    OURS = "ours"
    TEST = "test"
    EXTERNAL = "external"


class HoldReason(StrEnum):
    """Why an order may not start. REFUNDED: goods are here whose money a person gave back on the channel."""

    PAYMENT = "payment"
    FRAUD = "fraud"
    ADDRESS = "address"
    OPERATOR = "operator"
    REFUNDED = "refunded"
    RESTRICTED = "restricted"
    AGE_CHECK = "age-check"
    TRACING = "tracing"
    CUSTOMS_DATA = "customs-data"


KEEPS_STOCK: dict[HoldReason, bool] = {
    HoldReason.PAYMENT: False,
    HoldReason.FRAUD: True,
    HoldReason.ADDRESS: True,
    HoldReason.OPERATOR: True,
    HoldReason.REFUNDED: True,
    HoldReason.RESTRICTED: True,
    HoldReason.AGE_CHECK: True,
    HoldReason.TRACING: True,
    HoldReason.CUSTOMS_DATA: True,
}
"""Whether stock stays reserved under a hold: unpaid orders must not block those who pay."""

Delivery = Literal["ship", "pickup"]


class ChannelLine(Model):
    """One line as the channel tells it; the three counters are what the channel says was done, by us or by hand.

    Attributes:
        ship_by: until when it has to leave, where the channel says so per line; else the order's date counts.
        deliver_by: the same for its arrival.
        not_before: it may not leave before this moment: a preorder.
    """

    line_id: ExternalId
    listing_id: Text
    sku: Text = ""
    gtin: Annotated[Text, AfterValidator(find_gtin)] = ""
    title: Text = ""
    quantity: Quantity
    unit_price: Amount
    cancelled: Units = 0
    shipped: Units = 0
    refunded: Annotated[int, Field(ge=0, le=MAX_AMOUNT)] = 0
    ship_by: Moment | None = None
    deliver_by: Moment | None = None
    not_before: Moment | None = None

    @model_validator(mode="after")
    def _counters_fit(self) -> ChannelLine:
        if self.cancelled > self.quantity:
            raise ValueError(f"line {self.line_id}: {self.cancelled} cancelled of {self.quantity}")
        return self


class ChannelRefund(Model):
    """A refund that the channel shows; `reference` is ours, or empty when a person made it."""

    refund_id: Name
    reference: Name = ""
    amount: Amount


class ChannelShipment(Model):
    """A shipment that the channel shows, ours or made by hand."""

    reference: Name = ""
    tracking_number: Name = ""
    quantities: dict[str, Units] = Field(default_factory=dict[str, int])


class ChannelOrder(Model):
    """An order as the channel tells it at one moment, in our words. A `gift` shows no price to whoever unpacks it.

    Attributes:
        address_later: the channel tells where it goes only once the order is accepted and paid.
    """

    channel_order_id: ExternalId
    number: Text = ""
    placed_at: Moment
    updated_at: Moment
    currency: Currency
    lines: Annotated[tuple[ChannelLine, ...], Field(min_length=1, max_length=MAX_LINES)]
    shipping: Amount = 0
    discount: Amount = 0
    tax: Amount = 0
    total: Amount
    captured: Amount
    tender: Annotated[Name, StringConstraints(max_length=40)] = "card"
    ownership: Ownership = Ownership.OURS
    delivery: Delivery = "ship"
    pickup_location: LocationCode | None = None
    ship_by: Moment | None = None
    deliver_by: Moment | None = None
    address: Address | None = None
    address_later: bool = False
    buyer: Buyer = Buyer()
    gift: bool = False
    holds: tuple[HoldReason, ...] = ()
    cancel_requested: bool = False
    cancelled: bool = False
    refunds: tuple[ChannelRefund, ...] = ()
    shipments: tuple[ChannelShipment, ...] = ()

    @model_validator(mode="after")
    def _adds_up(self) -> ChannelOrder:
        ids = [line.line_id for line in self.lines]
        if len(set(ids)) != len(ids):
            raise ValueError("two lines carry one id")
        # `tax` is what comes on top of the prices; a channel whose prices include it sends 0.
        goods = sum(line.unit_price * line.quantity for line in self.lines)
        if goods + self.shipping + self.tax - self.discount != self.total:
            raise ValueError(f"total {self.total} is not {goods} + {self.shipping} + {self.tax} - {self.discount}")
        needs_address = self.ownership is Ownership.OURS and self.delivery == "ship" and not self.address_later
        if needs_address and self.address is None:
            raise ValueError("no address to ship to")
        if self.delivery == "pickup" and not self.pickup_location:
            raise ValueError("no location to collect from")
        return self

    @property
    def refunded(self) -> int:
        """Minor units the channel says were given back, by us or by hand."""
        return sum(refund.amount for refund in self.refunds)


class OrderLine(Model):
    """One line as we keep it. `planned` counts units on live fulfillment orders, `done` those at a terminal stage.

    Its dates are its own; where it has none, those of its order count.
    """

    line_id: str
    listing_id: str
    channel_sku: str
    sku: str | None
    title: str
    quantity: int
    unit_price: int
    cancelled: int
    planned: int
    done: int
    ship_by: Moment | None = None
    deliver_by: Moment | None = None
    not_before: Moment | None = None

    @property
    def open(self) -> int:
        """Units that nobody has planned, finished or cancelled yet."""
        return self.quantity - self.cancelled - self.planned - self.done


class Hold(Model):
    """Why the order may not start; several may coexist."""

    reason: HoldReason
    keeps_stock: bool
    placed_by: str
    placed_at: Moment


def refundable(captured: int, reserved_or_refunded: int) -> int:
    """Return the minor units that may still be given back; an Unknown refund counts as refunded."""
    return max(captured - reserved_or_refunded, 0)
