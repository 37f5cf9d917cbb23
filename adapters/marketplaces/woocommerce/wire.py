"""WooCommerce's words: the fields of its REST API v3 that we read. Its dates in GMT carry no zone, as documented."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, TypeAdapter

from adapters.lenient import Amount, Count, Id, Loose, MaybeRows, MaybeText, Word, fields, rows

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|\+00:00)?")
TRACKING = "_wc_shipment_tracking_items"
"""The meta data in which the Shipment Tracking plugin, and what imitates it, keeps parcels."""
SHIPMENT = "_crossdock_shipment_"
"""How the keys of our own meta data begin; each shipment has a key, so that two at once do not overwrite each other."""
CANCELLATION = "_crossdock_cancellation"
REFERENCE = "_crossdock_reference"
NUMBER = "_tracking_number"
"""What a native fulfillment keeps: our reference, and the carrier's number."""


def _gmt(told: object) -> object:
    if not isinstance(told, str) or not (found := _MOMENT.fullmatch(told)):
        raise ValueError("not a moment in GMT")
    return told if found[1] else f"{told}Z"


def _contact(told: object) -> object:
    return told or {}


def _meta(told: object) -> object:
    return [fields(row) for row in rows(told)]


Gmt = Annotated[datetime, BeforeValidator(_gmt)]


class Meta(Loose):
    """One entry of meta data; whatever plugins like to keep."""

    key: Word = ""
    value: Any = None


Metas = Annotated[tuple[Meta, ...], BeforeValidator(_meta)]


class Counted(Loose):
    """Units of one line, in our own meta data."""

    line_id: Id
    quantity: Count


class OurShipment(Loose):
    """A shipment in our own meta data."""

    reference: str
    carrier: MaybeText = ""
    tracking_number: MaybeText = ""
    lines: Annotated[tuple[Counted, ...], MaybeRows]


class Tracking(Loose):
    """A parcel in the plugin's meta data; it names no lines."""

    tracking_number: MaybeText = ""
    crossdock: MaybeText = ""


class FulfilledItem(Loose):
    """Units of one line in a native fulfillment."""

    item_id: Id
    qty: Count


class Fulfillment(Loose):
    """A native fulfillment. `is_fulfilled` comes back as true, "1" or 1."""

    id: Id
    is_fulfilled: MaybeText | bool = False
    date_deleted: MaybeText = ""
    meta_data: Metas = ()

    def meta(self, key: str) -> Any:  # noqa: ANN401  plugins keep anything
        """Return the value of an entry, or None."""
        return next((one.value for one in self.meta_data if one.key == key), None)

    @property
    def is_sent(self) -> bool:
        """Whether the goods have left."""
        return self.is_fulfilled in {True, "1", "true"} and not self.date_deleted

    @property
    def items(self) -> tuple[FulfilledItem, ...]:
        """Return the units in it."""
        return _ITEMS.validate_python(self.meta("_items"))


_ITEMS: TypeAdapter[tuple[FulfilledItem, ...]] = TypeAdapter(Annotated[tuple[FulfilledItem, ...], MaybeRows])
TRACKINGS: TypeAdapter[tuple[Tracking, ...]] = TypeAdapter(Annotated[tuple[Tracking, ...], MaybeRows])


class RefundedLine(Loose):
    """Units of one line in a refund; the quantity is negative, and the line is named in the meta data."""

    quantity: Count
    meta_data: Metas = ()

    @property
    def line_id(self) -> str:
        """The line of the order, or nothing."""
        return next((str(one.value) for one in self.meta_data if one.key == "_refunded_item_id"), "")


class Refund(Loose):
    """Money given back, units, or both."""

    id: Id
    date_created_gmt: Gmt
    amount: Amount
    reason: MaybeText = ""
    line_items: Annotated[tuple[RefundedLine, ...], MaybeRows] = ()


class RefundNote(Loose):
    """A refund as its order tells it; the total is negative."""

    id: Id
    reason: MaybeText = ""
    total: Amount


class LineItem(Loose):
    """One line; the subtotal is before discount and tax."""

    id: Id
    name: MaybeText = ""
    product_id: Id
    variation_id: Id = "0"
    quantity: Count
    subtotal: Amount
    sku: MaybeText = ""

    @property
    def listing_id(self) -> str:
        """The product, with its variation where it has one."""
        return self.product_id if self.variation_id == "0" else f"{self.product_id}:{self.variation_id}"


class ShippingLine(Loose):
    """How the goods go out."""

    method_id: MaybeText = ""
    instance_id: MaybeText = ""


class FeeLine(Loose):
    """Something else to pay, or, when negative, not to pay."""

    total: Amount


class Contact(Loose):
    """Who, and where."""

    first_name: MaybeText = ""
    last_name: MaybeText = ""
    company: MaybeText = ""
    address_1: MaybeText = ""
    address_2: MaybeText = ""
    city: MaybeText = ""
    state: MaybeText = ""
    postcode: MaybeText = ""
    country: MaybeText = ""
    email: MaybeText = ""
    phone: MaybeText = ""


MaybeContact = Annotated[Contact, BeforeValidator(_contact)]


class Order(Loose):
    """An order, with what we fetched beside it: its refunds and native fulfillments in full."""

    id: Id
    number: MaybeText = ""
    status: str
    currency: str
    date_created_gmt: Gmt
    date_modified_gmt: Gmt
    date_paid_gmt: Gmt | None = None
    date_completed_gmt: Gmt | None = None
    total: Amount
    total_tax: Amount
    shipping_total: Amount
    payment_method: MaybeText = ""
    billing: MaybeContact = Contact()
    shipping: MaybeContact = Contact()
    line_items: tuple[LineItem, ...]
    shipping_lines: Annotated[tuple[ShippingLine, ...], MaybeRows] = ()
    fee_lines: Annotated[tuple[FeeLine, ...], MaybeRows] = ()
    refunds: Annotated[tuple[RefundNote, ...], MaybeRows] = ()
    meta_data: Metas = ()
    full_refunds: Annotated[tuple[Refund, ...], MaybeRows] = Field(default=(), alias="crossdock_refunds")
    fulfillments: Annotated[tuple[Fulfillment, ...], MaybeRows] = Field(default=(), alias="crossdock_fulfillments")

    def meta(self, key: str) -> Any:  # noqa: ANN401  plugins keep anything
        """Return the value of an entry, or None."""
        return next((one.value for one in self.meta_data if one.key == key), None)


class Made(Loose):
    """What a write answers."""

    id: Id


class Failure(Loose):
    """Why a row of a batch was not taken."""

    code: MaybeText = "woocommerce-row-failed"


class StockRow(Loose):
    """What became of one row of a batch."""

    id: Id
    stock_quantity: MaybeText = ""
    error: Failure | None = None


class StockRows(Loose):
    """What became of all rows."""

    update: tuple[StockRow, ...]
