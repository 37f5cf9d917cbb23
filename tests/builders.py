"""Small builders: a valid value with sensible defaults, of which a test names only what it is about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import count

from domain.effect import EffectKind, effect_base
from domain.fulfillment import Fulfillment, FulfillmentLine, Stage, fulfillment_id
from domain.inventory import InventoryLevel, MovementKind
from domain.listing import Component, Matched
from domain.location import Location
from domain.order import ChannelLine, ChannelOrder, Delivery
from domain.ports.stores.effect import EffectIntent
from domain.ports.stores.inbox import Received
from domain.ports.stores.inventory import Movement
from domain.values import Address, Buyer

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
ACCOUNT = "shop"
TEA, MUG = "TEA-1", "MUG-1"
BERLIN, MUNICH = "BER", "MUC"

_numbers = count(1)


def address(**changes: object) -> Address:
    """Return a complete address."""
    fields: dict[str, object] = {
        "name": "Ada Vogel",
        "street": "Hafenweg 7",
        "city": "Kiel",
        "postal_code": "24103",
        "country": "DE",
    }
    return Address.model_validate(fields | changes)


def buyer(**changes: object) -> Buyer:
    """Return a buyer."""
    return Buyer.model_validate({"name": "Ada Vogel", "email": "ada@example.org"} | changes)


def channel_line(line_id: str = "1", quantity: int = 1, sku: str = TEA, **changes: object) -> ChannelLine:
    """Return one line at 10.00."""
    fields: dict[str, object] = {
        "line_id": line_id,
        "listing_id": f"listing-{sku}",
        "sku": sku,
        "title": "A thing",
        "quantity": quantity,
        "unit_price": 1000,
    }
    return ChannelLine.model_validate(fields | changes)


def channel_order(*lines: ChannelLine, **changes: object) -> ChannelOrder:
    """Return a paid order to be shipped, of one line if none is given; its totals add up unless a change says not."""
    wanted = lines or (channel_line(),)
    total = sum(line.unit_price * line.quantity for line in wanted)
    fields: dict[str, object] = {
        "channel_order_id": "1001",
        "number": "#1001",
        "placed_at": NOW,
        "updated_at": NOW,
        "currency": "EUR",
        "lines": wanted,
        "total": total,
        "captured": total,
        "address": address(),
        "buyer": buyer(),
    }
    return ChannelOrder.model_validate(fields | changes)


def pickup_order(*lines: ChannelLine, location: str = BERLIN, **changes: object) -> ChannelOrder:
    """Return a paid order that is collected at a store."""
    pickup: dict[str, object] = {"delivery": "pickup", "pickup_location": location, "address": None}
    return channel_order(*lines, **(pickup | changes))


def location(code: str = BERLIN, **changes: object) -> Location:
    """Return a store that ships and hands over."""
    fields: dict[str, object] = {
        "code": code,
        "name": f"Store {code}",
        "system": "staff",
        "needs_hand": True,
        "pickup": True,
        "carrier": "swift",
        "time_zone": "Europe/Berlin",
        "country": "DE",
    }
    return Location.model_validate(fields | changes)


def level(sku: str = TEA, place: str = BERLIN, on_hand: int = 10, **changes: object) -> InventoryLevel:
    """Return a level of which nothing is reserved."""
    fields: dict[str, object] = {"sku": sku, "location": place, "on_hand": on_hand, "reserved": 0}
    return InventoryLevel.model_validate(fields | changes)


def movement(delta: int, *, key: str = "", sku: str = TEA, place: str = BERLIN) -> Movement:
    """Return goods received (or lost, when negative) under a key of their own."""
    return Movement(
        key=key or f"test:{next(_numbers)}",
        kind=MovementKind.RECEIVE if delta > 0 else MovementKind.ADJUST,
        sku=sku,
        location=place,
        delta=delta,
        reason="test",
    )


def plain(sku: str = TEA) -> Matched:
    """Return what a line means whose unit is just one unit of a SKU."""
    return Matched(sku=sku, components=(Component(sku=sku, units=1),))


def fulfillment(
    order_id: str = "shop/1001",
    number: int = 1,
    quantities: Mapping[str, int] | None = None,
    *,
    place: str = BERLIN,
    skus: Mapping[str, str] | None = None,
    delivery: Delivery = "ship",
) -> Fulfillment:
    """Return a planned fulfillment order; lines are TEA-1 unless `skus` says otherwise."""
    lines = tuple(
        FulfillmentLine(line_id=line_id, sku=(skus or {}).get(line_id, TEA), quantity=units)
        for line_id, units in (quantities or {"1": 1}).items()
    )
    return Fulfillment(
        fulfillment_id=fulfillment_id(order_id, number),
        order_id=order_id,
        location=place,
        delivery=delivery,
        stage=Stage.PLANNED,
        needs_hand=True,
        carrier="" if delivery == "pickup" else "swift",
        lines=lines,
    )


def received(body: bytes = b"{}", **changes: object) -> Received:
    """Return a raw message that was pulled."""
    fields: dict[str, object] = {"party": ACCOUNT, "source": "pull", "subject": "1001", "body": body}
    return Received.model_validate(fields | changes)


def intent(subject: str = "shop/1001/F1/P1", **changes: object) -> EffectIntent:
    """Return the intent to buy a label."""
    fields: dict[str, object] = {
        "base": effect_base(EffectKind.LABEL, subject),
        "kind": EffectKind.LABEL,
        "order_id": "shop/1001",
        "adapter": "swift",
        "request": b"{}",
    }
    return EffectIntent.model_validate(fields | changes)
