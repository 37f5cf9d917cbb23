"""The marketplace's API as we use it: requests with the shop's key, and orders with their shipments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel

from adapters.http import Raw, code_at, fetch, fetch_bytes, fetch_headed, send
from adapters.lenient import dumps
from adapters.marketplaces.mirakl import wire
from adapters.marketplaces.mirakl.mapping import parse_order
from adapters.marketplaces.mirakl.progress import LEFT
from adapters.marketplaces.mirakl.settings import MiraklSettings
from domain.effect import Confirmed, Outcome, Rejected, Unknown
from domain.errors import NotFound
from domain.ports.marketplace import RawOrder

M = TypeVar("M", bound=BaseModel)
Query = list[tuple[str, str]]
_MOST_ROWS = "100"
_CAN_HAVE_LEFT = frozenset({"SHIPPING", *LEFT})


class Market:
    """One shop on one marketplace."""

    def __init__(self, settings: MiraklSettings, http: httpx.AsyncClient) -> None:
        self.settings = settings
        self._http = http
        self._root = str(settings.base_url).rstrip("/")
        # The key stands alone: no word says what kind it is.
        self._headers = {"Authorization": settings.api_key.get_secret_value()}
        self._shop: Query = [] if settings.shop_id is None else [("shop_id", str(settings.shop_id))]

    async def read(self, operation: str, path: str, model: type[M], query: Query | None = None) -> M:
        """Return what is at a path; failures as for `adapters.http.fetch`."""
        return await fetch(self._http, self._request(operation, "GET", path, query), model)

    async def list_orders(self, query: Query) -> tuple[list[dict[str, Any]], int, str]:
        """Return a page of orders with their shipments, how many there are in all, and the moment of the answer."""
        request = self._request("OR11", "GET", "/api/orders", [*query, ("order_tax_mode", "TAX_INCLUDED")])
        page, headers = await fetch_headed(self._http, request, wire.OrderPage)
        return await self._with_shipments([one.root for one in page.orders]), page.total_count, headers.get("date", "")

    async def read_csv(self, operation: str, path: str) -> bytes:
        """Return a file."""
        return await fetch_bytes(self._http, self._request(operation, "GET", path))

    async def write(
        self, operation: str, method: str, path: str, model: type[M], **body: object
    ) -> M | Rejected | Unknown:
        """Send a write and return its answer; failures as for `adapters.http.send`."""
        return await send(self._http, self._request(operation, method, path, None, **body), model, _read_refusal)

    async def put(self, operation: str, path: str, body: dict[str, Any] | None = None) -> Outcome:
        """Send a write whose answer is empty."""
        made = await self.write(operation, "PUT", path, Raw, **({} if body is None else {"json": body}))
        return Confirmed() if isinstance(made, Raw) else made

    async def fetch_raw(self, order_id: str) -> RawOrder:
        """Fetch one order with its shipments.

        Raises:
            NotFound: the shop has no such order.
        """
        query = [("order_ids", order_id), ("order_tax_mode", "TAX_INCLUDED")]
        page = await self.read("OR11-one", "/api/orders", wire.OrderPage, query)
        found = [one.root for one in page.orders if one.root.get("order_id") == order_id]
        if not found:
            raise NotFound("mirakl-no-such-order")
        (told,) = await self._with_shipments(found[:1])
        return raw_order(told)

    async def fetch(self, order_id: str) -> wire.Order:
        """Fetch one order.

        Raises:
            NotFound: the shop has no such order.
            ContractBroken: it is not readable.
        """
        return parse_order((await self.fetch_raw(order_id)).body)

    async def _with_shipments(self, orders: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Add to orders that can have left what left of them, all in one request."""
        asked = [str(one.get("order_id")) for one in orders if str(one.get("order_state")) in _CAN_HAVE_LEFT]
        if not self.settings.multi_shipment or not asked:
            return orders
        shipments = await self._shipments(asked)
        return [
            {**one, "crossdock_shipments": [row for row in shipments if row.get("order_id") == one.get("order_id")]}
            for one in orders
        ]

    async def _shipments(self, order_ids: Sequence[str]) -> list[dict[str, Any]]:
        query = [("order_id", order_id) for order_id in order_ids] + [("limit", _MOST_ROWS)]
        page = await self.read("ST11", "/api/shipments", wire.ShipmentPage, query)
        rows = [one.root for one in page.data]
        while page.next_page_token:
            page = await self.read(
                "ST11", "/api/shipments", wire.ShipmentPage, [*query, ("page_token", page.next_page_token)]
            )
            rows += [one.root for one in page.data]
        return rows

    def _request(
        self, operation: str, method: str, path: str, query: Query | None = None, **body: object
    ) -> httpx.Request:
        return self._http.build_request(
            method, self._root + path, params=[*(query or []), *self._shop], headers=self._headers,
            extensions={"operation": operation},
            **body,  # pyright: ignore[reportArgumentType] - json or files
        )  # fmt: skip


def raw_order(told: dict[str, Any]) -> RawOrder:
    """Return an order as bytes, with its id where even that can be read."""
    found = told.get("order_id")
    return RawOrder(channel_order_id=found if isinstance(found, str) else "", body=dumps(told))


def order_path(order_id: str, what: str) -> str:
    """Return where something is done with an order."""
    return f"/api/orders/{quote(order_id, safe='')}/{what}"


def _read_refusal(status: int, body: bytes) -> Rejected:
    code = code_at(body, "error_code") or code_at(body, "code")
    return Rejected(code=code or f"http-{status}")
