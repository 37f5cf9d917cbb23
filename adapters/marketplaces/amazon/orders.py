"""Orders as Amazon lists and shows them, unread; and one of them, read, for what a write has to know."""

from __future__ import annotations

import json
from datetime import datetime
from urllib.parse import quote

import httpx
from pydantic import AwareDatetime, JsonValue, TypeAdapter, ValidationError

from adapters.marketplaces.amazon import wire
from adapters.marketplaces.amazon.api import SellerApi
from adapters.marketplaces.amazon.mapping import PENDING
from domain.effect import Rejected
from domain.ports.marketplace import OrderPage, RawOrder

_PATH = "/orders/2026-01-01/orders"
_INCLUDED = "BUYER,RECIPIENT,PROCEEDS,CANCELLATION,FULFILLMENT,PACKAGES"
_A_PAGE = 100
_MOMENT = TypeAdapter(AwareDatetime)


async def list_orders(api: SellerApi, since: datetime, cursor: str | None) -> OrderPage:
    """List what changed at or after a moment.

    Orders that are not paid yet are left out: they show neither price nor address, and are listed again when paid.
    """
    # Amazon wants the following page asked for with all that the first one was, so that a cursor keeps its beginning.
    begin, _, token = (cursor or since.isoformat().replace("+00:00", "Z")).partition(" ")
    params = {
        "lastUpdatedAfter": begin,
        "marketplaceIds": ",".join(api.settings.marketplaces),
        "includedData": _INCLUDED,
        "maxResultsPerPage": _A_PAGE,
        **({"paginationToken": token} if token else {}),
    }
    page = await api.read(api.request("GET", "searchOrders", _PATH, params=params), wire.Page)
    return OrderPage(
        orders=tuple(_raw(order) for order in page.orders if _status(order) not in PENDING),
        next_cursor=f"{begin} {page.next_token}" if page.next_token else None,
        watermark=None if page.next_token else page.last_updated_before,
        reached=_reached(page.orders) if page.next_token else None,
    )


async def fetch_order(api: SellerApi, channel_order_id: str) -> RawOrder:
    """Fetch one order as it stands."""
    told = await api.read(_request(api, channel_order_id), wire.Fetched)
    return RawOrder(channel_order_id=channel_order_id, body=json.dumps(told.order).encode())


async def read(api: SellerApi, channel_order_id: str) -> wire.Order:
    """Fetch one order and read it, as Amazon tells it.

    Raises:
        ContractBroken: it is not readable.
    """
    return (await api.read(_request(api, channel_order_id), wire.Shown)).order


async def read_first(api: SellerApi, channel_order_id: str) -> wire.Order | Rejected:
    """Fetch one order before it is written to: whatever fails, nothing was done."""
    told = await api.prepare(_request(api, channel_order_id), wire.Shown)
    return told if isinstance(told, Rejected) else told.order


def _request(api: SellerApi, channel_order_id: str) -> httpx.Request:
    path = f"{_PATH}/{quote(channel_order_id, safe='')}"
    return api.request("GET", "getOrder", path, params={"includedData": _INCLUDED})


def _reached(documents: list[JsonValue]) -> datetime | None:
    """Return the moment of the last order of a page, where they stand in order of change, as Amazon says they do."""
    told = [document.get("lastUpdatedTime") for document in documents if isinstance(document, dict)]
    try:
        moments = [_MOMENT.validate_python(one) for one in told]
    except ValidationError:
        return None
    return moments[-1] if moments and moments == sorted(moments) else None


def _raw(document: JsonValue) -> RawOrder:
    found = document.get("orderId") if isinstance(document, dict) else None
    return RawOrder(channel_order_id=found if isinstance(found, str) else "", body=json.dumps(document).encode())


def _status(document: JsonValue) -> str:
    stage = document.get("fulfillment") if isinstance(document, dict) else None
    found = stage.get("fulfillmentStatus") if isinstance(stage, dict) else None
    return found if isinstance(found, str) else ""
