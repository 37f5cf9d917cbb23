"""Listing what has changed, and fetching orders whole."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from adapters.marketplaces.shopify import documents, wire
from adapters.marketplaces.shopify.api import AdminApi, gid, number_of
from domain.errors import ContractBroken, NotFound
from domain.ports.marketplace import OrderPage, RawOrder
from domain.values import Moment

ORDERS_A_PAGE = 20
_MOST_PAGES = 50
_MOMENT: TypeAdapter[datetime] = TypeAdapter(Moment)
_PARTS = "parts"
_ORDERS = "orders"


class _Place(NamedTuple):
    """Where a listing stands: first come orders that changed, then orders of which only a part did."""

    list: str
    watermark: datetime | None
    after: str | None

    def __str__(self) -> str:
        return f"{self.list} {self.watermark.isoformat() if self.watermark else '-'} {self.after or ''}"


async def list_orders(api: AdminApi, since: datetime, cursor: str | None) -> OrderPage:
    """Fetch one page of what has changed since then, oldest first.

    Shopify does not promise that an order counts as changed when a fulfillment order of it is held, released or
    moved, so that those are listed too. The watermark is the last order's own moment: no clock has to agree.
    """
    place = _read_cursor(cursor)
    since = since.replace(microsecond=0)
    query = f"updated_at:>='{since.astimezone(UTC).strftime('%Y-%m-%dT%H:%M:%SZ')}'"
    if place.list == _ORDERS:
        listed = await api.read(
            documents.CHANGED, wire.Page[wire.Changed], query=query, after=place.after, first=ORDERS_A_PAGE
        )
        last = max((order.updated_at for order in listed.nodes), default=place.watermark)
        raw = await _fetch_all(api, (order.id for order in listed.nodes))
        more = listed.page_info.has_next_page
        onward = _Place(_ORDERS, last, listed.page_info.end_cursor) if more else _Place(_PARTS, last, None)
        return OrderPage(orders=raw, next_cursor=str(onward), watermark=None)
    parts = await api.read(
        documents.CHANGED_PARTS, wire.Page[wire.ChangedPart], query=query, after=place.after, first=ORDERS_A_PAGE
    )
    raw = await _fetch_all(api, (part.order.id for part in parts.nodes if part.order.updated_at < since))
    if parts.page_info.has_next_page:
        onward = _Place(_PARTS, place.watermark, parts.page_info.end_cursor)
        return OrderPage(orders=raw, next_cursor=str(onward), watermark=None)
    return OrderPage(orders=raw, next_cursor=None, watermark=place.watermark)


async def fetch_order(api: AdminApi, channel_order_id: str) -> RawOrder:
    """Fetch one order with all its rows.

    Raises:
        NotFound: the store has no such order.
    """
    is_number = channel_order_id.isascii() and channel_order_id.isdigit()
    told = {"id": gid("Order", channel_order_id)}
    order = await api.read_one(documents.ORDER, dict[str, Any], **told) if is_number else None
    if order is None:
        raise NotFound("shopify-no-such-order")
    await _lengthen_lists(api, order)
    await _lengthen(api, order, "lineItems", documents.MORE_LINES)
    await _lengthen(api, order, "fulfillmentOrders", documents.MORE_PARTS)
    for part in _rows(order.get("fulfillmentOrders")):
        await _lengthen(api, part, "lineItems", documents.MORE_PART_LINES)
    for sent in _rows(order.get("fulfillments")):
        await _lengthen(api, sent, "fulfillmentLineItems", documents.MORE_SENT_LINES)
    body = json.dumps(order, ensure_ascii=True, separators=(",", ":")).encode()
    return RawOrder(channel_order_id=channel_order_id, body=body)


async def _fetch_all(api: AdminApi, ids: Iterable[str]) -> tuple[RawOrder, ...]:
    """Fetch orders one by one; one that was deleted in between is none."""
    found: list[RawOrder] = []
    for number in dict.fromkeys(number_of(each) for each in ids):
        try:
            found.append(await fetch_order(api, number))
        except NotFound:
            continue
    return tuple(found)


async def _lengthen_lists(api: AdminApi, order: dict[str, Any]) -> None:
    """Ask for the lists that may not have fitted: they have no pages, so that a full one says nothing.

    In place of one that is longer than any that we ask for stands a word, which the reading refuses.
    """
    for name, document in (("fulfillments", documents.ALL_SENT), ("refunds", documents.ALL_REFUNDS)):
        if len(_rows(order.get(name))) < documents.LISTED:
            continue
        order[name] = (await api.read(document, dict[str, Any], id=order.get("id"))).get(name)
        if len(_rows(order[name])) >= documents.ALL_LISTED:
            order[name] = f"{documents.ALL_LISTED} or more"


async def _lengthen(api: AdminApi, owner: dict[str, Any], field: str, document: documents.Document) -> None:
    """Append to a connection what its first page did not hold; one that is not readable stays for the reading."""
    try:
        page = wire.Page[Any].model_validate(owner.get(field))
    except ValidationError:
        return
    nodes = list(page.nodes)
    for _ in range(_MOST_PAGES):
        if not page.page_info.has_next_page:
            break
        told = await api.read(document, wire.Rows, id=owner.get("id"), after=page.page_info.end_cursor)
        page = told.rows
        nodes += page.nodes
    owner[field] = {"pageInfo": {"hasNextPage": page.page_info.has_next_page, "endCursor": None}, "nodes": nodes}


def _rows(told: Any) -> list[dict[str, Any]]:  # noqa: ANN401  JSON, as it came
    """Return the rows of a list or a connection, as far as there are any."""
    rows: Any = told.get("nodes") if isinstance(told, dict) else told  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - JSON
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []  # pyright: ignore[reportUnknownVariableType] - JSON


def _read_cursor(cursor: str | None) -> _Place:
    if not cursor:
        return _Place(_ORDERS, None, None)
    try:
        name, watermark, after = cursor.split(" ", 2)
        moment = None if watermark == "-" else _MOMENT.validate_python(watermark)
    except ValueError as error:
        raise ContractBroken("shopify-bad-cursor") from error
    if name not in {_ORDERS, _PARTS}:
        raise ContractBroken("shopify-bad-cursor")
    return _Place(name, moment, after or None)
