"""The shop's REST API as we use it: requests that prove who we are, and orders with all that belongs to them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel

from adapters.http import code_at, fetch, send
from adapters.lenient import Document, Rows, dumps, fields, rows
from adapters.marketplaces.woocommerce import wire
from adapters.marketplaces.woocommerce.auth import make_auth
from adapters.marketplaces.woocommerce.mapping import parse_order, status_of
from adapters.marketplaces.woocommerce.progress import Progress, read_progress
from adapters.marketplaces.woocommerce.settings import WooCommerceSettings
from adapters.onward import onward
from domain.effect import Confirmed, Outcome, Rejected, Unknown
from domain.errors import NotFound
from domain.ports.marketplace import RawOrder

M = TypeVar("M", bound=BaseModel)
_MOST_ROWS = "100"
REFUND_REFUSED = "woocommerce_rest_cannot_create_order_refund"
"""The code with which the shop refuses an amount, and passes on a payment gateway's refusal."""


class Shop:
    """One shop, by a key that may read and write."""

    def __init__(self, settings: WooCommerceSettings, http: httpx.AsyncClient) -> None:
        self.settings = settings
        self._http = http
        self._auth = make_auth(settings)
        self._root = f"{str(settings.base_url).rstrip('/')}/wp-json/wc/v3"

    async def read(self, path: str, model: type[M], **params: str) -> M:
        """Return what is at a path; failures as for `adapters.http.fetch`."""
        return await fetch(self._http, self._request("GET", path, params=params), model)

    async def write(self, method: str, path: str, body: dict[str, Any], model: type[M]) -> M | Rejected | Unknown:
        """Send a write, and return its answer; failures as for `adapters.http.send`."""
        return await send(self._http, self._request(method, path, json=body), model, _read_refusal, _read_failure)

    async def change(self, method: str, path: str, body: dict[str, Any]) -> Outcome:
        """Send a write whose answer has an id."""
        made = await self.write(method, path, body, wire.Made)
        return Confirmed(remote_id=made.id) if isinstance(made, wire.Made) else made

    async def complete(self, told: dict[str, Any]) -> RawOrder:
        """Return an order of a list with its refunds and native fulfillments, which the list leaves out."""
        order_id = told.get("id")
        if not isinstance(order_id, int) or isinstance(order_id, bool):
            return RawOrder(channel_order_id="", body=dumps(told))
        path = order_path(str(order_id))
        if told.get("refunds"):
            told = told | {"crossdock_refunds": await self._rows(f"{path}/refunds")}
        if _has_fulfillments(told):
            told = told | {"crossdock_fulfillments": await self._rows(f"{path}/fulfillments")}
        return RawOrder(channel_order_id=str(order_id), body=dumps(told))

    async def fetch_raw(self, order_id: str) -> RawOrder:
        """Fetch one order with all that belongs to it."""
        return await self.complete((await self.read(order_path(order_id), Document)).root)

    async def fetch(self, order_id: str) -> tuple[wire.Order, str, Progress]:
        """Fetch one order, with its status in the words of WooCommerce itself and what was done to it.

        Raises:
            NotFound: the shop has no such order.
            ContractBroken: it is not readable.
        """
        order = parse_order((await self.fetch_raw(order_id)).body)
        status = status_of(order, self.settings.statuses)
        return order, status, read_progress(order, status)

    async def catch_up(self, order_id: str, outcome: Confirmed) -> Outcome:
        """Complete an order of which everything was sent; no shipment does that by itself."""
        told = await onward(self.fetch(order_id))
        if isinstance(told, Unknown):
            return told
        _, _, progress = told
        if not progress.is_behind:
            return outcome
        moved = await onward(self.change("PUT", order_path(order_id), {"status": "completed"}))
        return outcome if isinstance(moved, Confirmed) else moved

    async def _rows(self, path: str) -> list[dict[str, Any]]:
        try:
            return (await self.read(path, Rows, per_page=_MOST_ROWS)).root
        except NotFound:
            return []

    def _request(self, method: str, path: str, **parts: Any) -> httpx.Request:  # noqa: ANN401  params or json
        request = self._http.build_request(method, self._root + path, extensions=_operation(method), **parts)
        return next(iter(self._auth.sync_auth_flow(request)))


def order_path(order_id: str) -> str:
    """Return where an order is.

    Raises:
        NotFound: it is no id of this kind.
    """
    if not (order_id.isascii() and order_id.isdigit()):
        raise NotFound("woocommerce-no-such-order", f"{order_id[:40]!r} is not the number of an order")
    return f"/orders/{order_id}"


def _operation(method: str) -> dict[str, Any]:
    return {"operation": "read" if method == "GET" else "write"}


def _has_fulfillments(told: dict[str, Any]) -> bool:
    kept = map(fields, rows(told.get("meta_data")))
    states = [meta.get("value") for meta in kept if meta.get("key") == "_fulfillment_status"]
    return any(state and state != "no_fulfillments" for state in states)


def _read_refusal(status: int, body: bytes) -> Rejected:
    return Rejected(code=code_at(body, "code") or f"http-{status}")


def _read_failure(status: int, body: bytes) -> Rejected | None:
    """Return the refusal of a refund, which the shop calls a failure of its own."""
    refused = code_at(body, "code") == REFUND_REFUSED
    return Rejected(code=REFUND_REFUSED) if refused and status == HTTPStatus.INTERNAL_SERVER_ERROR else None
