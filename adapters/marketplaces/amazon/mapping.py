"""Amazon's words and ours: pure functions."""

from __future__ import annotations

from adapters.lenient import reading
from adapters.marketplaces.amazon import jobs, wire
from adapters.marketplaces.amazon.money import UNSETTLED, Sums, read_sums
from adapters.marketplaces.amazon.stores import CURRENCIES
from domain.errors import ContractBroken
from domain.facts import Fact, OrderChanged
from domain.order import ChannelLine, ChannelOrder, ChannelShipment, HoldReason, Ownership
from domain.values import Address, Buyer

PENDING = frozenset({"PENDING", "PENDING_AVAILABILITY"})
_NOT_READY = frozenset({"Pending", "PendingAvailability"})

_STATUSES: dict[str, tuple[HoldReason, ...]] = {
    "PENDING_AVAILABILITY": (HoldReason.PAYMENT,),
    "PENDING": (HoldReason.PAYMENT,),
    "UNSHIPPED": (),
    "PARTIALLY_SHIPPED": (),
    "SHIPPED": (),
    "CANCELLED": (),
    "UNFULFILLABLE": (HoldReason.OPERATOR,),
}
_OWNERS = {"MERCHANT": Ownership.OURS, "AMAZON": Ownership.EXTERNAL}
_BY_HAND = dict.fromkeys(("AMAZON_EASY_SHIP", "DELIVERY_BY_AMAZON", "IN_STORE_PICK_UP"), HoldReason.OPERATOR)
"""Programs in which goods leave with Amazon's own labels, or are collected: somebody does that in Seller Central."""


def read_order(body: bytes) -> ChannelOrder:
    """Return an order in our words.

    Raises:
        ContractBroken: it is not readable, does not add up, or says what nobody knows.
    """
    with reading("amazon-unreadable-order"):
        told = wire.Order.model_validate_json(body)
        if told.status not in _STATUSES or told.fulfilled_by not in _OWNERS:
            raise ContractBroken("amazon-unknown-status")
        return _to_order(told, read_sums(told))


def read_notification(body: bytes) -> tuple[Fact, ...]:
    """Return the facts of a message; an order that is not paid yet is read when it is.

    Raises:
        ContractBroken: it is not what Amazon promised.
    """
    with reading("amazon-unreadable-message"):
        if jobs.Notification.model_validate_json(body).kind != "ORDER_CHANGE":
            return ()
        change = jobs.OrderChange.model_validate_json(body)
        return () if change.status in _NOT_READY else (OrderChanged(channel_order_id=change.order_id),)


def _to_order(told: wire.Order, sums: Sums) -> ChannelOrder:
    owner = _OWNERS[told.fulfilled_by]
    cancelled = told.status == "CANCELLED"
    return ChannelOrder(
        channel_order_id=told.order_id,
        number=next((one.alias_id for one in told.order_aliases if one.alias_type == "SELLER_ORDER_ID"), told.order_id),
        placed_at=told.created_time,
        updated_at=told.last_updated_time,
        currency=sums.currency,
        lines=tuple(_to_line(line, sums, cancelled=cancelled) for line in told.order_items),
        shipping=sums.charges,
        discount=sums.discount,
        tax=sums.tax,
        total=sums.total,
        captured=0 if told.status in UNSETTLED else sums.total,
        tender="amazon",
        ownership=owner,
        ship_by=told.ship_by,
        deliver_by=told.deliver_by,
        address=_to_address(told) if owner is Ownership.OURS else None,
        buyer=Buyer(name=told.buyer_name, email=told.buyer_email),
        gift=any(line.gift is not None for line in told.order_items),
        holds=_holds(told) if owner is Ownership.OURS else (),
        cancel_requested=any(line.cancel_request and not line.cancel_execution for line in told.order_items),
        cancelled=cancelled,
        shipments=tuple(
            ChannelShipment(tracking_number=parcel.tracking_number, quantities=parcel.quantities)
            for parcel in told.packages
            if parcel.status != "CANCELLED"
        ),
    )


def _to_line(line: wire.Line, sums: Sums, *, cancelled: bool) -> ChannelLine:
    if not line.seller_sku:
        raise ValueError(f"product.sellerSku: line {line.order_item_id[:40]!r} has none")
    ordered = line.quantity_ordered
    return ChannelLine(
        line_id=line.order_item_id,
        listing_id=line.seller_sku,
        sku=line.seller_sku,
        title=line.title,
        # A line of which every unit was cancelled may be told with none: one stands for them, at no price.
        quantity=ordered or 1,
        unit_price=sums.prices[line.order_item_id] if ordered else 0,
        cancelled=(ordered if cancelled else ordered - line.fulfilled - line.left) if ordered else 1,
        shipped=line.fulfilled,
    )


def _to_address(told: wire.Order) -> Address:
    place = told.address
    lines = (place.address_line1, place.address_line2, place.address_line3) if place else ()
    if place is None or not any(lines):
        return _untold_address(told)
    company = place.company_name if place.company_name != place.name else ""
    return Address(
        name=place.name,
        street=", ".join(part for part in (company, *lines, place.municipality, place.district_or_county) if part),
        city=place.city,
        postal_code=place.postal_code,
        region=place.state_or_region,
        country=place.country_code,
        phone=place.phone,
    )


def _untold_address(told: wire.Order) -> Address:
    """Return the address of an order that shows none: not yet, or not any more."""
    if told.status in {"UNSHIPPED", "PARTIALLY_SHIPPED", "UNFULFILLABLE"}:
        raise ValueError("recipient.deliveryAddress: missing; the application needs a role for restricted data")
    if told.marketplace_id not in CURRENCIES:
        raise ValueError("salesChannel.marketplaceId: no address is told, and the store's country is not known")
    return Address(name="", street="", city="", country=CURRENCIES[told.marketplace_id][0])


def _holds(told: wire.Order) -> tuple[HoldReason, ...]:
    found = {*_STATUSES[told.status], *(_BY_HAND[program] for program in told.programs if program in _BY_HAND)}
    return tuple(sorted(found))
