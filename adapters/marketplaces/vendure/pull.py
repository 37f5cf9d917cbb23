"""Listing orders: those that can have changed, page by page, oldest first."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ValidationError

from adapters.marketplaces.vendure import documents, wire
from adapters.marketplaces.vendure.api import AdminApi
from adapters.marketplaces.vendure.mapping import UNFINISHED
from adapters.marketplaces.vendure.settings import VendureSettings
from domain.errors import ContractBroken
from domain.ports.marketplace import OrderPage, RawOrder
from domain.values import Moment

ORDERS_A_PAGE = 50
# Vendure keeps milliseconds and compares with `>`; orders of the same millisecond must not be skipped.
_TICK = timedelta(milliseconds=1)


class _Place(BaseModel):
    """How far a list was read: to a moment, of which these orders were seen."""

    after: Moment
    seen: tuple[str, ...] = ()


async def list_orders(api: AdminApi, settings: VendureSettings, since: datetime, cursor: str | None) -> OrderPage:
    """Fetch one page of the orders that can have changed since then.

    A page begins where the one before ended, by moment and not by number, so that an order that is finished
    in between shifts none of the others out of sight; orders of one moment are told apart by their ids. The watermark
    is the moment of the last order: with the shop's own moments no clock has to agree with another.
    """
    earliest = since - timedelta(days=max(settings.unfinished_days, settings.finished_days))
    place = _read_cursor(cursor) or _Place(after=max(earliest, settings.begins_at or earliest))
    options = _options(since, since - timedelta(days=settings.finished_days), place)
    orders = (await api.read(documents.ORDERS, wire.OrderList, options=options)).items
    last = max([place.after, *(placed.order_placed_at for placed, _ in orders)])
    raw = tuple(RawOrder(channel_order_id=placed.id, body=to_bytes(told)) for placed, told in orders)
    if len(orders) < ORDERS_A_PAGE:
        return OrderPage(orders=raw, next_cursor=None, watermark=last if last > since else None)
    seen = (*(place.seen if last == place.after else ()), *(one.id for one, _ in orders if one.order_placed_at == last))
    return OrderPage(orders=raw, next_cursor=_Place(after=last, seen=seen).model_dump_json(), watermark=None)


def to_bytes(order: Mapping[str, Any]) -> bytes:
    """Return the document of one order, the same for the same order."""
    return json.dumps(order, ensure_ascii=False, separators=(",", ":")).encode()


def _options(since: datetime, recent: datetime, place: _Place) -> dict[str, object]:
    can_have_changed = [
        {"orderPlacedAt": {"after": _text(recent - _TICK)}},
        {"updatedAt": {"after": _text(since - _TICK)}},
        {"state": {"in": list(UNFINISHED)}},
    ]
    unseen = {"id": {"notIn": place.seen}} if place.seen else {}
    return {
        "filter": {"orderPlacedAt": {"after": _text(place.after - _TICK)}, "_or": can_have_changed} | unseen,
        "sort": {"orderPlacedAt": "ASC"},
        "take": ORDERS_A_PAGE,
    }


def _read_cursor(cursor: str | None) -> _Place | None:
    try:
        return _Place.model_validate_json(cursor) if cursor else None
    except ValidationError as error:
        raise ContractBroken("vendure-bad-cursor") from error


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")
