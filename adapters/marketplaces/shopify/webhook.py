"""What the store's webhooks say: which order changed, and who wants to give goods back."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

from pydantic import AliasChoices, AliasPath, BaseModel, Field, TypeAdapter, ValidationError

from adapters.lenient import reading
from adapters.marketplaces.shopify.api import number_of
from domain.facts import Fact, OrderChanged, ReturnedUnits, ReturnRequested
from domain.values import Moment

LATEST = timedelta(hours=6)
"""Shopify tries again for four hours, with the moment of the first attempt."""

EARLIEST = timedelta(minutes=5)
_FAMILIES = ("x-shopify-", "shopify-")
_MOMENT: TypeAdapter[datetime] = TypeAdapter(Moment)

_ORDER_ID = AliasChoices(
    "order_id",
    AliasPath("order", "id"),
    AliasPath("fulfillment_order", "order_id"),
    AliasPath("original_fulfillment_order", "order_id"),
)


class ReturnLine(BaseModel):
    """Units that the buyer wants to give back."""

    quantity: int
    line_id: int = Field(validation_alias=AliasPath("fulfillment_line_item", "line_item", "id"))


class Told(BaseModel):
    """What any webhook says of itself; the order is read again, nothing else in it is believed."""

    id: int | str | None = None
    gid: str = Field(default="", validation_alias="admin_graphql_api_id")
    number: int | None = Field(default=None, validation_alias="order_number")
    order_id: int | None = Field(default=None, validation_alias=_ORDER_ID)
    status: str | None = None
    return_line_items: tuple[ReturnLine, ...] = ()


def verify(secret: str, shop: str, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    """Tell whether the signature over the raw body is genuine, for this store, and no older than any repeat.

    The signature covers neither the moment nor the store; both are believed only to refuse.
    """
    expected = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest())
    for family in _FAMILIES:
        if shown := headers.get(f"{family}hmac-sha256"):
            genuine = bool(secret) and hmac.compare_digest(expected, shown.encode())
            store = headers.get(f"{family}shop-domain", shop)
            return genuine and store == shop and _is_fresh(headers.get(f"{family}triggered-at"), now)
    return False


def read(body: bytes) -> tuple[Fact, ...]:
    """Read the order that changed, or the wish to return; other messages mean nothing to us.

    Raises:
        ContractBroken: the body is not what Shopify sends.
    """
    with reading("shopify-unreadable-webhook"):
        told = Told.model_validate_json(body)
        kind, number = told.gid.split("/")[-2:-1], number_of(told.gid)
        if kind == ["Order"]:
            return (OrderChanged(channel_order_id=number),)
        if not kind and told.number is not None:
            return (OrderChanged(channel_order_id=str(told.id)),)
        if told.order_id is None:
            return ()
        if kind == ["Return"] and told.status == "requested" and told.return_line_items:
            return (_wish(told, number, str(told.order_id)),)
        return (OrderChanged(channel_order_id=str(told.order_id)),)


def _wish(told: Told, number: str, order_id: str) -> ReturnRequested:
    units = tuple(ReturnedUnits(line_id=str(row.line_id), quantity=row.quantity) for row in told.return_line_items)
    return ReturnRequested(request_id=number, channel_order_id=order_id, lines=units, course="label")


def _is_fresh(triggered_at: str | None, now: datetime) -> bool:
    if triggered_at is None:
        return True
    try:
        age = now - _MOMENT.validate_python(triggered_at)
    except ValidationError:
        return False
    return -EARLIEST <= age <= LATEST
