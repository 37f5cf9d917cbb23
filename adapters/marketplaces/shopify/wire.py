"""Shopify's words: the fields of its Admin API that we read. Unknown fields are ignored, absent ones are refused."""

from __future__ import annotations

from typing import Annotated, Any, Generic, TypeVar

from pydantic import AliasPath, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from domain.values import MAX_QUANTITY, Moment

Row = TypeVar("Row")


class Words(BaseModel):
    """What Shopify says, with its camelCase names."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True, extra="ignore")


def _none_is_empty(told: object) -> object:
    return "" if told is None else told


def _none_is_no_rows(told: object) -> object:
    return () if told is None else told


MaybeText = Annotated[str, BeforeValidator(_none_is_empty)]
MaybeRows = BeforeValidator(_none_is_no_rows)
Number = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,20}$")]
Gid = Annotated[str, StringConstraints(pattern=r"^gid://shopify/[A-Za-z]{1,60}/[0-9]{1,20}$")]
Units = Annotated[int, Field(ge=0, le=MAX_QUANTITY)]


class Cost(Words):
    """What an operation cost in points, and what the bucket still holds."""

    requested_query_cost: float
    currently_available: float = Field(validation_alias=AliasPath("throttleStatus", "currentlyAvailable"))
    restore_rate: float = Field(validation_alias=AliasPath("throttleStatus", "restoreRate"), gt=0)


class PageInfo(Words):
    """Whether a connection goes on, and where."""

    has_next_page: bool
    end_cursor: MaybeText = ""


class Page(Words, Generic[Row]):
    """One page of a connection."""

    page_info: PageInfo
    nodes: tuple[Row, ...]


class MoneyV2(Words):
    """A decimal amount in major units."""

    amount: str
    currency_code: str


class MoneyBag(Words):
    """One amount in two currencies: we read the one that the buyer sees and pays."""

    presentment_money: MoneyV2


class Variant(Words):
    """A product variant, which is what a listing is here."""

    legacy_resource_id: Number
    barcode: MaybeText = ""


class Line(Words):
    """One line. `quantity` counts removed and refunded units too, `current_quantity` does not."""

    id: Gid
    quantity: int
    current_quantity: int
    sku: MaybeText = ""
    name: MaybeText = ""
    requires_shipping: bool
    original_unit_price_set: MoneyBag
    variant: Variant | None = None


class PartLine(Words):
    """Units of a line that a fulfillment order still has to send; `id` is its own, not the line's."""

    id: Gid
    remaining_quantity: Units
    line_id: Gid = Field(validation_alias=AliasPath("lineItem", "id"))


class FulfillmentHold(Words):
    """Why a fulfillment order may not start."""

    reason: str


class Part(Words):
    """A fulfillment order: what one location is to send, or to hand over."""

    id: Gid
    status: str
    updated_at: Moment
    fulfill_at: Moment | None = None
    fulfill_by: Moment | None = None
    holds: tuple[FulfillmentHold, ...] = Field(default=(), validation_alias="fulfillmentHolds")
    method: MaybeText = Field(default="", validation_alias=AliasPath("deliveryMethod", "methodType"))
    location: MaybeText = Field(
        default="", validation_alias=AliasPath("assignedLocation", "location", "legacyResourceId")
    )
    line_items: Page[PartLine]


class SentLine(Words):
    """Units of a line that were sent."""

    quantity: Units
    line_id: Gid = Field(validation_alias=AliasPath("lineItem", "id"))


class Tracking(Words):
    """Who carries, and under which number."""

    company: MaybeText = ""
    number: MaybeText = ""


class Fulfillment(Words):
    """Goods that were sent, or handed over."""

    id: Gid
    legacy_resource_id: Number
    status: str
    updated_at: Moment
    tracking_info: tuple[Tracking, ...] = ()
    fulfillment_line_items: Page[SentLine]


class Refund(Words):
    """Money given back, or units cancelled without any."""

    id: Gid
    legacy_resource_id: Number
    note: MaybeText = ""
    updated_at: Moment
    total_refunded_set: MoneyBag


class MailingAddress(Words):
    """Where the goods go."""

    name: MaybeText = ""
    company: MaybeText = ""
    address1: MaybeText = ""
    address2: MaybeText = ""
    city: MaybeText = ""
    province_code: MaybeText = ""
    zip: MaybeText = ""
    country_code_v2: MaybeText = Field(default="", alias="countryCodeV2")
    phone: MaybeText = ""


class Order(Words):
    """An order. Its money is what the buyer agreed to, before anything was cancelled or came back."""

    id: Gid
    legacy_resource_id: Number
    name: MaybeText = ""
    test: bool
    processed_at: Moment
    updated_at: Moment
    cancelled_at: Moment | None = None
    staff_note: MaybeText = Field(default="", validation_alias=AliasPath("cancellation", "staffNote"))
    currency: str = Field(validation_alias="presentmentCurrencyCode")
    taxes_included: bool
    duties_included: bool
    financial_status: str = Field(validation_alias="displayFinancialStatus")
    gateways: tuple[str, ...] = Field(default=(), validation_alias="paymentGatewayNames")
    email: MaybeText = ""
    phone: MaybeText = ""
    shipping_address: MailingAddress | None = None
    total_price_set: MoneyBag
    total_shipping_price_set: MoneyBag
    total_received_set: MoneyBag
    total_tip_received_set: MoneyBag
    total_tax_set: MoneyBag | None = None
    original_total_duties_set: MoneyBag | None = None
    original_total_additional_fees_set: MoneyBag | None = None
    line_items: Page[Line]
    parts: Page[Part] = Field(validation_alias="fulfillmentOrders")
    fulfillments: tuple[Fulfillment, ...]
    refunds: tuple[Refund, ...]


class Changed(Words):
    """An order of a list: its id and its last change."""

    id: Gid
    updated_at: Moment


class ChangedPart(Words):
    """A fulfillment order of a list, with its order."""

    updated_at: Moment
    order: Changed


class Rows(Words):
    """More rows of a connection, unread."""

    rows: Page[Any]


class Transaction(Words):
    """Money that moved, or was to move."""

    id: Gid
    kind: str
    status: str
    gateway: MaybeText = ""
    amount_set: MoneyBag
    parent: MaybeText = Field(default="", validation_alias=AliasPath("parentTransaction", "id"))


class Payments(Words):
    """What was paid for an order, and what was given back."""

    id: Gid
    currency: str = Field(validation_alias="presentmentCurrencyCode")
    transactions: tuple[Transaction, ...]
    refunds: tuple[Refund, ...]


class UserError(Words):
    """Why a mutation refused; not every mutation gives a code."""

    code: MaybeText = ""
    path: tuple[str, ...] | None = Field(default=None, validation_alias="field")
    message: MaybeText = ""


class Job(Words):
    """Work that Shopify does later."""

    id: str
    done: bool


class Made(Words):
    """What a mutation answers: what it made, the job it began, or why it refused."""

    made: MaybeText = Field(default="", validation_alias=AliasPath("made", "legacyResourceId"))
    job: Job | None = None
    errors: tuple[UserError, ...] = Field(validation_alias="userErrors")


class Scope(Words):
    """One thing that the app may do."""

    handle: str


class Installation(Words):
    """Our app in this store."""

    access_scopes: tuple[Scope, ...]
