"""Their words and ours: pure functions."""

from __future__ import annotations

import json
from collections.abc import Mapping

from pydantic import JsonValue

from adapters.http import code_at
from adapters.lenient import reading
from adapters.marketplaces.sandbox import parcels, wire
from domain.deadline import read_deadline, read_release
from domain.effect import Rejected
from domain.facts import Fact, OrderChanged, ReturnedUnits, ReturnRequested
from domain.order import ChannelLine, ChannelOrder, ChannelRefund, ChannelShipment, HoldReason, Ownership
from domain.ports.marketplace import OfferedStock, RawOrder
from domain.values import Address, Buyer

_HOLDS = {"payment_pending": HoldReason.PAYMENT, "fraud_review": HoldReason.FRAUD}
_DONE_BEFORE = frozenset({"already-done", "nothing-open"})


def raw_order(document: JsonValue) -> RawOrder:
    """Return an order as bytes, with its id where even that can be read."""
    found = document.get("id") if isinstance(document, dict) else None
    return RawOrder(channel_order_id=found if isinstance(found, str) else "", body=json.dumps(document).encode())


def read_order(body: bytes, zone: str = "UTC") -> ChannelOrder:
    """Return an order in our words; a day without a time is a day of this time zone.

    Raises:
        ContractBroken: it is not readable, does not add up, or says what nobody knows.
    """
    with reading("sandbox-unreadable-order"):
        return _to_order(wire.Order.model_validate_json(body), zone)


def read_event(body: bytes) -> tuple[Fact, ...]:
    """Return the facts of a webhook.

    Raises:
        ContractBroken: it is not what the marketplace promised.
    """
    with reading("sandbox-unreadable-webhook"):
        match wire.Event.model_validate_json(body):
            case wire.Event(type="order.changed", order_id=order_id):
                return (OrderChanged(channel_order_id=order_id),)
            case wire.Event(type="return.requested"):
                return (_to_return(wire.ReturnRequested.model_validate_json(body)),)
            case wire.Event(type="parcel.scanned"):
                return (parcels.to_scan(parcels.Scanned.model_validate_json(body)),)
            case _:
                return ()


def read_refusal(status: int, body: bytes) -> Rejected:
    """Return why a write was refused."""
    code = code_at(body, "error", "code") or f"http-{status}"
    return Rejected(code=code, already_done=code in _DONE_BEFORE)


def to_lines(quantities: Mapping[str, int]) -> list[dict[str, object]]:
    """Return quantities by line as the marketplace wants them."""
    return [{"line_id": line_id, "quantity": quantity} for line_id, quantity in quantities.items()]


def to_stock(rows: tuple[OfferedStock, ...]) -> dict[str, object]:
    """Return offered quantities as the marketplace wants them."""
    return {"rows": [row.model_dump(exclude={"sku"}) for row in rows]}


def _to_order(told: wire.Order, zone: str) -> ChannelOrder:
    return ChannelOrder(
        channel_order_id=told.id,
        number=told.number,
        placed_at=told.placed_at,
        updated_at=told.updated_at,
        currency=told.currency,
        lines=tuple(_to_line(line, told.refunds, zone) for line in told.lines),
        shipping=told.shipping_price,
        total=told.total,
        captured=sum(payment.captured for payment in told.payments),
        tender=told.payments[0].tender if told.payments else "none",
        ownership=_ownership(told),
        delivery=told.delivery,
        pickup_location=told.pickup_location,
        ship_by=told.ship_by and read_deadline(told.ship_by, zone),
        deliver_by=told.deliver_by and read_deadline(told.deliver_by, zone),
        address=_to_address(told.address) if told.address else None,
        buyer=Buyer(name=told.buyer.name, email=told.buyer.email, phone=told.buyer.phone),
        holds=tuple(_HOLDS[hold] for hold in told.holds),
        cancel_requested=told.cancel_request is not None and told.cancel_request.status == "open",
        cancelled=told.status == "cancelled",
        refunds=tuple(
            ChannelRefund(refund_id=one.id, reference=one.reference, amount=one.amount) for one in told.refunds
        ),
        shipments=tuple(_to_shipment(shipment) for shipment in told.shipments),
    )


def _to_line(line: wire.Line, refunds: list[wire.Refund], zone: str) -> ChannelLine:
    refunded = sum(part.quantity for refund in refunds for part in refund.lines if part.line_id == line.id)
    return ChannelLine(
        line_id=line.id,
        listing_id=line.listing_id,
        sku=line.sku,
        title=line.title,
        quantity=line.quantity,
        unit_price=line.unit_price,
        cancelled=line.cancelled_quantity,
        shipped=line.shipped_quantity,
        refunded=refunded,
        ship_by=line.ship_by and read_deadline(line.ship_by, zone),
        deliver_by=line.deliver_by and read_deadline(line.deliver_by, zone),
        not_before=line.not_before and read_release(line.not_before, zone),
    )


def _to_shipment(shipment: wire.Shipment) -> ChannelShipment:
    return ChannelShipment(
        reference=shipment.reference,
        tracking_number=shipment.tracking_number,
        quantities={part.line_id: part.quantity for part in shipment.lines},
    )


def _ownership(told: wire.Order) -> Ownership:
    if told.test:
        return Ownership.TEST
    return Ownership.EXTERNAL if told.fulfilled_by == "marketplace" else Ownership.OURS


def _to_address(told: wire.Address) -> Address:
    return Address(
        name=told.name,
        street=", ".join(part for part in (told.line1, told.line2) if part),
        city=told.city,
        postal_code=told.postal_code,
        region=told.region,
        country=told.country,
        phone=told.phone,
    )


def _to_return(told: wire.ReturnRequested) -> ReturnRequested:
    return ReturnRequested(
        request_id=told.return_request_id,
        channel_order_id=told.order_id,
        lines=tuple(ReturnedUnits(line_id=part.line_id, quantity=part.quantity) for part in told.lines),
        course=told.course,
        location=told.location,
        reason=told.reason,
    )
