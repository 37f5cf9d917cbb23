"""Listing orders: those that can have changed, page by page, oldest first."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter, ValidationError

from adapters.marketplaces.vendure import documents, wire
from adapters.marketplaces.vendure.api import AdminApi
from adapters.marketplaces.vendure.mapping import UNFINISHED
from adapters.marketplaces.vendure.settings import VendureSettings
from domain.errors import ContractBroken
from domain.ports.marketplace import OrderPage, RawOrder
from domain.values import Moment

ORDERS_A_PAGE = 50
# Vendure keeps milliseconds and compares with `>`; an order of the same millisecond is listed again, not skipped.
_TICK = timedelta(milliseconds=1)
_CURSOR: TypeAdapter[datetime] = TypeAdapter(Moment)


async def list_orders(api: AdminApi, settings: VendureSettings, since: datetime, cursor: str | None) -> OrderPage:
    """Fetch one page of the orders that can have changed since then.

    A page begins where the one before ended, by moment and not by number, so that an order that is finished
    in between shifts none of the others out of sight. The watermark is the moment of the last order: with the shop's
    own moments no clock has to agree with another.
    """
    earliest = since - timedelta(days=max(settings.unfinished_days, settings.finished_days))
    after = _read_cursor(cursor) or max(earliest, settings.begins_at or earliest)
    options = _options(since, since - timedelta(days=settings.finished_days), after)
    orders = (await api.read(documents.ORDERS, wire.OrderList, options=options)).items
    last = max([after, *(placed.order_placed_at for placed, _ in orders)])
    raw = tuple(RawOrder(channel_order_id=placed.id, body=to_bytes(told)) for placed, told in orders)
    if len(orders) < ORDERS_A_PAGE:
        return OrderPage(orders=raw, next_cursor=None, watermark=last if last > since else None)
    # A whole page of one and the same millisecond: go on, rather than round in a circle.
    return OrderPage(orders=raw, next_cursor=_text(last if last > after else last + _TICK), watermark=None)


def to_bytes(order: Mapping[str, Any]) -> bytes:
    """Return the document of one order, the same for the same order."""
    return json.dumps(order, ensure_ascii=False, separators=(",", ":")).encode()


def _options(since: datetime, recent: datetime, after: datetime) -> dict[str, object]:
    can_have_changed = [
        {"orderPlacedAt": {"after": _text(recent - _TICK)}},
        {"updatedAt": {"after": _text(since - _TICK)}},
        {"state": {"in": list(UNFINISHED)}},
    ]
    return {
        "filter": {"orderPlacedAt": {"after": _text(after - _TICK)}, "_or": can_have_changed},
        "sort": {"orderPlacedAt": "ASC"},
        "take": ORDERS_A_PAGE,
    }


def _read_cursor(cursor: str | None) -> datetime | None:
    try:
        return _CURSOR.validate_python(cursor) if cursor else None
    except ValidationError as error:
        raise ContractBroken("vendure-bad-cursor") from error


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")
