"""Mirakl's words: the fields of its seller API that we read. Of its own examples a quarter break its own schema."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator

from adapters.lenient import Amount, Count, Document, Id, Loose, MaybeRows, MaybeText


def _moment(told: object) -> object:
    if not isinstance(told, str) or "T" not in told:
        raise ValueError("not a moment")
    return told


def _units(told: object) -> object:
    return 0 if told is None else told


def _money(told: object) -> object:
    return "0" if told is None else told


Moment = Annotated[AwareDatetime, BeforeValidator(_moment)]
MaybeMoney = Annotated[Amount, BeforeValidator(_money)]
"""A part of an amount that may be absent, as shipping is of most refunds."""


class Tax(Loose):
    """A tax on a price or on shipping."""

    code: MaybeText = ""
    amount: Amount


class Fee(Loose):
    """A fee on a line."""

    amount: Amount


Taxes = Annotated[tuple[Tax, ...], MaybeRows]


class Given(Loose):
    """A refund or a cancellation of a line; its quantity is informative only. Refunds of one call share an id."""

    id: Id
    order_refund_id: MaybeText = ""
    quantity: Annotated[Count, BeforeValidator(_units)] = 0
    amount: MaybeMoney = "0"
    shipping_amount: MaybeMoney = "0"
    taxes: Taxes = ()
    shipping_taxes: Taxes = ()
    fees: Annotated[tuple[Fee, ...], MaybeRows] = ()

    @property
    def group(self) -> str:
        """Under which all that was given back in one call is known."""
        return self.order_refund_id or self.id


class OrderLine(Loose):
    """One line; its price is of all units, as they were bought."""

    order_line_id: Id
    order_line_state: MaybeText = ""
    offer_sku: Id
    product_title: MaybeText = ""
    quantity: Count
    price: Amount
    shipping_price: Amount
    total_price: Amount
    taxes: Taxes = ()
    shipping_taxes: Taxes = ()
    cancelations: Annotated[tuple[Given, ...], MaybeRows] = ()
    refunds: Annotated[tuple[Given, ...], MaybeRows] = ()


class Place(Loose):
    """Where it goes; the country has three letters."""

    firstname: MaybeText = ""
    lastname: MaybeText = ""
    company: MaybeText = ""
    company_2: MaybeText = ""
    street_1: MaybeText = ""
    street_2: MaybeText = ""
    additional_info: MaybeText = ""
    zip_code: MaybeText = ""
    city: MaybeText = ""
    state: MaybeText = ""
    country_iso_code: MaybeText = ""
    phone: MaybeText = ""


class Customer(Loose):
    """Who bought; the address is absent until the order is accepted, or paid."""

    firstname: MaybeText = ""
    lastname: MaybeText = ""
    shipping_address: Place | None = None


class Center(Loose):
    """From where it is fulfilled."""

    code: MaybeText = ""


class Fulfillment(Loose):
    """Who fulfills it."""

    center: Center | None = None


class Delivery(Loose):
    """When it is expected."""

    latest: Moment | None = None


class Parcel(Loose):
    """The tracking of a shipment."""

    tracking_number: MaybeText = ""


class ShipmentLine(Loose):
    """Units of a line in a shipment; our reference is its package's."""

    order_line_id: MaybeText = ""
    offer_sku: MaybeText = ""
    package_reference: MaybeText = ""
    quantity: Count


class Shipment(Loose):
    """Goods that are sent together."""

    id: Id
    order_id: Id
    status: str
    tracking: Parcel | None = None
    shipment_lines: Annotated[tuple[ShipmentLine, ...], MaybeRows] = ()

    @property
    def reference(self) -> str:
        """Our reference, or nothing when a person made it."""
        return next((line.package_reference for line in self.shipment_lines if line.package_reference), "")

    @property
    def number(self) -> str:
        """The tracking number."""
        return self.tracking.tracking_number if self.tracking else ""


class Order(Loose):
    """An order, with its shipments where the marketplace has several of one."""

    order_id: Id
    order_state: str
    commercial_id: MaybeText = ""
    currency_iso_code: str
    created_date: Moment
    last_updated_date: Moment
    customer_debited_date: MaybeText = ""
    order_tax_mode: MaybeText = ""
    can_cancel: bool | None = None
    total_price: Amount
    shipping_price: Amount
    payment_type: MaybeText = ""
    customer: Customer | None = None
    customer_notification_email: MaybeText = ""
    fulfillment: Fulfillment | None = None
    shipping_deadline: Moment | None = None
    delivery_date: Delivery | None = None
    shipping_tracking: MaybeText = ""
    order_lines: tuple[OrderLine, ...]
    crossdock_shipments: Annotated[tuple[Shipment, ...], MaybeRows] = ()


class OrderPage(Loose):
    """One page of orders, unread."""

    orders: tuple[Document, ...]
    total_count: Count


class ShipmentPage(Loose):
    """One page of shipments, unread."""

    data: tuple[Document, ...]
    next_page_token: MaybeText = ""


class Failure(Loose):
    """A shipment that was not taken; the message is for people."""

    message: MaybeText = ""


class MadeShipment(Loose):
    """A shipment that was made or changed."""

    id: Id


class ShipmentsMade(Loose):
    """What became of shipments that we sent."""

    shipment_success: Annotated[tuple[MadeShipment, ...], MaybeRows] = ()
    shipment_errors: Annotated[tuple[Failure, ...], MaybeRows] = ()


class MadeRefund(Loose):
    """A refund that was made."""

    refund_id: Id
    order_refund_id: MaybeText = ""


class RefundsMade(Loose):
    """What became of refunds that we sent."""

    refunds: tuple[MadeRefund, ...]


class MadeCancellation(Loose):
    """A cancellation that was made."""

    cancelation_id: Id


class CancellationsMade(Loose):
    """What became of cancellations that we sent."""

    cancelations: tuple[MadeCancellation, ...]


class Import(Loose):
    """A file that was taken on."""

    import_id: Id


class ImportStatus(Loose):
    """How far it came: WAITING, RUNNING, COMPLETE or FAILED."""

    status: str
    has_error_report: bool = False


class Account(Loose):
    """The shop that a key is for."""

    shop_id: int
