"""Amazon's own words for orders: the fields we use of what it says. The rest is ignored, and null counts as unsaid."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import AliasPath, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, StrictInt
from pydantic.alias_generators import to_camel

T = TypeVar("T")

Rows = Annotated[list[T], BeforeValidator(lambda told: [] if told is None else told)]
Said = Annotated[str, BeforeValidator(lambda told: "" if told is None else told)]
Instant = Annotated[AwareDatetime, Field(strict=True)]


def inside(*path: str, **other: Any) -> Any:  # noqa: ANN401  what pydantic's Field takes and gives
    """Return a field that stands deeper in the document."""
    return Field(validation_alias=AliasPath(*path), **other)


class Told(BaseModel):
    """Anything that is written in camel case."""

    model_config = ConfigDict(alias_generator=to_camel)


class Amount(Told):
    """Money: a decimal in major units."""

    amount: str
    currency_code: str


class Breakdown(Told):
    """A part of what the seller receives."""

    type: str
    subtotal: Amount


class Line(Told):
    """One line; of a cancelled one no unit may be left."""

    order_item_id: str
    quantity_ordered: StrictInt
    seller_sku: Said = inside("product", "sellerSku", default="")
    title: Said = inside("product", "title", default="")
    unit_price: Amount | None = inside("product", "price", "unitPrice", default=None)
    breakdowns: Rows[Breakdown] = inside("proceeds", "breakdowns", default_factory=list)
    cancel_request: JsonValue = inside("cancellation", "cancellationRequest", default=None)
    cancel_execution: JsonValue = inside("cancellation", "cancellationExecution", default=None)
    fulfilled: StrictInt = inside("fulfillment", "quantityFulfilled", default=0)
    unfulfilled: StrictInt | None = inside("fulfillment", "quantityUnfulfilled", default=None)
    gift: JsonValue = inside("fulfillment", "packing", "giftOption", default=None)

    @property
    def left(self) -> int:
        """Units that are still to be sent."""
        return self.quantity_ordered - self.fulfilled if self.unfulfilled is None else self.unfulfilled


class Place(Told):
    """Where an order goes."""

    name: Said = ""
    company_name: Said = ""
    address_line1: Said = ""
    address_line2: Said = ""
    address_line3: Said = ""
    city: Said = ""
    district_or_county: Said = ""
    municipality: Said = ""
    state_or_region: Said = ""
    postal_code: Said = ""
    country_code: str
    phone: Said = ""


class Alias(Told):
    """Another number of an order."""

    alias_id: Said = ""
    alias_type: Said = ""


class ParcelLine(Told):
    """Units of one line in a parcel."""

    order_item_id: str
    quantity: StrictInt


class Parcel(Told):
    """A parcel that was confirmed; the reference is the seller's."""

    package_reference_id: str
    status: Said = inside("packageStatus", "status", default="")
    tracking_number: Said = ""
    package_items: Rows[ParcelLine] = []

    @property
    def quantities(self) -> dict[str, int]:
        """Units by line."""
        sums: dict[str, int] = {}
        for part in self.package_items:
            sums[part.order_item_id] = sums.get(part.order_item_id, 0) + part.quantity
        return sums


class Order(Told):
    """An order as it stands."""

    order_id: str
    order_aliases: Rows[Alias] = []
    created_time: Instant
    last_updated_time: Instant
    programs: Rows[str] = []
    marketplace_id: Said = inside("salesChannel", "marketplaceId", default="")
    buyer_name: Said = inside("buyer", "buyerName", default="")
    buyer_email: Said = inside("buyer", "buyerEmail", default="")
    address: Place | None = inside("recipient", "deliveryAddress", default=None)
    grand_total: Amount | None = inside("proceeds", "grandTotal", default=None)
    breakdowns: Rows[Breakdown] = inside("proceeds", "breakdowns", default_factory=list)
    status: str = inside("fulfillment", "fulfillmentStatus")
    fulfilled_by: str = inside("fulfillment", "fulfilledBy")
    ship_by: Instant | None = inside("fulfillment", "shipByWindow", "latestDateTime", default=None)
    deliver_by: Instant | None = inside("fulfillment", "deliverByWindow", "latestDateTime", default=None)
    order_items: Annotated[list[Line], Field(min_length=1)]
    packages: Rows[Parcel] = []


class Fetched(Told):
    """One order, unread."""

    order: dict[str, JsonValue]


class Shown(Told):
    """One order, read."""

    order: Order


class Page(Told):
    """One page of orders, unread; everything changed before the moment was listed."""

    orders: list[JsonValue]
    next_token: Said = inside("pagination", "nextToken", default="")
    last_updated_before: Instant | None = None


class Error(Told):
    """Why Amazon said no."""

    code: str


class Errors(Told):
    """All reasons."""

    errors: Annotated[list[Error], Field(min_length=1)]
