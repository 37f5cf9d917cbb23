"""Vendure's words: the fields of its Admin API that we read. Unknown fields are ignored, absent ones are refused."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AliasPath, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from domain.order import Units
from domain.values import Amount, ExternalId, Moment


class Words(BaseModel):
    """What Vendure says, with its camelCase names."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True, extra="ignore")


def _none_is_empty(told: object) -> object:
    return "" if told is None else told


def _none_is_empty_tuple(told: object) -> object:
    return () if told is None else told


MaybeText = Annotated[str, BeforeValidator(_none_is_empty)]
NoRows = BeforeValidator(_none_is_empty_tuple)


class Counted(Words):
    """Units of one order line."""

    order_line_id: str
    quantity: Units


class OrderLine(Words):
    """One line. `quantity` is what is left after cancellations, `order_placed_quantity` what was bought."""

    id: str
    quantity: Units
    order_placed_quantity: Units
    unit_price_with_tax: Amount
    variant_id: ExternalId = Field(validation_alias=AliasPath("productVariant", "id"))
    sku: MaybeText = Field(validation_alias=AliasPath("productVariant", "sku"))
    name: MaybeText = Field(validation_alias=AliasPath("productVariant", "name"))


class ShippingLine(Words):
    """What the buyer pays for shipping; the code says how, the handler who carries it out."""

    price_with_tax: Amount
    code: str = Field(validation_alias=AliasPath("shippingMethod", "code"))
    handler: str = Field(validation_alias=AliasPath("shippingMethod", "fulfillmentHandlerCode"))


class Refund(Words):
    """Money given back: Pending, Settled or Failed."""

    id: str
    state: str
    total: Amount
    updated_at: Moment
    transaction_id: MaybeText = ""
    reason: MaybeText = ""
    lines: Annotated[tuple[Counted, ...], NoRows] = ()


class Payment(Words):
    """Money taken: Authorized, Settled, Declined, Cancelled or Error."""

    id: str
    method: str
    state: str
    amount: Amount
    refunds: Annotated[tuple[Refund, ...], NoRows] = ()

    @property
    def refundable(self) -> int:
        """Minor units that can still be given back."""
        if self.state != "Settled":
            return 0
        return self.amount - sum(refund.total for refund in self.refunds if refund.state != "Failed")


class Fulfillment(Words):
    """Goods sent together: Pending, Shipped, Delivered or Cancelled."""

    id: str
    state: str
    method: MaybeText
    tracking_code: MaybeText = ""
    updated_at: Moment
    lines: Annotated[tuple[Counted, ...], NoRows] = ()


class OrderAddress(Words):
    """Where the goods go."""

    full_name: MaybeText = ""
    company: MaybeText = ""
    street_line1: MaybeText = ""
    street_line2: MaybeText = ""
    city: MaybeText = ""
    province: MaybeText = ""
    postal_code: MaybeText = ""
    country_code: MaybeText = ""
    phone_number: MaybeText = ""


class Customer(Words):
    """Who bought."""

    first_name: MaybeText = ""
    last_name: MaybeText = ""
    email_address: MaybeText = ""
    phone_number: MaybeText = ""


class Order(Words):
    """An order. `updated_at` does not move when it is fulfilled, shipped or refunded."""

    id: str
    code: str
    type: Literal["Regular", "Seller", "Aggregate"]
    state: str
    order_placed_at: Moment
    updated_at: Moment
    currency_code: str
    total_with_tax: Amount
    shipping_address: OrderAddress | None = None
    customer: Customer | None = None
    lines: tuple[OrderLine, ...]
    shipping_lines: tuple[ShippingLine, ...]
    payments: Annotated[tuple[Payment, ...], NoRows] = ()
    fulfillments: Annotated[tuple[Fulfillment, ...], NoRows] = ()

    @property
    def refunds(self) -> tuple[Refund, ...]:
        """Every refund that did not fail, of every payment."""
        return tuple(refund for payment in self.payments for refund in payment.refunds if refund.state != "Failed")

    @property
    def live_fulfillments(self) -> tuple[Fulfillment, ...]:
        """Every fulfillment that was not taken back."""
        return tuple(sent for sent in self.fulfillments if sent.state != "Cancelled")

    @property
    def is_behind(self) -> bool:
        """Whether all that is left of it was shipped, and its own state does not say so."""
        sent = [row for one in self.fulfillments if one.state in {"Shipped", "Delivered"} for row in one.lines]
        return self.state == "PartiallyShipped" and all(
            sum(row.quantity for row in sent if row.order_line_id == line.id) >= line.quantity for line in self.lines
        )


class StockLevel(Words):
    """Units of one variant at one of the shop's stock locations."""

    stock_location_id: str
    stock_on_hand: int
    stock_allocated: int


class Variant(Words):
    """A product variant, which is what a listing is here."""

    id: str
    stock_levels: tuple[StockLevel, ...]


class Variants(Words):
    """Variants that were asked for and exist."""

    items: tuple[Variant, ...]


class Placed(Words):
    """An order of a list: its place in it."""

    id: str
    order_placed_at: Moment


def _twice(told: object) -> tuple[object, object]:
    return (told, told)


class OrderList(Words):
    """A page of orders: the place of each, and the order itself, unread."""

    items: tuple[Annotated[tuple[Placed, dict[str, Any]], BeforeValidator(_twice)], ...]


class Made(Words):
    """What a mutation answers: the id of what it made or changed, or why it refused."""

    id: str = ""
    error_code: str = ""


class Cancellation(Words):
    """One entry of an order's history: units that were cancelled, and why."""

    id: str
    reason: MaybeText = Field(default="", validation_alias=AliasPath("data", "reason"))


class Cancellations(Words):
    """The entries of an order's history that are cancellations, newest first."""

    entries: tuple[Cancellation, ...] = Field(validation_alias=AliasPath("history", "items"))


class AllowedChannel(Words):
    """A channel of the shop, and what the administrator may do in it."""

    code: str
    token: str
    permissions: list[str]


class Me(Words):
    """The administrator who is logged in."""

    channels: list[AllowedChannel]
